"""What a registration still needs before it can be sent: its own pages, its mailbox proved, and every service whole."""

from dataclasses import dataclass

from directory.partners import service_answers
from directory.partners.answers import Answers

ORGANIZATION, CONTACT, REFERRALS, SERVICES = "organization", "contact", "referrals", "services"
MAILBOX = "mailbox"
"""Where the code is written that went to the mailbox for referrals."""


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing: the page where it is put right (a code above, or "services/<own>/<page>"), and a
    sentence."""

    page: str
    said: str


def lacks(whole: Answers, is_proved: bool) -> tuple[Lack, ...]:
    """What is missing, in the order of the task list. `is_proved`: the mailbox of referrals is theirs."""
    found = []
    if ORGANIZATION not in whole.done:
        found.append(Lack(ORGANIZATION, "Your organisation: nothing is written yet."))
    if CONTACT not in whole.done:
        found.append(Lack(CONTACT, "Whom we ring: nothing is written yet."))
    if REFERRALS not in whole.done:
        found.append(Lack(REFERRALS, "The mailbox for referrals: nothing is written yet."))
    elif not is_proved:
        found.append(Lack(MAILBOX, "The mailbox for referrals: give the code that we sent there."))
    if not whole.services:
        found.append(Lack(SERVICES, "Your services: add at least one."))
    for service in whole.services:
        name = service_answers.named(service)
        for each in service_answers.missing(whole, service.own):
            found.append(Lack(f"{SERVICES}/{service.own}/{each.page}", f"{name}: {each.said}"))
    return tuple(found)
