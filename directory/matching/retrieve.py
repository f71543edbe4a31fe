"""Step one: an enquiry turned into the query that brings the candidates, and the few of them that are read whole."""

from collections.abc import Iterable
from dataclasses import replace

from directory.matching import pathway_choice
from directory.matching.fit import FitTable
from directory.matching.situation import Situation
from directory.search.document import ServiceDocument
from directory.search.index import Candidates
from directory.search.query import RESERVE_FROM, CoverageFilter, ServiceQuery
from directory.values import Place, PlaceKind
from taxonomy import terms
from taxonomy.pathway import Pathway

BOOST = 6.0
"""What a family that is ideal adds to the coarse score: more than any text score of an ordinary sentence, so that every
service of a family that is needed is among the candidates (measured on the bench's 100,000)."""


def query(situation: Situation, fits: FitTable, pathway: Pathway | None) -> ServiceQuery:
    """The engine's part: hard filters, and boosts that keep every relevant family among the candidates.

    `pathway`: the one taken, whose steps ask for families of their own; none when it is None.
    """
    enquiry = situation.enquiry
    families = terms.load()["family"]
    taken = pathway_choice.steps(pathway, situation) if pathway else ()
    needed = {code for step in taken for code in step.families}
    by_bit = {term.bit: term.code for term in families.terms.values()}
    harms = terms.load()["harm"]
    age = enquiry.age
    return ServiceQuery(
        text=enquiry.text,
        coverage=replace(coverage(enquiry.residence, enquiry.harm_place), schools=enquiry.schools),
        age=(age.minimum, age.maximum) if age else None,
        boost_families=tuple(
            (by_bit[bit], _boost(by_bit[bit], grade, by_bit[bit] in needed))
            for bit, grade in sorted(fits.families().items())
        ),
        boost_harms=harms.codes(situation.harm_mask),
        names=enquiry.names,
        avoid=enquiry.avoid,
        exclude=enquiry.exclude,
        exclude_schools=True,
    )


def _boost(family: str, grade: float, needed: bool) -> float:
    """A family with dozens of services in one council must not crowd out the others."""
    boost = min(BOOST * grade, RESERVE_FROM) if family in CROWDED else BOOST * grade
    return round(max(boost, RESERVE_FROM if needed else 0.0), 2)


CROWDED = ("community_hub",)


def coverage(residence: Place | None, harm_place: Place | None) -> CoverageFilter:
    """Where the person is. With no home known, or one outside Scotland, the place of harm counts for every service."""
    outside = residence is not None and residence.kind is PlaceKind.OUTSIDE_SCOTLAND
    happened = harm_place or residence  # most are harmed where they live: said otherwise when not
    return CoverageFilter(
        residence=residence.council_codes if residence else (),
        harm_place=happened.council_codes if happened else (),
        residence_outcodes=residence.outcodes if residence else (),
        harm_outcodes=happened.outcodes if happened else (),
        harm_place_counts=harm_place is not None and (residence is None or outside),
    )


async def read(candidates: Candidates, positions: Iterable[int]) -> dict[int, ServiceDocument]:
    """The whole documents of these candidates, each read once."""
    wanted = list(dict.fromkeys(positions))
    return dict(zip(wanted, await candidates.load(wanted), strict=True))
