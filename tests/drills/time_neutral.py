"""Times the pages of a link over HTTP, of one in use and of unknown ones: `python -m tests.drills.time_neutral`.

Prints both medians in milliseconds, their gap and ratio, and how many answers there were that differ: one, when no link
tells anything (security.md, section 2 and threat 5). Other numbers of looks and knocks come as arguments.
"""

import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import anyio
import httpx

from directory import runtime, settings
from directory.search import indexing
from tests.builders import NOON, a_record
from tests.directory.referrals.door_builders import a_link
from tests.web.desk import served
from tests.web.visiting import Door, a_door

IN_USE, UNKNOWN = "in use", "unknown"
OWN_FORM = {"Sec-Fetch-Site": "same-origin"}
Send = Callable[[str], httpx.Response]


@contextmanager
def a_door_served(home: Path) -> Iterator[tuple[Door, str]]:
    record = a_record(home)
    built = runtime.build(settings.read({"WAYMARK_HOME": str(home)}), clock=lambda: NOON)
    door = a_door(built, record, home)
    try:
        anyio.run(indexing.rebuild, record, built.index, lambda: NOON)
        with served(door.running) as address:
            yield door, address
    finally:
        built.close()
        record.close()


def timed(what: str, known: Sequence[str], send: Send, before: Callable[[], object] = lambda: None) -> None:
    """As many unknown links as known ones, in an order of chance."""
    chance = random.Random(8)
    links = [*((IN_USE, token) for token in known), *((UNKNOWN, secrets.token_urlsafe(32)) for _ in known)]
    chance.shuffle(links)
    took: dict[str, list[float]] = {IN_USE: [], UNKNOWN: []}
    answers = set()
    for kind, token in links:
        before()
        start = time.perf_counter()
        answer = send(token)
        took[kind].append((time.perf_counter() - start) * 1000)
        answers.add((answer.status_code, answer.content, answer.headers.get("location", "").replace(token, "")))
    one, other = median(took[IN_USE]), median(took[UNKNOWN])
    sys.stdout.write(
        f"{what:18} {len(known)} of each: in use {one:.2f} ms, unknown {other:.2f} ms, gap {abs(one - other):.2f} ms, "
        f"ratio {one / other:.3f}, {len(answers)} answer(s)\n"
    )


def main(looks: int = 5_000, knocks: int = 100) -> None:
    with tempfile.TemporaryDirectory() as folder, a_door_served(Path(folder)) as (door, address):
        links = [a_link(door.loop).token for _ in range(2 * knocks)]

        def later() -> None:
            door.clock.pass_(minutes=6)  # what one network may ask for in five

        with httpx.Client(base_url=address, headers=OWN_FORM) as client:
            timed("its page", [links[0]] * looks, lambda token: client.get(f"/r/{token}"))
            timed("asks for a code", links[:knocks], lambda token: client.post(f"/r/{token}", data={}), later)
            wrong = {"code": "ABCD-1234", "name": "Mo Reid"}
            timed("tries a code", links[knocks:], lambda token: client.post(f"/r/{token}/enter", data=wrong), later)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
