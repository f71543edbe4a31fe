"""Whether what somebody typed of a service can be kept: lengths, signs, numbers, addresses, words that tell a place."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from directory import rows
from directory.draft import Premises
from directory.editing import fields
from directory.errors import BadInput, PlaceNotFound
from directory.feeds import numbers
from directory.places import giveaways, postcode
from directory.places.gazetteer import Gazetteer
from directory.places.postcode import PostcodeKind
from directory.values import PlaceKind, Visibility

LONGEST: Mapping[str, int] = {
    "name": 200, "organization": 200, "kind": 200, "description": 5_000, "alert": 500, "phone_note": 500,
    "text_or_chat": 500, "waiting_list": 20, "url": 500, "phone": 40,
}  # fmt: skip
"""Characters; the phone's and the waiting list's are their columns'."""
NEEDED = ("name", "organization")
NO_MARKUP = re.compile(r"[<>]")
WEB = re.compile(r"https?://[^\s<>\"']+\.[^\s<>\"']+", re.IGNORECASE)
NEW_POSTCODE = "Check it. If it is new, choose for now that no address is published."
"""What to do about a postcode that is not known: a part of one, or a town, is no door."""
ADDRESS = ("address_1", "address_2", "city", "postal_code")


def text(name: str, value: str, withheld: bool) -> None:
    """Raises BadInput, naming the field, for words that cannot be kept. `withheld`: the place is confidential."""
    label = fields.label(name)
    if name in NEEDED and not value.strip():
        raise BadInput(f"{label}: nothing is written.", "Write what people call it.", name)
    if len(value) > LONGEST[name]:
        raise BadInput(f"{label} has {len(value):,} characters.", f"Shorten it to {LONGEST[name]:,}.", name)
    if rows.UNKEEPABLE.search(value):
        raise BadInput(f"{label} holds a sign that cannot be kept.", "Type it again in plain letters.", name)
    if name != "url" and NO_MARKUP.search(value):
        raise BadInput(f"{label} holds < or >.", "Write it in plain words, without these signs.", name)
    if name != "url" and giveaways.EMAIL.search(value):
        advice = "Take it out: mailboxes for referrals have a page of their own."
        raise BadInput(f"{label} holds an e-mail address.", advice, name)
    if withheld and name in fields.FREE_TEXT and giveaways.tells_a_place(value):
        advice = "Take out every postcode, street, number and web address: the place is confidential."
        raise BadInput(f"{label} may tell where it is.", advice, name)


def phone(value: str) -> str:
    """The number as it is kept. Raises BadInput."""
    plain = " ".join(value.split())
    if plain and not (len(plain) <= LONGEST["phone"] and numbers.can_exist(plain)):
        raise BadInput("This is no phone number of the UK.", "Write one number, like 01632 960001.", "phone")
    return plain


def url(value: str) -> str:
    """The web address as it is kept. Raises BadInput."""
    plain = value.strip()
    if plain and "://" not in plain:
        plain = f"https://{plain}"
    if plain and (not WEB.fullmatch(plain) or "@" in plain.split("/")[2]):
        raise BadInput("This is no web address.", "Write it like https://example.org.", "url")
    text("url", plain, False)
    return plain


def place(typed: Mapping[str, str], visibility: str, gazetteer: Gazetteer) -> Premises:
    """Where its door is. Of a confidential place nothing that was typed is taken. Raises BadInput."""
    if visibility not in list(Visibility):
        raise BadInput("Say how much of its place people may see.", "Choose one.", "visibility")
    if visibility == Visibility.UNDISCLOSED:
        return Premises(Visibility.UNDISCLOSED)
    said = {name: " ".join(typed.get(name, "").split()) for name in ADDRESS}
    for name, value in said.items():
        if len(value) > 200 or NO_MARKUP.search(value) or rows.UNKEEPABLE.search(value):
            raise BadInput("This line of the address cannot be kept.", "Shorten it, in plain letters.", name)
    if visibility == Visibility.AREA_ONLY:
        return Premises(Visibility.AREA_ONLY)
    if not said["postal_code"]:
        raise BadInput("No postcode is written.", "Write it, or choose another answer.", "postal_code")
    parsed = postcode.parse(said["postal_code"])
    if parsed is None or parsed.kind is not PostcodeKind.POSTCODE:
        raise BadInput("This is no whole postcode.", "Write it like EH6 5QG.", "postal_code")
    try:
        found = gazetteer.locate(parsed.value)
    except PlaceNotFound as error:
        raise BadInput(error.message, NEW_POSTCODE, "postal_code") from None
    if found.kind is PlaceKind.OUTSIDE_SCOTLAND or found.point is None or found.main_council is None:
        raise BadInput(
            "This postcode is not in Scotland.", "Check it: only places in Scotland have a door here.", "postal_code"
        )
    if not said["address_1"]:
        raise BadInput(
            "The street is missing.", "Write the street and number, or choose that none is published.", "address_1"
        )
    return Premises(
        Visibility.EXACT, said["address_1"], said["address_2"], said["city"], parsed.value, found.main_council.gss,
        found.point,
    )  # fmt: skip


def whole(values: Mapping[str, Any], content: Mapping[str, Any]) -> None:
    """Raises BadInput, naming the field, when a service with these values over its content cannot be in the record."""
    try:
        rows.check(fields.draft_of({**content, **values}))
    except (ValueError, msgspec.ValidationError) as error:
        name, _, reason = str(error).partition(": ")
        told = fields.label(name) if name in fields.BY_NAME else "The service"
        raise BadInput(f"{told} cannot be kept: {reason or 'look at it again'}.", "Nothing was saved.", name) from None
