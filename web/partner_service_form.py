"""The pages of a service as a provider fills them in: what stands in a form, and how it is read, every mistake at its
field. The reading itself is the directory editor's (`service_reading`)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from directory import opening
from directory.editing import checking, fields
from directory.partners import service_answers
from directory.partners.answers import Organization, ServiceAnswers
from directory.partners.service_answers import BY_CODE, OPEN_WORDS, ServicePage
from directory.places import areas, divisions
from directory.places.gazetteer import Gazetteer
from directory.values import Visibility
from taxonomy import terms
from web import partner_words, service_form
from web.forms import FieldError
from web.service_form import ANY, SOME, STATED, UNKNOWN, Typed
from web.service_reading import Reader

BOARDS = "boards"
"""Whole health boards are served, by name."""
UNASKED: Mapping[str, tuple[str, ...]] = {
    "who": ("harm_known", "relations_known"),
    "ages": ("age_known", "gender_known"),
    "areas": ("coverage_known",),
    "place": ("visibility",),
    "hours": ("hours_known",),
}
"""Choices that nobody makes for them: until a page was sent, none of its answers stands there."""
NONE_TICKED: Mapping[str, str] = {
    "families": "Tick at least one kind of service.",
    "harms": "No harm is ticked. Tick at least one, or choose “It depends: ask us first”.",
    "relations": "Nobody is ticked. Tick at least one, or choose “It depends: ask us first”.",
    "groups": "No group is ticked. Tick at least one, or choose “No”.",
    "stages": "No year of school is ticked. Tick at least one, or choose another answer.",
    "areas": "No area is ticked. Tick each council area that you serve, or choose another answer.",
    "boards": "No health board is ticked. Tick at least one, or choose another answer.",
}
ORDER: Mapping[str, tuple[str, ...]] = {
    "what": ("name", "families", "main_family", "description", "kind"),
    "who": ("needs", "harm_known", "harms", "relations_known", "relations", "groups_known", "groups", "not_for_harmed"),
    "ages": ("age_known", "minimum", "maximum", "about", "gender_known", "stages_known", "stages"),
    "areas": ("coverage_known", "areas", "boards", "boundary"),
    "place": ("delivery", "visibility", *checking.ADDRESS),
    "contact": ("phone", "url", "text_or_chat", "phone_note", "referral_routes"),
    "hours": ("hours_known", *(f"hours_{day}" for day in opening.DAYS), "hours_text"),
}
"""The fields of a page as they stand on it: mistakes are told in their order."""
AFTER_LIKENESS = ("who", "place")
"""The pages that follow what tells a service from others, its name and its areas: "Is this you?" stands there."""
GUARDED = frozenset({"domestic_abuse", "refuge", "idaa", "children_domestic_abuse", "child_guardianship"})
"""Families whose place is confidential unless they say otherwise."""
FIRST_FAMILIES = (
    "victim_support", "counselling", "youth", "family_support", "domestic_abuse", "rape_crisis", "advocacy_service",
    "mental_health", "housing", "legal_rights", "restorative_justice", "bereavement",
)  # fmt: skip
FIRST_NEEDS = (
    "emotional_support", "counselling", "advocacy", "practical_help", "safety", "family_support", "peer_support",
    "youth_activities", "mental_health", "court_support", "housing", "school",
)  # fmt: skip
FIRST_ROUTES = ("self", "family", "professional", "social_work", "police")
FIRST_LANGUAGES = ("en", "bsl", "interpreter")
"""What most tick: it stands first, the rest folded below."""


def board_choices() -> tuple[tuple[str, str], ...]:
    """Health boards as a draft names them, and in words with their councils."""
    found = []
    for board in sorted(areas.health_boards(), key=lambda each: each.name):
        names = ", ".join(area.name for area in areas.health_board_councils(board.gss))
        code = f"{divisions.HEALTH_BOARD}:{board.name}"
        found.append((code, f"NHS {board.name}" + (f" ({names})" if names != board.name else "")))
    return tuple(found)


def shown(service: ServiceAnswers, page: ServicePage, organization: Organization) -> Typed:
    """The form of a page as it stands; of a page that was never sent, what may be offered and nothing more."""
    said = service_answers.values(service)
    found = dict(service_form.of_values(said).values)
    boards = said["coverage"]["divisions"]
    if boards:
        found |= {"coverage_known": (BOARDS,), "boards": tuple(boards)}
    if page.code in service.done:
        return Typed(found)
    for name in UNASKED.get(page.code, ()):
        found.pop(name, None)
    hidden = service_answers.is_hidden(service)
    if page.code == "place" and (hidden or GUARDED & set(said["families"])):
        found["visibility"] = (Visibility.UNDISCLOSED.value,)
    if page.code == "contact" and not hidden:
        found |= {
            name: found[name] if any(found[name]) else (getattr(organization, name),) for name in ("phone", "url")
        }
    if page.code == "access":
        found["languages"] = found["languages"] or ("en",)
    return Typed(found)


def read(typed: Typed, service: ServiceAnswers, page: ServicePage, gazetteer: Gazetteer, today: date) -> Reader:
    """The page's values, and every mistake in it."""
    hidden = service_answers.is_hidden(service)
    names = [name for name in page.names if not (hidden and name in OPEN_WORDS)]
    if hidden:
        typed = _but(typed, hours_text=())
    boards: list[str] = []
    asked_boards = page.code == "areas" and typed["coverage_known"] == BOARDS
    if page.code == "areas":
        typed, boards = _areas(typed)
    reader = Reader(typed, service_answers.values(service), gazetteer, today, hidden).take(names)
    if page.code == "areas":
        _divided(reader, boards)
        if asked_boards and not boards:
            reader.errors[:] = [FieldError("boards", NONE_TICKED["boards"])]
    for name, message in _lacking(reader, page.code, hidden):
        reader.errors.append(FieldError(name, message))
    reader.errors = [_plain(error, reader.typed) for error in reader.errors]
    order = ORDER.get(page.code, ())
    reader.errors.sort(key=lambda error: order.index(error.field) if error.field in order else len(order))
    return reader


def _plain(error: FieldError, typed: Typed) -> FieldError:
    """A mistake in the words of their page: the reader's are those of the editor."""
    if error.field in NONE_TICKED and not typed.many(error.field):
        return FieldError(error.field, NONE_TICKED[error.field])
    staffs = fields.label(error.field)
    if error.field in partner_words.ASKED and error.message.startswith(f"{staffs} "):
        rest = error.message.removeprefix(staffs)
        return FieldError(error.field, f"“{partner_words.label(error.field)}”{rest}")
    return error


def _but(typed: Typed, **changes: tuple[str, ...]) -> Typed:
    return replace(typed, values={**typed.values, **changes})


def _areas(typed: Typed) -> tuple[Typed, list[str]]:
    """The areas as the editor's form has them: a health board stands for its councils. Boxes ticked say which is meant
    where nothing else does."""
    known, tiles, boards = typed["coverage_known"], typed.many("areas"), list(typed.many("boards"))
    if not known and bool(tiles) != bool(boards):
        known = STATED if tiles else BOARDS
    if known != BOARDS:
        return _but(typed, coverage_known=(known,)), []
    choices = dict(board_choices())
    councils = {code for board in boards if board in choices for code in divisions.councils(board)}
    return _but(typed, coverage_known=(STATED,), areas=tuple(sorted(councils))), boards


def _divided(reader: Reader, boards: list[str]) -> None:
    """Lays mistakes in health boards at their own field, and keeps the boards by name."""
    choices = dict(board_choices())
    if any(board not in choices for board in boards):
        reader.errors[:] = [FieldError("boards", "One of these is no health board of Scotland. Choose from the list.")]
        reader.values.pop("coverage", None)
    elif {*reader.typed.many("areas")} - {fields.NATION, *(area.gss for area in areas.councils())}:
        message = "One of these is no council area of Scotland. Choose from the list."
        reader.errors[:] = [FieldError("areas", message)]
    elif "coverage" in reader.values:
        reader.values["coverage"] = {**reader.values["coverage"], "divisions": boards}


def _lacking(reader: Reader, page: str, hidden: bool) -> list[tuple[str, str]]:
    """What the editor may leave open and a provider knows."""
    wrong = {error.field for error in reader.errors}
    return [each for each in _LACKS[page](reader.typed, hidden) if each[0] not in wrong] if page in _LACKS else []


def _of_what(typed: Typed, hidden: bool) -> list[tuple[str, str]]:
    return _empty(typed, name="Write what people call it.", description="Write what it does, in a sentence or two.")


def _of_who(typed: Typed, hidden: bool) -> list[tuple[str, str]]:
    found = _empty(typed, needs="Tick at least one thing that it helps with.")
    if typed["harm_known"] not in (ANY, SOME, UNKNOWN):
        found.append(("harm_known", "Say which harms it is for. Choose one."))
    if typed["relations_known"] not in (SOME, UNKNOWN):
        found.append(("relations_known", "Say whom it helps. Choose one."))
    return found


def _of_place(typed: Typed, hidden: bool) -> list[tuple[str, str]]:
    return _empty(typed, delivery="Tick at least one way in which it works.")


def _of_contact(typed: Typed, hidden: bool) -> list[tuple[str, str]]:
    found = _empty(typed, referral_routes="Tick at least one: who may ask for this service?")
    if not hidden and not any(typed[name].strip() for name in ("phone", "url", "text_or_chat")):
        found.insert(0, ("phone", service_answers.ONE_WAY))
    return found


def _empty(typed: Typed, **messages: str) -> list[tuple[str, str]]:
    return [(name, words) for name, words in messages.items() if not any(each.strip() for each in typed.many(name))]


_LACKS: Mapping[str, Callable[[Typed, bool], list[tuple[str, str]]]] = {
    "what": _of_what, "who": _of_who, "place": _of_place, "contact": _of_contact,
}  # fmt: skip


def choices(service: ServiceAnswers, page: str) -> dict[str, Any]:
    """The closed lists that a page offers, those most use first."""
    offered = {"family": FIRST_FAMILIES, "need": FIRST_NEEDS, "route": FIRST_ROUTES}

    def listed(taxonomy: str) -> dict[str, list[tuple[str, str]]]:
        known = [(term.code, term.label) for term in terms.load()[taxonomy].current() if term.code != ANY]
        first = offered.get(taxonomy, ())
        by_code, rest = dict(known), [each for each in known if each[0] not in first]
        return {
            "first": [(code, by_code[code]) for code in first if code in by_code],
            "rest": sorted(rest, key=lambda each: each[1].casefold()) if first else rest,
        }

    said = service_answers.values(service)
    languages = {
        "first": [(code, fields.LANGUAGES[code]) for code in FIRST_LANGUAGES],
        "rest": [each for each in fields.LANGUAGES.items() if each[0] not in FIRST_LANGUAGES],
    }
    access = [(code, terms.load()["communication"].label(code)) for code in service_form.access_codes(said)]
    return {"listed": listed, "languages": languages, "access": access, "boards": board_choices()}


def next_page(service: ServiceAnswers, code: str) -> str:
    """The page to go on with: the next that was not sent, after this one and then from the first; "" when all were."""
    order = list(BY_CODE)
    at = order.index(code) + 1
    return next((each for each in (*order[at:], *order[:at]) if each not in service.done), "")
