"""The history of a service: every version with what differs and by whose word, and how it stood on a day."""

from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.accounts import policy
from directory.editing import history
from directory.editing.history import History, Shown
from directory.runtime import Runtime
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import FieldError
from web.loop_forms import path_id
from web.staff_service import by_words


@staff("services.view")
async def history_page(request: Request) -> Response:
    """GET /staff/services/{id}/history: newest first; `on` a day shows how it stood at its end."""
    runtime: Runtime = request.app.state.runtime
    service_id, asked = path_id(request, "service_id"), request.query_params.get("on", "").strip()
    day, errors = _day(asked, runtime.clock().date())

    def read() -> tuple[History, tuple[Shown, ...]]:
        with runtime.database.reading() as session:
            shown = history.on(session, service_id, day) if day else ()
            return history.read(session, service_id), shown

    found, shown = await run_in_threadpool(read)
    context: dict[str, Any] = {
        "found": found,
        "href": f"/staff/services/{found.id}",
        "on": asked,
        "day": day,
        "shown": shown,
        "by": by_words,
        "people": await run_in_threadpool(names, runtime),
        "may_edit": policy.may(request.state.user, "services.edit"),
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
    }
    return staff_page(request, "staff_service_history.html", context, 422 if errors else 200)


def _day(text: str, today: date) -> tuple[date | None, list[FieldError]]:
    if not text:
        return None, []
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None, [FieldError("on", "That is not a day. Write it like 2026-11-30, or choose it.")]
    if found > today or found.year < 2000:
        return None, [FieldError("on", "That day is not in the record. Choose one up to today.")]
    return found, []


ROUTES = (Route("/staff/services/{service_id}/history", history_page, methods=["GET"]),)
