"""What a person asked to be kept away from: it is never offered, save the duty to protect a child, which is marked.

The engine leaves out whatever `avoid` names (`clauses.avoided`); here is what only a look at the services themselves
can tell: that one organization supports both children, and that social work was named.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from directory.matching import eligibility
from directory.matching.candidate import rows
from directory.matching.fit import FitTable
from directory.matching.judged import Judged, judge
from directory.matching.situation import Situation
from directory.search import analysis
from directory.search.document import ServiceDocument
from directory.search.index import SearchIndex
from directory.search.query import ServiceQuery
from directory.values import Visibility
from taxonomy import terms

NAMED_AT_MOST = 12
"""Services looked at for each name to avoid, to learn whose they are."""
DUTIES_AT_MOST = 40
DUTY_CAUTION = "You asked to keep away from this. It stays because it has a duty to protect a child: weigh it yourself."


@dataclass(frozen=True, slots=True)
class Avoided:
    """What `avoid` means in this directory. `organizations` (case folded) each with the name that was avoided."""

    organizations: dict[str, str]
    duties: tuple[tuple[Judged, ServiceDocument], ...]

    def caution(self, service: ServiceDocument) -> str:
        """The warning on a service whose organization also runs what is avoided; empty for all others."""
        name = self.organizations.get(service.organization.casefold())
        if name is None:
            return ""
        return f"Conflict of interest: ask. {service.organization} also runs {name}, which you asked to keep away from."


NOTHING = Avoided({}, ())


def names(service: ServiceDocument, avoid: Iterable[str]) -> bool:
    """Whether one of these names means this service: all its words in name and organization, or all in the place."""
    called = {*analysis.tokens(service.name), *analysis.tokens(service.organization)}
    withheld = service.visibility is Visibility.UNDISCLOSED
    where = "" if withheld else " ".join((service.address, service.city, service.postal_code))
    place = set(analysis.tokens(where))
    return any(
        words and (words <= called or words <= place) for words in (set(analysis.tokens(name)) for name in avoid)
    )


async def look(situation: Situation, query: ServiceQuery, fits: FitTable, index: SearchIndex) -> Avoided:
    """Whose the avoided services are, and duties to protect among them. `query` is the enquiry's own."""
    avoid = situation.enquiry.avoid
    if not avoid:
        return NOTHING
    organizations: dict[str, str] = {}
    for name in avoid:
        page = await index.search(ServiceQuery(text=name, for_person_harmed=False, page_size=NAMED_AT_MOST))
        for hit in page.hits:
            if names(hit.service, (name,)) and _runs_few(hit.service):
                organizations.setdefault(hit.service.organization.casefold(), hit.service.name)
    return Avoided(organizations, await _duties(situation, query, fits, index))


def _runs_few(service: ServiceDocument) -> bool:
    """A council, and whoever runs schools, runs a bit of everything: that is no conflict of interest."""
    return service.source != "schools" and "council" not in service.organization.casefold()


async def _duties(
    situation: Situation, query: ServiceQuery, fits: FitTable, index: SearchIndex
) -> tuple[tuple[Judged, ServiceDocument], ...]:
    """Services with a duty to protect a child that `avoid` names: grade 1 at most (grading.md, "Safety")."""
    family, need = terms.load()["family"], terms.load()["need"]
    asked = replace(query, avoid=(), families=("safety",))
    found = await index.candidates(asked, DUTIES_AT_MOST, facets=False)
    safety, duty = family.mask(["safety"]), need.mask(["child_protection"])
    kept: dict[int, Judged] = {}
    for position, row in rows(found):
        if row.main_family & safety and row.needs & duty and isinstance(one := judge(row, situation, fits), Judged):
            kept[position] = one._replace(need=min(one.need, eligibility.FALLBACK), distance_m=None)
    services = await found.load(list(kept))
    return tuple(
        (one, service)
        for one, service in zip(kept.values(), services, strict=True)
        if names(service, situation.enquiry.avoid)
    )
