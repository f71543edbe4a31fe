"""Reads a table by a column mapping that a person made: any list that nobody wrote an adapter for.

The area served is only what the list says it is: where a service has its door says nothing of whom it serves.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from directory.draft import GenderRule, ServiceDraft
from directory.errors import UnusableFile
from directory.feeds import mapping as mappings
from directory.feeds import sheets
from directory.feeds.mapping import ColumnMapping, Said
from directory.places.reading import fold
from directory.values import Confidence
from ingest import cells, contacts, fact_terms, html_words, withheld
from ingest import mapped_words as words
from ingest.cells import Notes, Unusable
from ingest.material import Feed, Material, Part
from ingest.reading import Reading
from taxonomy import terms

KIND = "spreadsheet"
OPTION, COUNCIL = "mapping", "council"
"""Of a source: its column mapping; the council area it is about, where the mapping does not say."""
LONGEST_NAME = 190
DIGEST_DIGITS = 16
PLACE_FIELDS = ("address_1", "city", "postal_code", "point", "latitude", "longitude", "phone", "text_or_chat", "url")


@dataclass(slots=True)
class _Reader:
    """One run over one source's table. `seen`: the row of each id so far."""

    feed: Feed
    mapping: ColumnMapping
    seen: dict[str, int]


def read(feed: Feed, material: Material) -> Iterator[Reading]:
    """One reading for each row, by `feed.options["mapping"]`. Raises UnusableFile."""
    if OPTION not in feed.options:
        raise UnusableFile("Nobody has said yet what the columns of this list are.", "Map them at its page.")
    yield from _read(feed, mappings.from_json(feed.options[OPTION]), material)


def shipped(source_id: str) -> Callable[[Path], Iterator[Reading]]:
    """An adapter by one of our own mappings, `ingest/data/mappings/{source_id}.toml`."""

    def each(path: Path) -> Iterator[Reading]:
        yield from _read(Feed(source_id), own_mapping(source_id), (Part(path.name, path),))

    return each


@cache
def own_mapping(source_id: str) -> ColumnMapping:
    """The mapping that came with Waymark for a source."""
    text = files("ingest").joinpath("data", "mappings", f"{source_id}.toml").read_text(encoding="utf-8")
    return mappings.from_json(tomllib.loads(text))


def _read(feed: Feed, mapping: ColumnMapping, material: Material) -> Iterator[Reading]:
    reader = _Reader(feed, mapping, {})
    before = 0
    for part in material:
        sheet = sheets.read(part.path, part.name, mapping.sheet)
        problems = mappings.check(mapping, sheet.columns)
        if problems:
            raise UnusableFile(
                f"{part.name} does not fit the column mapping: {problems[0].message}", "Map its columns anew."
            )
        number = 0
        for row in sheet.rows:
            number = row.number
            notes = Notes(feed.id, before + number)
            try:
                if not row.whole:
                    raise Unusable("", "it has more or fewer cells than the header", held=False)
                said = mappings.said(mapping, dict(zip(sheet.columns, row.cells, strict=True)))
                yield _reading(reader, said, notes)
            except Unusable as problem:
                yield notes.unusable(problem)
        before += number


def _reading(reader: _Reader, said: Said, notes: Notes) -> Reading:
    name = contacts.plain_name(html_words.plain(said.first("name")))
    organization = contacts.plain_name(html_words.plain(said.first("organization"))) or name
    if not name or len(name) > LONGEST_NAME:
        raise Unusable("name", "no name, or one too long to be a name", held=False)
    if said.outside:
        raise Unusable("family", "outside the families that this directory holds", held=False)
    if any(map(contacts.names_a_person, (name, organization))):
        raise Unusable("name", "it names a person: services only")
    families = _families(said)
    if not families:
        raise Unusable("family", "no family of services that the mapping or our vocabulary knows")
    hidden = (
        mappings.is_hidden(said) or withheld.is_refuge_group(name, organization) or "refuge" in said.values["family"]
    )
    source_id = notes.source_id = _identity(reader, said, name, organization, hidden, notes.row)
    draft = _draft(reader, said, notes, (source_id, name, organization[:LONGEST_NAME]), families)
    if hidden:
        secrets = tuple(said.first(field) for field in PLACE_FIELDS)
        withheld.check_id(source_id, "id", (secret for secret in secrets if secret))
        draft = withheld.protect(draft, secrets)
    for field in said.unread:
        notes.leave_out(field, "a word that is not in our vocabulary")
    return Reading(notes.row, draft, tuple(notes.issues), (name, organization))


def _families(said: Said) -> tuple[str, ...]:
    """Broad families, main one first: a narrower term of a table is its broader one here."""
    vocabulary = terms.load()["family"]
    found = said.values.get("family", ())
    return cells.unique(*((*vocabulary.ancestors(code)[-1:], code)[0] for code in found))


def _identity(reader: _Reader, said: Said, name: str, organization: str, hidden: bool, row: int) -> str:
    """The row's own id, or a digest of what tells it from others, that stays when rows move. Raises Unusable.

    A withheld row's digest leaves out the postcode, which could be found by trying them all.
    """
    own = said.first("id")
    if own and not cells.IDENTIFIER.fullmatch(own):
        raise Unusable("id", "an id with signs that no id has", held=False)
    told = (name, organization, "" if hidden else said.first("postal_code").replace(" ", ""))
    found = own or "x" + hashlib.sha256("|".join(map(fold, told)).encode()).hexdigest()[:DIGEST_DIGITS]
    if reader.seen.setdefault(found, row) != row:
        raise Unusable("id", "the id of an earlier row" if own else "the name and place of an earlier row")
    return found


def _draft(
    reader: _Reader, said: Said, notes: Notes, known: tuple[str, str, str], families: tuple[str, ...]
) -> ServiceDraft:
    source_id, name, organization = known
    refuge = withheld.is_refuge_group(name, organization)
    families = cells.unique("domestic_abuse" if refuge else "", *families)
    harms = said.values.get("harm", ()) or fact_terms.FAMILY_HARMS.get(families[0], ())
    needs = said.values.get("need", ())
    if refuge or not needs:
        needs = cells.unique(*fact_terms.FAMILY_NEEDS.get(families[0], ()), *needs)
    council = reader.mapping.council or str(reader.feed.options.get(COUNCIL, ""))
    area = words.area(said, council, families[0], notes)
    phone = words.numbers(said, notes)
    status, status_known = words.status(said)
    return ServiceDraft(
        source=reader.feed.id,
        source_id=source_id,
        name=name,
        organization=organization,
        description=words.description(said, families[0], area.said),
        families=families,
        kind=words.text(said, "kind"),
        needs=needs,
        harms=tuple(code for code in harms if code != fact_terms.ANY_HARM),
        any_harm=fact_terms.ANY_HARM in harms,
        delivery=said.values.get("delivery", ()),
        referral_routes=said.values.get("referral_route", ()),
        age=words.age(said, notes),
        # a refuge's own word is of women; it takes their children, whoever they are
        gender=GenderRule() if refuge else words.gender(said),
        coverage=area.coverage,
        hours=words.hours(said),
        premises=words.premises(said, notes),
        phone=phone.number,
        phone_note=phone.note,
        text_or_chat=phone.text,
        url=words.url(said, notes),
        charity_number=contacts.charity_number(said.first("charity_number")),
        status=status,
        status_known=status_known,
        confidence=Confidence.REGISTER if reader.mapping.register else Confidence.PAGE_READ,
        as_of=words.as_of(said),
    )
