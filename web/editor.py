"""The editors' page of a term: the phrases that lead to it, what a new one would change, adding and withdrawing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory import phrasing, vocabulary
from directory.accounts import policy
from directory.errors import BadInput, NotFound
from directory.phrasing import Proposal
from directory.runtime import Runtime
from directory.tables import Synonym
from taxonomy import terms
from taxonomy.lexicon import phrase_rows
from taxonomy.terms import Taxonomy, TaxonomyTerm
from web import rewording
from web.auth import staff, staff_page
from web.editor_lists import changes, names, tree
from web.forms import FieldError, read_form, runtime_of

FIELDS = ("phrase", "note", "sample")
SAMPLE_LIMIT = 1000
"""Characters of the sentence a phrase is tried in."""
DONE = {
    "added": "The phrase is added. It is understood from now on.",
    "withdrawn": "The phrase is withdrawn. It is not understood any more.",
    "restored": "The phrase is back. It is understood from now on.",
    "nothing": "That was done already: nothing has changed.",
}


@dataclass(frozen=True, slots=True)
class WordsForm:
    """What an editor typed, exactly. The sample sentence is read and forgotten."""

    values: Mapping[str, str] = field(default_factory=dict)
    confirmed: bool = False

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def tried(self) -> str:
        """The sentence to try the phrase in: the phrase alone when there is none."""
        return self["sample"].strip() or self["phrase"].strip()


@staff("taxonomy.view")
async def term_page(request: Request) -> Response:
    """GET /staff/vocabulary/{taxonomy}/{code}: a term, the phrases that lead to it, and the form for another."""
    return await _term_page(request, WordsForm(), [])


@staff("taxonomy.edit")
async def preview(request: Request) -> Response:
    """POST …/preview: what the phrase would change; saves nothing."""
    _, term = _asked(request)
    form = await _read(request)
    proposal, errors = _proposal(runtime_of(request), term, form)
    if proposal is None:
        return await _term_page(request, form, errors, 422)
    return await _preview_page(request, form, proposal, [])


@staff("taxonomy.edit")
async def add(request: Request) -> Response:
    """POST …/add: the phrase is saved and at once understood."""
    runtime = runtime_of(request)
    _, term = _asked(request)
    form = await _read(request)
    proposal, errors = _proposal(runtime, term, form)
    if proposal is None:
        return await _term_page(request, form, errors, 422)
    by, at = request.state.user.id, runtime.clock()
    try:
        await run_in_threadpool(vocabulary.add, runtime.database, proposal, by, at, form.confirmed)
    except BadInput as error:
        if error.field == "confirmed":
            return await _preview_page(request, form, proposal, [FieldError("confirmed", str(error))], 422)
        return await _term_page(request, form, [FieldError("phrase", str(error))], 422)
    return _done(request, term, "added")


@staff("taxonomy.edit")
async def withdraw(request: Request) -> Response:
    """POST …/withdraw: a phrase of the record is understood no longer."""
    return await _change(request, "withdrawn")


@staff("taxonomy.edit")
async def restore(request: Request) -> Response:
    """POST …/restore: a withdrawn phrase is understood again."""
    return await _change(request, "restored")


async def _change(request: Request, done: str) -> Response:
    runtime = runtime_of(request)
    _, term = _asked(request)
    synonym_id = str((await read_form(request)).get("synonym", ""))
    if synonym_id not in {row.id for row in await run_in_threadpool(_of_term, runtime, term)}:
        raise NotFound("There is no such phrase.", "Look at the list of phrases again.")
    act = vocabulary.withdraw if done == "withdrawn" else vocabulary.restore
    changed = await run_in_threadpool(act, runtime.database, synonym_id, request.state.user.id, runtime.clock())
    return _done(request, term, done if changed else "nothing")


def _done(request: Request, term: TaxonomyTerm, done: str) -> Response:
    runtime_of(request).spoken.forget()
    return RedirectResponse(f"{href(term)}?done={done}", status_code=303)


def _proposal(runtime: Runtime, term: TaxonomyTerm, form: WordsForm) -> tuple[Proposal | None, list[FieldError]]:
    """The phrase as it would be added, or every mistake in the form."""
    errors: list[FieldError] = []
    proposal = None
    try:
        proposal = phrasing.proposed(form["phrase"], term.taxonomy, term.code, form["note"], runtime.words())
    except BadInput as error:
        errors.append(FieldError(error.field if error.field in FIELDS else "phrase", str(error)))
    if len(form["sample"]) > SAMPLE_LIMIT:
        said = f"The sentence has {len(form['sample']):,} characters. Shorten it to {SAMPLE_LIMIT:,}."
        errors.append(FieldError("sample", said))
    return (None if errors else proposal), errors


async def _term_page(request: Request, form: WordsForm, errors: list[FieldError], status: int = 200) -> Response:
    runtime = runtime_of(request)
    taxonomy, term = _asked(request)
    rows = await run_in_threadpool(_of_term, runtime, term)
    context = {
        **_form_context(taxonomy, term, form, errors),
        "written": [shown(row.phrase) for row in phrase_rows() if (row.kind, row.code) == (term.taxonomy, term.code)],
        "active": [row for row in rows if row.status == vocabulary.ACTIVE],
        "withdrawn": [row for row in rows if row.status == vocabulary.WITHDRAWN],
        "names": await run_in_threadpool(names, runtime) if rows else {},
        "is_read": phrasing.can_mean(term.taxonomy, term.code),
        "may_edit": policy.may(request.state.user, "taxonomy.edit"),
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
    }
    return staff_page(request, "staff_term.html", context, status)


async def _preview_page(
    request: Request, form: WordsForm, proposal: Proposal, errors: list[FieldError], status: int = 200
) -> Response:
    runtime = runtime_of(request)
    taxonomy, term = _asked(request)
    words = runtime.words()
    context = {
        **_form_context(taxonomy, term, form, errors),
        "proposal": proposal,
        "effect": await rewording.effect(runtime, form.tried, words, words.with_added([*words.added, proposal.row])),
        "tried": form.tried,
        "has_phrase": rewording.holds(form.tried, proposal.phrase),
        "neighbours": await run_in_threadpool(phrasing.neighbours, proposal.phrase),
    }
    return staff_page(request, "staff_term_preview.html", context, status)


def _form_context(taxonomy: Taxonomy, term: TaxonomyTerm, form: WordsForm, errors: list[FieldError]) -> dict[str, Any]:
    return {
        "taxonomy": taxonomy,
        "term": term,
        "broader": [taxonomy[code] for code in reversed(taxonomy.ancestors(term.code))],
        "href": href(term),
        "values": {name: form[name] for name in FIELDS},
        "confirmed": form.confirmed,
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
    }


async def _read(request: Request) -> WordsForm:
    form = await read_form(request)
    typed = {name: form.get(name, "") for name in FIELDS}
    values = {name: value for name, value in typed.items() if isinstance(value, str)}
    return WordsForm(values, form.get("confirmed") == "yes")


def shown(phrase: str) -> str:
    """A phrase of the file as an editor reads it: its marks (`taxonomy.lexicon.spellings`) in words."""
    return phrase.replace("|", " / ").replace("~", " ").replace("<them>", "(somebody)")


def href(term: TaxonomyTerm) -> str:
    """Where a term's page for editors is."""
    return f"/staff/vocabulary/{quote(term.id)}"


def _of_term(runtime: Runtime, term: TaxonomyTerm) -> tuple[Synonym, ...]:
    return vocabulary.of_term(runtime.database, term.taxonomy, term.code)


def _asked(request: Request) -> tuple[Taxonomy, TaxonomyTerm]:
    taxonomy = terms.load().get(request.path_params["taxonomy"])
    code = request.path_params["code"]
    if taxonomy is None or code not in taxonomy:
        raise NotFound("There is no such term.", "Look for it at /staff/vocabulary, which lists them all.")
    return taxonomy, taxonomy[code]


TERM = "/staff/vocabulary/{taxonomy}/{code}"
ROUTES = (
    Route("/staff/vocabulary", tree, methods=["GET"]),
    Route("/staff/vocabulary/changes", changes, methods=["GET"]),
    Route(TERM, term_page, methods=["GET"]),
    Route(f"{TERM}/preview", preview, methods=["POST"]),
    Route(f"{TERM}/add", add, methods=["POST"]),
    Route(f"{TERM}/withdraw", withdraw, methods=["POST"]),
    Route(f"{TERM}/restore", restore, methods=["POST"]),
)
