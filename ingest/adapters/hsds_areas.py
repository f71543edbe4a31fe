"""Reads whom an HSDS service covers, from its service areas alone: an address says where it is and not whom it takes.

An area that cannot be read is unknown, never everywhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from directory.draft import Coverage
from directory.values import Boundary, Known
from ingest import area_words, cells
from ingest.json_values import Fields

NATION = "SCOTLAND"
SURE_ENOUGH = 0.6
"""Below it an area text says too little ("national" on an English feed): unknown is asked about, wrong is not."""
GSS = re.compile(r"\b([EKLNSW])\d{8}\b")
NOT_SCOTTISH = frozenset("ELNW")
"""First letters of codes of areas elsewhere: England, Channel Islands and Man, Northern Ireland, Wales."""


@dataclass(frozen=True, slots=True)
class Area:
    """The area served. `outside`: an area was named, and every one we could read lies outside Scotland."""

    coverage: Coverage
    outside: bool = False


def area(service: Fields) -> Area:
    """The area served, from service_areas alone."""
    found: list[Coverage] = []
    outside = said = 0
    linked = [link.objects("service_areas") for link in service.objects("service_at_locations")]
    for given in (one for group in (service.objects("service_areas"), *linked) for one in group):
        said += 1
        read = _one_area(given)
        if read is None:
            outside += 1
        elif read.known is Known.STATED:
            found.append(read)
        else:
            given.notes.leave_out("service_areas", "an area served that could not be read: ask whom it takes")
    if outside:
        service.notes.leave_out("service_areas", "an area outside Scotland")
    return Area(_joined(found), outside=bool(said) and outside == said)


def _one_area(given: Fields) -> Coverage | None:
    """Coverage of one service area; None for one outside Scotland, unknown for one that cannot be read."""
    extent = given.text("extent") if isinstance(given.values.get("extent"), str) else ""
    texts = [given.text("service_area"), given.text("name"), "" if _is_shape(extent) else extent]
    coded = GSS.search(" ".join([given.text("code"), given.text("uri"), extent[:200], *texts]))
    if coded:
        if coded[1] in NOT_SCOTTISH:
            return None
        read = area_words.read("united kingdom" if coded[1] == "K" else coded[0])
        if read.coverage.known is Known.STATED:
            return read.coverage
    for text in texts:
        read = area_words.read(text)
        if text and read.confidence >= SURE_ENOUGH and read.coverage.known is Known.STATED:
            return read.coverage
    return Coverage()


def _is_shape(text: str) -> bool:
    """Whether an extent is a drawn shape (GeoJSON or WKT) and not words."""
    if text.lstrip().startswith(("{", "[")):
        return True
    return bool(re.match(r"\s*(?:MULTI)?(?:POLYGON|POINT)\b", text, re.IGNORECASE))


def _joined(found: Sequence[Coverage]) -> Coverage:
    if not found:
        return Coverage()
    if any(NATION in one.areas for one in found):
        return Coverage(Known.STATED, (NATION,), boundary=Boundary.EITHER)
    return Coverage(
        Known.STATED,
        tuple(sorted({code for one in found for code in one.areas})),
        cells.unique(*(code for one in found for code in one.outcodes)) if all(one.outcodes for one in found) else (),
        divisions=cells.unique(*(code for one in found for code in one.divisions)),
    )
