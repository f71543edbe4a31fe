"""What must hold of the record at every moment, whatever was killed, refused or stopped: nothing is half."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from directory import records
from directory.referrals import audit_chain, lifecycle, moves
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Locator, Need, Notice, Referral, ReferralEvent
from tests.builders import a_draft, write
from tests.directory.referrals.builders import a_mailbox, a_referral

WATCHED = frozenset(state.value for state in lifecycle.LIVE)


def many(loop: Loop, count: int, urgency: str = "days") -> list[str]:
    """So many drafts ready to be sent, each of a person of its own and to a provider of its own."""
    drafts = [
        a_draft(source_id=f"p{number}", name=f"Door {number}", organization=f"Door {number} Trust")
        for number in range(count)
    ]
    write(loop.database, *drafts)
    made = []
    for number in range(count):
        service = records.service_id("facts", f"p{number}")
        mailbox = a_mailbox(loop, service, f"referrals@door{number}.example")
        made.append(
            a_referral(
                loop, service_id=service, mailbox_id=mailbox, urgency=urgency, service_name=f"Door {number}",
                organization=f"Door {number} Trust",
            )
        )  # fmt: skip
    return made


def check(loop: Loop) -> None:
    """Every state is what its events give, every event has its audit line, everything open is in somebody's hands."""
    with loop.database.reading() as session:
        events, audited = defaultdict(list), defaultdict(list)
        for line in session.scalars(select(ReferralEvent).order_by(ReferralEvent.seq)):
            events[line.referral_id].append(line)
        for each in session.scalars(select(AuditEvent).where(AuditEvent.action == "move").order_by(AuditEvent.id)):
            audited[each.object_id].append((each.purpose, each.state_from, each.state_to))
        linked = set(session.scalars(select(Locator.referral_id)))
        needs = {row.id: row.state for row in session.scalars(select(Need))}
        for row in session.scalars(select(Referral)):
            lines = events[row.id]
            assert moves.replayed(lines) == State(row.state)
            assert [line.seq for line in lines] == list(range(2, row.version + 1))
            assert audited[row.id] == [(line.event, line.state_from, line.state_to) for line in lines]
            if row.state in WATCHED:
                assert row.id in linked
                assert needs[row.need_id] == "in_hand"


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
