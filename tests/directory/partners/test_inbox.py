"""A partner's inbox: its own services' referrals once their link has left, the tiers of the link, and never more."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from directory.errors import Forbidden, NotFound, NotSignedIn
from directory.partners import inbox, proofs, registrations, team
from directory.partners.members import ANSWERER, EDITOR, OWNER
from directory.partners.tables import PartnerService, Registration
from directory.referrals import case_rows, codes, door_views, evidence, locators, mailboxes, moves, provider_actions
from directory.referrals.asking import SYSTEM, Ask
from directory.referrals.disclosure import Tier
from directory.referrals.door_views import View
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Case, LinkSession, Mailbox, Referral
from directory.tables import Service
from tests.builders import a_draft, write
from tests.directory.partners.member_builders import OTHER_SERVICE, Team, a_team, arrived, ask, left, locators_of
from tests.directory.partners.partner_builders import a_partner, a_registration
from tests.directory.referrals.builders import SERVICE, Time, a_loop, a_referral, referral
from tests.directory.referrals.door_builders import a_link, let_in
from tests.directory.referrals.mail_builders import queued

QUESTION = next(iter(codes.codes("question")))


@pytest.fixture(scope="module")
def clock() -> Time:
    return Time()


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory, clock: Time) -> Iterator[Loop]:
    home: Path = tmp_path_factory.mktemp("inbox")
    with a_loop(home, clock) as made:
        write(made.database, a_draft(source_id="f902", name="Second Door"), a_draft(source_id="f903"))
        yield made


@pytest.fixture(scope="module")
def ours(loop: Loop) -> Team:
    return a_team(loop)


@pytest.fixture(scope="module")
def theirs(loop: Loop) -> Team:
    return a_team(loop, OTHER_SERVICE, "other.example", "Other Trust")


def seen(loop: Loop, own: Team, referral_id: str, role: str = ANSWERER) -> View:
    """Opened, and looked at."""
    inbox.open_(loop, ask(loop, own.who(role)), referral_id, "Pat Answerer")
    found = inbox.letter(loop, own.who(role), referral_id).view
    assert found is not None
    return found


def listed(loop: Loop, own: Team, role: str = ANSWERER) -> list[str]:
    return [line.id for line in inbox.listed(loop, own.who(role))]


def test_before_it_is_opened_it_says_nothing_of_the_person(loop: Loop, ours: Team) -> None:
    link = arrived(loop)
    found = inbox.letter(loop, ours.who(ANSWERER), link.referral_id)
    assert (found.view, found.line.state, found.line.service) == (None, State.SENT, "Harbour Counselling")
    assert referral(loop, link.referral_id).state == State.SENT
    assert link.referral_id in listed(loop, ours)


@pytest.mark.parametrize("state", [State.SENT, State.ACCEPTED, State.WAITLISTED, State.CLOSED, State.DECLINED])
def test_the_same_is_shown_as_behind_the_link(loop: Loop, ours: Team, state: State) -> None:
    link = arrived(loop, state)
    mine = seen(loop, ours, link.referral_id)
    _, inside = let_in(loop, link)
    with loop.database.session() as session:
        theirs_ = door_views.seen(session, loop, inside, loop.clock())
    assert (mine.shown, mine.state, mine.possible, mine.by) == (
        theirs_.shown,
        theirs_.state,
        theirs_.possible,
        theirs_.by,
    )


def test_opening_moves_it_on_and_accepting_shows_the_person(loop: Loop, ours: Team) -> None:
    link = arrived(loop)
    first = seen(loop, ours, link.referral_id)
    assert (first.state, first.shown.tier, "name" in first.shown.fields) == (State.RECEIVED, Tier.UNDECIDED, False)
    own = Ask(first.inside.who, loop.clock(), str(uuid4()), first.version)
    provider_actions.accept(loop, own, link.referral_id, loop.clock().date() + timedelta(days=2))
    after = inbox.letter(loop, ours.who(ANSWERER), link.referral_id).view
    assert after is not None
    assert (after.shown.tier, after.shown.fields["name"]) == (Tier.ACCEPTED, "Skye Example")


def test_the_audit_names_the_account_behind_each_answer(loop: Loop, ours: Team) -> None:
    link = arrived(loop)
    view = seen(loop, ours, link.referral_id)
    who = view.inside.who
    with loop.database.reading() as session:
        row = session.get_one(LinkSession, who.id)
        assert row.account_id == ours.people[ANSWERER]
        assert loop.own.open(row.typed_name_sealed, "link_session", row.id, "typed_name") == "Pat Answerer"
        lines = session.scalars(select(AuditEvent).where(AuditEvent.object_id == who.id)).all()
        assert [(line.actor_kind, line.actor_id, line.action) for line in lines] == [
            ("partner", ours.people[ANSWERER], "link_opened")
        ]
        read = session.scalars(select(AuditEvent).where(AuditEvent.actor_id == who.id, AuditEvent.action == "view"))
        assert {line.roles for line in read} == {"partner|provider"}
        line = moves.events(session, link.referral_id)[-1]
        proved = {row.id: row}
    assert (line.event, line.link_session_id) == ("open", who.id)
    assert evidence._is_proved(line, proved)


@pytest.mark.parametrize("role", [EDITOR, "theirs"])
def test_what_is_not_theirs_is_not_there(loop: Loop, ours: Team, theirs: Team, role: str) -> None:
    link = arrived(loop)
    who = theirs.who() if role == "theirs" else ours.who(role)
    said = []
    for asked in (link.referral_id, str(uuid4())):
        for act in (
            lambda own: inbox.letter(loop, who, own),
            lambda own: inbox.open_(loop, ask(loop, who), own, "Somebody"),
        ):
            with pytest.raises(NotFound) as missing:
                act(asked)
            said.append(str(missing.value))
    assert len(set(said)) == 1
    if role == EDITOR:
        with pytest.raises(Forbidden):
            inbox.listed(loop, who)
    else:
        assert link.referral_id not in listed(loop, theirs, OWNER)
    with loop.database.reading() as session:
        assert session.scalars(select(LinkSession).where(LinkSession.account_id == who.id)).all() == []


@pytest.mark.parametrize(
    "why", ["not left", "revoked", "locked", "expired", "withdrawn", "replaced", "draft", "other row"]
)
def test_never_more_than_the_link_gives(loop: Loop, ours: Team, why: str) -> None:
    if why == "not left":
        link = a_link(loop, State.SENT)
        queued(loop, link.referral_id)
    elif why == "other row":
        # a reading of a list has joined another service's row to the partner's: its referrals stay where they went
        strange = loop_row(loop)
        link = arrived(loop, referral_id=a_referral(loop, State.SENT, strange))
    else:
        link = arrived(loop, State.WITHDRAWN if why == "withdrawn" else State.DRAFT if why == "draft" else State.SENT)
    with loop.database.session() as session:
        (row,) = [session.merge(each) for each in locators_of(loop, link.referral_id)]
        if why == "revoked":
            locators.revoke(session, link.referral_id, loop.clock())
        elif why == "locked":
            row.locked_at = loop.clock()
        elif why == "expired":
            row.expires_at = loop.clock()
        elif why == "replaced":
            session.get_one(Mailbox, row.mailbox_id).replaced_at = loop.clock()
    assert link.referral_id not in listed(loop, ours)
    with pytest.raises(NotFound):
        inbox.letter(loop, ours.who(ANSWERER), link.referral_id)


def loop_row(loop: Loop) -> str:
    with loop.database.session() as session:
        row = session.scalars(select(Service).where(Service.source_record_id == "f903")).one()
        row.same_as_id = SERVICE
        return row.id


def test_a_new_link_after_another_mailbox_is_not_theirs_before_its_letter_has_left(
    loop: Loop, ours: Team, clock: Time
) -> None:
    link = arrived(loop)
    clock.pass_(minutes=1)
    with loop.database.session() as session:
        locators.issue(session, loop, session.get_one(Referral, link.referral_id), SYSTEM, loop.clock())
    assert link.referral_id not in listed(loop, ours)
    left(loop, queued(loop, link.referral_id, "link_again"))
    assert link.referral_id in listed(loop, ours)


def test_its_time_is_short_and_ends_with_the_membership(loop: Loop, ours: Team, clock: Time) -> None:
    link = arrived(loop)
    view = seen(loop, ours, link.referral_id, OWNER)
    clock.pass_(minutes=loop.policy.number("link", "idle_minutes"))
    assert inbox.letter(loop, ours.who(), link.referral_id).view is None
    with pytest.raises(NotSignedIn):
        provider_actions.ask_info(loop, Ask(view.inside.who, loop.clock(), str(uuid4())), link.referral_id, QUESTION)
    again = seen(loop, ours, link.referral_id, OWNER)
    assert again.inside.who.id != view.inside.who.id


def test_a_leaver_answers_nothing_more(loop: Loop, clock: Time) -> None:
    own = a_team(loop, OTHER_SERVICE, "third.example", "Third Trust")
    link = arrived(loop, referral_id=a_referral(loop, State.SENT, OTHER_SERVICE))
    view = seen(loop, own, link.referral_id)
    team.leave(loop, ask(loop, own.who()), own.members[ANSWERER])
    with pytest.raises(NotSignedIn):
        provider_actions.ask_info(loop, Ask(view.inside.who, loop.clock(), str(uuid4())), link.referral_id, QUESTION)
    with pytest.raises(NotFound):
        inbox.letter(loop, own.who(ANSWERER), link.referral_id)


def test_a_partner_knows_of_no_case(loop: Loop, ours: Team) -> None:
    case_id = referral(loop, arrived(loop).referral_id).case_id
    with loop.database.reading() as session:
        assert session.scalars(select(Case.id).where(case_rows.visible(ours.who()))).all() == []
        with pytest.raises(NotFound):
            case_rows.known(session, ours.who(), case_id)


def claims(loop: Loop, own: Team) -> None:
    with loop.database.session() as session:
        kept = select(PartnerService).where(PartnerService.partner_id == own.partner_id)
        session.scalars(kept).one().how = inbox.CLAIMED


def test_of_a_claimed_service_only_what_was_sent_two_days_after_it_to_their_mailbox_is_theirs(
    loop: Loop, clock: Time
) -> None:
    """What goes to the mailbox that was in use goes to somebody who never was proved to be theirs."""
    before = arrived(loop, referral_id=a_referral(loop, State.SENT, OTHER_SERVICE))
    clock.pass_(minutes=1)
    own = a_team(loop, OTHER_SERVICE, "fourth.example", "Fourth Trust")
    claims(loop, own)
    clock.pass_(hours=47)
    young = arrived(loop, referral_id=a_referral(loop, State.SENT, OTHER_SERVICE))
    clock.pass_(hours=1)
    old = arrived(loop, referral_id=a_referral(loop, State.SENT, OTHER_SERVICE))
    assert listed(loop, own) == []
    for link in (before, young, old):
        with pytest.raises(NotFound):
            inbox.letter(loop, own.who(), link.referral_id)
    with loop.database.session() as session:  # two people have proved the mailbox that goes with the claim
        session.get_one(Mailbox, locators_of(loop, old.referral_id)[0].mailbox_id).verified_at = loop.clock()
    assert listed(loop, own) == [old.referral_id]


def test_a_claim_whose_mailbox_was_in_use_already_is_theirs_by_the_code_that_they_gave(loop: Loop, clock: Time) -> None:
    own = a_team(loop, OTHER_SERVICE, "fifth.example", "Fifth Trust")
    claims(loop, own)
    clock.pass_(hours=48)
    link = arrived(loop, referral_id=a_referral(loop, State.SENT, OTHER_SERVICE))
    assert listed(loop, own) == []
    proved = a_registration(loop, a_partner(loop, "morag@fifth.example").inside, sent=False)
    with loop.database.session() as session:
        mailbox = session.get_one(Mailbox, locators_of(loop, link.referral_id)[0].mailbox_id)
        row = session.get_one(Registration, proved.id)
        row.partner_id, row.state = own.partner_id, registrations.APPROVED
        proofs.keep(session, loop.keys, row, mailboxes.address(loop, mailbox), loop.clock())
    assert listed(loop, own) == [link.referral_id]
