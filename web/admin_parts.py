"""What every page of the administration shares: its errors at their fields, and names of accounts."""

from collections.abc import Collection, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from directory.accounts import policy
from directory.errors import WaymarkError
from directory.referrals.live_settings import NotSafe
from directory.referrals.loop import new_key
from directory.referrals.wording_versions import NotTier0
from web.auth import staff_page
from web.editor_lists import names
from web.forms import FieldError, runtime_of
from web.loop_forms import field_errors

HOME = "/staff/admin"


async def admin_page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    error: WaymarkError | None = None,
    *,
    otherwise: str = "top",
    fields: Collection[str] = (),
) -> Response:
    """A page of the administration, with the errors of what was tried: each at its field, others at `otherwise`."""
    errors = errors_of(error, otherwise, fields)
    by_field: dict[str, str] = {}
    for each in errors:
        by_field[each.field] = f"{by_field[each.field]} {each.message}" if each.field in by_field else each.message
    shared = {
        "errors": errors,
        "error_by_field": by_field,
        "key": new_key(),
        "names": await run_in_threadpool(names, runtime_of(request)),
        "may_change": policy.may(request.state.user, "settings.change"),
    }
    return staff_page(request, template, {**shared, **context}, error.status if error else 200)


def errors_of(error: WaymarkError | None, otherwise: str, fields: Collection[str] = ()) -> list[FieldError]:
    """Every mistake at its field; one whose field is not on the page (`fields`, when given) at `otherwise`."""
    if isinstance(error, NotSafe):
        found = [FieldError(name, said) for name, said in error.problems.items()]
    elif isinstance(error, NotTier0):
        found = [FieldError(each.field, each.said) for each in error.problems]
    else:
        found = field_errors(error, otherwise)
    shown = [each if not fields or each.field in fields else FieldError(otherwise, each.message) for each in found]
    return list(dict.fromkeys(shown))
