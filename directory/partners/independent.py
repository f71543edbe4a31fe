"""Whether a number was found independently: one that whoever registers named themselves proves nothing about them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.errors import BadInput
from directory.partners import drafting
from directory.partners.registrations import Kept
from directory.tables import Phone, Service

TELLING = 9
"""So many last figures are one number's alone: the shortest numbers have no more besides their 0."""


def check(session: Session, kept: Kept, rung: str, found_at: str) -> None:
    """Raises BadInput for a number, or a page, that whoever registers named themselves."""
    if _stands_in(kept, rung) and not _was_known(session, rung):
        advice = "Find another one: in the register, a council's list, or from a body that knows them."
        raise BadInput("That number stands in the registration itself, so it proves nothing.", advice, "number")
    hosts = {urlsplit(url).hostname or "" for url in _urls(kept)}
    bare = {host.removeprefix("www.") for host in hosts} - {""}
    if any(host in found_at.casefold() for host in bare):
        advice = "Name a page that they did not name: the register, a council's list, a body that knows them."
        raise BadInput("That is the website that stands in the registration itself.", advice, "found_at")


def _stands_in(kept: Kept, rung: str) -> bool:
    """Whether its last figures stand anywhere in the registration, whatever stands before, between and after them."""
    last = _figures(rung)[-TELLING:]
    return any(last in _figures(text) for text in _texts(msgspec.to_builtins(kept.answers)))


def _texts(value: Any) -> Iterator[str]:
    """Every text inside a plain JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _figures(text: str) -> str:
    """The figures of a text alone, of any script as 0 to 9."""
    return "".join(str(unicodedata.digit(char)) for char in text if char.isdigit())


def _urls(kept: Kept) -> list[str]:
    return [kept.answers.organization.url, *(str(each.values.get("url", "")) for each in kept.answers.services)]


def _was_known(session: Session, plain: str) -> bool:
    """Whether another source than partners themselves tells of this number."""
    bare = func.replace(func.replace(Phone.number, " ", ""), "-", "")
    query = select(Phone.id).join(Service, Service.id == Phone.service_id)
    forms = (plain, f"+44{plain[1:]}")
    return session.scalar(query.where(bare.in_(forms), Service.source_id != drafting.SOURCE.id).limit(1)) is not None


def national(number: str) -> str:
    """ "+44 (0)1632 960001" and "01632 960001" are one number."""
    return re.sub(r"^(?:\+|00)44(?:\(?0\)?)?", "0", re.sub(r"[^\d+]", "", number))
