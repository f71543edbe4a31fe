"""Our words as pages anybody may read: each term with its meaning, its neighbours, and the words that lead to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from directory.errors import NotFound
from directory.runtime import Runtime
from directory.search.index import SearchIndex
from directory.search.query import ServiceQuery
from taxonomy import crosswalk, terms
from taxonomy.terms import Taxonomy, TaxonomyTerm
from web.render import page
from web.search_form import SearchForm

SEARCHED = ("family", "delivery")
"""Taxonomies that `/services` filters by; services are counted by these."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A term in use with what lies under it, for showing a tree."""

    term: TaxonomyTerm
    narrower: tuple["Branch", ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Services that have a term: how many, and the search that lists them."""

    count: int
    href: str


async def vocabulary(request: Request) -> Response:
    """GET /vocabulary: all terms in use, tree by tree."""
    trees = [(taxonomy, branches(taxonomy)) for taxonomy in terms.load().values()]
    count = sum(len(taxonomy.current()) for taxonomy, _ in trees)
    return page("vocabulary.html", {**_live(request), "trees": trees, "count": count})


async def vocabulary_json(request: Request) -> Response:
    """GET /vocabulary.json: every term, deprecated ones too, as data."""
    return JSONResponse(
        {
            "taxonomies": [
                {
                    "taxonomy": taxonomy.name,
                    "title": taxonomy.title,
                    "about": taxonomy.about,
                    "terms": [term_json(taxonomy, term) for term in taxonomy.terms.values()],
                }
                for taxonomy in terms.load().values()
            ]
        }
    )


async def term_page(request: Request) -> Response:
    """GET /vocabulary/{taxonomy}/{code}: one term."""
    taxonomy, term = _asked(request)
    context = {
        "taxonomy": taxonomy,
        "term": term,
        "broader": [taxonomy[code] for code in reversed(taxonomy.ancestors(term.code))],
        "narrower": [taxonomy[code] for code in taxonomy.children(term.code) if taxonomy[code].is_current],
        "replacement": taxonomy.terms.get(term.replaced_by),
        "sources": sources(term),
        "found": await found(_index(request), term),
        "wider_found": await found(_index(request), taxonomy[term.parent]) if term.parent else None,
        "json_url": f"{href(term)}.json",
    }
    link = {"Link": f'<{href(term)}.json>; rel="alternate"; type="application/json"'}
    return page("vocabulary_term.html", {**_live(request), **context}, headers=link)


async def term_page_json(request: Request) -> Response:
    """GET /vocabulary/{taxonomy}/{code}.json: the same as data."""
    taxonomy, term = _asked(request)
    services = await found(_index(request), term)
    walks = [
        {
            "crosswalk": walk.name,
            "source": walk.title,
            "about": walk.about,
            "licence": walk.licence,
            "categories": categories,
        }
        for walk, categories in sources(term)
    ]
    counted = {"count": services.count, "href": services.href} if services else None
    return JSONResponse({**term_json(taxonomy, term), "sources": walks, "services": counted})


def branches(taxonomy: Taxonomy, parent: str = "") -> tuple[Branch, ...]:
    """The tree of the terms in use, from the top or from under one of them."""
    return tuple(
        Branch(taxonomy[code], branches(taxonomy, code))
        for code in taxonomy.children(parent)
        if taxonomy[code].is_current
    )


def sources(term: TaxonomyTerm) -> list[tuple[crosswalk.Crosswalk, list[str]]]:
    """The categories of other people's lists that become this term, list by list."""
    by_walk: dict[str, tuple[crosswalk.Crosswalk, list[str]]] = {}
    for walk, row in crosswalk.sources_of(term.id):
        by_walk.setdefault(walk.name, (walk, []))[1].append(row.shown_as)
    return list(by_walk.values())


async def found(index: SearchIndex, term: TaxonomyTerm) -> Found | None:
    """How many services have a term, as the search page counts them; None where services are not counted by it."""
    if term.taxonomy not in SEARCHED:
        return None
    results = await index.search(ServiceQuery(page_size=1))
    counts = next((dict(facet.counts) for facet in results.facets if facet.field == term.taxonomy), {})
    return Found(counts.get(term.code, 0), SearchForm().but(**{term.taxonomy: (term.code,)}).url())


def term_json(taxonomy: Taxonomy, term: TaxonomyTerm) -> dict[str, Any]:
    """One term as data; `broader` and `narrower` are ids."""
    return {
        "id": term.id,
        "uri": term.uri,
        "href": href(term),
        "label": term.label,
        "plain_label": term.plain_label,
        "definition": term.definition,
        "scope_note": term.scope_note,
        "broader": [taxonomy[code].id for code in taxonomy.ancestors(term.code)[:1]],
        "narrower": [taxonomy[code].id for code in taxonomy.children(term.code)],
        "owner": term.owner,
        "dated": term.dated,
        "status": term.status,
        "replaced_by": taxonomy[term.replaced_by].id if term.replaced_by else None,
    }


def href(term: TaxonomyTerm) -> str:
    """Where a term's page is."""
    return f"/vocabulary/{term.id}"


def _asked(request: Request) -> tuple[Taxonomy, TaxonomyTerm]:
    taxonomy = terms.load().get(request.path_params["taxonomy"])
    code = request.path_params["code"]
    if taxonomy is None or code not in taxonomy:
        raise NotFound("There is no such term.", "Look for it at /vocabulary, which lists them all.")
    return taxonomy, taxonomy[code]


def _index(request: Request) -> SearchIndex:
    index: SearchIndex = request.app.state.runtime.index
    return index


def _live(request: Request) -> Mapping[str, Any]:
    runtime: Runtime = request.app.state.runtime
    return {"live": runtime.settings.live}
