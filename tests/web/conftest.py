"""One small installation for all page tests: real record, index and places, with a few made-up services."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import anyio
import httpx
import pytest
from starlette.applications import Starlette

from directory import runtime, settings
from directory.draft import AgeLimit, Coverage, GenderRule
from directory.referrals import sealing
from directory.search import indexing
from directory.values import Confidence, Known, Point, Visibility
from tests.builders import FIFE, NOON, a_document, a_draft, a_record, a_withheld_draft, write
from web.app import create_app

PUBLIC_URL = "http://localhost:8000"
COUNSELLORS = 23
"""Counselling services in Fife: three pages of ten."""
SECRETS = ("77 Secret Wynd", "Hidlem", "KY99 9ZZ", "01632 960777", "hidden.example", "56.123", "text 88777")
"""What the planted document says of a withheld place; no page may repeat any of it."""
PLANTED_ID = "00000000-0000-5000-8000-000000000977"


def _drafts() -> list[Any]:
    fife = Coverage(Known.STATED, (FIFE,))
    counsellors = [
        a_draft(
            source_id=f"c{number:02}", name=f"Kingdom Counselling {number:02}", organization="Kingdom", coverage=fife
        )
        for number in range(1, COUNSELLORS + 1)
    ]
    national = a_draft(
        source_id="n1", name="Saltire Victim Line", organization="Saltire", families=("safety", "victim_support"),
        coverage=Coverage(Known.STATED, ("SCOTLAND",)), harms=("any",), any_harm=True, age=AgeLimit(Known.NONE),
        gender=GenderRule(Known.NONE), needs=("emotional_support", "safety"),
    )  # fmt: skip
    vague = a_draft(
        source_id="v1", name="Vague Youth Project", organization="Vague", families=("youth",), age=AgeLimit(),
        gender=GenderRule(), coverage=Coverage(), needs=(), languages=(), referral_routes=(),
    )  # fmt: skip
    formula = a_draft(
        source_id="x1", name='=HYPERLINK("http://evil.example","click")', organization="@SUM(1)", coverage=fife,
        description="<script>alert(1)</script>", url="javascript:alert(1)", families=("hate_crime",), needs=(),
    )  # fmt: skip
    return [a_draft(), *counsellors, national, vague, formula, a_withheld_draft(coverage=fife)]


def planted() -> Any:
    """A document that should never have got into an index: a withheld service with its whole place."""
    return a_document(
        id=PLANTED_ID, source_id="p1", name="Planted Women's Aid", organization="Planted", families=("domestic_abuse",),
        kind="Women's Aid group", visibility=Visibility.UNDISCLOSED, address="77 Secret Wynd, Hidlem", city="Hidlem",
        postal_code="KY99 9ZZ", point=Point(56.123, -3.2), phone="01632 960777", phone_note="Ask the helpline.",
        url="https://hidden.example/", source_url="https://hidden.example/about", text_or_chat="text 88777",
        coverage=Coverage(Known.STATED, (FIFE,)), harms=("domestic_abuse",), age=AgeLimit(),
        confidence=Confidence.REGISTER.value,
    )  # fmt: skip


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[runtime.Runtime]:
    """A runtime over a record and an index of their own."""
    home = tmp_path_factory.mktemp("waymark")
    record = a_record(home)
    sealing.make_keys(home / "key")
    write(record, *_drafts())
    record.close()
    chosen = settings.read({"WAYMARK_HOME": str(home), "WAYMARK_PUBLIC_URL": PUBLIC_URL})
    running = runtime.build(chosen, clock=lambda: NOON)
    anyio.run(indexing.rebuild, running.database, running.index, lambda: NOON)
    anyio.run(running.index.put, [planted()])
    yield running
    running.close()


@dataclass(frozen=True, slots=True)
class Web:
    """A browser's place in these tests: `get` and `post` give the answer, redirects not followed."""

    app: Starlette

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """A form posted from our own page."""
        return self.send("POST", path, data=data or {}, headers={"Sec-Fetch-Site": "same-origin", **headers})

    def send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
                return await client.request(method, path, **parts)

        return anyio.run(sent)


@pytest.fixture(scope="session")
def web(installation: runtime.Runtime) -> Web:
    return Web(create_app(installation))


@pytest.fixture(scope="session")
def live_web(installation: runtime.Runtime) -> Web:
    """The same installation, marked live."""
    live = replace(installation.settings, live=True)
    return Web(create_app(replace(installation, settings=live)))
