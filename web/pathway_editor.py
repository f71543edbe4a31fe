"""The domain lead's pages of the pathways: edit one as text, see what it would change, publish it, bring one back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory import pathway_checks, pathway_versions
from directory.accounts import policy
from directory.errors import BadInput, Conflict, NotReady
from directory.matching.labels import sentence
from taxonomy.pathway import Pathway, Step
from taxonomy.pathway_lines import FileError
from web import plans
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import FieldError, read_form, runtime_of
from web.pathway_effect import effect
from web.pathways import asked

SAMPLE_LIMIT = 1000
"""Characters of the enquiry an edit is tried with."""
DONE = {
    "published": "The new version is published. It is in use from now on.",
    "restored": "The earlier version is in use again, as a new one.",
}


@dataclass(frozen=True, slots=True)
class PathwayForm:
    """What an editor typed, exactly. `expected` is the version they began from. The sample is read and forgotten."""

    text: str
    expected: int
    note: str = ""
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """A form that was read: the pathway, or every mistake."""

    pathway: Pathway | None = None
    errors: list[FieldError] = field(default_factory=list)


@staff("taxonomy.view")
async def listed(request: Request) -> Response:
    """GET /staff/pathways: every pathway in the order they are tried, and which version of it is in use."""
    runtime = runtime_of(request)
    found = await run_in_threadpool(runtime.pathways)
    rows = [(each, await run_in_threadpool(pathway_versions.current, runtime.database, each.id)) for each in found]
    people = await run_in_threadpool(names, runtime)
    return staff_page(request, "staff_pathways.html", {"rows": rows, "names": people})


@staff("taxonomy.view")
async def edit(request: Request) -> Response:
    """GET /staff/pathways/{pathway}: the text in use, to read or to edit."""
    version = await run_in_threadpool(pathway_versions.current, runtime_of(request).database, _asked(request))
    return await _edit_page(request, PathwayForm(version.text, version.number), [])


@staff("taxonomy.edit")
async def preview(request: Request) -> Response:
    """POST …/preview: how it would read and what it would change; saves nothing."""
    form = await _read(request)
    looked = await _look(request, form)
    if looked.pathway is None:
        return await _edit_page(request, form, looked.errors, 422)
    return await _preview_page(request, form, looked.pathway, [])


@staff("taxonomy.edit")
async def publish(request: Request) -> Response:
    """POST …/publish: the text is the version in use, in every process, at once."""
    runtime, form = runtime_of(request), await _read(request)
    looked = await _look(request, form)
    if looked.pathway is None:
        return await _edit_page(request, form, looked.errors, 422)
    said = (_asked(request), form.text, form.note, form.expected, request.state.user.id, runtime.clock())
    try:
        await run_in_threadpool(pathway_versions.publish, runtime.database, *said)
    except Conflict as error:
        return await _edit_page(request, form, [FieldError("text", str(error))], error.status, conflict=True)
    except BadInput as error:
        return await _edit_page(request, form, [FieldError(error.field or "text", str(error))], error.status)
    return _done(request, "published")


@staff("taxonomy.view")
async def versions(request: Request) -> Response:
    """GET …/versions: every version that was ever in use, the newest first."""
    return await _versions_page(request, [])


@staff("taxonomy.edit")
async def restore(request: Request) -> Response:
    """POST …/restore: an earlier version is in use again."""
    runtime, form = runtime_of(request), await read_form(request)
    number, expected, by = _number(form.get("number")), _number(form.get("expected")), request.state.user.id
    said = (_asked(request), number, expected, by, runtime.clock())
    try:
        await run_in_threadpool(pathway_versions.restore, runtime.database, *said)
    except FileError as error:
        why = f"This version cannot be used any more: {' '.join(map(str, error.problems))}"
        return await _versions_page(request, [FieldError("versions", why)], 422)
    except (BadInput, Conflict) as error:
        return await _versions_page(request, [FieldError("versions", str(error))], error.status)
    return _done(request, "restored")


def _done(request: Request, done: str) -> Response:
    runtime_of(request).steering.forget()
    return RedirectResponse(f"/staff/pathways/{_asked(request)}?done={done}", status_code=303)


async def _look(request: Request, form: PathwayForm) -> Looked:
    """The pathway as it would be published, or everything that is wrong with it, line by line."""
    errors = []
    if len(form.sample) > SAMPLE_LIMIT:
        said = f"The enquiry has {len(form.sample):,} characters. Shorten it to {SAMPLE_LIMIT:,}."
        errors.append(FieldError("sample", said))
    try:
        pathway = await run_in_threadpool(pathway_versions.read, _asked(request), form.text)
    except FileError as error:
        return Looked(None, [*(FieldError("text", sentence(str(each))) for each in error.problems), *errors])
    if pathway.id != _asked(request):
        errors.insert(
            0, FieldError("text", f"The id stays “{_asked(request)}”: write it so in the line that begins “id”.")
        )
    steps = pathway_checks.changed(pathway, asked(_asked(request), runtime_of(request).pathways()))
    errors += [FieldError("text", said) for said in await _unfillable(request, steps)]
    return Looked(None if errors else pathway, errors)


async def _unfillable(request: Request, steps: Iterable[Step]) -> list[str]:
    """What the index says against these steps; nothing when there is no index to ask yet."""
    try:
        problems = await pathway_checks.unfillable(steps, runtime_of(request).index)
    except NotReady:
        return []
    return [sentence(str(problem)) for problem in problems]


async def _edit_page(
    request: Request, form: PathwayForm, errors: list[FieldError], status: int = 200, conflict: bool = False
) -> Response:
    runtime = runtime_of(request)
    current = await run_in_threadpool(pathway_versions.current, runtime.database, _asked(request))
    context = {
        **await _form_context(request, form, errors),
        "current": current,
        "conflict": conflict,
        "expected": current.number if conflict else form.expected,
        "names": await run_in_threadpool(names, runtime) if current.number else {},
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
    }
    return staff_page(request, "staff_pathway.html", context, status)


async def _preview_page(request: Request, form: PathwayForm, pathway: Pathway, errors: list[FieldError]) -> Response:
    tried = form.sample.strip() or pathway.sample or pathway.title
    context = {
        **await _form_context(request, form, errors),
        "draft": pathway,
        "whens": plans.whens(pathway.steps),
        "guides": plans.of_pathway(pathway),
        "audience": plans.audience,
        "tried": tried,
        "effect": await effect(runtime_of(request), tried, pathway),
        "unfillable": await _unfillable(request, pathway.steps),
        "expected": form.expected,
    }
    return staff_page(request, "staff_pathway_preview.html", context)


async def _form_context(request: Request, form: PathwayForm, errors: list[FieldError]) -> dict[str, Any]:
    in_use = await run_in_threadpool(runtime_of(request).pathways)
    pathway = asked(_asked(request), in_use)
    by_field: dict[str, str] = {}
    for error in errors:
        by_field[error.field] = f"{by_field[error.field]} {error.message}" if error.field in by_field else error.message
    return {
        "pathway": pathway,
        "href": f"/staff/pathways/{pathway.id}",
        "values": form,
        "sample": form.sample or pathway.sample,
        "errors": errors,
        "error_by_field": by_field,
        "may_edit": policy.may(request.state.user, "taxonomy.edit"),
    }


async def _versions_page(request: Request, errors: list[FieldError], status: int = 200) -> Response:
    runtime = runtime_of(request)
    found = await run_in_threadpool(pathway_versions.history, runtime.database, _asked(request))
    context = {
        **await _form_context(request, PathwayForm(found[0].text, found[0].number), errors),
        "versions": found,
        "names": await run_in_threadpool(names, runtime),
    }
    return staff_page(request, "staff_pathway_versions.html", context, status)


async def _read(request: Request) -> PathwayForm:
    form = await read_form(request)
    said: Mapping[str, str] = {name: value for name, value in form.items() if isinstance(value, str)}
    plain = {name: said.get(name, "").replace("\r\n", "\n").replace("\0", "") for name in ("text", "note", "sample")}
    return PathwayForm(expected=_number(said.get("expected")), **plain)


def _number(typed: object) -> int:
    """A version number of a form; -1, which no version has, for anything else."""
    return int(typed) if isinstance(typed, str) and typed.isascii() and typed.isdigit() and len(typed) < 9 else -1


def _asked(request: Request) -> str:
    """The pathway of the address. Whoever looks it up raises NotFound."""
    code: str = request.path_params["pathway"]
    return code


PATHWAY = "/staff/pathways/{pathway}"
ROUTES = (
    Route("/staff/pathways", listed, methods=["GET"]),
    Route(PATHWAY, edit, methods=["GET"]),
    Route(f"{PATHWAY}/preview", preview, methods=["POST"]),
    Route(f"{PATHWAY}/publish", publish, methods=["POST"]),
    Route(f"{PATHWAY}/versions", versions, methods=["GET"]),
    Route(f"{PATHWAY}/restore", restore, methods=["POST"]),
)
