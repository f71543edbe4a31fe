"""A draft made ready outside any transaction, so that writing it is all that is left to do while others wait."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import msgspec

from directory import rows
from directory.draft import ServiceDraft
from directory.tables import Base


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked draft as the rows it becomes. Plain values only: it can be kept in a file and read back."""

    id: str
    source: str
    digest: str
    """SHA-256 of its content: what tells a second run that nothing changed."""
    plain: dict[str, Any]
    """The content itself, as a revision keeps it."""
    rows: dict[str, list[dict[str, Any]]]
    """Name of a table → its rows."""

    @property
    def same_as(self) -> str:
        """What its source calls the service that it repeats; "" for none."""
        return str(self.plain["same_as"])

    def tables(self) -> Iterator[tuple[type[Base], list[dict[str, Any]]]]:
        """Each table and its rows."""
        for name, table_rows in self.rows.items():
            yield TABLES[name], table_rows


TABLES = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}


def fingerprint(draft: ServiceDraft) -> tuple[str, dict[str, Any]]:
    """A draft's digest and content. Raises ValueError for text that no database keeps."""
    try:
        plain = rows.content(draft)
    except UnicodeEncodeError:  # half a character; the error's own words repeat the text
        raise ValueError(f"{next(_unkeepable(draft))}: holds a character that cannot be kept") from None
    return rows.content_hash(plain), plain


def _unkeepable(draft: ServiceDraft) -> Iterator[str]:
    for field in fields(draft):
        try:
            msgspec.json.encode(getattr(draft, field.name))
        except UnicodeEncodeError:
            yield field.name


def prepare(draft: ServiceDraft, digest: str, plain: dict[str, Any], at: datetime) -> Prepared:
    """A draft with its fingerprint, ready to be written. Raises ValueError, naming the field and never its words."""
    found = rows.checked(draft, digest, at)
    laid_out = {table.__tablename__: table_rows for table, table_rows in found.items() if table_rows}
    return Prepared(rows.service_id(draft.source, draft.source_id), draft.source, digest, plain, laid_out)
