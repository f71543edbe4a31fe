"""What follows by itself from a no, an outcome and a silence: each code has its consequence, and no door closes."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import select

from directory.capacity import FULL, WAITING_LIST
from directory.feeds import assurance
from directory.referrals import (
    actions,
    alternatives,
    codes,
    consequences,
    exclusions,
    mailboxes,
    moves,
    provider_actions,
    system_actions,
    vanished,
)
from directory.referrals.asking import SYSTEM
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.outcomes_said import OutcomeSaid
from directory.referrals.tables import Exclusion, Need, Notice, Task
from directory.search import fold
from directory.tables import CapacityWord, Outbox, Service
from tests.builders import FIFE, a_draft, write
from tests.directory.referrals.builders import (
    SERVICE,
    Doors,
    Time,
    a_loop,
    a_provider,
    a_referral,
    an_agreement,
    ask,
    referral,
)

Row = TypeVar("Row")


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, doors: Doors, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock, doors) as opened:
        yield opened


def declined(loop: Loop, reason: str, state: State = State.RECEIVED, **said: object) -> str:
    """A referral that its provider has just refused; its id."""
    own = a_referral(loop, state)
    provider_actions.decline(loop, ask(loop, a_provider(loop, own)), own, reason, True, **said)  # type: ignore[arg-type]
    return own


def rows(loop: Loop, table: type[Row]) -> Sequence[Row]:
    with loop.database.reading() as session:
        return list(session.scalars(select(table)))


def tasks_of(loop: Loop, referral_id: str = "") -> dict[str, Task]:
    """Open tasks by kind, of a referral or of none."""
    return {row.kind: row for row in rows(loop, Task) if row.referral_id == referral_id and row.done_at is None}


def need_of(loop: Loop, own: str) -> Need:
    with loop.database.reading() as session:
        return session.get_one(Need, referral(loop, own).need_id)


def doubts(loop: Loop) -> list[tuple[str, str]]:
    """What the directory doubts of the service: reason and who said so."""
    with loop.database.reading() as session:
        found = assurance.doubted(assurance.words(session, [SERVICE]).get(SERVICE, ()))
        return [(word.reason, word.by) for word in found]


def test_every_decline_has_a_consequence_that_is_known() -> None:
    to_worker_alone = {"better_suited", "re_offer", "no_action", "duplicate", "review"}
    known = {*consequences.DECLINED, *consequences.DOUBTED, *to_worker_alone}
    assert {code.then for code in codes.codes("decline").values()} == known


@pytest.mark.parametrize("reason", codes.codes("decline"))
def test_every_decline_asks_the_worker_what_happens_next(loop: Loop, reason: str) -> None:
    own = declined(loop, reason)
    task = tasks_of(loop, own)["declined"]
    assert task.details["then"] == codes.codes("decline")[reason].then
    assert need_of(loop, own).state in ("open", "resting")


def test_a_service_without_room_is_full_for_four_weeks(loop: Loop) -> None:
    declined(loop, "D1")
    (word,) = rows(loop, CapacityWord)
    assert (word.service_id, word.state, word.as_of, word.expires) == (SERVICE, FULL, "2026-11-22", "2026-12-20")
    assert rows(loop, Outbox)[-1].key == SERVICE
    with loop.database.reading() as session:
        found = fold.document(session, SERVICE)
    assert found is not None
    assert found.capacity.state == FULL


def test_a_list_that_is_open_is_told_with_its_band_and_the_person_is_asked(loop: Loop) -> None:
    own = declined(loop, "D2", wait_band="w12")
    (word,) = rows(loop, CapacityWord)
    assert (word.state, word.minimum_weeks, word.maximum_weeks) == (WAITING_LIST, 5, 12)
    assert tasks_of(loop, own)["offer_wait"].details == {"wait_band": "w12"}


def test_a_waiting_list_taken_is_told_too(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    who = a_provider(loop, own)
    provider_actions.waitlist(loop, ask(loop, who), own, "w53", date(2026, 12, 10))
    (word,) = rows(loop, CapacityWord)
    assert (word.state, word.minimum_weeks, word.maximum_weeks) == (WAITING_LIST, 53, None)
    assert "offer_wait" in tasks_of(loop, own)


@pytest.mark.parametrize(
    ("reason", "doubt", "field"),
    [
        pytest.param("D3", "area_not_served", "coverage", id="area"),
        pytest.param("D4", "age_not_served", "age", id="age"),
        pytest.param("D5", "need_not_served", "needs", id="need"),
        pytest.param("D6", "relation_not_served", "relations", id="relation"),
        pytest.param("D16", "contact_wrong", "referral_contact", id="contact"),
    ],
)
def test_what_the_directory_has_wrong_is_doubted_until_checked(loop: Loop, reason: str, doubt: str, field: str) -> None:
    own = declined(loop, reason)
    assert doubts(loop) == [(doubt, "provider")]
    entry = tasks_of(loop)["check_entry"]
    assert (entry.service_id, entry.case_id, entry.details) == (SERVICE, "", {"reason": doubt})
    with loop.database.session() as session:
        found = fold.document(session, SERVICE)
        assert found is not None
        assert found.assurance.fields == (field,)
        assurance.say(session, SERVICE, assurance.State.SPOC_CONFIRMED, "u1", loop.clock() + timedelta(hours=1))
    assert doubts(loop) == []
    assert own in {row.referral_id for row in rows(loop, Task)}


def test_the_partner_is_told_once_of_an_entry_in_doubt(loop: Loop) -> None:
    declined(loop, "D3")
    declined(loop, "D4")
    told = [row for row in rows(loop, Notice) if row.template == "check_your_entry"]
    assert len(told) == 1
    assert told[0].mailbox_id
    assert not told[0].referral_id


def test_a_service_that_has_closed_is_not_suggested_until_somebody_has_looked(loop: Loop) -> None:
    declined(loop, "D15")
    with loop.database.reading() as session:
        assert fold.document(session, SERVICE) is None
    with loop.database.session() as session:
        assurance.say(session, SERVICE, assurance.State.SPOC_CONFIRMED, "u1", loop.clock() + timedelta(hours=1))
    with loop.database.reading() as session:
        assert fold.document(session, SERVICE) is not None


def test_a_wrong_contact_gets_nothing_more_before_it_is_proved_anew(loop: Loop) -> None:
    declined(loop, "D16")
    with loop.database.reading() as session:
        found = mailboxes.current(session, SERVICE)
    assert found is not None
    assert found.confirmed_at is None
    assert not [row for row in rows(loop, Notice) if row.template == "check_your_entry"]  # it would go to the wrong one


def test_what_nobody_can_offer_is_counted_as_a_gap(loop: Loop, doors: Doors) -> None:
    declined(loop, "D7")
    assert doors.missed == [(FIFE, "counselling")]


def test_a_pair_that_must_not_meet_is_kept_apart_and_nobody_says_why(loop: Loop) -> None:
    own = declined(loop, "D8")
    (row,) = rows(loop, Exclusion)
    assert (row.service_id, row.organization_id, row.origin, row.named_sealed) == (SERVICE, "", "provider", None)
    with loop.database.reading() as session:
        assert SERVICE in exclusions.ids(session, referral(loop, own).case_id)


def test_no_door_of_the_same_organization_is_offered_to_a_pair_that_must_not_meet(loop: Loop, doors: Doors) -> None:
    write(loop.database, a_draft(source_id="f901", name="Harbour Night Line"))  # of the same Harbour Trust
    write(loop.database, a_draft(source_id="f902", name="Second Door", organization="Second Trust"))
    doors.names = ["f901", "f902"]
    own = a_referral(loop, State.RECEIVED)
    assert alternatives.keep(loop, own, loop.clock())
    provider_actions.decline(loop, ask(loop, a_provider(loop, own)), own, "D8", True)
    with loop.database.reading() as session:
        shown = alternatives.shown(session, loop, referral(loop, own))
    assert [each.name for each in shown] == ["f902"]


def test_a_person_who_told_them_no_rests_and_is_asked_again(loop: Loop) -> None:
    own = declined(loop, "D12")
    need = need_of(loop, own)
    assert (need.state, need.review_on) == ("resting", date(2026, 12, 20))


def test_a_need_does_not_rest_while_another_service_is_at_work_on_it(loop: Loop) -> None:
    first = a_referral(loop, State.ACCEPTED)
    case_id, need_id = referral(loop, first).case_id, referral(loop, first).need_id
    write(loop.database, a_draft(source_id="f901"))
    other = a_referral(loop, State.RECEIVED, case_id=case_id, need_id=need_id)
    provider_actions.decline(loop, ask(loop, a_provider(loop, other)), other, "D12", True)
    assert need_of(loop, first).state == "in_hand"


def test_whom_they_could_not_reach_is_checked(loop: Loop) -> None:
    assert "check_contact" in tasks_of(loop, declined(loop, "D13"))


def test_one_that_they_have_already_is_named_by_its_twin(loop: Loop) -> None:
    first = a_referral(loop, State.ACCEPTED)
    twin = a_referral(loop, State.RECEIVED, case_id=referral(loop, first).case_id)
    provider_actions.decline(loop, ask(loop, a_provider(loop, twin)), twin, "D14", True)
    assert tasks_of(loop, twin)["declined"].details["twin"] == first


@pytest.mark.parametrize(
    ("again_on", "due"),
    [
        pytest.param(date(2026, 12, 1), date(2026, 12, 1), id="the day that they name"),
        pytest.param(date(2026, 12, 5), date(2026, 12, 7), id="a Saturday: on Monday"),
        pytest.param(None, date(2026, 12, 21), id="none named: four weeks on, a working day"),
    ],
)
def test_a_decision_awaited_is_asked_about_again(loop: Loop, again_on: date | None, due: date) -> None:
    own = declined(loop, "D17", again_on=again_on)
    assert tasks_of(loop, own)["ask_later"].due_at.date() == due


def test_better_suited_asks_for_another_kind_first(loop: Loop) -> None:
    own = declined(loop, "D9")
    with loop.database.reading() as session:
        assert alternatives.wanted(session, loop, own).unlike == SERVICE


def test_a_late_no_corrects_the_directory_and_leaves_the_person_alone(loop: Loop) -> None:
    own = a_referral(loop, State.UNANSWERED)
    who = a_provider(loop, own)
    provider_actions.decline(loop, ask(loop, who), own, "D12", True)
    assert need_of(loop, own).state == "open"  # and not resting: a worker looks for somebody else
    provider_actions.decline(loop, ask(loop, who), own, "D2", True, wait_band="w4")
    assert {row.state for row in rows(loop, CapacityWord)} == {WAITING_LIST}
    assert set(tasks_of(loop, own)) == {"late_reply"}


def test_a_reply_lands_though_the_directory_has_lost_the_service(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    with loop.database.session() as session:
        session.delete(session.get_one(Service, SERVICE))
    for reason in ("D1",):
        provider_actions.decline(loop, ask(loop, a_provider(loop, own)), own, reason, True)
    assert referral(loop, own).state == State.DECLINED
    assert rows(loop, CapacityWord) == []


def by_provider(loop: Loop, said: OutcomeSaid) -> str:
    own = a_referral(loop, State.IN_SERVICE)
    provider_actions.outcome(loop, ask(loop, a_provider(loop, own)), own, said)
    return own


def by_worker(loop: Loop, said: OutcomeSaid, own: str = "") -> str:
    own = own or a_referral(loop, State.IN_SERVICE)
    actions.outcome(loop, ask(loop), own, said)
    return own


MET = OutcomeSaid("E1", "S1", "N1")


def test_met_is_said_by_the_person_and_a_service_only_makes_us_ask(loop: Loop) -> None:
    own = by_provider(loop, MET)
    assert need_of(loop, own).state == "open"
    assert "confirm_met" in tasks_of(loop, own)
    by_worker(loop, OutcomeSaid("E1", "S1", "N1", "helped", "person"), own)
    assert need_of(loop, own).state == "met"
    assert "confirm_met" not in tasks_of(loop, own)


def test_no_service_says_it_for_the_person(loop: Loop) -> None:
    own = by_provider(loop, OutcomeSaid("E1", "S1", "N1", "helped", "person"))
    assert need_of(loop, own).state == "open"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        pytest.param(OutcomeSaid("E1", "S1", "N1", "", "person"), "met", id="the person says so"),
        pytest.param(OutcomeSaid("E1", "S1", "N1", "helped", "provider"), "met", id="it helped"),
        pytest.param(OutcomeSaid("E1", "S1", "N1", "", "provider"), "open", id="their word by phone"),
        pytest.param(OutcomeSaid("E1", "S1", "N1", "no", "person"), "open", id="it did not help"),
        pytest.param(OutcomeSaid("E1", "S2", "N2", "some", "person"), "open", id="partly"),
        pytest.param(OutcomeSaid("E5", "S7", "N6", "", "person"), "open", id="they chose not to"),
    ],
)
def test_a_need_is_met_only_by_the_persons_word(loop: Loop, said: OutcomeSaid, state: str) -> None:
    assert need_of(loop, by_worker(loop, said)).state == state


def test_a_correction_takes_back_what_was_met(loop: Loop) -> None:
    own = by_worker(loop, OutcomeSaid("E1", "S1", "N1", "helped", "person"))
    by_worker(loop, OutcomeSaid("E1", "S2", "N3", "no", "person"), own)
    assert need_of(loop, own).state == "open"


@pytest.mark.parametrize(
    ("said", "task"),
    [
        pytest.param(OutcomeSaid("E1", "S2", "N5"), "new_need", id="another need"),
        pytest.param(OutcomeSaid("E1", "S6", "N2"), "new_referral", id="passed on"),
        pytest.param(OutcomeSaid("E4", "S7", "N6"), "check_contact", id="not reached"),
        pytest.param(OutcomeSaid("E8", "S7", "N6"), "confirm_ended", id="moved away"),
        pytest.param(OutcomeSaid("E9", "S7", "N6"), "confirm_ended", id="died, they say"),
        pytest.param(OutcomeSaid("E10", "S7", "N6"), "check_contact", id="not safe"),
    ],
)
def test_what_an_outcome_asks_of_a_worker(loop: Loop, said: OutcomeSaid, task: str) -> None:
    own = by_provider(loop, said)
    assert task in tasks_of(loop, own)
    assert need_of(loop, own).state == "open"


def test_not_now_rests_the_need(loop: Loop) -> None:
    assert need_of(loop, by_provider(loop, OutcomeSaid("E7", "S7", "N6"))).state == "resting"


def test_a_worker_who_knows_that_they_died_ends_the_need(loop: Loop) -> None:
    need = need_of(loop, by_worker(loop, OutcomeSaid("E9", "S7", "N6", "", "worker")))
    assert (need.state, need.ended_reason) == ("ended", "died")


def test_silence_asks_the_worker(loop: Loop) -> None:
    own = a_referral(loop, State.SENT)
    system_actions.time_out(loop, ask(loop, SYSTEM), own)
    assert "unanswered" in tasks_of(loop, own)
    assert need_of(loop, own).state == "open"


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        pytest.param({"listing": "unlisted"}, True, id="its source no longer lists it"),
        pytest.param({"listing": "dropped"}, True, id="for long"),
        pytest.param({"status": "defunct"}, True, id="closed"),
        pytest.param({}, False, id="still there"),
    ],
)
def test_a_worker_is_told_once_when_a_service_vanishes(
    loop: Loop, clock: Time, change: dict[str, str], gone: bool
) -> None:
    live, over = a_referral(loop, State.ACCEPTED), a_referral(loop, State.CLOSED)
    with loop.database.session() as session:
        row = session.get_one(Service, SERVICE)
        for name, value in change.items():
            setattr(row, name, value)
        row.unlisted_at = loop.clock() if "listing" in change else None
    with loop.database.session() as session:
        assert vanished.listing_gone(session, loop, loop.clock()) == gone
    assert ("listing_gone" in tasks_of(loop, live)) == gone
    assert "listing_gone" not in tasks_of(loop, over)
    with loop.database.session() as session:
        for task in session.scalars(select(Task)):
            task.done_at = loop.clock()
    clock.pass_(days=2)
    with loop.database.session() as session:
        assert vanished.listing_gone(session, loop, loop.clock()) == 0


def test_a_service_that_two_sources_list_has_not_vanished_when_one_drops_it(loop: Loop) -> None:
    write(loop.database, a_draft(source_id="f901", same_as="f900"))
    a_referral(loop, State.ACCEPTED)
    with loop.database.session() as session:
        row = session.get_one(Service, SERVICE)
        row.listing, row.unlisted_at = "unlisted", loop.clock()
        session.flush()
        assert vanished.listing_gone(session, loop, loop.clock()) == 0


def test_an_agreement_is_untouched_by_a_no(loop: Loop) -> None:
    """The events alone give the state: nothing was written past them."""
    own = declined(loop, "D1")
    an_agreement(loop, referral(loop, own).case_id)
    with loop.database.reading() as session:
        assert moves.replayed(moves.events(session, own)) is State.DECLINED
