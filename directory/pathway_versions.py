"""The pathways that a domain lead edits: the one writer of their versions, and the reader of what is in use."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.database import Database
from directory.errors import BadInput, Conflict, NotFound
from directory.pathway_tables import PathwayVersion
from directory.phrase_rules import checked_note
from directory.places import areas
from taxonomy import guides, pathway_files, pathways
from taxonomy.pathway import Pathway
from taxonomy.pathway_lines import FileError
from taxonomy.pathways import Pathways

LOG = logging.getLogger("waymark.pathways")
PUBLISH, RESTORE = "publish", "restore"


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a pathway; number 0 is the file that came with Waymark, which nobody here made."""

    number: int
    text: str
    note: str = ""
    action: str = "shipped"
    restored: int | None = None
    made_at: datetime | None = None
    made_by: str = ""


def read(pathway: str, text: str) -> Pathway:
    """The pathway of a text, its areas and guides looked up too. Raises FileError with every mistake and its line."""
    return pathway_files.read(f"{pathway}.toml", text, area_names(), guides.load().keys())


@cache
def area_names() -> frozenset[str]:
    """Every name that a step may give: council areas, and health boards with "NHS" before them."""
    councils = {name for area in areas.councils() for name in areas.names(area)}
    return frozenset({*councils, *(f"NHS {board.name}" for board in areas.health_boards())})


def current(database: Database, pathway: str) -> Version:
    """The version in use. Raises NotFound."""
    return history(database, pathway)[0]


def history(database: Database, pathway: str) -> tuple[Version, ...]:
    """Every version, the newest first; the last is number 0. Raises NotFound for a pathway that Waymark has not."""
    shipped = _shipped(pathway)
    with database.reading() as session:
        rows = session.scalars(
            select(PathwayVersion).where(PathwayVersion.pathway == pathway).order_by(PathwayVersion.number.desc())
        )
        return (*map(_version, rows), shipped)


def publish(database: Database, pathway: str, text: str, note: str, expected: int, by: str, at: datetime) -> int:
    """Makes a text the version in use; returns its number. `expected` is the number the editor began from.

    Raises NotFound, FileError, BadInput (field text: another id, or nothing changed; field note), Conflict when another
    version was published meanwhile.
    """
    read_pathway = read(pathway, text)
    if read_pathway.id != pathway:
        raise BadInput(f"The id is “{read_pathway.id}”.", f"This pathway's id stays “{pathway}”.", field="text")
    if current(database, pathway).text == text:
        raise BadInput("Nothing has been changed.", "There is nothing to publish.", field="text")
    new = Version(expected + 1, text, checked_note(note), PUBLISH, None, at, by)
    return _add(database, pathway, new)


def restore(database: Database, pathway: str, number: int, expected: int, by: str, at: datetime) -> int:
    """Brings an earlier version back, as a new one; returns its number. Raises NotFound, FileError, BadInput (it is in
    use already), Conflict."""
    versions = {version.number: version for version in history(database, pathway)}
    if number not in versions:
        raise NotFound("There is no such version.", "Look at the list of versions again.")
    text = versions[number].text
    if text == versions[max(versions)].text:
        raise BadInput("This is the text in use already.", "There is nothing to bring back.", field="text")
    read(pathway, text)
    return _add(database, pathway, Version(expected + 1, text, "", RESTORE, number, at, by))


def _add(database: Database, pathway: str, new: Version) -> int:
    row = PathwayVersion(
        pathway=pathway, number=new.number, text=new.text, note=new.note, action=new.action, restored=new.restored,
        made_at=new.made_at, made_by=new.made_by,
    )  # fmt: skip
    try:
        with database.session() as session:
            latest = select(func.max(PathwayVersion.number)).where(PathwayVersion.pathway == pathway)
            if (session.scalar(latest) or 0) != new.number - 1:
                raise _changed()
            session.add(row)
            session.flush()
    except IntegrityError:
        raise _changed() from None  # published by somebody else at the same moment
    LOG.info("pathway %s: version %s, %s by account %s", pathway, new.number, new.action, new.made_by)
    return new.number


def _changed() -> Conflict:
    return Conflict(
        "Somebody published another version meanwhile.",
        "Compare it with yours, which is kept below, then publish again.",
    )


def version(database: Database) -> int:
    """A number that rises with every change; 0 when there was none."""
    with database.reading() as session:
        return _count(session)


def _count(session: Session) -> int:
    """Counted, for two that are made at once may be committed in either order."""
    return session.scalar(select(func.count()).select_from(PathwayVersion)) or 0


def in_use(database: Database) -> tuple[int, Pathways]:
    """The version, and at that version every pathway as it is in use. A text that this Waymark cannot read any more
    gives way to the file that came with it: an answer is worth more than an edit."""
    newest = select(func.max(PathwayVersion.id)).group_by(PathwayVersion.pathway)
    with database.reading() as session:
        rows = tuple(session.scalars(select(PathwayVersion).where(PathwayVersion.id.in_(newest))))
        count = _count(session)
    return count, with_texts({row.pathway: row.text for row in rows}.items())


def with_texts(texts: Iterable[tuple[str, str]]) -> Pathways:
    """The shipped pathways, those with a text of their own replaced."""
    found = {pathway.id: pathway for pathway in pathways.load()}
    for name, text in texts:
        try:
            pathway = read(name, text)
        except FileError as error:
            LOG.warning("pathway %s: the text in use cannot be read, the shipped one is used: %s", name, error)
            continue
        if name in found:
            found[name] = pathway
    return pathways.ordered(found.values())


def _shipped(pathway: str) -> Version:
    text = pathways.shipped().get(pathway)
    if text is None:
        raise NotFound("There is no such pathway.", "Look for it at /pathways, which lists them all.")
    return Version(0, text)


def _version(row: PathwayVersion) -> Version:
    return Version(row.number, row.text, row.note, row.action, row.restored, row.made_at, row.made_by)
