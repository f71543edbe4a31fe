"""Whether a service that somebody registers is here already: what is offered to them, of what anybody finds."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from directory.editing.adding import Likely
from directory.partners import claiming, registrations
from directory.partners.registrations import Kept
from web.loop_forms import loop_of


async def alike(request: Request, kept: Kept, own: str) -> list[Likely]:
    """Public services that may be this one, while it can be said."""
    if kept.state not in registrations.OPEN:
        return []
    loop = loop_of(request)

    def offered() -> tuple[Likely, ...]:
        with loop.database.reading() as session:
            return claiming.offered(session, kept, own)

    return [each for each in await run_in_threadpool(offered) if await is_public(request, each.id)]


async def is_public(request: Request, service_id: str) -> bool:
    """Whether anybody can find it: no other service is named to somebody whom nobody has checked."""
    found = await request.app.state.runtime.index.get(service_id) if service_id else None
    return found is not None and found.id == service_id
