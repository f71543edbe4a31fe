"""Live settings and words on every database: one next version however many change at once, seen by every process."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from directory import keys
from directory.database import Database
from directory.errors import WaymarkError
from directory.referrals import live_versions, managing, policy, rotating, wording_versions
from directory.referrals.living import Living
from directory.referrals.loop import Loop, new_key
from directory.referrals.tables import Subject
from tests.directory.referrals.builders import SUPERVISOR, Time, a_case, a_loop_over, ask

FILES = policy.shipped()
WORDS = {"subject": "Reference {reference}", "body": "Please look by {respond_by}: {link}\n\n{phone}"}


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    return a_loop_over(record, tmp_path / "home", Time())


def at_once(do: Callable[[int], Any], times: int = 6) -> list[Any]:
    def attempt(number: int) -> Any:
        try:
            return do(number)
        except WaymarkError as error:
            return type(error).__name__

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(attempt, range(times)))


def test_of_those_who_change_settings_at_once_one_does_and_each_version_is_kept(loop: Loop) -> None:
    def change(number: int) -> Any:
        return live_versions.change(
            loop, FILES, ask(loop, key=new_key(), version=0), {"sending.hold_minutes": 20 + number}
        )

    answers = at_once(change)
    assert sorted(map(str, answers)) == ["Conflict"] * 5 + ["{'number': 1}"]
    live_versions.restore(loop, FILES, ask(loop, key=new_key(), version=1), 0)
    found = live_versions.history(loop, FILES)
    assert [(each.number, each.restored, len(each.changes)) for each in found] == [
        (2, 0, 1),
        (1, None, 1),
        (0, None, 0),
    ]


def test_another_process_sees_settings_and_words_within_seconds(loop: Loop, tmp_path: Path) -> None:
    time, living, file = loop.clock, Living(), tmp_path / "home" / "key"
    assert isinstance(time, Time)
    assert living.over(loop, file, time()).policy is loop.policy
    live_versions.change(loop, FILES, ask(loop, key=new_key()), {"sending.hold_minutes": 20})
    own = wording_versions.propose(loop, ask(loop, key=new_key()), "referral", WORDS)["id"]
    wording_versions.approve(loop, ask(loop, SUPERVISOR, new_key()), own)
    now = living.over(loop, file, time.pass_(seconds=3))
    assert now.policy.number("sending", "hold_minutes") == 20
    assert now.texts.messages["referral"].subject == WORDS["subject"]


def test_a_proposal_is_approved_by_one_of_many(loop: Loop) -> None:
    own = wording_versions.propose(loop, ask(loop, key=new_key()), "referral", WORDS)["id"]
    answers = at_once(lambda _: wording_versions.approve(loop, ask(loop, SUPERVISOR, new_key()), own))
    assert sorted(map(str, answers)) == ["Conflict"] * 5 + ["{'number': 1}"]


def test_two_administrators_who_shut_each_other_out_at_once_leave_one(loop: Loop) -> None:
    from dataclasses import replace

    made = [
        str(managing.add(loop, ask(loop, key=new_key()), f"{name}@spoc.example", name, ["admin"])["id"])
        for name in ("Ann", "Bea")
    ]

    def shut(number: int) -> Any:
        mine = ask(loop, replace(SUPERVISOR, id=made[number]), new_key())
        return managing.disable(loop, mine, made[1 - number])

    answers = at_once(shut, 2)
    assert sorted(map(str, answers)).count("Conflict") == 1
    assert sum(each.disabled_at is None for each in managing.listed(loop, loop.clock())) == 1


def test_people_are_wrapped_by_another_key(loop: Loop, tmp_path: Path) -> None:
    a_case(loop)
    file = tmp_path / "home" / "key"
    assert rotating.rotate(loop, file, lambda _: None) == ("k2", 1)
    with loop.database.reading() as session:
        assert {row.key_id for row in session.query(Subject)} == {keys.open_keys(file).current}
