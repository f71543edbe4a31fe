"""What staff check of a registration before anybody may agree to it; each check is about what it says now.

Register is not receive (security.md, threat 1): a check of other answers, and an approval of an earlier version, count
for nothing. Nobody checks or agrees what came from a mailbox of their own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import Account, utc
from directory.draft import ServiceDraft
from directory.editing.adding import Likely
from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.feeds import numbers
from directory.keys import Keys
from directory.partners import claims, drafting, independent, mailbox_codes, proofs, registrations, wide_claims
from directory.partners.claims import Claimable
from directory.partners.oscr import Register
from directory.partners.registrations import APPROVED, REFUSED, SUBMITTED, TABLE, Kept
from directory.partners.tables import PartnerMember, Registration, RegistrationApproval, RegistrationCheck
from directory.partners.wide_claims import WideClaim
from directory.referrals import audit, case_access
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, check_version

CHARITY, CALL, MAILBOX = "charity_number", "call_back", proofs.MAILBOX
AREAS, DUPLICATES, TERMS = "areas", "duplicates", "sharing_terms"
KINDS: Mapping[str, str] = {
    CHARITY: "Look in the register",
    CALL: "Ring them on a number that you found yourselves",
    MAILBOX: "Their mailbox for referrals gives its code back",
    AREAS: "Look at the areas that they ask for",
    DUPLICATES: "Look at services like theirs",
    TERMS: "Agree data-sharing terms with them",
}
BY_STAFF = (CHARITY, AREAS, DUPLICATES, TERMS)
"""Checks that somebody of staff writes down in words; the call has a form of its own."""
PASSED, FAILED = "passed", "failed"
OPENED = (SUBMITTED, APPROVED, REFUSED)
"""States in which staff look into a registration."""
APPROVE = "registrations.approve"
FOUND_LIMIT = 300
GONE = ("There is no such registration.", "Look at the list of what waits.")
OWN = ("This came from a mailbox of yours.", "Two of your colleagues check and agree it.")


@dataclass(frozen=True, slots=True)
class Check:
    """Where one check stands. `needed` False: nothing of it is asked now; `stale`: it was about other answers."""

    kind: str
    words: str
    needed: bool
    result: str = ""
    stale: bool = False
    found_at: str = ""
    by: str = ""
    at: datetime | None = None

    @property
    def is_done(self) -> bool:
        return self.result == PASSED and not self.stale

    @property
    def is_missing(self) -> bool:
        return (self.needed and not self.is_done) or (self.result == FAILED and not self.stale)


@dataclass(frozen=True, slots=True)
class Agreed:
    """One person's agreement with the version that stands."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """A registration with all that speaks for and against it. `drafts` as the record would keep them."""

    kept: Kept
    drafts: tuple[ServiceDraft, ...]
    claimed: Claimable | None
    wide: tuple[WideClaim, ...] = ()
    likely: Mapping[str, tuple[Likely, ...]] = field(default_factory=dict)
    """A draft's `source_id` → services of the record that may be the same."""
    checks: tuple[Check, ...] = ()
    """Of one that waits; nothing is left to check of one that is decided."""
    agreed: tuple[Agreed, ...] = ()

    @property
    def missing(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.is_missing)

    def check(self, kind: str) -> Check:
        return next(check for check in self.checks if check.kind == kind)


def row_of(session: Session, registration_id: str, lock: bool = False) -> Registration:
    """Raises NotFound; also while they write it, or change it: nobody looks into what was not sent in."""
    query = select(Registration).where(Registration.id == registration_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or row.erased_at is not None or row.state not in OPENED:
        raise NotFound(*GONE)
    return row


def open_row(session: Session, loop: Loop, ask: Ask, registration_id: str) -> Registration:
    """A registration that waits, as the person saw it, held; not their own.

    Raises BadInput when nothing says which version they saw, Conflict, Forbidden, NotFound.
    """
    row = row_of(session, registration_id, lock=True)
    if ask.version is None:
        raise BadInput("Nothing says which version you have seen.", "Open the page again.")
    check_version(row.version, ask, "look at what it says now")
    if row.state != SUBMITTED:
        raise Conflict("This does not wait any more.", "Look at how it stands now.")
    if is_own(session, loop, registrations.read(loop, row), ask.who.id):
        raise Forbidden(*OWN)
    return row


def look(session: Session, loop: Loop, row: Registration, at: datetime, register: Register | None = None) -> Look:
    """Reads a registration as it stands. `register`: the loaded register of charities, if there is one.

    Raises BadInput for a service that cannot be in the record, Unreadable.
    """
    kept = registrations.read(loop, row)
    claimed = claims.claimable(session, kept.claims_service_id)
    drafts = drafting.as_published(kept, claimed, at)
    if row.state != SUBMITTED:
        return Look(kept, drafts, claimed, agreed=agreed(session, row))
    taken, number = claimed.id if claimed else "", kept.answers.organization.charity_number
    wide = wide_claims.found(session, drafts, number, (drafting.SOURCE.id,), taken)
    likely = {draft.source_id: found for draft in drafts if (found := claims.likely(session, draft, taken))}
    about = _about(kept, drafts, likely, wide)
    needed = {AREAS: bool(wide), DUPLICATES: bool(likely), TERMS: False}
    checks = {
        kind: _check(session, loop, row, kind, about[kind], needed.get(kind, True)) for kind in KINDS if kind != MAILBOX
    }
    if not checks[CHARITY].result and (said := _charity(kept, register)):
        checks[CHARITY] = said
    checks[MAILBOX] = _mailbox(session, loop, row, kept)
    return Look(kept, drafts, claimed, wide, likely, tuple(checks[kind] for kind in KINDS), agreed(session, row))


def agreed(session: Session, row: Registration) -> tuple[Agreed, ...]:
    """Who has agreed to the version that stands, first first; of accounts that may agree today."""
    own = (RegistrationApproval.registration_id == row.id, RegistrationApproval.version == row.version)
    holders = case_access.holders(session, APPROVE)
    found = session.scalars(select(RegistrationApproval).where(*own).order_by(RegistrationApproval.id))
    return tuple(Agreed(each.account_id, utc(each.at)) for each in found if each.account_id in holders)


def note(loop: Loop, ask: Ask, registration_id: str, kind: str, found_at: str, result: str = PASSED) -> Answer:
    """Somebody of staff writes down what they found. `found_at`: where they looked, or what they found, in words; of
    the terms their day. Raises BadInput (field: the kind), Conflict, Forbidden, NotFound."""
    if kind not in BY_STAFF:
        raise BadInput("There is no such check.", "Open the page again.")
    said = _said(found_at, kind)
    if result not in (PASSED, FAILED):
        raise BadInput("Say whether it is right.", "Choose one of the two.", kind)
    if kind == TERMS:
        said = _day(said, ask.at)

    def do(session: Session) -> Answer:
        row = open_row(session, loop, ask, registration_id)
        return _keep(session, loop, ask, row, kind, said, result)

    body = {"id": registration_id, "kind": kind, "said": said, "result": result}
    return loop.once(ask, "registration.check", body, do)


def called_back(loop: Loop, ask: Ask, registration_id: str, number: str, found_at: str, result: str = PASSED) -> Answer:
    """Somebody rang a number that they found themselves, and the organization said that all of this is theirs.

    A number that stands in the registration proves nothing, unless the record had it before. Raises BadInput (field
    "number" or "found_at"), Conflict, Forbidden, NotFound.
    """
    plain = independent.national(number)
    if not plain or not numbers.can_exist(plain):
        raise BadInput("This is no phone number of the UK.", "Write the one you rang, like 01632 960001.", "number")
    said = _said(found_at, "found_at")
    if result not in (PASSED, FAILED):
        raise BadInput("Say what they answered.", "Choose one of the two.", "result")

    def do(session: Session) -> Answer:
        row = open_row(session, loop, ask, registration_id)
        independent.check(session, registrations.read(loop, row), plain, said)
        return _keep(session, loop, ask, row, CALL, said, result)

    body = {"id": registration_id, "mac": loop.keys.mac("partner call", plain), "found": said, "result": result}
    return loop.once(ask, "registration.call_back", body, do)


def is_own(session: Session, loop: Loop, kept: Kept, account_id: str) -> bool:
    """Whether it came from this account's own mailbox, would send referrals there, or is of a partner it acts for."""
    email = session.scalar(select(Account.email).where(Account.id == account_id)) or ""
    typed = {kept.email, kept.answers.referrals.email, kept.answers.referrals.second}
    if email.casefold() in {each.strip().casefold() for each in typed}:
        return True
    member = (PartnerMember.partner_id == kept.partner_id, PartnerMember.left_at.is_(None))
    same = (PartnerMember.account_id == account_id) | PartnerMember.email_mac.in_(mailbox_codes.macs(loop.keys, email))
    return bool(kept.partner_id) and session.scalar(select(PartnerMember.id).where(*member, same)) is not None


def check_mac(keys: Keys, kind: str, about: str, key_id: str = "") -> str:
    """What a check is about, without telling it."""
    return keys.mac("partner check", f"{kind}\n{about}", key_id)


def _check(session: Session, loop: Loop, row: Registration, kind: str, about: str, needed: bool) -> Check:
    """What somebody wrote down last of a kind."""
    own = (RegistrationCheck.registration_id == row.id, RegistrationCheck.kind == kind)
    last = session.scalars(select(RegistrationCheck).where(*own).order_by(RegistrationCheck.id.desc())).first()
    if last is None:
        return Check(kind, KINDS[kind], needed)
    fits = last.about_mac in {check_mac(loop.keys, kind, about, key_id) for key_id in loop.keys.masters}
    return Check(kind, KINDS[kind], needed, last.result, not fits, last.found_at, last.by, utc(last.at))


def _mailbox(session: Session, loop: Loop, row: Registration, kept: Kept) -> Check:
    """The mailbox where referrals are to go: whoever registers proved it by a code, or came in by it."""
    email = kept.answers.referrals.email
    proved = bool(email) and proofs.is_proved(session, loop.keys, row, email)
    return Check(MAILBOX, KINDS[MAILBOX], True, PASSED if proved else "")


def _charity(kept: Kept, register: Register | None) -> Check | None:
    """What the loaded register says; None where it must be looked in by hand."""
    who = kept.answers.organization
    charity = register.charities.get(who.charity_number) if register and who.charity_number else None
    if register is None or charity is None or not (charity.is_active and charity.is_called(who.name)):
        return None
    said = f"The Scottish Charity Register of {register.as_of.isoformat()}, loaded here: number and name agree"
    return Check(CHARITY, KINDS[CHARITY], True, PASSED, found_at=said)


def _about(
    kept: Kept, drafts: Sequence[ServiceDraft], likely: Mapping[str, Sequence[Likely]], wide: Sequence[WideClaim]
) -> Mapping[str, str]:
    """What each check is about: when one word of it changes, the check counts for nothing."""
    who = kept.answers.organization
    whole = msgspec.to_builtins(kept.answers) | {"email": kept.email, "claims": kept.claims_service_id}
    areas = [
        [draft.source_id, draft.coverage.known, sorted(draft.coverage.areas), list(draft.delivery)] for draft in drafts
    ]
    asked_for = [[claim.own, claim.name, list(claim.reasons)] for claim in wide]
    twins = {own: sorted(each.id for each in found) for own, found in likely.items()}
    return {
        CHARITY: json.dumps([who.charity_number, who.no_number, who.name]),
        CALL: json.dumps(whole, sort_keys=True),
        AREAS: json.dumps([areas, asked_for]),
        DUPLICATES: json.dumps([twins, kept.claims_service_id], sort_keys=True),
        TERMS: f"{who.charity_number}\n{who.name}",
    }


def _keep(session: Session, loop: Loop, ask: Ask, row: Registration, kind: str, said: str, result: str) -> Answer:
    found = look(session, loop, row, ask.at)
    about = _about(found.kept, found.drafts, found.likely, found.wide)[kind]
    session.add(
        RegistrationCheck(
            registration_id=row.id, kind=kind, result=result, found_at=said,
            about_mac=check_mac(loop.keys, kind, about), by=ask.who.id, at=ask.at,
        )
    )  # fmt: skip
    audit.note(session, ask.who, ask.at, "change", TABLE, row.id, purpose=f"{kind}_{result}")
    return {"id": row.id, "version": row.version}


def _said(text: str, field: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise BadInput("Say where you looked, and what you found.", "One line is enough.", field)
    if len(plain) > FOUND_LIMIT:
        raise BadInput(f"This has {len(plain):,} characters.", f"Shorten it to {FOUND_LIMIT}.", field)
    return plain


def _day(text: str, at: datetime) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput("That is not a day.", "Write it like 2026-11-30, or choose it.", TERMS) from None
    if day > at.date():
        raise BadInput("That day is still to come.", "Note the terms once they are agreed.", TERMS)
    return day.isoformat()
