"""Gap counts on every database: processes that count at once lose nothing."""

import threading
from collections import Counter

from directory import database
from directory.matching import gaps
from directory.settings import Settings
from tests.builders import FIFE, NOON, set_up

WRITERS = 5
LINES = Counter({(FIFE, "need/counselling", "2026-W47"): 2, ("", "harm/hate", "2026-W47"): 1})


def test_counts_made_at_once_add_up(chosen: Settings) -> None:
    set_up(chosen)
    record = database.open_database(chosen)
    start = threading.Barrier(WRITERS)

    def count() -> None:
        start.wait()
        gaps.add(record, LINES)

    writers = [threading.Thread(target=count) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = [(line.council, line.said) for line in gaps.report(record, NOON)]
    record.close()
    assert found == [("Fife", "10"), ("Not said", "5")]
