"""A worker's actions: sent only under every guard, recalled within the hold, paused, stopped, and brought back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory import records
from directory.errors import BadInput, Conflict, Forbidden, NotFound, NotReady
from directory.referrals import actions, agreements, locators, mailboxes, moves, provider_actions, system_actions
from directory.referrals.actions import DraftSaid
from directory.referrals.asking import SYSTEM, Ask, Who
from directory.referrals.lifecycle import LIVE, OVER, TO_DISPOSE, Event, State
from directory.referrals.loop import Loop
from directory.referrals.outcomes_said import OutcomeSaid
from directory.referrals.sending_guards import RULES
from directory.referrals.tables import (
    Agreement,
    Case,
    Exclusion,
    Locator,
    Mailbox,
    Need,
    Notice,
    Referral,
    SafeContact,
    Task,
)
from directory.referrals.ways_back import NextStep
from directory.tables import Service
from tests.builders import a_draft as a_service
from tests.builders import write
from tests.directory.referrals.builders import (
    SERVICE,
    SUPERVISOR,
    WORKER,
    Doors,
    Time,
    a_case,
    a_loop,
    a_mailbox,
    a_need,
    a_provider,
    a_referral,
    an_agreement,
    ask,
    referral,
    with_policy,
)

SOON = date(2026, 12, 1)
SECOND = records.service_id("facts", "Second Door")
GOOD = OutcomeSaid("E1", "S1", "N1", says="person")


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture
def loop(tmp_path: Path, clock: Time, doors: Doors) -> Iterator[Loop]:
    with a_loop(tmp_path, clock, doors) as opened:
        yield opened


def a_draft(loop: Loop, **changes: object) -> str:
    """Everything that a sending needs, and a draft for it."""
    case_id = a_case(loop)
    a_mailbox(loop)
    an_agreement(loop, case_id)
    said = DraftSaid(a_need(loop, case_id), SERVICE)
    return str(actions.draft(loop, ask(loop), replace(said, **changes))["id"])  # type: ignore[arg-type]


def sent(loop: Loop, **changes: object) -> str:
    own = a_draft(loop, **changes)
    actions.send(loop, ask(loop), own)
    return own


def notices_of(loop: Loop, own: str) -> list[Notice]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Notice).where(Notice.referral_id == own).order_by(Notice.id)))


def waiting(loop: Loop, own: str) -> list[str]:
    return [notice.template for notice in notices_of(loop, own) if notice.settled_at is None]


def handed_over(loop: Loop, own: str) -> None:
    """The mail server took what waits for this referral."""
    with loop.database.session() as session:
        for notice in session.scalars(select(Notice).where(Notice.referral_id == own, Notice.settled_at.is_(None))):
            notice.handed_over_at = notice.settled_at = loop.clock()


def has_link(loop: Loop, own: str) -> bool:
    with loop.database.reading() as session:
        return locators.live(session, own, loop.clock()) is not None


def need_of(loop: Loop, own: str) -> Need:
    with loop.database.reading() as session:
        return session.get_one(Need, referral(loop, own).need_id)


def tasks_of(loop: Loop, own: str) -> set[str]:
    with loop.database.reading() as session:
        return set(session.scalars(select(Task.kind).where(Task.referral_id == own, Task.done_at.is_(None))))


def change(loop: Loop, table: type, **values: object) -> None:
    """Every row of a table, behind the actions' back."""
    with loop.database.session() as session:
        for row in session.scalars(select(table)):
            for name, value in values.items():
                setattr(row, name, value)


def test_a_draft_is_sealed_and_nothing_leaves(loop: Loop) -> None:
    own = a_draft(loop, notes="Please ring after school.")
    row = referral(loop, own)
    assert (row.state, row.service_name, row.organization) == ("draft", "Harbour Counselling", "Harbour Trust")
    assert b"school" not in (row.notes_sealed or b"")
    assert row.snapshot["phone"] == "01632 960001"
    assert not has_link(loop, own)
    assert notices_of(loop, own) == []


def test_a_routine_referral_is_held_with_its_message_link_and_next_doors(loop: Loop, clock: Time) -> None:
    own = sent(loop)
    row = referral(loop, own)
    assert (row.state, row.version, row.attempt) == ("sent", 2, 1)
    assert row.held_until is not None
    assert [line["name"] for line in row.alternatives] == ["Second Door", "Third Door"]
    assert has_link(loop, own)
    assert waiting(loop, own) == ["referral"]
    assert notices_of(loop, own)[0].due_at.replace(tzinfo=None) >= row.held_until.replace(tzinfo=None)
    assert need_of(loop, own).state == "in_hand"
    with loop.database.reading() as session:
        assert moves.events(session, own)[0].details["agreement"] == row.agreement_id


def test_an_urgent_one_goes_at_once(loop: Loop, clock: Time) -> None:
    own = sent(loop, urgency="days")
    assert referral(loop, own).held_until is None
    [notice] = notices_of(loop, own)
    assert notice.urgent
    assert notice.due_at.replace(tzinfo=None) == clock().replace(tzinfo=None)


def service_gone(loop: Loop) -> None:
    change(loop, Service, status="defunct")


def excluded(loop: Loop) -> None:
    with loop.database.session() as session:
        case = session.scalars(select(Case)).one()
        session.add(
            Exclusion(
                id="e", case_id=case.id, subject_id=case.subject_id, service_id=SERVICE, origin="person",
                made_at=loop.clock(), made_by=WORKER.id,
            )
        )  # fmt: skip


def in_other_hands(loop: Loop) -> None:
    with loop.database.reading() as session:
        row = session.scalars(select(Referral)).one()
    a_referral(
        loop, State.ACCEPTED, case_id=row.case_id, need_id=row.need_id, agreement_id="x",
        mailbox_id=mailbox_id(loop),
    )  # fmt: skip


def mailbox_id(loop: Loop) -> str:
    with loop.database.reading() as session:
        row = mailboxes.current(session, SERVICE)
    assert row is not None
    return row.id


def ago(**by: float) -> timedelta:
    return timedelta(**by)


SPOILT: list[tuple[Callable[[Loop], None], str]] = [
    (lambda loop: change(loop, Agreement, withdrawn_at=loop.clock()), "agreement"),
    (lambda loop: change(loop, Agreement, superseded_at=loop.clock()), "agreement"),
    (lambda loop: change(loop, Agreement, review_by=date(2026, 11, 21)), "agreement"),
    (lambda loop: change(loop, Agreement, valid_from=loop.clock() + ago(hours=1)), "agreement"),
    (lambda loop: change(loop, Agreement, service_id=SECOND), "agreement"),
    (lambda loop: change(loop, Agreement, purposes="feedback"), "agreement"),
    (lambda loop: change(loop, Agreement, categories="identity|need"), "agreement"),
    (service_gone, "service"),
    (lambda loop: change(loop, Service, listing="dropped"), "service"),
    (excluded, "exclusion"),
    (lambda loop: change(loop, SafeContact, superseded_at=loop.clock()), "safe_contact"),
    (lambda loop: change(loop, SafeContact, channel="none"), "safe_contact"),
    (in_other_hands, "live"),
    (lambda loop: change(loop, Mailbox, verified_at=None), "mailbox"),
    (lambda loop: change(loop, Mailbox, replaced_at=loop.clock()), "mailbox"),
    (lambda loop: change(loop, Mailbox, confirmed_at=loop.clock() - ago(days=180)), "mailbox"),
    (lambda loop: change(loop, Mailbox, confirmed_at=None), "mailbox"),
    (lambda loop: change(loop, Mailbox, bounced_at=loop.clock()), "mailbox"),
    (lambda loop: change(loop, Mailbox, usable_from=loop.clock() + ago(minutes=1)), "mailbox"),
    (lambda loop: change(loop, Mailbox, terms_agreed_on=None), "sharing_terms"),
    (lambda loop: change(loop, Need, state="met"), "need"),
    (lambda loop: change(loop, Need, state="ended"), "need"),
    (lambda loop: change(loop, Referral, urgency=""), "urgency"),
    (lambda loop: change(loop, Referral, urgency="now"), "phone_hand_over"),
    (lambda loop: change(loop, Referral, override_reason="because"), "override_reason"),
]


@pytest.mark.parametrize(("spoil", "rule"), SPOILT, ids=[f"{at}-{rule}" for at, (_, rule) in enumerate(SPOILT)])
def test_nothing_is_sent_when_a_rule_is_broken_and_it_says_which(
    loop: Loop, spoil: Callable[[Loop], None], rule: str
) -> None:
    own = a_draft(loop)
    spoil(loop)
    with pytest.raises(BadInput) as refused:
        actions.send(loop, ask(loop), own)
    assert refused.value.field == rule
    assert rule in RULES
    assert refused.value.advice
    assert referral(loop, own).state == State.DRAFT
    assert not has_link(loop, own)
    assert notices_of(loop, own) == []


def test_a_service_that_may_not_take_them_needs_a_reason_from_the_list(loop: Loop, doors: Doors) -> None:
    doors.not_for_them = {SERVICE: "It takes people of 12 to 18."}
    own = a_draft(loop)
    with pytest.raises(BadInput, match="It takes people of 12 to 18") as refused:
        actions.send(loop, ask(loop), own)
    assert refused.value.field == "eligible"
    with loop.database.reading() as session:
        need_id = session.get_one(Referral, own).need_id
    actions.redraft(loop, ask(loop), own, DraftSaid(need_id, SERVICE, override_reason="service_agreed"))
    assert actions.send(loop, ask(loop), own)["state"] == "sent"


@pytest.mark.parametrize("name", ["name", "phone", "article_6", "article_9", "article_10", "sharing_terms"])
def test_nothing_is_sent_before_the_adopter_has_decided(loop: Loop, name: str) -> None:
    own = a_draft(loop)
    with pytest.raises(NotReady, match=name):
        actions.send(with_policy(loop, **{name: ""}), ask(loop), own)
    assert referral(loop, own).state == State.DRAFT


def test_a_new_mailbox_waits_or_a_supervisor_sends(loop: Loop) -> None:
    own = a_draft(loop)
    change(loop, Mailbox, usable_from=loop.clock() + timedelta(hours=47))
    assert actions.send(loop, ask(loop, SUPERVISOR), own)["state"] == "sent"


def test_what_is_for_today_goes_beside_a_call(loop: Loop, clock: Time) -> None:
    own = a_draft(loop, urgency="now", phone_hand_over_at=clock())
    assert actions.send(loop, ask(loop), own)["state"] == "sent"


def test_a_call_to_come_hands_nobody_over(loop: Loop, clock: Time) -> None:
    with pytest.raises(BadInput) as refused:
        a_draft(loop, urgency="now", phone_hand_over_at=clock() + timedelta(days=7))
    assert refused.value.field == "phone_hand_over_at"


def test_an_unsafe_service_is_not_even_drafted(loop: Loop) -> None:
    a_draft(loop)
    excluded(loop)
    with loop.database.reading() as session:
        need_id = session.scalars(select(Need.id)).one()
    with pytest.raises(Conflict):
        actions.draft(loop, ask(loop), DraftSaid(need_id, SERVICE))


def test_a_case_kept_apart_is_not_there_for_others(loop: Loop) -> None:
    own = a_draft(loop)
    change(loop, Case, restricted=True)
    other = Who(WORKER.kind, "a0000000-0000-4000-8000-0000000000ff", frozenset({"worker"}))
    for does in (lambda: actions.send(loop, ask(loop, other), own), lambda: actions.send(loop, ask(loop, other), "no")):
        with pytest.raises(NotFound):
            does()
    assert actions.send(loop, ask(loop), own)["state"] == "sent"


def test_within_the_hold_it_is_recalled_and_nothing_has_left(loop: Loop, clock: Time) -> None:
    own = sent(loop)
    clock.pass_(minutes=9, seconds=59)
    assert actions.recall(loop, ask(loop), own)["state"] == "draft"
    assert waiting(loop, own) == []
    assert not has_link(loop, own)
    assert need_of(loop, own).state == "open"
    assert actions.send(loop, ask(loop), own)["state"] == "sent"
    assert waiting(loop, own) == ["referral"]


def test_after_the_hold_it_can_be_withdrawn_but_not_recalled(loop: Loop, clock: Time) -> None:
    own = sent(loop)
    clock.pass_(minutes=10)
    with pytest.raises(Conflict, match="Withdraw it"):
        actions.recall(loop, ask(loop), own)
    urgent = sent(loop, urgency="days")
    with pytest.raises(Conflict):
        actions.recall(loop, ask(loop), urgent)


def test_withdrawn_before_it_left_nobody_hears_of_it(loop: Loop) -> None:
    own = sent(loop)
    actions.withdraw(loop, ask(loop), own, "W1")
    assert waiting(loop, own) == []
    assert tasks_of(loop, own) == set()
    assert not has_link(loop, own)
    assert need_of(loop, own).state == "open"


def test_withdrawn_after_it_left_the_provider_is_told_to_stop_and_asked_what_it_keeps(loop: Loop) -> None:
    own = sent(loop)
    handed_over(loop, own)
    provider = ask(loop, a_provider(loop, own))
    provider_actions.open_(loop, provider, own)
    actions.withdraw(loop, ask(loop), own, "W3")
    assert waiting(loop, own) == ["stop"]
    assert tasks_of(loop, own) == {"stop_receipt"}
    assert not has_link(loop, own)
    actions.late_reply(loop, ask(loop), own, "deleted")
    assert tasks_of(loop, own) == set()


def test_not_now_rests_the_need_until_the_day_they_chose(loop: Loop) -> None:
    own = sent(loop)
    with pytest.raises(BadInput) as refused:
        actions.withdraw(loop, ask(loop), own, "W4")
    assert refused.value.field == "review_on"
    actions.withdraw(loop, ask(loop), own, "W4", SOON)
    assert (need_of(loop, own).state, need_of(loop, own).review_on) == ("resting", SOON)


def test_taking_back_the_agreement_is_an_act_of_its_own(loop: Loop) -> None:
    with pytest.raises(BadInput, match="Withdraw the agreement itself"):
        actions.withdraw(loop, ask(loop), sent(loop), "W7")


@pytest.mark.parametrize("state", sorted(LIVE - {State.PAUSED}))
def test_a_pause_ends_where_it_began(loop: Loop, state: State) -> None:
    own = a_referral(loop, state)
    actions.pause(loop, ask(loop), own, SOON)
    assert referral(loop, own).review_on == SOON
    assert actions.resume(loop, ask(loop), own)["state"] == state


def test_a_pause_is_looked_at_again_within_ninety_days(loop: Loop) -> None:
    own = a_referral(loop, State.ACCEPTED)
    with pytest.raises(BadInput):
        actions.pause(loop, ask(loop), own, date(2027, 2, 21))
    actions.pause(loop, ask(loop), own, date(2027, 2, 20))


def test_a_person_not_reached_is_taken_up_again_once_their_contact_is_checked(loop: Loop) -> None:
    own = a_referral(loop, State.NOT_REACHED)
    assert actions.resume(loop, ask(loop), own)["state"] == "accepted"


def test_a_question_is_answered_within_what_was_agreed_to(loop: Loop) -> None:
    own = a_referral(loop, State.RECEIVED)
    provider_actions.ask_info(loop, ask(loop, a_provider(loop, own)), own, "safety")
    assert tasks_of(loop, own) == {"question"}
    change(loop, Agreement, categories="identity|contact|need")
    with pytest.raises(BadInput) as refused:
        actions.give_info(loop, ask(loop), own, "phone")
    assert refused.value.field == "agreement"
    change(loop, Agreement, categories="identity|contact|need|risk_flag")
    assert actions.give_info(loop, ask(loop), own, "phone")["state"] == "received"
    assert waiting(loop, own) == ["question_answered"]
    assert tasks_of(loop, own) == set()


@pytest.mark.parametrize("state", sorted(TO_DISPOSE))
@pytest.mark.parametrize("step", ["next_best", "self_managed", "rest", "ended"])
def test_what_came_back_is_closed_with_a_next_step_and_the_need_is_never_adrift(
    loop: Loop, state: State, step: str
) -> None:
    own = a_referral(loop, state)
    done = actions.dispose(loop, ask(loop), own, NextStep(step, review_on=SOON if step == "rest" else None))
    assert done["state"] == "closed"
    need = need_of(loop, own)
    assert need.state == ("open" if step == "next_best" else "resting")
    assert (need.review_on is None) is (step == "next_best")


def test_the_next_best_door_gets_a_draft_of_its_own_that_needs_its_own_agreement(loop: Loop) -> None:
    write(loop.database, a_service(source_id="Second Door", name="Second Door"))
    own = sent(loop, notes="Please ring after school.")
    provider_actions.decline(loop, ask(loop, a_provider(loop, own)), own, "D1", True)
    draft = actions.dispose(loop, ask(loop), own, NextStep("next_best", SECOND))["draft"]
    fresh = referral(loop, draft)
    assert (fresh.state, fresh.service_name, fresh.need_id) == ("draft", "Second Door", referral(loop, own).need_id)
    assert fresh.reference != referral(loop, own).reference
    with pytest.raises(BadInput, match="Nobody has agreed to this referral yet"):
        actions.send(loop, ask(loop), draft)
    with loop.database.reading() as session:
        sealer = loop.sealer(session, fresh.subject_id)
        assert sealer.open(fresh.notes_sealed, "referral", draft, "notes") == "Please ring after school."


def test_offered_again_it_passes_every_guard_anew_with_a_new_link(loop: Loop) -> None:
    own = sent(loop)
    handed_over(loop, own)
    before = a_provider(loop, own)
    provider_actions.decline(loop, ask(loop, before), own, "D10", True)
    change(loop, Agreement, review_by=date(2026, 11, 21))
    with pytest.raises(BadInput) as refused:
        actions.dispose(loop, ask(loop), own, NextStep("re_offer"))
    assert refused.value.field == "agreement"
    change(loop, Agreement, review_by=date(2027, 1, 1))
    assert actions.dispose(loop, ask(loop), own, NextStep("re_offer"))["state"] == "sent"
    row = referral(loop, own)
    assert (row.attempt, row.decline_reason) == (2, "")
    assert waiting(loop, own) == ["referral"]
    assert tasks_of(loop, own) == set()
    with loop.database.reading() as session:
        live = session.scalars(select(Locator).where(Locator.referral_id == own, Locator.revoked_at.is_(None))).all()
    assert len(live) == 1


@pytest.mark.parametrize("state", sorted(TO_DISPOSE))
def test_a_changed_mind_is_taken_up_when_the_person_still_agrees(loop: Loop, state: State) -> None:
    own = a_referral(loop, state)
    with pytest.raises(BadInput) as refused:
        actions.take_up(loop, ask(loop), own, person_agrees=False)
    assert refused.value.field == "person_agrees"
    assert actions.take_up(loop, ask(loop), own, person_agrees=True)["state"] == "accepted"
    assert waiting(loop, own) == ["link_again"]
    assert has_link(loop, own)
    assert need_of(loop, own).state == "in_hand"


def test_nothing_is_taken_up_without_an_agreement_that_holds(loop: Loop) -> None:
    own = a_referral(loop, State.DECLINED)
    change(loop, Agreement, withdrawn_at=loop.clock())
    with pytest.raises(BadInput) as refused:
        actions.take_up(loop, ask(loop), own, person_agrees=True)
    assert refused.value.field == "agreement"


@pytest.mark.parametrize("state", sorted(OVER))
def test_what_is_over_is_reopened_as_a_draft_of_a_new_episode(loop: Loop, state: State) -> None:
    own = a_referral(loop, state, attempt=3)
    change(loop, Need, state="met")
    assert actions.reopen(loop, ask(loop), own, "person_asked")["state"] == "draft"
    assert (referral(loop, own).episode, referral(loop, own).attempt) == (2, 1)
    assert need_of(loop, own).state == "open"
    assert actions.send(loop, ask(loop), own)["state"] == "sent"


def test_what_should_never_have_been_is_void_and_the_provider_is_told(loop: Loop) -> None:
    own = sent(loop)
    handed_over(loop, own)
    with pytest.raises(Forbidden):
        actions.void(loop, ask(loop), own, "wrong_person")
    assert actions.void(loop, ask(loop, SUPERVISOR), own, "wrong_person")["state"] == "void"
    assert waiting(loop, own) == ["void"]
    assert not has_link(loop, own)


def test_a_draft_that_never_left_is_void_in_silence(loop: Loop) -> None:
    own = a_draft(loop)
    actions.void(loop, ask(loop, SUPERVISOR), own, "test")
    assert notices_of(loop, own) == []


def test_an_outcome_on_report_is_corrected_freely_and_later_by_a_supervisor(loop: Loop, clock: Time) -> None:
    own = a_referral(loop, State.IN_SERVICE)
    actions.outcome(loop, ask(loop), own, GOOD)
    clock.pass_(days=13)
    actions.outcome(loop, ask(loop), own, replace(GOOD, need_result="N2"))
    clock.pass_(days=1)
    with pytest.raises(Forbidden, match="14 days"):
        actions.outcome(loop, ask(loop), own, GOOD)
    actions.outcome(loop, ask(loop, SUPERVISOR), own, GOOD)
    with loop.database.reading() as session:
        lines = [line for line in moves.events(session, own) if line.event == Event.OUTCOME]
    assert [line.details.get("corrects") for line in lines] == [None, 2, 3]


def test_a_late_word_by_phone_lands_and_asks_a_worker_to_look(loop: Loop) -> None:
    own = a_referral(loop, State.WITHDRAWN)
    actions.late_reply(loop, ask(loop), own, "accept")
    assert referral(loop, own).state == State.WITHDRAWN
    assert tasks_of(loop, own) == {"late_reply"}


def test_silence_that_ran_out_asks_a_worker_and_leaves_the_link_open(loop: Loop) -> None:
    own = sent(loop)
    with pytest.raises(Forbidden):
        system_actions.time_out(loop, ask(loop), own)
    assert system_actions.time_out(loop, Ask(SYSTEM, loop.clock()), own)["state"] == "unanswered"
    assert tasks_of(loop, own) == {"unanswered"}
    assert has_link(loop, own)
    assert need_of(loop, own).state == "open"


def test_a_message_that_came_back_marks_the_address_and_asks_a_worker_to_ring(loop: Loop) -> None:
    own = sent(loop)
    system_actions.delivery_failed(loop, Ask(SYSTEM, loop.clock()), own)
    assert referral(loop, own).state == State.SENT
    assert tasks_of(loop, own) == {"bounced"}
    with loop.database.reading() as session:
        assert session.scalars(select(Mailbox.bounced_at)).one() is not None


def test_a_stale_version_is_told_how_it_stands(loop: Loop) -> None:
    own = a_draft(loop)
    looked = ask(loop, version=1)
    actions.send(loop, looked, own)
    with pytest.raises(Conflict, match=r"it is sent, not opened yet \(by a worker, 22 November 2026"):
        actions.withdraw(loop, looked, own, "W1")


def test_events_alone_give_the_state(loop: Loop, clock: Time) -> None:
    own = sent(loop)
    clock.pass_(hours=1)
    actions.pause(loop, ask(loop), own, SOON)
    actions.resume(loop, ask(loop), own)
    provider_actions.accept(loop, ask(loop, a_provider(loop, own)), own, SOON)
    with loop.database.reading() as session:
        assert moves.replayed(moves.events(session, own)) == State.ACCEPTED
        assert agreements.current(session, referral(loop, own).case_id, SERVICE, clock()) is not None
