"""What somebody has typed of an organization and its services: kept sealed, whole, until two people have agreed.

A service's values are those of `ServiceDraft`, as a revision keeps them, so that the pages, the checks and the words of
the directory editor (`editing.fields`, `editing.checking`) serve here too. Of a confidential place there is nothing.
"""

from collections.abc import Mapping
from typing import Any

import msgspec


class Organization(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who it is. `charity_number` as OSCR writes it ("SC012345"), or "" with `no_number` saying why in their words."""

    name: str = ""
    charity_number: str = ""
    no_number: str = ""
    url: str = ""
    phone: str = ""
    """Its public number, which pages may show."""


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom staff ring about this registration: never public."""

    name: str = ""
    role: str = ""
    phone: str = ""


class Referrals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where referrals would go: a mailbox of theirs, and a second one for when nobody answers."""

    email: str = ""
    second: str = ""


class ServiceAnswers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One service. `own` is its id in this registration (32 hexadecimal figures), and its `source_id` once agreed.

    `values`: field of `ServiceDraft` → its plain JSON value; `done`: codes of the pages that were sent.
    """

    own: str
    values: Mapping[str, Any] = msgspec.field(default_factory=dict)
    done: tuple[str, ...] = ()


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything of a registration. `done`: codes of its own pages that were sent."""

    organization: Organization = Organization()
    contact: Contact = Contact()
    referrals: Referrals = Referrals()
    services: tuple[ServiceAnswers, ...] = ()
    done: tuple[str, ...] = ()


def to_json(answers: Answers) -> str:
    """As it is sealed."""
    return msgspec.json.encode(answers).decode()


def of_json(text: str) -> Answers:
    """Raises ValueError for what is not ours."""
    return msgspec.json.decode(text, type=Answers)
