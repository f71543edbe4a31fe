"""Editors' phrases on every database: one meaning once however many editors add it at once, and no change unseen."""

import threading

import pytest

from directory import database, phrasing, vocabulary
from directory.errors import BadInput
from directory.settings import Settings
from taxonomy.lexicon import Lexicon
from tests.builders import NOON, set_up

EDITORS = 6
NEW = phrasing.proposed("fair scunnered", "need", "counselling", "Heard in Fife", Lexicon())


def test_a_phrase_goes_in_out_and_back_and_each_change_is_kept(chosen: Settings) -> None:
    set_up(chosen)
    record = database.open_database(chosen)
    own = vocabulary.add(record, NEW, "ann", NOON)
    vocabulary.withdraw(record, own, "bob", NOON)
    vocabulary.restore(record, own, "ann", NOON)
    assert [line.action for line in vocabulary.history(record)] == ["restore", "withdraw", "add"]
    assert vocabulary.history(record)[2].before is None
    assert vocabulary.rows_in_use(record) == (3, (NEW.row,))
    record.close()


def test_editors_who_add_the_same_at_once_add_it_once(chosen: Settings) -> None:
    set_up(chosen)
    record = database.open_database(chosen)
    said: list[str] = []
    start = threading.Barrier(EDITORS)

    def add() -> None:
        start.wait()
        try:
            said.append(vocabulary.add(record, NEW, "ann", NOON))
        except BadInput as error:
            said.append(error.message)

    editors = [threading.Thread(target=add) for _ in range(EDITORS)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert said.count("This phrase has this meaning already.") == EDITORS - 1
    assert (vocabulary.version(record), len(vocabulary.active(record))) == (1, 1)
    with pytest.raises(BadInput):
        vocabulary.add(record, NEW, "bob", NOON)
    record.close()
