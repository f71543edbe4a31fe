"""Filters of a search with their counts: what may be ticked, how to take it off, and the ways out of nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from directory.search.index import SearchIndex, SearchPage
from directory.search.query import CoverageFilter, ServiceQuery
from taxonomy import terms
from web import wording
from web.search_form import RADII, SearchForm

GROUPS = {"family": "Kind of help", "delivery": "How it works"}
_QUERY_FIELD = {"family": "families", "delivery": "delivery"}


@dataclass(frozen=True, slots=True)
class Box:
    """One checkbox: a choice that would find nothing is greyed, not hidden."""

    code: str
    label: str
    count: int
    checked: bool

    @property
    def disabled(self) -> bool:
        return not self.count and not self.checked


@dataclass(frozen=True, slots=True)
class Way:
    """A link to a neighbouring search: what it does, where it leads, how many it finds (None: not counted)."""

    label: str
    href: str
    count: int | None = None


async def context(index: SearchIndex, form: SearchForm, query: ServiceQuery, results: SearchPage) -> Mapping[str, Any]:
    """Groups of checkboxes, chips that remove a filter, page links, and, when nothing was found, ways out."""
    return {
        "groups": [(name, label, await _boxes(index, name, form, query, results)) for name, label in GROUPS.items()],
        "filters": chips(form),
        "pagination": pagination(form, results),
        "ways_out": [] if results.total else await ways_out(index, form, query),
    }


async def _boxes(
    index: SearchIndex, name: str, form: SearchForm, query: ServiceQuery, results: SearchPage
) -> list[Box]:
    """Choices of one group. Ticks of a group combine with OR, so its counts leave its own ticks out."""
    ticked: tuple[str, ...] = getattr(form, name)
    if ticked:
        # mypy cannot know that each of these fields holds codes
        results = await index.search(replace(query, page=1, page_size=1, **{_QUERY_FIELD[name]: ()}))  # type: ignore[arg-type]
    counts = next((dict(facet.counts) for facet in results.facets if facet.field == name), {})
    boxes = [
        Box(term.code, term.label, counts.get(term.code, 0), term.code in ticked)
        for term in terms.load()[name].current()
        if not term.parent or counts.get(term.code) or term.code in ticked  # a kind nobody offers is no filter
    ]
    return sorted(boxes, key=lambda box: (-box.count, box.label))


def chips(form: SearchForm) -> list[Way]:
    """What narrows the search now; each link is the same search without it."""
    found = []
    if form.q:
        found.append(Way(f"Words: {form.q}", form.but(q="").url()))
    if form.near:
        found.append(Way(f"Near {form.near}", form.but(near="", radius="", sort="relevance").url()))
    if form.radius:
        found.append(Way(f"Within {RADII[form.radius]}", form.but(radius="", sort="relevance").url()))
    if form.age:
        found.append(Way(f"Age {form.age}", form.but(age="").url()))
    for name in GROUPS:
        ticked: tuple[str, ...] = getattr(form, name)
        for code in ticked:
            rest = tuple(other for other in ticked if other != code)
            found.append(Way(wording.term(name, code), form.but(**{name: rest}).url()))
    return found


async def ways_out(index: SearchIndex, form: SearchForm, query: ServiceQuery) -> list[Way]:
    """Nothing was found: the same search without one of its limits, each with what it would find; those with none left
    out, and always services for all of Scotland."""
    tries: list[tuple[str, SearchForm, ServiceQuery]] = []
    if form.radius:
        wider = form.but(radius="", sort="relevance")
        tries.append(("Any distance", wider, replace(query, near=None, sort="relevance")))
    if form.age:
        tries.append(("Any age", form.but(age=""), replace(query, age=None)))
    if form.family:
        tries.append(("Any kind of help", form.but(family=()), replace(query, families=())))
    if form.delivery:
        tries.append(("By phone, online or in person", form.but(delivery=()), replace(query, delivery=())))
    if form.near:
        anywhere = replace(query, near=None, coverage=CoverageFilter(anywhere=True), sort="relevance")
        tries.append(("Anywhere in Scotland", form.but(near="", radius="", sort="relevance"), anywhere))
    if form.q:
        tries.append((f"Without the words “{form.q}”", form.but(q=""), replace(query, text="")))
    found = []
    for label, other, wider_query in tries:
        total = (await index.search(replace(wider_query, page=1, page_size=1))).total
        if total:
            found.append(Way(label, other.url(), total))
    safety = SearchForm(family=("safety",))
    total = (await index.search(ServiceQuery(families=("safety",), page_size=1))).total
    return [*found, Way("National helplines and crisis lines", safety.url(), total or None)]


def pagination(form: SearchForm, results: SearchPage) -> Mapping[str, Any] | None:
    """Parameters of the GOV.UK pagination macro; None when one page holds all."""
    return pages_of(results.page, results.pages, lambda number: form.but(page=str(number)).url())


def pages_of(now: int, last: int, href: Callable[[int], str], label: str = "Pages of results") -> dict[str, Any] | None:
    """The same of any list: the first page, the last, and those beside the one that is shown."""
    if last < 2:
        return None
    shown = sorted({1, last, *range(max(1, now - 1), min(last, now + 1) + 1)})
    items: list[dict[str, Any]] = []
    for position, number in enumerate(shown):
        if position and number - shown[position - 1] > 1:
            items.append({"ellipsis": True})
        items.append({"number": number, "current": number == now, "href": href(number)})
    around: dict[str, Any] = {"items": items, "landmarkLabel": label}
    if now > 1:
        around["previous"] = {"href": href(now - 1)}
    if now < last:
        around["next"] = {"href": href(now + 1)}
    return around
