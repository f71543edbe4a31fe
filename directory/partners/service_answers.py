"""One service of a registration: its pages, what a page's values change, what is missing still, and the draft of it.

A place that is made confidential leaves nothing behind: address, number, pages and free words of earlier pages go at
once, and its name and description are asked for again, to tell no place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from directory import rows
from directory.draft import ServiceDraft
from directory.editing import checking, fields
from directory.errors import BadInput, NotFound
from directory.partners.answers import Answers, ServiceAnswers
from directory.values import Confidence, Known, Visibility

SOURCE_ID = "partner"
"""The source whose rows are what partners registered."""
OWN_LENGTH = 32
OPEN_WORDS = ("phone", "phone_note", "text_or_chat", "url", "alert", "waiting_list")
"""What a service whose place is confidential has none of, beside its address."""
ASKED_AGAIN = ("name", "kind", "description")
"""Words of the first page, where a place may stand that no rule of ours can see."""
FIRST = "what"


@dataclass(frozen=True, slots=True)
class ServicePage:
    """One page: `title` heads it, `names` are the fields of `ServiceDraft` that it asks for."""

    code: str
    title: str
    names: tuple[str, ...]


ROUTES = "referral_routes"
PAGES = (
    ServicePage("what", "What is it?", ("name", "kind", "families", "description")),
    ServicePage(
        "who", "Who is it for?", ("needs", "any_harm", "harms", "relations", "groups", "not_for_harmed")
    ),
    ServicePage("ages", "Ages and gender", ("age", "gender", "stages")),
    ServicePage("areas", "Where may people come from?", ("coverage",)),
    ServicePage("place", "Where is it?", ("delivery", "premises")),
    ServicePage("contact", "How do people reach it?", ("phone", "phone_note", "text_or_chat", "url", ROUTES)),
    ServicePage("hours", "When is it open?", ("hours",)),
    ServicePage("room", "Is there room now?", ("capacity",)),
    ServicePage("access", "Languages and access", ("languages", "access", "registration")),
)  # fmt: skip
BY_CODE: Mapping[str, ServicePage] = {each.code: each for each in PAGES}


@dataclass(frozen=True, slots=True)
class Missing:
    """What stands between a service and its sending: the page where it is put right, and a sentence."""

    page: str
    said: str


def source_id(own: str) -> str:
    """What a registered service is called in the record's source."""
    return f"p-{own}"


def found(answers: Answers, own: str) -> ServiceAnswers:
    """One of its services. Raises NotFound."""
    for each in answers.services:
        if each.own == own:
            return each
    raise NotFound("There is no such service in this registration.", "Choose one from its list.")


def named(service: ServiceAnswers) -> str:
    """What to call it on a list."""
    return service.values.get("name") or "A service without a name yet"


def values(service: ServiceAnswers) -> dict[str, Any]:
    """Every field that people may write, as plain values; what nobody has said is not stated."""
    return {field.name: service.values.get(field.name, fields.default(field.name)) for field in fields.FIELDS}


def is_hidden(service: ServiceAnswers) -> bool:
    """Whether its place is confidential."""
    return bool(values(service)["premises"]["visibility"] == Visibility.UNDISCLOSED)


def with_new(answers: Answers, own: str, most: int) -> Answers:
    """One service more, empty; the same id again is no second. Raises BadInput when there are `most` already."""
    if any(each.own == own for each in answers.services):
        return answers
    if len(answers.services) >= most:
        raise BadInput(f"There are {most} services in this registration.", "Send it in, then register the others.")
    return msgspec.structs.replace(answers, services=(*answers.services, ServiceAnswers(own)))


def without(answers: Answers, own: str) -> Answers:
    """All but one of its services. Raises NotFound."""
    gone = found(answers, own)
    return msgspec.structs.replace(answers, services=tuple(each for each in answers.services if each is not gone))


def put(answers: Answers, own: str, page: str, new: Mapping[str, Any]) -> Answers:
    """One page's values taken in; other fields than its own are left out. Raises NotFound, KeyError for no page."""
    before = found(answers, own)
    said = {**before.values, **{name: new[name] for name in BY_CODE[page].names if name in new}}
    done = tuple(dict.fromkeys((*before.done, page)))
    after = ServiceAnswers(own, said, done)
    if is_hidden(after):
        after = _without_place(after, first_time=not is_hidden(before))
    services = tuple(after if each is before else each for each in answers.services)
    return msgspec.structs.replace(answers, services=services)


def _without_place(service: ServiceAnswers, first_time: bool) -> ServiceAnswers:
    """Nothing is left that may tell where it is. `first_time`: its words were written while it was open."""
    gone = {*OPEN_WORDS, *(ASKED_AGAIN if first_time else ())}
    kept = {name: value for name, value in service.values.items() if name not in gone}
    kept["premises"] = fields.normal("premises", {"visibility": Visibility.UNDISCLOSED.value})
    for name, inner in (("hours", {"text": ""}), ("coverage", {"outcodes": [], "schools": []})):
        if name in kept:
            kept[name] = fields.normal(name, {**kept[name], **inner})
    if kept.get("hours", {}).get("known") == Known.STATED and not kept["hours"]["openings"]:
        kept["hours"] = fields.default("hours")
    done = tuple(code for code in service.done if code != FIRST or not first_time)
    return ServiceAnswers(service.own, kept, done)


def missing(answers: Answers, own: str) -> tuple[Missing, ...]:
    """What must be put right before it can be sent, in the order of its pages; none: it can. Raises NotFound."""
    service = found(answers, own)
    said = values(service)
    lacks = [
        Missing(page.code, f"“{page.title}” is not answered yet.") for page in PAGES if page.code not in service.done
    ]
    undone = {each.page for each in lacks}
    lacks += [Missing(page, words) for page, words in _lacks(said) if page not in undone]
    if not lacks and answers.organization.name:  # which has a page of its own
        try:
            _content(answers, service)
        except BadInput as error:
            lacks.append(Missing(_page_of(error.field), str(error)))
    order = list(BY_CODE)
    return tuple(sorted(lacks, key=lambda each: order.index(each.page)))


NEEDED = (
    ("what", "name", "Write what people call it."),
    ("what", "families", "Tick what kind of service it is."),
    ("what", "description", "Write what it does, in a sentence or two."),
    ("who", "needs", "Tick what it helps with."),
    ("place", "delivery", "Tick how it works."),
    ("contact", ROUTES, "Tick who may ask for it."),
)
"""Page, field that may not be empty, and what to do."""
ONE_WAY = "Write a phone number, a website, or how to text or chat. One is enough."


def _lacks(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(page, words) for page, name, words in NEEDED if not said[name]]
    hidden = said["premises"]["visibility"] == Visibility.UNDISCLOSED
    if not hidden and not any(said[name] for name in ("phone", "url", "text_or_chat")):
        found.append(("contact", ONE_WAY))
    return found


def draft(answers: Answers, own: str, at: datetime) -> ServiceDraft:
    """The service as it enters the record once two people have agreed. Raises NotFound; BadInput, naming the field, for
    what cannot be in the record."""
    facts = {"confidence": Confidence.CONFIRMED.value, "as_of": at.date().isoformat()}
    return fields.draft_of({**_content(answers, found(answers, own)), **facts})


def _content(answers: Answers, service: ServiceAnswers) -> dict[str, Any]:
    """The draft's content without its date. Raises BadInput as `draft` does."""
    organization = answers.organization
    said = {"organization": organization.name, "charity_number": organization.charity_number}
    blank = rows.content(ServiceDraft(SOURCE_ID, source_id(service.own), "", "", "", ()))
    content = {**blank, **service.values, **said}
    for name in fields.FREE_TEXT:
        checking.text(name, content[name], is_hidden(service))
    checking.whole({}, content)
    return content


def _page_of(name: str) -> str:
    """Where a field is asked for; the first page for one that none asks for."""
    return next((page.code for page in PAGES if name in page.names), FIRST)
