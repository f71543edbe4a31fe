"""Step one: an enquiry turned into the query that brings up to 300 candidates from the engine."""

from directory.matching.fit import FitTable
from directory.matching.situation import Situation
from directory.search.query import RESERVE_FROM, CoverageFilter, ServiceQuery
from directory.values import Place, PlaceKind
from taxonomy import pathways, terms

BOOST = 6.0
"""What a family that is ideal adds to the coarse score: more than any text score of an ordinary sentence, so that every
service of a family that is needed is among the candidates (measured on the bench's 100,000)."""


def query(situation: Situation, fits: FitTable) -> ServiceQuery:
    """The engine's part: hard filters, and boosts that keep every relevant family among the candidates."""
    enquiry = situation.enquiry
    families = terms.load()["family"]
    pathway = pathways.choose(enquiry.harms, situation.who)
    needed = {code for step in pathway.steps for code in step.families} if pathway else set()
    by_bit = {term.bit: term.code for term in families.terms.values()}
    harms = terms.load()["harm"]
    age = enquiry.age
    return ServiceQuery(
        text=enquiry.text,
        coverage=coverage(enquiry.residence, enquiry.harm_place),
        age=(age.minimum, age.maximum) if age else None,
        boost_families=tuple(
            (by_bit[bit], round(max(BOOST * grade, RESERVE_FROM if by_bit[bit] in needed else 0.0), 2))
            for bit, grade in sorted(fits.families().items())
        ),
        boost_harms=harms.codes(situation.harm_mask),
        names=enquiry.names,
        avoid=enquiry.avoid,
        exclude=enquiry.exclude,
        exclude_schools=True,
    )


def coverage(residence: Place | None, harm_place: Place | None) -> CoverageFilter:
    """Where the person is. With no home known, or one outside Scotland, the place of harm counts for every service."""
    outside = residence is not None and residence.kind is PlaceKind.OUTSIDE_SCOTLAND
    return CoverageFilter(
        residence=residence.council_codes if residence else (),
        harm_place=harm_place.council_codes if harm_place else (),
        residence_outcodes=residence.outcodes if residence else (),
        harm_outcodes=harm_place.outcodes if harm_place else (),
        harm_place_counts=harm_place is not None and (residence is None or outside),
    )
