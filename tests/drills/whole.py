"""What must hold of the record at every moment, whatever was killed, refused or stopped: nothing is half."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import records
from directory.database import Database
from directory.referrals import audit_chain, lifecycle
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Locator, Need, Notice, Referral, ReferralEvent
from tests.builders import a_draft, write
from tests.directory.referrals.builders import a_mailbox, a_referral

WATCHED = frozenset(state.value for state in lifecycle.LIVE)


class _Together(Database):
    """What is written through it goes into one transaction: thousands of commits would take minutes."""

    def __init__(self, database: Database, session: Session) -> None:
        super().__init__(database.engine)
        self._session = session

    @contextmanager
    def session(self) -> Iterator[Session]:
        yield self._session
        self._session.flush()


def many(loop: Loop, count: int, urgency: str = "days") -> list[str]:
    """So many drafts ready to be sent, each of a person of its own and to a provider of its own."""
    drafts = [a_draft(source_id=f"p{own}", name=f"Door {own}", organization=_trust(own)) for own in range(count)]
    write(loop.database, *drafts)
    with loop.database.session() as session:
        together = replace(loop, database=_Together(loop.database, session))
        return [_draft(together, number, urgency) for number in range(count)]


def _draft(loop: Loop, number: int, urgency: str) -> str:
    service = records.service_id("facts", f"p{number}")
    mailbox = a_mailbox(loop, service, f"referrals@door{number}.example")
    return a_referral(
        loop, service_id=service, mailbox_id=mailbox, urgency=urgency, service_name=f"Door {number}",
        organization=_trust(number),
    )  # fmt: skip


def _trust(number: int) -> str:
    return f"Door {number} Trust"


def check(loop: Loop) -> None:
    """Every state is what its events give, every event has its audit line, everything open is in somebody's hands."""
    with loop.database.reading() as session:
        said = (ReferralEvent.referral_id, ReferralEvent.seq, ReferralEvent.event)
        moved = (ReferralEvent.state_from, ReferralEvent.state_to)
        events, audited = defaultdict(list), defaultdict(list)
        for own, *line in session.execute(select(*said, *moved).order_by(ReferralEvent.seq)):
            events[own].append(tuple(line))
        told = (AuditEvent.object_id, AuditEvent.purpose, AuditEvent.state_from, AuditEvent.state_to)
        for own, *line in session.execute(select(*told).where(AuditEvent.action == "move").order_by(AuditEvent.id)):
            audited[own].append(tuple(line))
        linked = set(session.scalars(select(Locator.referral_id)))
        needs = {own: state for own, state in session.execute(select(Need.id, Need.state))}  # noqa: C416
        for own, state, version, need in session.execute(
            select(Referral.id, Referral.state, Referral.version, Referral.need_id)
        ):
            lines = events[own]
            assert state == (lines[-1][-1] if lines else State.DRAFT)
            assert [seq for seq, *_ in lines] == list(range(2, version + 1))
            assert audited[own] == [tuple(line) for _, *line in lines]
            if state in WATCHED:
                assert own in linked
                assert needs[need] == "in_hand"


def sealed(loop: Loop) -> None:
    """The audit's chain holds once the sealer has come round."""
    audit_chain.seal_all(loop)
    with loop.database.reading() as session:
        found = audit_chain.verify(session, loop.keys, loop.clock())
    assert (found.bad_seq, found.why) == (0, "")


def notices(loop: Loop, template: str = "") -> Sequence[Notice]:
    """Messages of a kind, or all, in the order they were queued."""
    own = select(Notice).order_by(Notice.id)
    with loop.database.reading() as session:
        return session.scalars(own.where(Notice.template == template) if template else own).all()
