"""Reads Open Referral UK feeds, 3.0 and 1.x, and HSDS 3 JSON files: pages of services, and each service's own page.

1.x differs in its envelope (`content`, `totalPages`) and in names of lists (`eligibilitys`, `service_taxonomys`), which
`hsds` knows. A feed that answers `full=true` needs no page a service.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from directory.errors import SourceUnavailable, UnusableFile
from ingest import json_parts
from ingest.adapters import paging
from ingest.adapters.hsds import Rows
from ingest.json_parts import Item
from ingest.material import Feed, Material, Part
from ingest.reading import Reading

if TYPE_CHECKING:
    from ingest.kinds import Getter

PER_PAGE = "100"
LISTS = ("contents", "content", "services")
OWN_PAGE = "service "
"""How the name of a service's own page begins; its id follows."""
NESTED = frozenset(
    {"service_at_locations", "service_areas", "schedules", "regular_schedules", "attributes", "service_taxonomys",
     "eligibilitys", "cost_options", "contacts", "phones", "languages", "funding", "fundings"}
)  # fmt: skip
"""Lists that a page of services leaves out, unless it is a full one."""
OTHER_THINGS = frozenset(
    {"openapi_url", "taxonomy_terms", "taxonomy", "term", "term_uri", "vocabulary", "version", "location_type",
     "parent_organization_id", "organization_identifiers", "legal_status", "logo", "tax_id"}
)  # fmt: skip
"""Fields of what is no service: an organisation, a term, a place, a feed's own description."""
SERVICE_ONLY = frozenset({"status", "organization", "organization_id", *NESTED} - {"contacts", "phones", "funding"})
MOST_MISSING = 5
"""Own pages that a run goes on without; those services stay as they are."""


async def pages(feed: Feed, get: "Getter") -> AsyncIterator[Part]:
    """Every page of services, and behind each the own pages of its services. Raises SourceUnavailable, UnusableFile."""
    url = services_url(feed)
    params = {"per_page": PER_PAGE, "full": "true"}

    async def ask(number: int) -> Part:
        name = f"page {number}"
        try:
            return await get(url, name, {**params, "page": str(number)})
        except SourceUnavailable:
            if number != 1 or not params.pop("full", None):
                raise
        return await get(url, name, {**params, "page": str(number)})  # some refuse parameters that they do not know

    full: bool | None = None
    missing = 0
    async for page in paging.numbered(ask):
        yield page.part
        if full is None:
            full = any(isinstance(one.value, Mapping) and NESTED & one.value.keys() for one in page.document.items())
        for id_ in () if full else page.ids:
            try:
                yield await get(f"{url}/{quote(id_, safe='')}", OWN_PAGE + id_)
            except SourceUnavailable:
                missing += 1
                if missing > MOST_MISSING:
                    raise


def services_url(feed: Feed) -> str:
    """The address of the list of services, whether the feed's own ends in it or not."""
    parts = urlsplit(paging.feed_url(feed))
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=path if path.endswith("/services") else f"{path}/services"))


def read(feed: Feed, material: Material) -> Iterator[Reading]:
    """One reading for each service of a feed, or of files that hold services, organisations with theirs, or places.

    Raises UnusableFile for a part that is no JSON or holds anything but services.
    """
    account = paging.Account()
    own_pages = {part.name: part for part in material if part.name.startswith(OWN_PAGE)}
    lists = [part for part in material if part.name not in own_pages]
    yield from paging.with_last(_readings(feed, lists, own_pages, account), lambda: account.issues(feed.id))


def _readings(
    feed: Feed, lists: list[Part], own_pages: Mapping[str, Part], account: paging.Account
) -> Iterator[Reading]:
    rows = Rows(feed)
    for part in lists:
        document = json_parts.read(part, LISTS)
        runs_it = document.head if document.head.get("name") else None
        account.note(document)
        for item in document.items():
            if not rows.number and not item.problem and not _is_of_use(item.value):
                raise UnusableFile(f"{part.name} holds no services.", "A feed's address ends in /services.")
            for service in _services(item, runs_it):
                yield rows.take(_fuller(service, own_pages) if own_pages else service)
    if not rows.number:
        raise UnusableFile("The feed holds no service.", "Look at its address; nothing was changed.")


def _is_of_use(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    if isinstance(value.get("service"), Mapping) or isinstance(value.get("services"), list):
        return True
    return bool(SERVICE_ONLY & value.keys()) or not OTHER_THINGS & value.keys()


def _services(item: Item, runs_it: Mapping[str, Any] | None) -> Iterator[Item]:
    """The services of an item: itself, that of a service_at_location, or those of an organisation.

    `runs_it`: the organisation whose list of services the item stands in.
    """
    value = item.value
    if not isinstance(value, Mapping):
        yield item
    elif runs_it is not None:
        yield Item(item.number, {"organization": runs_it, **value})
    elif isinstance(value.get("service"), Mapping):
        place = {name: given for name, given in value.items() if name != "service"}
        yield Item(item.number, {**value["service"], "service_at_locations": [place]})
    elif isinstance(value.get("services"), list) and "organization" not in value:
        rest = {name: given for name, given in value.items() if name != "services"}
        for service in value["services"]:
            yield Item(item.number, {"organization": rest, **service} if isinstance(service, Mapping) else service)
        if not value["services"]:
            yield Item(item.number, None, "an organisation without a service")
    else:
        yield item if _is_of_use(value) else Item(item.number, None, "it is not a service")


def _fuller(item: Item, own_pages: Mapping[str, Part]) -> Item:
    """A service of a list with what its own page says besides. Without a page that can be used it is not taken in:
    what the last run knew of it is more."""
    if not isinstance(item.value, Mapping):
        return item
    part = own_pages.get(f"{OWN_PAGE}{item.value.get('id')}")
    problem = "its own page was not received: it stays as it is"
    if part is not None:
        try:
            (own,) = json_parts.read(part, ()).items()
        except UnusableFile:
            problem = "its own page is not JSON that can be used: it stays as it is"
        else:
            if isinstance(own.value, Mapping) and own.value.get("id") == item.value.get("id"):
                said = {name: value for name, value in own.value.items() if value not in (None, "")}
                return Item(item.number, {**item.value, **said})
            problem = own.problem or "its own page is of another service: it stays as it is"
    return Item(item.number, item.value, problem)
