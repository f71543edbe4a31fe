"""Outcomes become a track record: weekly, from proved answers, slow to move, and never by one person's fate."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from directory import records, track_record
from directory.referrals import evidence, outcomes, scoring
from directory.referrals.evidence import Line
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import LinkSession, Need, Referral, ReferralEvent, SweepRun, Task
from directory.tables import Outbox, ServiceEvidence
from directory.track_record import Evidence
from tests.builders import NOON, a_draft, write
from tests.directory.referrals.builders import SERVICE, Time, a_case, a_loop, a_mailbox, a_need, a_provider, a_referral

Said = tuple[str, str, str, dict[str, Any]]
"""Event, state after it, who, details."""
SENT: Said = ("send", "sent", "worker", {})
ACCEPT: Said = ("accept", "accepted", "provider", {})
SILENT: Said = ("time_out", "unanswered", "system", {})


def start(on: str = "2026-11-25") -> Said:
    return "start", "in_service", "provider", {"on": on}


def decline(reason: str) -> Said:
    return "decline", "declined", "provider", {"reason": reason}


def outcome(engagement: str = "E1", need_result: str = "N1", who: str = "provider", **more: str) -> Said:
    told = {"engagement": engagement, "service": "S1", "need_result": need_result, "says": who}
    return "outcome", "closed", who, told | more


def events(*said: Said, session_id: str = "proved") -> list[ReferralEvent]:
    """What happened to a referral, an hour apart, from being sent on."""
    before, made = "draft", []
    for seq, (event, after, who, details) in enumerate((SENT, *said), 2):
        line = ReferralEvent(
            referral_id="r", seq=seq, event=event, at=NOON + timedelta(hours=seq), actor_kind=who, actor_id=who,
            link_session_id=session_id if who == "provider" else "", state_from=before, state_to=after, details=details,
        )  # fmt: skip
        made.append(line)
        before = after
    return made


PROVED = {"proved": LinkSession(id="proved", proved_at=NOON)}


def line_of(*said: Said) -> Line | None:
    return evidence.of(SERVICE, events(*said), PROVED)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        pytest.param((ACCEPT, start(), outcome()), Line(SERVICE, True, 3, 1.0), id="met"),
        pytest.param((ACCEPT, start(), outcome("E2", "N2")), Line(SERVICE, True, 3, 0.5), id="partly"),
        pytest.param((ACCEPT, outcome("E1", "N3")), Line(SERVICE, True, None, 0.0), id="not met"),
        pytest.param((ACCEPT, outcome("E1", "N4")), Line(SERVICE, True), id="too soon to say"),
        pytest.param((ACCEPT, outcome("", "")), Line(SERVICE, True), id="they may not tell us"),
        pytest.param((decline("D1"),), Line(SERVICE, True), id="a no is an answer"),
        pytest.param((SILENT,), Line(SERVICE, False), id="silence counts"),
        pytest.param((ACCEPT, SILENT), Line(SERVICE, False), id="accepted, and then silence"),
        pytest.param((SILENT, ("dispose", "closed", "worker", {})), Line(SERVICE, False), id="silence, disposed of"),
        pytest.param((ACCEPT, outcome("E3", "N3")), None, id="did not come"),
        pytest.param((ACCEPT, outcome("E6", "N6")), None, id="chose other help"),
        pytest.param((ACCEPT, outcome("E10", "N6")), None, id="not safe to go on"),
        pytest.param((decline("D12"),), None, id="the person told them no"),
        pytest.param((decline("D10"),), None, id="we left a question unanswered"),
        pytest.param((ACCEPT, ("withdraw", "withdrawn", "worker", {})), None, id="withdrawn"),
        pytest.param((ACCEPT,), None, id="still going on"),
        pytest.param((), None, id="just sent"),
        pytest.param((outcome("E1", "N1", "worker"),), None, id="nothing from them, proved"),
    ],
)
def test_what_one_referral_says(said: Sequence[Said], line: Line | None) -> None:
    assert line_of(*said) == line


@pytest.mark.parametrize(
    ("ours", "value"),
    [
        pytest.param(outcome("E1", "N1", "worker", says="provider"), 1.0, id="their own word repeated adds nothing"),
        pytest.param(outcome("E1", "N3", "worker", says="person"), 1 / 3, id="the person says not met: twice theirs"),
        pytest.param(outcome("E1", "N1", "worker", person_view="no"), 1 / 3, id="it did not help"),
        pytest.param(outcome("E1", "N1", "worker", person_view="some"), 2 / 3, id="it helped a little"),
        pytest.param(outcome("E1", "N1", "worker", person_view="not_said", says="provider"), 1.0, id="not said"),
    ],
)
def test_the_persons_own_word_weighs_more(ours: Said, value: float) -> None:
    line = line_of(ACCEPT, outcome("E1", "N1"), ours)
    assert line is not None
    assert line.outcome == pytest.approx(value)


def test_a_services_claim_of_what_the_person_thinks_does_not_count() -> None:
    line = line_of(ACCEPT, outcome("E1", "N3", "provider", person_view="helped"))
    assert line is not None
    assert line.outcome == 0.0


@pytest.mark.parametrize(
    "session",
    [
        pytest.param(LinkSession(id="proved"), id="never proved"),
        pytest.param(LinkSession(id="proved", proved_at=NOON, ended_at=NOON), id="ended before"),
        pytest.param(LinkSession(id="proved", proved_at=NOON + timedelta(days=1)), id="proved only later"),
    ],
)
def test_only_a_session_that_had_proved_itself_counts(session: LinkSession) -> None:
    assert evidence.of(SERVICE, events(ACCEPT, outcome()), {"proved": session}) is None


def test_a_session_let_go_by_retention_had_proved_itself_when_it_wrote() -> None:
    assert evidence.of(SERVICE, events(ACCEPT, outcome()), {}) == Line(SERVICE, True, None, 1.0)


def test_no_account_no_session_no_evidence() -> None:
    assert evidence.of(SERVICE, events(ACCEPT, outcome(), session_id=""), {}) is None


def test_one_referral_counts_once_however_often_it_was_sent_and_corrected() -> None:
    again: Said = ("dispose", "sent", "worker", {})
    line = line_of(SILENT, again, ACCEPT, outcome("E1", "N3"), outcome("E1", "N1"))
    assert line == Line(SERVICE, True, None, 1.0)


SHARES = st.floats(0, 1)
RECORDS = st.builds(
    Evidence,
    referrals=st.integers(8, 500),
    replied=SHARES,
    first_contact_days=st.none() | st.floats(0, 60),
    outcomes=SHARES,
    area_mean=SHARES,
    as_of=st.just("2026-11-22"),
)


@given(RECORDS, SHARES)
def test_a_better_outcome_or_more_answers_never_lower_a_service(own: Evidence, more: float) -> None:
    better = replace(own, outcomes=max(own.outcomes, more), replied=max(own.replied, more))
    assert track_record.value(better) >= track_record.value(own)


@given(st.none() | RECORDS, RECORDS)
def test_one_batch_moves_a_score_by_no_more_than_the_cap(old: Evidence | None, new: Evidence) -> None:
    kept = scoring.moved(old, new)
    if kept is not None:
        assert abs(track_record.value(kept) - track_record.value(old)) <= scoring.MOST_SHIFT + 1e-9
        track_record.check(kept)
        assert replace(kept, area_mean=new.area_mean) == new  # the figures themselves are always the true ones


@given(RECORDS)
def test_batch_after_batch_a_score_comes_to_where_it_belongs(new: Evidence) -> None:
    held: Evidence | None = None
    for _ in range(12):
        held = scoring.moved(held, new) or held
    assert held is not None
    assert track_record.value(held) == track_record.value(new)


LINES = st.builds(
    Line,
    service_id=st.just(SERVICE),
    replied=st.booleans(),
    contact_days=st.none() | st.integers(0, 60),
    outcome=st.none() | st.sampled_from((0.0, 0.5, 1.0)),
)


@given(st.lists(LINES, min_size=8, max_size=30), st.integers(0, 5))
def test_endings_on_the_persons_side_change_nothing(lines: list[Line], person_side: int) -> None:
    with_them = scoring.figures(lines, {SERVICE: person_side})
    found = scoring.evidences(with_them, {}, NOON)
    assert found == scoring.evidences(scoring.figures(lines, {}), {}, NOON)


@given(st.lists(LINES, max_size=7))
def test_below_the_floor_there_is_nothing(lines: list[Line]) -> None:
    assert scoring.figures(lines, {}) == {}


def figures(outcome: float | None, outcomes: int = 20, person_side: int = 0) -> scoring.Figures:
    return scoring.Figures(max(8, outcomes), 1.0, 5.0, outcome, outcomes, person_side)


@pytest.mark.parametrize(
    ("own", "usual", "why"),
    [
        pytest.param(figures(1.0, 100), 0.5, "outcomes", id="a hundred that were all met"),
        pytest.param(figures(0.0, 30), 0.6, "outcomes", id="none ever met"),
        pytest.param(figures(1.0, 8), 0.7, "", id="eight good ones are no wonder"),
        pytest.param(figures(0.6, 100), 0.5, "", id="somewhat better"),
        pytest.param(figures(None, 5), 0.5, "", id="too few to say"),
        pytest.param(figures(None, 8, 30), 0.5, "person_side", id="most people, they say, did not come"),
        pytest.param(figures(None, 8, 9), 0.5, "", id="some did not"),
    ],
)
def test_what_stands_out(own: scoring.Figures, usual: float, why: str) -> None:
    assert scoring.stands_out(own, usual) == why


def test_the_mean_is_that_of_the_same_family_and_council_when_there_are_enough() -> None:
    groups = {name: ("counselling", "S12000047" if name < "d" else "") for name in "abcdef"}
    values = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.9, "e": 0.9, "f": 0.9}
    assert scoring.mean_for("a", values, groups) == pytest.approx(0.2)
    assert scoring.mean_for("a", {"a": 0.1, "d": 0.9, "e": 0.8}, groups) == pytest.approx(0.6)
    assert scoring.mean_for("a", {"a": 0.1}, groups) == track_record.NEUTRAL


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as opened:
        yield opened


def over(loop: Loop, times: int, *said: Said, service_id: str = SERVICE) -> None:
    """So many referrals of one case that are over, each with these events in a proved session."""
    case_id, mailbox_id = a_case(loop), a_mailbox(loop, service_id)
    first = a_referral(loop, State(said[-1][1]), service_id, case_id=case_id, mailbox_id=mailbox_id)
    proved = a_provider(loop, first).id
    with loop.database.session() as session:
        session.get_one(LinkSession, proved).proved_at = NOON  # before anything of `events`
        copied = session.get_one(Referral, first)
        shared = {
            column.name: getattr(copied, column.name)
            for column in Referral.__table__.columns
            if column.name not in ("id", "reference")
        }
        for own in [str(uuid4()) for _ in range(times)]:  # the first, of which nothing is told, does not count
            session.add(Referral(id=own, reference=uuid4().hex[:8].upper(), **shared))
            session.flush()
            for line in events(*said, session_id=proved):
                line.referral_id = own
                session.add(line)


def the_record(loop: Loop, service_id: str = SERVICE) -> Evidence | None:
    with loop.database.reading() as session:
        row = session.get(ServiceEvidence, service_id)
        return None if row is None else outcomes._read(row)


def told(loop: Loop) -> int:
    with loop.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Outbox)) or 0


GOOD = (ACCEPT, start("2026-11-22"), outcome())


def test_nothing_is_seen_before_the_batch_nor_below_the_floor(loop: Loop, clock: Time) -> None:
    over(loop, 7, *GOOD)
    before = told(loop)
    outcomes.count(loop, clock.pass_(days=1))
    assert the_record(loop) is None
    over(loop, 1, *GOOD)
    outcomes.count(loop, clock.pass_(days=6))
    assert the_record(loop) is None  # the week is not over
    assert told(loop) == before
    outcomes.count(loop, clock.pass_(days=1))
    kept = the_record(loop)
    assert kept is not None
    assert (kept.referrals, kept.replied, kept.first_contact_days, kept.outcomes) == (8, 1.0, 0.0, 1.0)
    assert told(loop) == before + 1


def test_a_batch_that_changes_nothing_tells_nobody(loop: Loop, clock: Time) -> None:
    over(loop, 12, ACCEPT, start("2026-12-13"), outcome("E1", "N2"))
    outcomes.count(loop, loop.clock())
    before, kept = told(loop), the_record(loop)
    assert outcomes.count(loop, clock.pass_(days=7)).written == 0
    assert (told(loop), the_record(loop)) == (before, kept)


def test_a_hundred_false_closes_move_nothing_and_raise_a_flag(loop: Loop, clock: Time) -> None:
    over(loop, 10, ACCEPT, start("2026-12-06"), outcome("E1", "N2"))
    outcomes.count(loop, loop.clock())
    before = track_record.value(the_record(loop))
    over(loop, 100, *GOOD)
    done = outcomes.count(loop, clock.pass_(days=7))
    assert done.outliers == 1
    assert abs(track_record.value(the_record(loop)) - before) <= scoring.MOST_SHIFT
    with loop.database.session() as session:
        task = session.scalars(select(Task).where(Task.kind == "outlier")).one()
        assert (task.service_id, task.referral_id, task.details) == (SERVICE, "", {"why": "outcomes"})
        task.done_at = clock.now  # somebody has looked, and lets it be
    assert outcomes.count(loop, clock.pass_(days=7)).outliers == 0
    after = track_record.value(the_record(loop))
    assert abs(after - before) <= scoring.MOST_SHIFT


def test_a_service_that_falls_below_the_floor_loses_its_record(loop: Loop, clock: Time) -> None:
    over(loop, 8, *GOOD)
    outcomes.count(loop, loop.clock())
    assert the_record(loop) is not None
    outcomes.count(loop, clock.pass_(days=731))
    assert the_record(loop) is None


def test_services_are_set_against_those_of_their_area_and_family(loop: Loop) -> None:
    others = []
    for number in range(3):
        write(loop.database, a_draft(source_id=f"g{number}", name=f"Door {number}"))
        others.append(records.service_id("facts", f"g{number}"))
        over(loop, 8, ACCEPT, start("2026-11-29"), outcome("E1", "N2"), service_id=others[-1])
    over(loop, 8, SILENT)
    outcomes.count(loop, loop.clock())
    silent, usual = the_record(loop), the_record(loop, others[0])
    assert silent is not None
    assert usual is not None
    assert track_record.value(silent) < track_record.NEUTRAL < track_record.value(usual) + 0.1
    assert silent.replied == 0.0


def test_too_many_that_say_something_else_ask_for_codes(loop: Loop) -> None:
    over(loop, 19, decline("D1"))
    over(loop, 1, decline("D18"))
    assert outcomes.count(loop, loop.clock()).other == pytest.approx(0.05)
    with loop.database.reading() as session:
        assert session.scalars(select(Task.kind).where(Task.kind == "add_codes")).all() == ["add_codes"]


def test_a_week_must_pass_between_two_batches(loop: Loop, clock: Time) -> None:
    def due(at: datetime) -> bool:
        with loop.database.reading() as session:
            return outcomes.is_due(session, at)

    assert due(clock.now)
    outcomes.count(loop, clock.now)
    with loop.database.reading() as session:
        assert session.get(SweepRun, outcomes.NAME) is not None
    assert not due(clock.now + timedelta(days=6))
    assert due(clock.now + timedelta(days=7))


def test_needs_are_untouched_by_counting(loop: Loop) -> None:
    need = a_need(loop, a_case(loop))
    outcomes.count(loop, loop.clock())
    with loop.database.reading() as session:
        assert session.get_one(Need, need).state == "open"
