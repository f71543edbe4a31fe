"""The page of keys: which there are, what is sealed under each, how to rotate, and whether the audit still verifies."""

from dataclasses import asdict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.errors import WaymarkError
from directory.referrals import chain_state, erasing, rotating
from directory.referrals.audit_chain import HEADS, Verified
from web.admin_parts import HOME, admin_page
from web.auth import staff
from web.forms import read_form, runtime_of
from web.loop_forms import ask_of, done, texts


@staff("settings.view")
async def keys_page(request: Request) -> Response:
    """GET /staff/admin/keys."""
    return await _page(request, None, None)


@staff("settings.view")
async def verify(request: Request) -> Response:
    """POST /staff/admin/keys: goes through the audit's whole chain now."""
    runtime, form = runtime_of(request), texts(await read_form(request))
    ask = ask_of(request, form)
    found, error = await done(lambda: chain_state.verify(runtime.loop, ask, runtime.settings.home))
    return await _page(request, found, error)


async def _page(request: Request, verified: Verified | None, error: WaymarkError | None) -> Response:
    runtime = runtime_of(request)
    loop, home = runtime.loop, runtime.settings.home
    chain, trouble = await done(lambda: chain_state.state(loop, home))
    context = {
        "uses": await run_in_threadpool(rotating.uses, loop),
        "in_file": list(loop.keys.masters),
        "chain": asdict(chain) if chain else None,
        "verified": verified,
        "key_file": str(runtime.settings.key_file),
        "apart": [str(runtime.settings.key_file), str(home / HEADS), str(home / erasing.LEDGER)],
    }
    return await admin_page(request, "staff_admin_keys.html", context, error or trouble, otherwise="key-file")


ROUTES = (
    Route(f"{HOME}/keys", keys_page, methods=["GET"]),
    Route(f"{HOME}/keys", verify, methods=["POST"]),
)
