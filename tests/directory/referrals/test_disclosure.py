"""What a provider may see: each tier exactly its fields, and fewer where the agreement allows fewer."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.referrals import codes, disclosure
from directory.referrals.disclosure import CATEGORIES, TIERS, Shown, Tier
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import (
    Agreement,
    AuditEvent,
    Case,
    Exclusion,
    Person,
    Referral,
    ReferralEvent,
    SafeContact,
)
from tests.builders import NOON
from tests.directory.referrals.builders import PROVIDER, WORKER, Time, a_case, a_loop, a_referral

NEVER = ("Canary Street", "2012-05-30", "Canary High", "told us canary", "KY99 9ZZ", "must not canary", "note canary",
         "Second Door", "excluded canary", "Full Canary")  # fmt: skip
"""What we know of the person and of other doors; no tier may ever hold any of it."""


@pytest.fixture(scope="module")
def clock() -> Time:
    return Time()


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("disclosure"), clock) as made:
        yield made


@pytest.fixture(autouse=True)
def noon(clock: Time) -> None:
    clock.now = NOON


def known(loop: Loop, state: State, accepted: bool = False, **changes: object) -> str:
    """A referral of somebody about whom everything is known; returns its id."""
    case_id = a_case(loop, "Skye", "01632 960200", access="bsl|step_free", languages="en|pl", safety_flag=True)
    own = a_referral(loop, state, case_id=case_id)
    with loop.database.session() as session:
        case, referral = session.get_one(Case, case_id), session.get_one(Referral, own)
        seal = loop.sealer(session, case.subject_id)
        person = session.scalars(select(Person).where(Person.subject_id == case.subject_id)).one()
        for column, text in (
            ("full_name", "Full Canary"), ("date_of_birth", "2012-05-30"), ("address", "9 Canary Street"),
            ("postcode", "KY99 9ZZ"), ("school", "Canary High"), ("account", "told us canary"),
        ):  # fmt: skip
            setattr(person, f"{column}_sealed", seal.seal(text, "person", person.id, column))
        contact = session.scalars(select(SafeContact).where(SafeContact.case_id == case_id)).one()
        for column, text in (("who_must_not_know", "must not canary"), ("note", "note canary")):
            setattr(contact, f"{column}_sealed", seal.seal(text, "safe_contact", contact.id, column))
        referral.notes_sealed = seal.seal("Likes mornings.", "referral", own, "notes")
        referral.alternatives = [{"name": "Second Door"}]
        session.add(
            Exclusion(
                id=own, case_id=case_id, subject_id=case.subject_id, origin="person", made_at=loop.clock(),
                made_by=WORKER.id, named_sealed=seal.seal("excluded canary", "exclusion", own, "named"),
            )
        )  # fmt: skip
        if accepted:
            add_line(session, referral, 2, "accept", state)
        for name, value in changes.items():
            target = session.get_one(Agreement, referral.agreement_id) if name in AGREED else referral
            setattr(target, name, value)
    return own


AGREED = ("categories", "withdrawn_at")


def add_line(session: Session, referral: Referral, seq: int, event: str, state: State, **details: str) -> None:
    session.add(
        ReferralEvent(
            referral_id=referral.id, seq=seq, event=event, at=referral.stage_at, actor_kind="provider",
            state_from="received", state_to=state.value, details=details, episode=referral.episode,
        )
    )  # fmt: skip


def seen(loop: Loop, own: str) -> Shown:
    with loop.database.reading() as session:
        return disclosure.shown(session, loop, session.get_one(Referral, own), loop.clock())


TIER_OF = {
    State.DRAFT: 4, State.SENT: 2, State.RECEIVED: 2, State.INFO_REQUESTED: 2, State.ACCEPTED: 3, State.WAITLISTED: 2,
    State.SCHEDULED: 3, State.IN_SERVICE: 3, State.PAUSED: 2, State.NOT_REACHED: 3, State.DECLINED: 4,
    State.UNANSWERED: 4, State.WITHDRAWN: 4, State.CLOSED: 4, State.VOID: 4,
}  # fmt: skip


@pytest.mark.parametrize("state", list(State))
def test_each_state_has_its_tier_and_shows_no_other_field(loop: Loop, state: State) -> None:
    found = seen(loop, known(loop, state))
    assert found.tier == TIER_OF[state]
    assert set(found.fields) <= set(TIERS[found.tier])
    text = "\n".join(found.fields.values())
    assert not [secret for secret in NEVER if secret in text]


def test_tier_2_is_exactly_this(loop: Loop) -> None:
    found = seen(loop, known(loop, State.RECEIVED))
    assert dict(found.fields) | {"reference": ""} == {
        "organization": "Harbour Trust", "reference": "", "spoc_phone": "01632 960100",
        "need": "Counselling or therapy", "urgency": "Within weeks", "age_band": "12 to 15",
        "relation": "Person harmed", "council": "Fife", "languages": "English, Polish",
        "access": "British Sign Language (BSL), Step-free", "contact_kind": "Phone",
        "safety_flag": "Yes: ring us before you do anything",
    }  # fmt: skip


def test_tier_3_adds_exactly_this(loop: Loop) -> None:
    before, after = (seen(loop, known(loop, state)).fields for state in (State.RECEIVED, State.ACCEPTED))
    assert {name: value for name, value in after.items() if name not in before} == {
        "name": "Skye", "contact": "01632 960200", "contact_hours": "9:00 to 17:00, any day",
        "contact_voicemail": "Leave no message that says who we are", "notes": "Likes mornings.",
    }  # fmt: skip


def test_tier_4_is_reference_days_and_codes(loop: Loop) -> None:
    found = seen(loop, known(loop, State.DECLINED, accepted=True, decline_reason="D1"))
    assert dict(found.fields) | {"reference": ""} == {
        "organization": "Harbour Trust", "reference": "", "spoc_phone": "01632 960100",
        "sent_on": "22 November 2026", "ended_on": "22 November 2026", "state": "You said no",
        "decline_reason": codes.label("decline", "D1"),
    }  # fmt: skip


def test_the_waiting_list_shows_the_person_only_after_a_yes(loop: Loop) -> None:
    assert seen(loop, known(loop, State.WAITLISTED)).tier is Tier.UNDECIDED
    assert seen(loop, known(loop, State.WAITLISTED, accepted=True)).tier is Tier.ACCEPTED


def test_a_yes_of_an_earlier_time_counts_no_more(loop: Loop) -> None:
    assert seen(loop, known(loop, State.WAITLISTED, accepted=True, episode=2)).tier is Tier.UNDECIDED


@pytest.mark.parametrize(("days", "tier"), [(0, 3), (29, 3), (30, 4), (400, 4)])
def test_who_helped_sees_the_person_for_thirty_days_after(loop: Loop, clock: Time, days: int, tier: int) -> None:
    own = known(loop, State.CLOSED, accepted=True)
    clock.pass_(days=days)
    assert seen(loop, own).tier == tier


@pytest.mark.parametrize("state", list(State))
def test_a_withdrawn_agreement_leaves_nothing_of_the_person(loop: Loop, state: State) -> None:
    found = seen(loop, known(loop, state, accepted=True, withdrawn_at=loop.clock() - timedelta(hours=1)))
    assert found.tier is Tier.OVER


@pytest.mark.parametrize("state", [State.RECEIVED, State.ACCEPTED])
@pytest.mark.parametrize("without", ["access", "risk_flag", "notes", "contact", "identity", "need"])
def test_what_was_not_agreed_to_is_not_shown(loop: Loop, state: State, without: str) -> None:
    left = "|".join(each for each in codes.codes("category") if each != without)
    whole, found = seen(loop, known(loop, state)).fields, seen(loop, known(loop, state, categories=left)).fields
    assert set(whole) - set(found) == {name for name in whole if CATEGORIES.get(name) == without}


def test_whoever_must_not_be_contacted_has_no_number_shown(loop: Loop) -> None:
    own = known(loop, State.ACCEPTED)
    with loop.database.session() as session:
        case_id = session.get_one(Referral, own).case_id
        session.scalars(select(SafeContact).where(SafeContact.case_id == case_id)).one().channel = "none"
    assert "960200" not in str(dict(seen(loop, own).fields))


def test_an_erased_one_shows_days_and_codes(loop: Loop, clock: Time) -> None:
    assert seen(loop, known(loop, State.ACCEPTED, accepted=True, erased_at=clock())).tier is Tier.OVER


def test_reading_is_written_down_with_names_of_fields_only(loop: Loop) -> None:
    own = known(loop, State.ACCEPTED)
    with loop.database.session() as session:
        found = disclosure.read(session, loop, session.get_one(Referral, own), PROVIDER, loop.clock())
    with loop.database.reading() as session:
        [line] = session.scalars(select(AuditEvent).where(AuditEvent.action == "view", AuditEvent.object_id == own))
        assert line.fields.split("|") == list(found.fields)
        assert (line.purpose, line.actor_id) == ("tier_3", PROVIDER.id)
        assert "Skye" not in line.fields


def test_every_field_with_a_category_is_in_a_tier_and_the_categories_are_known() -> None:
    assert set(CATEGORIES) <= {name for names in TIERS.values() for name in names}
    assert set(CATEGORIES.values()) <= set(codes.codes("category"))
    personal = set(TIERS[Tier.ACCEPTED]) - {"organization", "reference", "spoc_phone", "worker"}
    assert personal == set(CATEGORIES), "whatever is of the person needs a category"
    assert TIERS[Tier.LINK] == ("spoc_phone",)


@given(
    state=st.sampled_from(list(State)), accepted=st.booleans(), chosen=st.sets(st.sampled_from(["identity", "need"]))
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_state_shows_a_name_before_a_yes(loop: Loop, state: State, accepted: bool, chosen: set[str]) -> None:
    found = seen(loop, known(loop, state, accepted=accepted, categories="|".join(sorted(chosen))))
    if state in {State.SENT, State.RECEIVED, State.INFO_REQUESTED} or "identity" not in chosen:
        assert "name" not in found.fields
