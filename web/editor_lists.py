"""What editors look through: the vocabulary's tree, with how many phrases lead to each term, and all changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from directory import phrasing, vocabulary
from directory.accounts import actions
from directory.runtime import Runtime
from directory.tables import Synonym
from taxonomy import terms
from taxonomy.lexicon import PhraseRow, phrase_rows
from taxonomy.terms import Taxonomy, TaxonomyTerm
from web.auth import staff, staff_page

CHANGES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Branch:
    """A term with what lies under it and how many phrases lead to it: of the file, and added."""

    term: TaxonomyTerm
    written: int
    added: int
    narrower: tuple["Branch", ...]


@staff("taxonomy.view")
async def tree(request: Request) -> Response:
    """GET /staff/vocabulary: every term in use, with how many phrases lead to it."""
    added = await run_in_threadpool(vocabulary.active, request.app.state.runtime.database)
    trees = [
        (taxonomy, _branches(taxonomy, _counts(phrase_rows()), _counts(added)), taxonomy.name in phrasing.READ)
        for taxonomy in terms.load().values()
    ]
    trees.sort(key=lambda each: not each[2])  # what callers' words can lead to comes first
    return staff_page(request, "staff_vocabulary.html", {"trees": trees, "count": len(added)})


def _counts(rows: Sequence[PhraseRow] | Sequence[Synonym]) -> Mapping[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.kind if isinstance(row, PhraseRow) else row.taxonomy, row.code)
        counts[key] = counts.get(key, 0) + 1
    return counts


def _branches(
    taxonomy: Taxonomy, written: Mapping[tuple[str, str], int], added: Mapping[tuple[str, str], int], parent: str = ""
) -> tuple[Branch, ...]:
    found = [taxonomy[code] for code in taxonomy.children(parent) if taxonomy[code].is_current]
    return tuple(
        Branch(
            term,
            written.get((taxonomy.name, term.code), 0),
            added.get((taxonomy.name, term.code), 0),
            _branches(taxonomy, written, added, term.code),
        )
        for term in found
    )


@staff("taxonomy.view")
async def changes(request: Request) -> Response:
    """GET /staff/vocabulary/changes: who changed what, and when, the newest first."""
    runtime: Runtime = request.app.state.runtime
    lines = await run_in_threadpool(vocabulary.history, runtime.database, CHANGES_SHOWN + 1)
    context = {
        "lines": [(line, _find(line.after)) for line in lines[:CHANGES_SHOWN]],
        "more": len(lines) > CHANGES_SHOWN,
        "names": await run_in_threadpool(names, runtime),
    }
    return staff_page(request, "staff_vocabulary_changes.html", context)


def _find(content: Mapping[str, Any]) -> TaxonomyTerm | None:
    taxonomy = terms.load().get(content["taxonomy"])
    return taxonomy.terms.get(content["code"]) if taxonomy else None


def names(runtime: Runtime) -> Mapping[str, str]:
    """Account ids to names, for people who are staff themselves."""
    return {account.id: account.full_name for account, _ in actions.everyone(runtime.database)}
