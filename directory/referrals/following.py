"""One event of a referral with what its consequences are made with: the moment, who said it, tasks and their days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.referrals import notices, tasks, working_time
from directory.referrals.asking import Ask, Who
from directory.referrals.lifecycle import Actor, Event
from directory.referrals.loop import Loop
from directory.referrals.tables import Referral, ReferralEvent, Task
from directory.tables import Service


@dataclass(frozen=True, slots=True)
class After:
    """One event and what its consequences are made with."""

    session: Session
    loop: Loop
    referral: Referral
    line: ReferralEvent

    @property
    def at(self) -> datetime:
        return utc(self.line.at)

    @property
    def ask(self) -> Ask:
        return Ask(Who(Actor(self.line.actor_kind), self.line.actor_id), self.at)

    def said(self, name: str) -> str:
        return str(self.line.details.get(name) or "")

    def in_days(self, setting: str) -> date:
        return self.at.date() + timedelta(days=self.loop.policy.number("consequences", setting))

    def task(self, kind: str, due_at: datetime | None = None, **details: Any) -> None:
        """For the referral's worker, due as a decline is to be disposed of."""
        when = due_at or self._due()
        tasks.add(self.session, kind, when, self.at, referral=self.referral, details=details)

    def check_entry(self, reason: str) -> None:
        """Somebody must look at the directory's entry, and its partner is told; once, however many say so."""
        own = self.referral.service_id
        asked = (Task.kind == "check_entry", Task.service_id == own, Task.done_at.is_(None))
        if self.session.scalar(select(Task.id).where(*asked)) is not None:
            return
        tasks.add(self.session, "check_entry", self._due(), self.at, service_id=own, details={"reason": reason})
        if self.referral.mailbox_id and reason != "contact_wrong":
            notices.queue(self.session, self.loop, "check_your_entry", self.at, mailbox_id=self.referral.mailbox_id)

    @property
    def is_late(self) -> bool:
        """The referral was over: what it says of the service holds; what happens with the person a worker says."""
        return self.line.event == Event.LATE_REPLY

    @property
    def is_known(self) -> bool:
        """Whether the directory still has the service: a reply lands even when it has not."""
        return self.session.get(Service, self.referral.service_id) is not None

    def _due(self) -> datetime:
        urgent = self.referral.urgency in notices.URGENT
        return working_time.after(self.loop.policy, self.at, self.loop.policy.span("dispose", urgent))
