"""Datasette over SQLite FTS5 with the bench's own services: a well-known page to set our times beside.

It is asked the same words, filters and one facet as a match, as its table page and as its barest JSON. It ranks
nothing and explains nothing: the ratio says what an ordinary search page costs, not which is better.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from directory.errors import NotReady, WaymarkError
from directory.search import analysis
from directory.search.document import ServiceDocument
from directory.search.query import ServiceQuery
from directory.values import Known

TABLE = "service"
PAGE_SIZE = 10


def available() -> None:
    """Raises NotReady when Datasette is not installed: it is a developer's tool, not a part of Waymark."""
    if find_spec("datasette") is None:
        raise NotReady("Datasette is not installed.", "Use: pip install datasette")


def write(services: Iterable[ServiceDocument], file: Path) -> Iterator[ServiceDocument]:
    """Writes services into an SQLite file as they pass by, its full-text index at the end; they go on unchanged."""
    base = sqlite3.connect(file)
    try:
        base.executescript(
            f"create table {TABLE} (id text primary key, name text, organization text, description text, "
            "family text, age_min integer, age_max integer);"
            "create table area (service text, code text);"
        )
        for doc in services:
            base.execute(f"insert into {TABLE} values (?, ?, ?, ?, ?, ?, ?)", _row(doc))
            base.executemany("insert into area values (?, ?)", [(doc.id, code) for code in doc.coverage.areas])
            yield doc
        base.executescript(
            "create index area_code on area (code, service);"
            f"create index family on {TABLE} (family);"
            f"create virtual table {TABLE}_fts using fts5 (name, organization, description, content={TABLE}, "
            "tokenize='porter unicode61');"
            f"insert into {TABLE}_fts ({TABLE}_fts) values ('rebuild');"
        )
        base.commit()
    finally:
        base.close()


def _row(doc: ServiceDocument) -> tuple[object, ...]:
    stated = doc.age.known is Known.STATED
    lowest = doc.age.minimum if stated and doc.age.minimum is not None else 0
    highest = doc.age.maximum if stated and doc.age.maximum is not None else 200
    family = doc.families[0] if doc.families else ""
    return (doc.id, doc.name, doc.organization, doc.description, family, lowest, highest)


class Datasette:
    """Datasette in this process over one file of `write`, asked as a browser would ask it."""

    def __init__(self, file: Path) -> None:
        available()
        from datasette.app import Datasette as Application

        self._table = f"/{file.stem}/{TABLE}"
        self._served: Any = Application([str(file)], settings={"default_page_size": PAGE_SIZE})

    async def page(self, query: ServiceQuery) -> str:
        """Its table page with words, filters and one facet. Raises WaymarkError when it does not answer."""
        return await self._get(f"{self._table}?{urlencode([*asked(query), ('_facet', 'family')])}")

    async def json(self, query: ServiceQuery) -> str:
        """The ids of the same rows alone: no count, no facet."""
        barest = (("_shape", "array"), ("_col", "id"), ("_nofacet", "1"), ("_nocount", "1"))
        return await self._get(f"{self._table}.json?{urlencode([*asked(query), *barest])}")

    async def _get(self, path: str) -> str:
        answer = await self._served.client.get(path)
        if answer.status_code != 200:
            raise WaymarkError(f"Datasette answered {answer.status_code}.", "Compare with a version of 0.65.")
        return str(answer.text)


def asked(query: ServiceQuery) -> list[tuple[str, str]]:
    """The same question as parameters: any of the words, the council or all of Scotland, the age."""
    words = list(dict.fromkeys(analysis.words(query.text)))
    parameters = [("_search", " OR ".join(f'"{word}"' for word in words)), ("_searchmode", "raw")] if words else []
    codes = [*query.coverage.residence, *query.coverage.harm_place]
    if codes:
        listed = ", ".join(f"'{code}'" for code in [*codes, "SCOTLAND"])
        parameters.append(("_where", f"id in (select service from area where code in ({listed}))"))
    if query.age:
        parameters += [("age_min__lte", str(query.age[1])), ("age_max__gte", str(query.age[0]))]
    return parameters
