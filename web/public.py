"""What anybody may see of a service, as page, JSON or CSV: the one door, and no withheld place goes through it."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from directory.matching import answers
from directory.matching.results import Match, MatchResult
from directory.search.document import ServiceDocument
from directory.search.query import Facet
from directory.values import Place, Visibility
from web import wording

CSV_COLUMNS = (
    "id", "source", "source_id", "name", "organization", "kind", "families", "needs", "harms", "ages", "gender",
    "area_served", "delivery", "referral_routes", "languages", "place", "phone", "phone_note", "url", "status",
    "confidence", "as_of", "source_name", "licence",
)  # fmt: skip
FORMULA_STARTS = tuple("=+-@|\t\r\n\0")
"""First characters that a spreadsheet may run (ASVS 1.2.10, and the bar that some take for a command)."""


def shown(doc: ServiceDocument) -> ServiceDocument:
    """The service as anybody may see it. The index holds no more for a withheld place; this holds if it ever did."""
    if doc.visibility is Visibility.UNDISCLOSED:
        return replace(
            doc, point=None, address="", city="", postal_code="", phone="", text_or_chat="", url="", source_url="",
            coverage=replace(doc.coverage, outcodes=(), schools=()), hours=replace(doc.hours, text=""),
        )  # fmt: skip
    if doc.visibility is Visibility.AREA_ONLY:
        return replace(doc, point=None, address="", city="", postal_code="")
    return doc


def guard(match: Match) -> Match:
    """A match as anybody may see it."""
    withheld = match.service.visibility is Visibility.UNDISCLOSED
    return replace(match, service=shown(match.service), distance_m=None if withheld else match.distance_m)


def guarded(result: MatchResult) -> MatchResult:
    """The answer with every service as anybody may see it, and no distance to a withheld one."""

    plan = result.plan
    if plan is not None:
        steps = tuple(replace(step, matches=tuple(map(guard, step.matches))) for step in plan.steps)
        plan = replace(plan, steps=steps)
    return replace(
        result, matches=tuple(map(guard, result.matches)), plan=plan, nearby=tuple(map(guard, result.nearby))
    )


def service_json(doc: ServiceDocument) -> dict[str, Any]:
    """One service as data, with its address here."""
    return {**answers.service_json(shown(doc)), "href": f"/services/{doc.id}"}


def place_json(place: Place | None) -> dict[str, Any] | None:
    """A place as understood: its name, kind, and council areas with their shares."""
    if place is None:
        return None
    return {
        "name": place.name,
        "kind": place.kind.value,
        "councils": [asdict(share) for share in place.councils],
        "choices": list(place.choices),
    }


def facets_json(facets: Iterable[Facet]) -> dict[str, dict[str, int]]:
    """Counts by field and code, most first."""
    return {facet.field: dict(facet.counts) for facet in facets}


def services_csv(docs: Iterable[ServiceDocument]) -> str:
    """A table of services for a spreadsheet: one header row, one row a service, no cell that could run as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for doc in docs:
        row = _csv_row(shown(doc))
        writer.writerow([safe_cell(row[name]) for name in CSV_COLUMNS])
    return out.getvalue()


def _csv_row(doc: ServiceDocument) -> Mapping[str, str]:
    plain = {name: str(getattr(doc, name)) for name in CSV_COLUMNS if isinstance(getattr(doc, name, None), str)}
    many = {
        name: "; ".join(getattr(doc, name))
        for name in ("families", "needs", "harms", "delivery", "referral_routes", "languages")
    }
    said = {
        "ages": wording.ages(doc),
        "gender": wording.gender(doc),
        "area_served": wording.coverage(doc),
        "place": wording.place(doc),
    }
    return {**plain, **many, **said}


def safe_cell(text: str) -> str:
    """The text, behind an apostrophe when a spreadsheet might run it; NUL, which no table can hold, is taken out."""
    cleaned = text.replace("\0", "")
    return f"'{cleaned}" if text.lstrip(" ").startswith(FORMULA_STARTS) else cleaned
