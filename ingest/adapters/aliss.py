"""Reads ALISS (aliss.org) as it searches and shows services, v3 to v5: put into the shape of HSDS, then read as that.

Its data is CC BY 4.0; the attribution stands in `meta` of each page and is the source's to show. Its "who" groups hold
ages too. Its `next` is missing before the end for some counts and goes on behind it for others: pages are numbered.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from directory.errors import UnusableFile
from directory.values import Issue
from ingest import json_parts
from ingest.adapters import paging
from ingest.adapters.hsds import Rows
from ingest.json_parts import Document, Item
from ingest.material import Feed, Material, Part
from ingest.reading import Reading

if TYPE_CHECKING:
    from ingest.kinds import Getter

LISTS = ("data", "results")
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
SERVICE_MARKS = frozenset({"organisation", "service_areas", "community_groups", "locations", "is_claimed"})
"""Fields of a service, and of no category or area."""


async def pages(feed: Feed, get: "Getter") -> AsyncIterator[Part]:
    """Every page of a search, or of all services. Raises SourceUnavailable, UnusableFile."""
    url = paging.feed_url(feed)

    async def ask(number: int) -> Part:
        return await get(url, f"page {number}", {"page": str(number)})

    async for page in paging.numbered(ask):
        yield page.part


def read(feed: Feed, material: Material) -> Iterator[Reading]:
    """One reading for each service of a search, of a service's page, or of an organisation's.

    Raises UnusableFile for a part that is no JSON or holds anything but services.
    """
    account = paging.Account()
    licences: set[str] = set()
    yield from paging.with_last(
        _readings(feed, material, account, licences),
        lambda: (*account.issues(feed.id), *_changed_licence(feed, licences)),
    )


def _changed_licence(feed: Feed, licences: Iterable[str]) -> Iterator[Issue]:
    """What is shown beside ALISS's services is written down once: a new licence is for a person to look at."""
    if any(licence != LICENCE for licence in licences):
        yield Issue(feed.id, 0, "licence", "it names another licence than CC BY 4.0: look before it is shown")


def _readings(feed: Feed, material: Material, account: paging.Account, licences: set[str]) -> Iterator[Reading]:
    rows = Rows(feed)
    for part in material:
        document = json_parts.read(part, LISTS)
        account.note(document)
        meta = document.head.get("meta")
        if isinstance(meta, Mapping) and meta.get("licence"):
            licences.add(str(meta["licence"]))
        for item in _services(document):
            if not rows.number and not item.problem and not _is_service(item.value):
                raise UnusableFile(f"{part.name} holds no services of ALISS.", "Its address has /services or /import.")
            yield rows.take(_as_hsds(item))
    if not rows.number:
        raise UnusableFile("ALISS answered with no service.", "Look at its address; nothing was changed.")


def _services(document: Document) -> Iterator[Item]:
    """The services of a list, or of a page of one service or one organisation."""
    for item in document.items():
        shown = item.value.get("data") if not document.paged and isinstance(item.value, Mapping) else None
        if not isinstance(shown, Mapping):
            yield item
        elif isinstance(shown.get("services"), list):
            runs_it = {name: shown.get(name) for name in ("id", "name", "url")}
            for service in shown["services"]:
                yield Item(1, {"organisation": runs_it, **service} if isinstance(service, Mapping) else service)
            if not shown["services"]:
                yield Item(1, {"organisation": runs_it}, "an organisation without a service")
        else:
            yield Item(1, shown)


def _is_service(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(SERVICE_MARKS & value.keys())


def _as_hsds(item: Item) -> Item:
    if item.problem or not isinstance(item.value, Mapping):
        return item
    return Item(item.number, as_hsds(item.value))


def as_hsds(service: Mapping[str, Any]) -> dict[str, Any]:
    """A service of ALISS with the names and the nesting of HSDS 3; what has another type than it should stays as it is,
    and is said later."""
    features = _list(service.get("accessibility_features"))
    return {
        **{name: service.get(name) for name in ("id", "name", "url", "last_reviewed", "last_updated")},
        "description": service.get("description_formatted") or service.get("description"),
        "summary": service.get("summary"),
        "status": "active",
        "page_url": service.get("aliss_url") or service.get("permalink"),
        "organization": service.get("organisation"),
        "phones": [{"number": service["phone"]}] if service.get("phone") else [],
        "service_areas": _each(service.get("service_areas"), _area),
        "service_at_locations": _each(service.get("locations"), _location),
        "attributes": [
            *_terms("aliss-categories", service.get("categories")),
            *_terms("aliss-groups", [one for one in _list(service.get("community_groups")) if not _is_range(one)]),
            *_terms("aliss-accessibility", features),
        ],
        "eligibilitys": [_ages(one) for one in _list(service.get("community_groups")) if _is_range(one)],
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _each(value: Any, change: Callable[[Mapping[str, Any]], Any]) -> list[Any]:
    return [change(one) if isinstance(one, Mapping) else one for one in _list(value)]


def _terms(vocabulary: str, values: Any) -> Iterable[Any]:
    def as_term(one: Mapping[str, Any]) -> dict[str, Any]:
        return {"taxonomy_term": {"taxonomy": vocabulary, "code": one.get("slug"), "name": one.get("name")}}

    return _each(values, as_term)


def _is_range(group: Any) -> bool:
    return isinstance(group, Mapping) and group.get("is_range") is True


def _ages(group: Mapping[str, Any]) -> dict[str, Any]:
    """A group of an age range. Its highest age 0 is a field left empty."""
    low, high = (group.get(name, group.get(f"{name}_value")) for name in ("min", "max"))
    return {"minimum_age": low or None if high else None, "maximum_age": high or None} if high or low else {}


def _area(area: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": area.get("name"), "code": area.get("code")}


def _location(place: Mapping[str, Any]) -> dict[str, Any]:
    address = {
        "address_1": place.get("street_address") or None,
        "city": place.get("locality"),
        "region": place.get("region"),
        "state_province": place.get("state"),
        "postal_code": place.get("postal_code"),
        "country": place.get("country"),
        "address_type": "physical",
    }
    kept = {name: place.get(name) for name in ("name", "description", "latitude", "longitude")}
    return {"location": {**kept, "addresses": [address]}}
