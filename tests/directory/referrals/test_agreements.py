"""Agreements: whose counts at which age, what is written down, and that ending one ends everything in one act."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import agreement_rules, agreements, locators, provider_actions, wording
from directory.referrals.agreement_rules import AgreementSaid
from directory.referrals.lifecycle import LIVE, OVER, State
from directory.referrals.loop import Loop
from directory.referrals.policy import Policy
from directory.referrals.tables import (
    Agreement,
    AuditEvent,
    CaseEvent,
    Exclusion,
    LinkSession,
    Need,
    Notice,
    Referral,
    SafeContact,
)
from tests.directory.referrals.builders import (
    SERVICE,
    WORKER,
    Time,
    a_case,
    a_loop,
    a_need,
    a_policy,
    a_provider,
    a_referral,
    an_agreement,
    ask,
    referral,
)

TODAY = date(2026, 11, 22)
BY_PARENT = AgreementSaid(SERVICE, given_by="parental_responsibilities", capacity_basis="not_able", child_view="agrees")
ABLE = AgreementSaid(SERVICE, capacity_basis="presumed_12_over")


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as opened:
        yield opened


def law(**changes: Any) -> Policy:
    sections = a_policy().sections
    return Policy({**sections, "law": {**sections["law"], **changes}})


def refused(said: AgreementSaid, age_band: str, rules: Policy | None = None) -> str:
    """The field that is wrong; "" when the agreement counts."""
    try:
        agreement_rules.check(said, age_band, rules or law(), TODAY)
    except BadInput as error:
        return error.field
    return ""


SELF = AgreementSaid(SERVICE)
WHOSE = [
    pytest.param(replace(SELF, capacity_basis="presumed_12_over"), "12_15", "", id="twelve is presumed able"),
    pytest.param(replace(SELF, capacity_basis="with_support"), "12_15", "", id="able with support"),
    pytest.param(replace(SELF, capacity_basis="adult"), "12_15", "capacity_basis", id="twelve is no adult"),
    pytest.param(replace(SELF, capacity_basis="adult"), "16_17", "", id="sixteen is an adult"),
    pytest.param(replace(SELF, capacity_basis="presumed_12_over"), "under_12", "capacity_basis", id="not under twelve"),
    pytest.param(replace(SELF, capacity_basis="understanding_recorded"), "under_12", "", id="under twelve understands"),
    pytest.param(replace(SELF, capacity_basis="not_able"), "26_over", "capacity_basis", id="not able cannot agree"),
    pytest.param(
        replace(SELF, capacity_basis="understanding_recorded"), "12_15", "capacity_basis", id="presumed already"
    ),
    pytest.param(ABLE, "", "age_band", id="no age"),
    pytest.param(BY_PARENT, "under_12", "", id="a parent for a child under twelve"),
    pytest.param(
        replace(BY_PARENT, child_view="disagrees"), "under_12", "", id="the view of one not able is written down"
    ),
    pytest.param(replace(BY_PARENT, child_view=""), "under_12", "child_view", id="the child's view is asked"),
    pytest.param(replace(BY_PARENT, child_view="not_asked"), "under_12", "child_view", id="and not passed over"),
    pytest.param(
        replace(BY_PARENT, child_view="disagrees", capacity_basis="understanding_recorded"),
        "under_12",
        "child_view",
        id="a child who understands and says no",
    ),
    pytest.param(
        replace(BY_PARENT, capacity_basis="presumed_12_over"), "12_15", "given_by", id="twelve decides itself"
    ),
    pytest.param(BY_PARENT, "12_15", "", id="a parent when a child of twelve is not able"),
    pytest.param(BY_PARENT, "16_17", "given_by", id="no parent for sixteen"),
    pytest.param(
        AgreementSaid(SERVICE, given_by="guardian_or_attorney", capacity_basis="not_able"),
        "26_over",
        "evidence_seen",
        id="a guardian without papers",
    ),
    pytest.param(
        AgreementSaid(
            SERVICE, given_by="guardian_or_attorney", capacity_basis="not_able", evidence_seen="power_of_attorney"
        ),
        "26_over",
        "",
        id="a guardian with papers",
    ),
    pytest.param(
        replace(BY_PARENT, given_by="guardian_or_attorney", evidence_seen="court_order"),
        "under_12",
        "given_by",
        id="a guardian for a child",
    ),
    pytest.param(
        replace(BY_PARENT, given_by="carer_or_authority"), "under_12", "evidence_seen", id="a carer without papers"
    ),
    pytest.param(
        replace(BY_PARENT, given_by="carer_or_authority", evidence_seen="local_authority_order"),
        "under_12",
        "",
        id="a local authority with its order",
    ),
    pytest.param(replace(BY_PARENT, parent_of_both=True), "under_12", "beside_parent", id="a parent of both alone"),
    pytest.param(
        replace(BY_PARENT, parent_of_both=True, beside_parent="child"),
        "under_12",
        "",
        id="a parent of both and the child",
    ),
    pytest.param(
        replace(BY_PARENT, parent_of_both=True, beside_parent="child", child_view="disagrees"),
        "under_12",
        "beside_parent",
        id="a parent of both and a child who says no",
    ),
    pytest.param(
        replace(BY_PARENT, parent_of_both=True, beside_parent="neighbour"),
        "under_12",
        "beside_parent",
        id="a neighbour",
    ),
]


@pytest.mark.parametrize(("said", "age_band", "field"), WHOSE)
def test_whose_agreement_counts(said: AgreementSaid, age_band: str, field: str) -> None:
    assert refused(said, age_band) == field


@pytest.mark.parametrize(
    ("changes", "said", "age_band", "field"),
    [
        pytest.param({"presumed_able_from": 16}, ABLE, "12_15", "capacity_basis", id="presumed from sixteen"),
        pytest.param(
            {"under_12_is_barred": True},
            replace(SELF, capacity_basis="understanding_recorded"),
            "under_12",
            "given_by",
            id="under twelve barred",
        ),
        pytest.param(
            {"parent_of_both_alone": True},
            replace(BY_PARENT, parent_of_both=True),
            "under_12",
            "",
            id="a parent of both alone",
        ),
        pytest.param(
            {"agreement_months": 1}, replace(ABLE, review_by=date(2026, 12, 23)), "12_15", "review_by", id="one month"
        ),
    ],
)
def test_the_adopters_lawyer_switches_a_rule(
    changes: dict[str, Any], said: AgreementSaid, age_band: str, field: str
) -> None:
    assert refused(said, age_band) != field
    assert refused(said, age_band, law(**changes)) == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"given_by": "aunt"}, "given_by", id="by whom"),
        pytest.param({"capacity_basis": ""}, "capacity_basis", id="able how"),
        pytest.param({"how": "telepathy"}, "how", id="how"),
        pytest.param({"wording_format": "song"}, "wording_format", id="form"),
        pytest.param({"feedback": "all"}, "feedback", id="feedback"),
        pytest.param({"purposes": "refer|sell"}, "purposes", id="purpose"),
        pytest.param({"purposes": "feedback"}, "purposes", id="not to refer"),
        pytest.param({"purposes": "refer"}, "purposes", id="feedback without its purpose"),
        pytest.param({"categories": "identity|contact|need|address"}, "categories", id="category"),
        pytest.param({"categories": "identity|need"}, "categories", id="no way to reach them"),
        pytest.param({"review_by": TODAY}, "review_by", id="today"),
        pytest.param({"review_by": date(2027, 5, 23)}, "review_by", id="six months and a day"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str) -> None:
    assert refused(replace(ABLE, **changes), "12_15") == field


@pytest.mark.parametrize(
    ("today", "latest"),
    [
        (date(2026, 11, 22), date(2027, 5, 22)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
    ],
)
def test_it_is_asked_again_after_six_months_at_the_latest(today: date, latest: date) -> None:
    assert agreement_rules.check(ABLE, "12_15", law(), today) == latest
    assert agreement_rules.check(replace(ABLE, review_by=latest), "12_15", law(), today) == latest


def test_an_agreement_is_written_down_whole(loop: Loop) -> None:
    case_id = a_case(loop)
    done = agreements.record(loop, ask(loop), case_id, replace(ABLE, wording_format="easy_read", share_back=True))
    with loop.database.reading() as session:
        row = session.get_one(Agreement, done["id"])
        assert (row.controller, row.about, row.recorded_by) == ("Harbour Trust", "harmed_person", WORKER.id)
        assert (row.article_6, row.article_9, row.article_10) == (
            "public task", "substantial public interest", "Schedule 1",
        )  # fmt: skip
        assert row.wording == wording.wording("easy_read").mark
        assert row.safe_contact_id == session.scalars(select(SafeContact.id)).one()
        assert row.exclusions_checked_at is not None
        assert row.review_by == date(2027, 5, 22)
        line = session.scalars(select(CaseEvent)).one()
        assert (line.object_type, line.event) == ("agreement", "record")
        assert session.scalars(select(AuditEvent.action)).one() == "create"


def test_a_newer_agreement_carries_what_is_under_way(loop: Loop) -> None:
    own = a_referral(loop, State.ACCEPTED)
    case_id, before = referral(loop, own).case_id, referral(loop, own).agreement_id
    narrower = replace(ABLE, categories="identity|contact|need", feedback="none", purposes="refer")
    after = agreements.record(loop, ask(loop), case_id, narrower)["id"]
    assert referral(loop, own).agreement_id == after
    with loop.database.reading() as session:
        assert session.get_one(Agreement, before).superseded_at is not None
    with pytest.raises(Conflict, match="replaced by a newer one"):
        agreements.withdraw(loop, ask(loop), before, "phone")


def test_no_agreement_to_a_service_that_was_named_unsafe_or_is_not_there(loop: Loop) -> None:
    case_id = a_case(loop)
    with pytest.raises(NotFound):
        agreements.record(loop, ask(loop), case_id, replace(ABLE, service_id="nowhere"))
    with loop.database.session() as session:
        subject = session.scalars(select(SafeContact.subject_id)).one()
        session.add(
            Exclusion(
                id="e", case_id=case_id, subject_id=subject, service_id=SERVICE, made_at=loop.clock(), made_by=WORKER.id
            )
        )
    with pytest.raises(Conflict):
        agreements.record(loop, ask(loop), case_id, ABLE)


@pytest.mark.parametrize("state", sorted(LIVE))
def test_taking_it_back_ends_everything_in_one_act(loop: Loop, state: State) -> None:
    own = a_referral(loop, state)
    a_provider(loop, own)
    row = referral(loop, own)
    with loop.database.session() as session:
        session.add(
            Notice(
                template="chaser_1", referral_id=own, mailbox_id=row.mailbox_id, message_id="m", made_at=loop.clock(),
                due_at=loop.clock(), tries=0, handed_over_at=loop.clock(), settled_at=loop.clock(),
            )
        )  # fmt: skip
    receipt = agreements.withdraw(loop, ask(loop), row.agreement_id, "phone")
    assert receipt["referrals"] == [{"reference": row.reference, "state": "withdrawn", "told": True}]
    with loop.database.reading() as session:
        assert session.get_one(Referral, own).state == State.WITHDRAWN
        assert locators.live(session, own, loop.clock()) is None
        assert all(each.ended_at for each in session.scalars(select(LinkSession)))
        waiting = session.scalars(select(Notice.template).where(Notice.settled_at.is_(None))).all()
        assert waiting == ["stop"]
        need = session.get_one(Need, row.need_id)
        assert (need.state, need.review_on) == ("resting", date(2026, 12, 20))
        assert agreements.current(session, row.case_id, SERVICE, loop.clock()) is None


def test_the_receipt_is_given_again_and_never_twice_made(loop: Loop) -> None:
    own = a_referral(loop, State.SENT)
    key = ask(loop, key="one")
    first = agreements.withdraw(loop, key, referral(loop, own).agreement_id, "phone")
    assert agreements.withdraw(loop, key, referral(loop, own).agreement_id, "phone") == first
    with pytest.raises(Conflict, match="was withdrawn on 22 November 2026"):
        agreements.withdraw(loop, ask(loop), referral(loop, own).agreement_id, "phone")


def test_a_need_with_another_live_referral_does_not_rest(loop: Loop) -> None:
    case_id = a_case(loop)
    need_id = a_need(loop, case_id, state="in_hand")
    own = a_referral(loop, State.SENT, case_id=case_id, need_id=need_id)
    other = an_agreement(loop, case_id, "other-service")
    a_referral(loop, State.SENT, "other-service", case_id=case_id, need_id=need_id, agreement_id=other)
    agreements.withdraw(loop, ask(loop), referral(loop, own).agreement_id, "writing")
    with loop.database.reading() as session:
        assert session.get_one(Need, need_id).state == "in_hand"


@pytest.mark.parametrize("state", sorted(OVER - {State.DECLINED, State.UNANSWERED}))
def test_links_to_what_is_over_end_too(loop: Loop, state: State) -> None:
    own = a_referral(loop, state)
    who = a_provider(loop, own)
    agreements.withdraw(loop, ask(loop), referral(loop, own).agreement_id, "phone")
    assert referral(loop, own).state == state
    with loop.database.reading() as session:
        assert locators.live(session, own, loop.clock()) is None
        assert session.get_one(LinkSession, who.id).ended_at is not None


def test_an_act_that_fails_half_way_leaves_everything_as_it_was(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    own = a_referral(loop, State.SENT)
    who = a_provider(loop, own)
    monkeypatch.setattr("directory.referrals.stopping.rest", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        agreements.withdraw(loop, ask(loop), referral(loop, own).agreement_id, "phone")
    assert referral(loop, own).state == State.SENT
    assert provider_actions.open_(loop, ask(loop, who), own)["state"] == "received"


@pytest.mark.parametrize("form", ["plain", "easy_read", "bsl", "interpreter"])
def test_the_wording_names_the_service_and_what_is_told(form: str) -> None:
    said = wording.spoken(
        form, service="Harbour Counselling", organization="Harbour Trust", categories="identity|contact|need",
        feedback="attended", review_by=date(2027, 5, 22),
    )  # fmt: skip
    for words in ("Harbour Counselling", "Harbour Trust", "the name to use", "whether they took part", "22 May 2027"):
        assert words in said
    assert "{" not in said
    assert len(wording.wording(form).mark) <= 60
