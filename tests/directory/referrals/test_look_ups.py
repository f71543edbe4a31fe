"""The weekly report: every look at another's case with its reason, and never one that is kept from its reader."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from directory.errors import NotFound
from directory.referrals import case_access, case_view, cases, look_ups, subject_reports
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from tests.directory.referrals.access_builders import kept_from, looked, staff
from tests.directory.referrals.builders import Time, a_loop, ask
from tests.directory.referrals.case_builders import an_opening, audited, case

TODAY = date(2026, 11, 22)
"""A Sunday: the week began on the 16th."""


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path_factory: pytest.TempPathFactory, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home"), clock=time) as made:
        yield made


def opened(loop: Loop, by: Who, **changes: object) -> str:
    return str(cases.open_case(loop, ask(loop, by), an_opening(**changes))["id"])


def seen(loop: Loop, who: Who, day: date = TODAY) -> list[tuple[str, str, int]]:
    return [(each.account_id, each.purpose, each.times) for each in look_ups.read(loop, who, day).look_ups]


def test_each_look_at_anothers_case_with_its_reason(loop: Loop) -> None:
    ann, ben, boss, reader = staff(loop), staff(loop), staff(loop, "supervisor"), staff(loop, "auditor")
    own = opened(loop, ann)
    looked(loop, own, ben, "other", "Somebody rang about the meeting")
    for who in (ann, ben, ben, boss):
        case_view.read(loop, who, own)
    week = look_ups.read(loop, reader, TODAY)
    assert week.monday == date(2026, 11, 16)
    assert [(each.account_id, each.purpose, each.times, each.lines) for each in week.look_ups] == [
        (ben.id, "other", 2, ("Somebody rang about the meeting",)),
        (boss.id, "supervising", 1, ()),
    ]
    assert audited(loop, "list")[-1].object_type == "case_look"


def test_nobody_reads_their_own(loop: Loop) -> None:
    boss, other = staff(loop, "supervisor"), staff(loop, "supervisor")
    case_view.read(loop, boss, opened(loop, staff(loop)))
    assert (seen(loop, boss), look_ups.read(loop, boss, TODAY).own) == ([], 1)
    assert seen(loop, other) == [(boss.id, "supervising", 1)]


@pytest.mark.parametrize("role", ["supervisor", "auditor"])
def test_a_case_kept_from_its_reader_is_not_in_it(loop: Loop, role: str) -> None:
    ann, boss, reader = staff(loop), staff(loop, "supervisor"), staff(loop, role)
    own = opened(loop, ann)
    case_view.read(loop, boss, own)
    assert len(seen(loop, reader)) == 1
    kept_from(loop, own, reader, by=ann)
    assert (seen(loop, reader), look_ups.read(loop, reader, TODAY).own) == ([], 0)


@pytest.mark.parametrize(("role", "count"), [("supervisor", 1), ("auditor", 0)])
def test_a_restricted_case_is_in_it_for_supervisors_alone(loop: Loop, role: str, count: int) -> None:
    boss, reader = staff(loop, "supervisor"), staff(loop, role)
    case_view.read(loop, boss, opened(loop, staff(loop), restricted=True))
    assert len(seen(loop, reader)) == count


def test_a_week_ends_on_sunday_night(loop: Loop, time: Time) -> None:
    ann, boss, reader = staff(loop), staff(loop, "supervisor"), staff(loop, "auditor")
    case_view.read(loop, boss, opened(loop, ann))
    time.pass_(days=1)
    case_view.read(loop, boss, opened(loop, ann))
    assert [len(seen(loop, reader, TODAY + timedelta(days=away))) for away in (-7, 0, 1, 8)] == [0, 1, 1, 0]


@pytest.mark.parametrize("role", ["supervisor", "auditor"])
def test_a_report_of_a_case_kept_from_who_reads_it_is_of_no_case(loop: Loop, role: str) -> None:
    """`waymark subject seen` and `export`, with --viewer."""
    ann, near = staff(loop), staff(loop, role)
    staff(loop, "supervisor")
    own = opened(loop, ann)
    reference = case(loop, own).reference
    reader = case_access.reader(loop.database, f"{near.id}@example.org")
    assert subject_reports.seen(loop, reader, reference)
    kept_from(loop, own, near, by=ann)
    for read_ in (subject_reports.seen, subject_reports.export):
        with pytest.raises(NotFound) as kept:
            read_(loop, reader, reference)
        with pytest.raises(NotFound) as none:
            read_(loop, reader, "AA0000AA")
        assert str(kept.value) == str(none.value)
