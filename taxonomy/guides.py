"""Guides: what the Reporter, a hearing or a court can do and tell, in plain words, each piece with source and date."""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from taxonomy import pathway_lines, terms
from taxonomy.pathway import Audience, Span
from taxonomy.pathway_files import Reader
from taxonomy.pathway_lines import FileError, Part

SECTION = ("title", "stage", "text", "source", "dated", "check", "forms", "other", "relations")


@dataclass(frozen=True, slots=True)
class Section:
    """One piece of a guide: `stage` is a code of the taxonomy "stage", or empty where it fits every stage.

    `text` is paragraphs, parted by an empty line. `source` and `dated` (ISO month or day it was read) say how it is
    known, `check` what a lawyer must look at before it is relied on.
    """

    title: str
    stage: str
    text: str
    source: str
    dated: str
    check: str = ""
    audience: Audience = field(default_factory=Audience)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(" ".join(piece.split()) for piece in self.text.split("\n\n") if piece.strip())


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide, for people to read."""

    id: str
    title: str
    about: str
    sections: tuple[Section, ...]

    def for_person(self, age: Span, other_age: Span, relation: str | None) -> "Guide":
        """The guide with only what may be for this person; what is not known of them rules nothing out."""
        kept = tuple(section for section in self.sections if section.audience.includes(age, other_age, relation))
        return Guide(self.id, self.title, self.about, kept)


@cache
def load() -> dict[str, Guide]:
    """Every guide of `data/guides`, by id. Raises FileError."""
    folder = files("taxonomy").joinpath("data/guides")
    found = sorted((file.name, file) for file in folder.iterdir() if file.name.endswith(".toml"))
    guides = [read(name, file.read_text(encoding="utf-8")) for name, file in found]
    return {guide.id: guide for guide in guides}


def read(name: str, text: str) -> Guide:
    """The guide of a TOML text. Raises FileError with every mistake and its line."""
    top, parts = pathway_lines.read(name, text, ("section",))
    reader = Reader({})
    reader.only(top, ("id", "title", "about"))
    guide = Guide(
        reader.code(top, "id"),
        reader.words(top, "title"),
        reader.words(top, "about"),
        tuple(_section(reader, part) for part in parts["section"]),
    )
    if reader.problems:
        raise FileError(name, reader.problems)
    return guide


def _section(reader: Reader, part: Part) -> Section:
    reader.only(part, SECTION)
    reader.words(part, "text")
    return Section(
        title=reader.words(part, "title"),
        stage=reader.one(part, "stage", terms.load()["stage"].terms) if part.values.get("stage") else "",
        text=str(part.values.get("text", "")),
        source=reader.string(part, "source"),
        dated=reader.string(part, "dated"),
        check=reader.string(part, "check", needed=False),
        audience=reader.audience(part),
    )
