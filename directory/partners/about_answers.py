"""Whether what was typed of an organization, whom staff ring and its mailbox can be kept: all mistakes at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from directory import mail, rows
from directory.editing import checking
from directory.errors import BadInput
from directory.partners import oscr
from directory.partners.answers import Contact, Organization, Referrals

Value = TypeVar("Value")
LINE, REASON = 100, 300
"""Characters of a name or a part in the work; of why there is no charity number."""


@dataclass(frozen=True, slots=True)
class Checked(Generic[Value]):
    """What can be kept, and each mistake with its field; nothing is kept while there is one."""

    value: Value
    mistakes: tuple[BadInput, ...]


def organization(said: Mapping[str, str]) -> Checked[Organization]:
    """Of the fields organization, charity_number, no_number, url, phone."""
    mistakes: list[BadInput] = []
    typed, reason = said.get("charity_number", ""), _one_line(said, "no_number")
    number = _kept(mistakes, lambda: oscr.read(typed)) if typed.strip() else ""
    if not typed.strip() and not reason:
        advice = "Write it, or say in the next field why there is none."
        mistakes.append(BadInput("The charity number is missing.", advice, "charity_number"))
    value = Organization(
        name=_kept(mistakes, lambda: _name(said)),
        charity_number=number,
        no_number="" if number else _kept(mistakes, lambda: _plain(reason, "This", "no_number", REASON)),
        url=_kept(mistakes, lambda: checking.url(said.get("url", ""))),
        phone=_kept(mistakes, lambda: checking.phone(said.get("phone", ""))),
    )
    return Checked(value, _in_order(mistakes, ("organization", "charity_number", "no_number", "url", "phone")))


def contact(said: Mapping[str, str]) -> Checked[Contact]:
    """Of the fields name, role, phone: a person whom staff ring, and never public."""
    mistakes: list[BadInput] = []
    value = Contact(
        name=_kept(mistakes, lambda: _needed(_one_line(said, "name"), "Your name", "name")),
        role=_kept(mistakes, lambda: _plain(_one_line(said, "role"), "Your part", "role", LINE)),
        phone=_kept(mistakes, lambda: checking.phone(_needed(_one_line(said, "phone"), "The phone number", "phone"))),
    )
    return Checked(value, tuple(mistakes))


def referrals(said: Mapping[str, str]) -> Checked[Referrals]:
    """Of the fields email and second (which may be empty)."""
    mistakes: list[BadInput] = []
    first = _kept(mistakes, lambda: mail.address(said.get("email", ""), "That", "email"))
    other = said.get("second", "").strip()
    second = _kept(mistakes, lambda: mail.address(other, "The second mailbox", "second")) if other else ""
    if second and second.casefold() == first.casefold():
        advice = "Leave it empty, or give another one."
        mistakes.append(BadInput("The second mailbox is the first one again.", advice, "second"))
    return Checked(Referrals(first, second), tuple(mistakes))


def _name(said: Mapping[str, str]) -> str:
    plain = _one_line(said, "organization")
    checking.text("organization", plain, False)
    return plain


def _needed(plain: str, what: str, field: str) -> str:
    if not plain:
        raise BadInput(f"{what} is missing.", "Write it here.", field)
    return _plain(plain, what, field, LINE)


def _plain(plain: str, what: str, field: str, most: int) -> str:
    if len(plain) > most:
        raise BadInput(f"{what} has {len(plain):,} characters.", f"Shorten it to {most}.", field)
    if rows.UNKEEPABLE.search(plain) or checking.NO_MARKUP.search(plain):
        raise BadInput(f"{what} holds a sign that cannot be kept.", "Write it in plain letters.", field)
    return plain


def _one_line(said: Mapping[str, str], name: str) -> str:
    return " ".join(said.get(name, "").split())


def _kept(mistakes: list[BadInput], read: Callable[[], str]) -> str:
    try:
        return read()
    except BadInput as error:
        mistakes.append(error)
        return ""


def _in_order(mistakes: list[BadInput], names: tuple[str, ...]) -> tuple[BadInput, ...]:
    return tuple(sorted(mistakes, key=lambda each: names.index(each.field)))
