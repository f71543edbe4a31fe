"""Many services at once, from a partner's spreadsheet: changes as any edit of theirs, new ones into a registration.

No row goes past anybody: what could hurt waits for staff, and a new service is found by nobody before two people have
agreed its registration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import msgspec
from sqlalchemy.orm import Session

from directory.editing import fields
from directory.errors import BadInput, Conflict, NotFound
from directory.partners import doors, edits, mailbox_codes, members, registrations, service_answers
from directory.partners.answers import Answers
from directory.partners.doors import Inside
from directory.partners.edits import Mine
from directory.partners.members import Membership
from directory.partners.tables import Partner, PartnerMember
from directory.places.reading import fold
from directory.referrals.asking import Ask, Who
from directory.referrals.loop import Answer, Loop

MOST_ROWS = 100
"""Each changed one takes an eighth of a second of a core (November 2026): the page answers when all are done."""
WAITING_STATES = (*registrations.OPEN, registrations.SUBMITTED)
PAGE_ORDER = ("place", *(each.code for each in service_answers.PAGES if each.code != "place"))
"""A place that is confidential is so before a word of its row is kept."""


class Outcome(StrEnum):
    """What came of a row."""

    ADDED = "added"
    CHANGED = "changed"
    WAITS = "waits"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """One row, read. `number` as the spreadsheet counts; `service_id` "" for a new one; `wrong`: why it is refused."""

    number: int
    name: str
    service_id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of one row. `live` and `waits`: labels of fields; `wrong`: why it was refused, and what to do;
    `place`: "registration" for one that was added, whose `reference` is the registration's."""

    number: int
    name: str
    outcome: Outcome
    live: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    reference: str = ""


def refused(row: Row, *wrong: str) -> Reported:
    """A row of which nothing was taken."""
    return Reported(row.number, row.name, Outcome.REFUSED, wrong=wrong or row.wrong)


def change(loop: Loop, ask: Ask, row: Row, found: Mine, only_check: bool) -> Reported:
    """One service's changes taken in, or only foretold. `found`: as its values were read against; `row.values` has
    every field that the row speaks of."""
    now = found.now
    changed = {name: value for name, value in row.values.items() if value != now.values[name]}
    if not changed:
        return Reported(row.number, row.name, Outcome.UNCHANGED)
    if only_check:
        return _foretold(row, found, changed)
    try:
        sent = edits.edit(loop, ask, now.id, changed, now.mark(changed), public_name=_public_name(row, found))
    except (BadInput, Conflict) as error:
        return refused(row, str(error))
    live = {*sent["live"], *(["premises"] if sent["withheld"] else [])}
    return _changed(row, live, set(sent["waits"]))


def _foretold(row: Row, found: Mine, changed: Mapping[str, Any]) -> Reported:
    """What would come of it. Who hides a place and calls it otherwise waits with both names."""
    hides = _hides(changed)
    waits = {name for name, new in changed.items() if edits.needs_staff(found, name, new, hides)}
    if hides:
        waits = (waits | ({"organization"} if "name" in waits else set())) - {"premises"}
    return _changed(row, changed.keys() - waits, waits)


def add(
    loop: Loop, ask: Ask, account_id: str, partner_id: str, rows: Sequence[Row], only_check: bool
) -> list[Reported]:
    """New services, in one registration of this partner that is a draft: somebody looks it over and sends it in.

    A service of a name that they have already, here or in a registration, is refused, and each of who is no owner:
    what they registered would not become this partner's (`publishing`). Raises NotFound, Forbidden.
    """
    with loop.database.reading() as session:
        own = members.of_partner(session, account_id, partner_id).check(members.EDITS)
        if own.role != members.OWNER:
            return [
                refused(row, "Only an owner registers a new service. Ask one of yours to send this row.")
                for row in rows
            ]
        inside = _inside(session, loop, own, ask.who)
        known = _known_names(session, loop, account_id, inside, ask.key)
        partner = session.get_one(Partner, partner_id)
        name, charity_number = partner.name, partner.charity_number
    reported: dict[int, Reported] = {}
    fresh: list[Row] = []
    most = loop.policy.number("partners", "most_services")
    for row in rows:
        if fold(row.name) in known:
            said = (
                "You have a service of this name already: put its number into the first column, or call it otherwise."
            )
            reported[row.number] = refused(row, said)
        elif len(fresh) >= most:
            reported[row.number] = refused(row, f"{most} new ones fit into one registration: send this row later.")
        else:
            known.add(fold(row.name))
            fresh.append(row)
    reference = ""
    if fresh and not only_check:
        reference = _registered(loop, ask, inside, fresh, name, charity_number)
    for row in fresh:
        reported[row.number] = Reported(row.number, row.name, Outcome.ADDED, reference=reference)
    return [reported[row.number] for row in rows]


def _registered(loop: Loop, ask: Ask, inside: Inside, rows: Sequence[Row], name: str, charity_number: str) -> str:
    """The reference of the registration they now stand in."""
    begun = registrations.begin(loop, _part(ask, inside, "new"), inside)
    most = loop.policy.number("partners", "most_services")

    def make(whole: Answers) -> Answers:
        organization = msgspec.structs.replace(whole.organization, name=name, charity_number=charity_number)
        made = msgspec.structs.replace(whole, organization=organization)
        for row in rows:
            made = _with(made, own_id(ask.key, row.number), row, most)
        return made

    said = {f"{row.number}.{field}": str(value) for row in rows for field, value in row.values.items()}
    answer: Answer = registrations.change(loop, _part(ask, inside, "rows"), inside, begun["id"], make, "bulk", said)
    return str(answer["reference"])


def _with(whole: Answers, own: str, row: Row, most: int) -> Answers:
    made = service_answers.with_new(whole, own, most)
    for page in PAGE_ORDER:
        names = service_answers.BY_CODE[page].names
        if any(name in row.values for name in names):
            made = service_answers.put(made, own, page, row.values)
    return made


def own_id(key: str, number: int) -> str:
    """What a row's service is called in its registration: the same again for the same upload."""
    return uuid5(NAMESPACE_OID, f"{key}:{number}").hex


def _part(ask: Ask, inside: Inside, part: str) -> Ask:
    return Ask(inside.who, ask.at, f"{ask.key}.{part}" if ask.key else "")


def _inside(session: Session, loop: Loop, own: Membership, who: Who) -> Inside:
    """A member with an account as one that has proved the mailbox of theirs: an account's needs more than that."""
    row = session.get(PartnerMember, own.id)
    if row is None:
        raise NotFound(*members.GONE)
    email = members.email_of(loop, row)
    found = mailbox_codes.mac(loop.keys, email), tuple(mailbox_codes.macs(loop.keys, email))
    return Inside(who, email, *found, doors.MAILBOX)


def _known_names(session: Session, loop: Loop, account_id: str, inside: Inside, key: str) -> set[str]:
    """Folded names of what they have: services, and those of registrations under way but for this very upload's."""
    names = {fold(each.name) for each in members.services_of(session, account_id)}
    ours = {own_id(key, number) for number in range(1, MOST_ROWS + 2)}
    for kept in registrations.own(session, loop, inside):
        if kept.state in WAITING_STATES:
            names |= {fold(str(each.values.get("name", ""))) for each in kept.answers.services if each.own not in ours}
    return names - {""}


def _hides(changed: Mapping[str, Any]) -> bool:
    return "premises" in changed and bool(changed["premises"]["visibility"] == "undisclosed")


def _public_name(row: Row, found: Mine) -> str:
    return str(row.values.get("name") or found.now.name)


def _changed(row: Row, live: set[str], waits: set[str]) -> Reported:
    outcome = Outcome.WAITS if waits else Outcome.CHANGED
    return Reported(row.number, row.name, outcome, _labels(live), _labels(waits))


def _labels(names: set[str]) -> tuple[str, ...]:
    return tuple(each.label for each in fields.FIELDS if each.name in names)
