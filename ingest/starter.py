"""The starter directory: services shipped with Waymark, so that a fresh clone is useful in all 32 council areas.

Facts only, in our own columns and wording (`data/starter_services.csv`, made by `tools/make_starter.py`): each row has
its source page, how old it is and how well it is known. Source and ids are those of the fact tables, so that loading
these later doubles nothing. Withheld rows have no town and no page.
"""

from collections.abc import Iterator, Mapping

from directory import capacity, opening
from directory.draft import Access, AgeLimit, Coverage, GenderRule, Premises, ServiceDraft
from directory.values import Boundary, Confidence, Known, Visibility
from ingest.amendments import registration, stages
from ingest.reading import Reading, own_table

SOURCE = "facts"
FILE = "starter_services.csv"
LISTS = ("families", "needs", "harms", "relations", "groups", "delivery", "referral_routes", "languages")
FLAGS = ("any_harm", "crisis", "not_for_harmed", "workers_only")
TEXTS = (
    "source_id", "name", "organization", "description", "kind", "phone", "phone_note", "text_or_chat", "url",
    "charity_number", "status", "waiting_list", "alert", "same_as", "source_url", "as_of",
)  # fmt: skip
COLUMNS = (
    "source_id", "name", "organization", "description", "families", "kind", "needs", "harms", "any_harm", "relations",
    "groups", "delivery", "referral_routes", "languages", "crisis", "age_known", "minimum_age", "maximum_age",
    "age_about", "gender_known", "gender", "coverage_known", "areas", "outcodes", "boundary", "visibility", "city",
    "council", "phone", "phone_note", "text_or_chat", "url", "charity_number", "status", "status_known", "waiting_list",
    "not_for_harmed", "workers_only", "alert", "same_as", "confidence", "source_url", "as_of",
    "divisions", "schools", "stages", "registration", "hours", "capacity", "access", "lacks",
)  # fmt: skip


def read() -> Iterator[Reading]:
    """One reading for each row of the shipped table."""
    for number, row in enumerate(own_table(FILE), start=1):
        draft = from_row(row)
        yield Reading(number, draft, known_as=(draft.name, draft.organization))


def from_row(row: Mapping[str, str]) -> ServiceDraft:
    """The draft of a row."""
    return ServiceDraft(
        source=SOURCE,
        age=AgeLimit(
            Known(row["age_known"]), _number(row["minimum_age"]), _number(row["maximum_age"]), row["age_about"]
        ),
        gender=GenderRule(Known(row["gender_known"]), row["gender"]),
        coverage=Coverage(
            Known(row["coverage_known"]),
            _parts(row["areas"]),
            _parts(row["outcodes"]),
            Boundary(row["boundary"]),
            _parts(row["divisions"]),
            _parts(row["schools"]),
        ),
        stages=stages(row["stages"]),
        registration=registration(row["registration"]),
        hours=opening.parse(row["hours"]),
        capacity=capacity.parse(row["capacity"]),
        access=Access(_parts(row["access"]), _parts(row["lacks"])),
        premises=Premises(Visibility(row["visibility"]), city=row["city"], council=row["council"]),
        status_known=Known(row["status_known"]),
        confidence=Confidence(row["confidence"]),
        **{name: row[name] for name in TEXTS},  # type: ignore[arg-type]  # fields named by lists above
        **{name: _parts(row[name]) for name in LISTS},  # type: ignore[arg-type]  # fields named by lists above
        **{name: row[name] == "yes" for name in FLAGS},  # type: ignore[arg-type]  # fields named by lists above
    )


def to_row(draft: ServiceDraft) -> dict[str, str]:
    """A draft as a row; `from_row` gives the same draft again."""
    row = {name: getattr(draft, name) for name in TEXTS}
    row |= {name: "|".join(getattr(draft, name)) for name in LISTS}
    row |= {name: "yes" if getattr(draft, name) else "" for name in FLAGS}
    return row | {
        "age_known": draft.age.known.value,
        "minimum_age": _text(draft.age.minimum),
        "maximum_age": _text(draft.age.maximum),
        "age_about": draft.age.about,
        "gender_known": draft.gender.known.value,
        "gender": draft.gender.rule,
        "coverage_known": draft.coverage.known.value,
        "areas": "|".join(draft.coverage.areas),
        "outcodes": "|".join(draft.coverage.outcodes),
        "boundary": draft.coverage.boundary.value,
        "visibility": draft.premises.visibility.value,
        "city": draft.premises.city,
        "council": draft.premises.council,
        "status_known": draft.status_known.value,
        "confidence": draft.confidence.value,
        "divisions": "|".join(draft.coverage.divisions),
        "schools": "|".join(draft.coverage.schools),
        "stages": _stated(draft.stages.known, draft.stages.stages),
        "registration": _stated(draft.registration.known, draft.registration.places),
        "hours": opening.to_cell(draft.hours),
        "capacity": capacity.to_cell(draft.capacity),
        "access": "|".join(draft.access.offers),
        "lacks": "|".join(draft.access.lacks),
    }


def _stated(known: Known, codes: tuple[str, ...]) -> str:
    return "none" if known is Known.NONE else "|".join(codes)


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _number(cell: str) -> int | None:
    return int(cell) if cell else None


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
