"""The form by which a person says what the columns of their table are: form → column mapping → form, nothing lost."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from starlette.datastructures import FormData

from directory.errors import UnusableFile
from directory.feeds import fields, mapping, sources
from directory.feeds.fields import AREA, BY_NAME, FAMILY, FIELDS
from directory.feeds.mapping import NOT_KNOWN, OUTSIDE, ColumnMapping, Rule
from directory.places import areas
from web.forms import FieldError

MOST_WORDS = 60
"""Different words of the family column that a person is asked about; with more it is no column of families."""
ASIDE = ""
"""What the words of a family column are when nobody says: rows with them are put aside."""
LONGEST_SAMPLE = 90
"""Characters shown of a cell."""
SOURCE_FIELDS = ("name", "publisher", "licence", "attribution")


@dataclass(frozen=True, slots=True)
class SpreadsheetForm:
    """Everything typed so far. `file` is the name of the upload, `source` the id of one that is there already."""

    mapping: ColumnMapping
    file: str = ""
    source: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    """About the source: SOURCE_FIELDS."""
    errors: tuple[FieldError, ...] = ()

    @property
    def carried(self) -> str:
        """The mapping as a hidden field carries it from page to page."""
        return json.dumps(mapping.to_json(self.mapping), ensure_ascii=False)

    def goes_into(self, column: str) -> str:
        """The field that a column goes into, "" for none."""
        return next((name for name, rule in self.mapping.rules.items() if column in rule.columns), "")

    def constant(self, name: str) -> str:
        rule = self.mapping.rules.get(name)
        return rule.constant if rule else ""

    @property
    def words(self) -> Mapping[str, str]:
        """What the words of the family column mean, as far as it was said."""
        rule = self.mapping.rules.get(FAMILY)
        return dict(rule.words) if rule else {}


def read_mapping(form: FormData) -> ColumnMapping:
    """The mapping that a hidden field carries. Raises UnusableFile."""
    try:
        return mapping.from_json(json.loads(text(form, "mapping")))
    except (ValueError, RecursionError):
        raise UnusableFile("The form did not arrive whole.", "Choose the columns again.") from None


def read_choices(form: FormData, columns: Sequence[str]) -> tuple[ColumnMapping, list[FieldError]]:
    """The mapping as chosen column by column, and every choice that cannot stand."""
    errors: list[FieldError] = []
    found: dict[str, list[str]] = {}
    for number, column in enumerate(columns):
        name = text(form, f"column_{number}")
        kind = BY_NAME.get(name)
        if kind is None:
            continue
        if found.get(name) and not kind.takes_several:
            said = f"“{kind.label}” is taken by the column “{found[name][0]}” already. Choose one of the two."
            errors.append(FieldError(f"column_{number}", said))
        found.setdefault(name, []).append(column)
    rules = {name: Rule(tuple(used)) for name, used in found.items()}
    constants = {each: text(form, each).strip() for each in ("organization", FAMILY, AREA)}
    for name, constant in constants.items():
        if constant:
            rules[name] = Rule(rules[name].columns if name in rules else (), constant)
    if FAMILY in rules and rules[FAMILY].columns:
        words = _family_words(form)
        rules[FAMILY] = Rule(rules[FAMILY].columns, rules[FAMILY].constant, words, parted=bool(words))
    return ColumnMapping(rules, tuple(columns), text(form, "sheet"), text(form, "council")), errors


def _family_words(form: FormData) -> tuple[tuple[str, str], ...]:
    pairs = ((text(form, f"word_{n}"), text(form, f"means_{n}")) for n in range(MOST_WORDS))
    return tuple(pair for pair in pairs if pair[0])


def unknown_words(chosen: ColumnMapping, rows: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Words of the family column that are no family of ours, the commonest first."""
    rule = chosen.rules.get(FAMILY)
    if rule is None or not rule.columns:
        return ()
    counts: dict[str, int] = {}
    for row in rows:
        cells = (row[column] for column in rule.columns if row.get(column))
        for word in chain.from_iterable(map(mapping.listed, cells)):
            if not fields.code("family", word):
                counts[word] = counts.get(word, 0) + 1
    return tuple(sorted(counts, key=lambda word: -counts[word]))


def ask_for(count: int) -> FieldError:
    """The question what so many unknown words of the family column mean."""
    if count > MOST_WORDS:
        said = f"The column has {count:,} different words that are no family of ours, too many to ask about each. "
        return FieldError("family", f"{said}Choose “Not used” for it, and a family for the whole list here.")
    which = "a word that is" if count == 1 else f"{count} words that are"
    return FieldError("means_0", f"The column of families has {which} not in our vocabulary. Say what each means.")


def problems(chosen: ColumnMapping, columns: Sequence[str]) -> list[FieldError]:
    """What keeps the mapping from being used, each at the place where it can be mended."""
    found = mapping.check(chosen, columns)
    return [FieldError(_place(each.field, chosen, columns), each.message) for each in found]


def missing(form: SpreadsheetForm) -> list[FieldError]:
    """What has to be said of a new source and was not."""
    said = "Every source needs it: it is shown beside its services."
    return [
        FieldError(name, f"{called} is missing. {said}")
        for name, (called, _) in sources.TEXTS.items()
        if not form.said.get(name, "").strip()
    ]


def _place(name: str, chosen: ColumnMapping, columns: Sequence[str]) -> str:
    """Which field of the form speaks of a field of ours."""
    if name in {FAMILY, AREA, "organization", "council"}:
        return name
    used = chosen.rules[name].columns if name in chosen.rules else ()
    return next((f"column_{number}" for number, column in enumerate(columns) if column in used), "column_0")


def choices() -> dict[str, list[dict[str, str]]]:
    """What the selects of the form offer."""
    councils = [{"value": area.gss, "text": area.name} for area in areas.councils()]
    families = [{"value": code, "text": label} for code, label in fields.choices("family")]
    return {
        "field": [{"value": "", "text": "Not used"}, *({"value": f.name, "text": f.label} for f in FIELDS)],
        FAMILY: [{"value": "", "text": "As the column says"}, *families],
        "means": [
            {"value": ASIDE, "text": "Put these rows aside"},
            {"value": OUTSIDE, "text": "Leave these rows out"},
            *families,
        ],
        AREA: [
            {"value": "", "text": "As the column says"},
            {"value": NOT_KNOWN, "text": "Not known: ask first"},
            {"value": "Scotland", "text": "All of Scotland"},
            *({"value": area["text"], "text": area["text"]} for area in councils),
        ],
        "council": [{"value": "", "text": "No one council area"}, *councils],
    }


def values(form: SpreadsheetForm, columns: Sequence[str]) -> dict[str, Any]:
    """What the form's fields say now."""
    return {
        **{f"column_{number}": form.goes_into(column) for number, column in enumerate(columns)},
        **{name: form.constant(name) for name in ("organization", FAMILY, AREA)},
        "council": form.mapping.council,
        **{name: form.said.get(name, "") for name in SOURCE_FIELDS},
    }


def said(form: FormData) -> Mapping[str, str]:
    """What was typed about the source."""
    return {name: text(form, name) for name in SOURCE_FIELDS}


def text(form: FormData, name: str) -> str:
    """What was typed into a field, "" for a file or nothing."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n").replace("\0", "") if isinstance(value, str) else ""


def shortened(said: str, most: int = LONGEST_SAMPLE) -> str:
    """A cell on one line, cut after so many characters."""
    plain = " ".join(said.split())
    return plain if len(plain) <= most else f"{plain[:most].rstrip()} …"
