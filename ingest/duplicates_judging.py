"""Measures the duplicate finder on labelled pairs of rows of the real files: precision and recall, also by source.

The rows are read as ingest reads them, so that of a withheld place nothing more is compared than the record will hold.
The notes of the facts ("overlaps f18") are not used: they are what the labels were checked against.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from directory.draft import Coverage, Premises, ServiceDraft
from directory.errors import BadInput
from directory.places import areas
from directory.values import Known, Visibility
from ingest import contacts, html_words, likeness, phones, told, withheld
from ingest.adapters import care_inspectorate, edinburgh_community_centres, facts, schools
from ingest.likeness import Likeness
from ingest.reading import Row, table
from ingest.told import Told

Key = tuple[str, str]
"""Source and the source's id of a row."""

ADAPTERS = (
    (care_inspectorate, ("care_inspectorate_services_2026-05-31.csv",), True),
    (schools, ("scottish_schools_2023.csv",), True),
    (facts, ("scotland_service_facts.csv", "scotland_service_facts_more.csv"), False),
    (edinburgh_community_centres, ("raw_feeds/edinburgh_community_centres.csv",), False),
)
"""Adapter, files under services/, and whether each row is an official record of its own."""


@dataclass(frozen=True, slots=True)
class Lists:
    """A list of the council that is read by column names, because rows outside our families must be compared too."""

    source: str
    file: str
    kind: str
    family: str
    address: str = "Address"
    phone: str = "Telephone"
    links: tuple[str, ...] = ()


LISTS = (
    Lists("edinburgh-housing-support", "edinburgh_housing_support.csv", "Housing support", "housing",
          links=("Website",)),
    Lists("edinburgh-day-services", "edinburgh_day_services.csv", "Day service", "care_support", "Venue",
          "Phone number", ("Service website", "More information from Care Inspectorate")),
    Lists("edinburgh-outdoor-education", "edinburgh_outdoor_education.csv", "Outdoor education", "youth"),
    Lists("edinburgh-special-schools", "edinburgh_special_schools.csv", "Special school", "education",
          links=("More information",)),
)  # fmt: skip


@dataclass(slots=True)
class Counts:
    """Pairs by label and verdict."""

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of(self, label: str, verdict: str) -> int:
        return self.seen[label, verdict]

    def predicted(self, verdict: str) -> int:
        """Pairs with the verdict whose label is sure."""
        return sum(count for (label, found), count in self.seen.items() if found == verdict and label != "maybe")

    def labelled(self, label: str) -> int:
        return sum(count for (said, _), count in self.seen.items() if said == label)

    def precision(self, verdict: str) -> float:
        """1.0 when nothing was found: nothing was wrong."""
        found = self.predicted(verdict)
        return self.of(verdict, verdict) / found if found else 1.0

    def recall(self, label: str) -> float:
        there = self.labelled(label)
        return self.of(label, label) / there if there else 1.0

    @property
    def together(self) -> tuple[float, float]:
        """Precision and recall of "belongs together" (same or group), whichever of the two."""
        right = sum(self.of(label, found) for label in ("same", "group") for found in ("same", "group"))
        found, there = self.predicted("same") + self.predicted("group"), self.labelled("same") + self.labelled("group")
        return (right / found if found else 1.0), (right / there if there else 1.0)

    @property
    def pairs(self) -> int:
        return sum(self.seen.values())

    @property
    def to_review(self) -> int:
        """Pairs that land on the review page."""
        return sum(count for (_, verdict), count in self.seen.items() if verdict == "maybe")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A pair whose verdict is not its label."""

    one: Key
    other: Key
    label: str
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one file of pairs. `wrong` says which were not as labelled; `absent` how many rows are not there."""

    name: str
    all: Counts
    by_sources: Mapping[str, Counts]
    wrong: tuple[Wrong, ...]
    absent: int

    def to_json(self) -> dict[str, Any]:
        """Figures only: of the half set aside nothing else may be seen."""
        return {
            "file": self.name,
            **_figures(self.all),
            "absent": self.absent,
            "by_sources": {name: _figures(counts) for name, counts in self.by_sources.items()},
        }


def _figures(counts: Counts) -> dict[str, Any]:
    precision, recall = counts.together
    return {
        "pairs": counts.pairs,
        "same": counts.labelled("same"),
        "precision": round(counts.precision("same"), 4),
        "recall": round(counts.recall("same"), 4),
        "group": counts.labelled("group"),
        "group_precision": round(counts.precision("group"), 4),
        "group_recall": round(counts.recall("group"), 4),
        "together_precision": round(precision, 4),
        "together_recall": round(recall, 4),
        "to_review": counts.to_review,
    }


def judge(file: Path, data: Path) -> Figures:
    """Compares each pair of a labelled file, its rows read from a data folder. Raises BadInput, UnusableFile."""
    rows = load(data)
    found, by_sources, wrong, absent = Counts(), defaultdict[str, Counts](Counts), [], 0
    for one, other, label in _pairs(file):
        if one not in rows or other not in rows:
            absent += 1
            continue
        likeness_ = likeness.compare(rows[one], rows[other])
        for counts in (found, by_sources[" and ".join(sorted((one[0], other[0])))]):
            counts.seen[label, likeness_.verdict.value] += 1
        if likeness_.verdict != label:
            wrong.append(Wrong(one, other, label, likeness_))
    return Figures(file.stem, found, dict(sorted(by_sources.items())), tuple(wrong), absent)


def _pairs(file: Path) -> Iterator[tuple[Key, Key, str]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        for each in map(json.loads, filter(None, lines)):
            if "header" not in each:
                yield _key(each["a"]), _key(each["b"]), each["label"]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{file} holds no labelled pairs.", "See tests/judged/duplicates_tuned.jsonl.") from error


def _key(row: Mapping[str, str]) -> Key:
    return row["source"], row["id"]


def load(data: Path) -> dict[Key, Told]:
    """Every row of the files that the pairs are drawn from. Raises UnusableFile for a file that is not there."""
    folder = data / "services" if (data / "services").is_dir() else data
    found: dict[Key, Told] = {}
    for adapter, files, official in ADAPTERS:
        for name in files:
            for reading in adapter.read(folder / name):
                if reading.draft is not None:
                    found[adapter.SOURCE, reading.draft.source_id] = told.of_draft(reading.draft, official)
    for each in LISTS:
        for row in table(folder / "raw_feeds" / each.file, ("Name", "Postcode")):
            found[each.source, f"row:{row.number}"] = _of_row(each, row)
    return found


def _of_row(each: Lists, row: Row) -> Told:
    """A row as a draft of its source would tell it: one for a refuge is protected like any other."""
    city = areas.council("City of Edinburgh").gss
    link = next((link for name in each.links for link in _links(row.get(name))), "")
    postal_code, _ = contacts.postcode_in(row.get("Postcode"))
    refuge = withheld.is_refuge_group(row.get("Name"))
    draft = ServiceDraft(
        source=each.source,
        source_id=f"row:{row.number}",
        name=contacts.plain_name(row.get("Name")),
        organization=contacts.plain_name(row.get("Organisation")),
        description="",
        families=("domestic_abuse",) if refuge else (each.family,),
        kind=each.kind,
        coverage=Coverage(Known.UNKNOWN) if each.family == "youth" else Coverage(Known.STATED, (city,)),
        premises=Premises(Visibility.EXACT, row.get(each.address), postal_code=postal_code),
        phone=phones.first_voice(row.get(each.phone)),
        url=link,
    )
    cited = [part for name in each.links for part in told.CITED.findall(row.get(name))]
    return told.of_draft(withheld.protect(draft) if refuge else draft, False, texts=() if refuge else cited)


def _links(cell: str) -> Iterable[str]:
    found = html_words.links(cell) if "<" in cell else (cell,)
    return [link for link in found if contacts.url(link)]
