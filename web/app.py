"""The web application, wired in one place: routes in one table, what stands round every request, errors mapped once."""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from directory.accounts.steps import StepOver
from directory.errors import NotSignedIn, WaymarkError
from directory.matching import safety
from directory.referrals.case_rows import PurposeNeeded
from directory.runtime import Runtime
from web import (
    account,
    account_set_up,
    admin,
    agencies,
    answers,
    auth,
    broken,
    call,
    case_access,
    case_opening,
    cases,
    changes,
    duplicates,
    edit_samples,
    editor,
    explained,
    first_admin,
    gaps,
    guards,
    hand_ins,
    health,
    locking,
    mail,
    mailboxes,
    match,
    messages,
    organization_sign_in,
    pages,
    partner_about,
    partner_bulk,
    partner_card,
    partner_edit,
    partner_elsewhere,
    partner_entry,
    partner_inbox,
    partner_join,
    partner_review,
    partner_room,
    partner_service,
    partner_service_beside,
    partner_team,
    partner_work,
    partners,
    pathway_editor,
    pathways,
    proposals,
    referral_draft,
    referral_person,
    referrals,
    registrations,
    render,
    search,
    service_editor,
    service_history,
    sheets,
    shortlists,
    sign_in,
    source_runs,
    sources,
    spreadsheets,
    staff_service,
    stale,
    team,
    vocabulary,
    worklist,
)
from web.forms import TooLarge

LOG = logging.getLogger("waymark.web")
HARD_LIMIT = 1024 * 1024
"""Bytes of a body after which nothing more is read; `guards.FORM_BYTES` answers politely before that."""

ROUTES: tuple[BaseRoute, ...] = (
    Route("/", pages.home, methods=["GET"]),
    Route("/match", match.short_form, methods=["GET"]),
    Route("/match", match.match, methods=["POST"]),
    Route("/match.json", match.match_json, methods=["POST"]),
    *explained.ROUTES,
    Route("/services", search.services, methods=["GET"]),
    Route("/services", search.search_by_post, methods=["POST"]),
    Route("/services.json", search.services_json, methods=["GET"]),
    Route("/services.csv", search.services_csv, methods=["GET"]),
    Route("/services/{service_id}.json", pages.service_json, methods=["GET"]),
    Route("/services/{service_id}", pages.service, methods=["GET"]),
    Route("/leave", pages.leave, methods=["GET"]),
    *sign_in.ROUTES,
    *organization_sign_in.ROUTES,
    *first_admin.ROUTES,
    Route("/staff", auth.home, methods=["GET"]),
    *account.ROUTES,
    *locking.ROUTES,
    *worklist.ROUTES,
    *team.ROUTES,
    *case_access.ROUTES,
    *call.ROUTES,
    *case_opening.ROUTES,
    *cases.ROUTES,
    *shortlists.ROUTES,
    *sheets.ROUTES,
    *messages.ROUTES,
    *referral_draft.ROUTES,
    *referral_person.ROUTES,
    *referrals.ROUTES,
    *hand_ins.ROUTES,
    *agencies.ROUTES,
    *mailboxes.ROUTES,
    *mail.ROUTES,
    *admin.ROUTES,
    *account_set_up.ROUTES,
    *editor.ROUTES,
    *pathway_editor.ROUTES,
    *pathways.ROUTES,
    *gaps.ROUTES,
    *spreadsheets.ROUTES,
    *service_editor.ROUTES,
    *service_history.ROUTES,
    *staff_service.ROUTES,
    *proposals.ROUTES,
    *edit_samples.ROUTES,
    *stale.ROUTES,
    *broken.ROUTES,
    *duplicates.ROUTES,
    *registrations.ROUTES,
    *source_runs.ROUTES,
    *sources.ROUTES,
    Route("/vocabulary", vocabulary.vocabulary, methods=["GET"]),
    Route("/vocabulary.json", vocabulary.vocabulary_json, methods=["GET"]),
    Route("/vocabulary/{taxonomy}/{code}.json", vocabulary.term_page_json, methods=["GET"]),
    Route("/vocabulary/{taxonomy}/{code}", vocabulary.term_page, methods=["GET"]),
    *changes.ROUTES,
    *answers.ROUTES,
    *partner_entry.ROUTES,
    *partner_card.ROUTES,
    *partner_elsewhere.ROUTES,
    *partner_bulk.ROUTES,
    *partner_review.ROUTES,
    *partner_room.ROUTES,
    *partner_join.ROUTES,
    *partner_work.ROUTES,
    *partner_team.ROUTES,
    *partner_inbox.ROUTES,
    *partner_edit.ROUTES,
    *partners.ROUTES,
    *partner_about.ROUTES,
    *partner_service_beside.ROUTES,
    *partner_service.ROUTES,
    Route("/about-data", pages.about_data, methods=["GET"]),
    Route("/accessibility", pages.accessibility, methods=["GET"]),
    Route("/healthz", health.healthz, methods=["GET"]),
    Route("/readyz", health.readyz, methods=["GET"]),
    Route("/metrics", health.metrics, methods=["GET"]),
    Route("/robots.txt", pages.robots, methods=["GET"]),
    Route("/static/{name}", pages.static, methods=["GET"]),
)
MESSAGES = {
    404: ("There is no page at this address.", "Check the address, or start from the search."),
    405: ("This address cannot be used that way.", "Start from the search."),
}


def create_app(runtime: Runtime) -> Starlette:
    """The pages over one runtime. Templates are compiled here, so that no first reader waits."""
    render.warm()

    @asynccontextmanager
    async def serving(_: Starlette) -> AsyncIterator[None]:
        yield
        await runtime.index.close()

    app = Starlette(
        routes=ROUTES,
        lifespan=serving,
        middleware=[
            Middleware(guards.AccessLogMiddleware),
            Middleware(guards.HeadersMiddleware),
            Middleware(guards.ErrorsMiddleware, answer=any_error),
            Middleware(guards.TooLargeMiddleware, answer=too_large),
            Middleware(RequestBodyLimitMiddleware, max_body_size=HARD_LIMIT),
            Middleware(guards.SameOriginMiddleware, public_url=runtime.settings.public_url),
        ],
        exception_handlers={
            NotSignedIn: auth.to_sign_in,
            StepOver: sign_in.step_over,
            auth.SessionLocked: locking.locked,
            PurposeNeeded: case_access.ask_why,
            WaymarkError: any_error,
            HTTPException: http_error,
        },
    )
    app.state.runtime = runtime
    return app


def any_error(request: Request, error: Exception) -> Response:
    """Raised on purpose: its own status, what is wrong and what to do. Anything else is a mistake of ours."""
    if isinstance(error, WaymarkError):
        return error_page(request, error.status, error.message, error.advice)
    return unknown_error(request, error)


def http_error(request: Request, error: Exception) -> Response:
    """Starlette's own: no such route, wrong method, too large."""
    assert isinstance(error, HTTPException)
    if error.status_code == 413:
        return too_large(request)
    message, advice = MESSAGES.get(error.status_code, ("This request cannot be read.", "Start from the search."))
    answer = error_page(request, error.status_code, message, advice)
    answer.headers.update(error.headers or {})
    return answer


def too_large(request: Request) -> Response:
    """For a body over the limit: what to do, and that nothing happened."""
    return any_error(request, TooLarge())


def unknown_error(request: Request, error: Exception) -> Response:
    """A mistake of ours: an id for the reader and the log. The log gets the place in our code and no value: an
    exception's own words may hold a person's."""
    number = secrets.token_hex(4)
    LOG.error("error %s: %s at %s", number, type(error).__name__, guards.where(error))
    return error_page(
        request, 500, "Something went wrong here.", f"Try again. If it stays so, say this number: {number}."
    )


def error_page(request: Request, status: int, message: str, advice: str) -> Response:
    """The same error as a page, or as JSON where JSON was asked for."""
    path, accept = request.url.path, request.headers.get("accept", "")
    if path.endswith(".json") or ("application/json" in accept and "text/html" not in accept):
        return JSONResponse({"error": message, "advice": advice}, status_code=status)
    runtime: Runtime = request.app.state.runtime
    context = {
        "status": status,
        "message": message,
        "advice": advice,
        "safety": safety.all_lines() if status >= 500 else (),  # no dead end when nothing else answers
        "live": runtime.settings.live,
    }
    return render.page("error.html", context, status=status, headers={"X-Robots-Tag": "noindex"})
