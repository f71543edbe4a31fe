"""Whether a number was found independently: one that whoever registers named themselves proves nothing about them."""

import json
import re
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.errors import BadInput
from directory.partners import drafting
from directory.partners.registrations import Kept
from directory.places import giveaways
from directory.tables import Phone, Service


def check(session: Session, kept: Kept, rung: str, found_at: str) -> None:
    """Raises BadInput for a number, or a page, that whoever registers named themselves."""
    if rung in _typed(kept) and not _was_known(session, rung):
        advice = "Find another one: in the register, a council's list, or from a body that knows them."
        raise BadInput("That number stands in the registration itself, so it proves nothing.", advice, "number")
    hosts = {urlsplit(url).hostname or "" for url in _urls(kept)}
    bare = {host.removeprefix("www.") for host in hosts} - {""}
    if any(host in found_at.casefold() for host in bare):
        advice = "Name a page that they did not name: the register, a council's list, a body that knows them."
        raise BadInput("That is the website that stands in the registration itself.", advice, "found_at")


def _typed(kept: Kept) -> set[str]:
    """Every number that stands anywhere in the registration."""
    words = json.dumps(msgspec.to_builtins(kept.answers), ensure_ascii=False)
    return {national(found) for found in giveaways.LONG_NUMBER.findall(words)} - {""}


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
