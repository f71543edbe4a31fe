"""A provider at a link: `visitor = Visitor(door, link)`; it keeps its cookies, and posts the forms it is shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from directory import runtime
from directory.database import Database
from directory.referrals.loop import Loop
from tests.directory.referrals.builders import Time, a_loop_over
from tests.directory.referrals.door_builders import Link, codes_of
from tests.web.conftest import Web
from web.app import create_app


@dataclass(slots=True)
class Door:
    """Pages over a record of their own, with a loop and a clock of their own."""

    running: runtime.Runtime
    loop: Loop
    clock: Time
    web: Web


def a_door(installation: runtime.Runtime, record: Database, home: Path) -> Door:
    clock = Time()
    loop = a_loop_over(record, home, clock)
    running = replace(installation, database=record, clock=clock)
    running._loop = loop
    return Door(running, loop, clock, Web(create_app(running)))


@dataclass(slots=True)
class Visitor:
    """One browser at one link."""

    door: Door
    link: Link
    cookies: dict[str, str] = field(default_factory=dict)
    shown: httpx.Response | None = None

    @property
    def path(self) -> str:
        return f"/r/{self.link.token}"

    def get(self, rest: str = "") -> httpx.Response:
        return self._sent(self.door.web.get(self.path + rest, **self._headers))

    def post(self, rest: str = "", data: Mapping[str, Any] | None = None) -> httpx.Response:
        """A form posted; a redirect is followed."""
        answer = self._sent(self.door.web.post(self.path + rest, dict(data or {}), **self._headers))
        if answer.status_code == 303:
            return self._sent(self.door.web.get(answer.headers["location"], **self._headers))
        return answer

    def code(self) -> str:
        """Asks for a code, and reads it in the mailbox."""
        self.post()
        return codes_of(self.door.loop, self.link)[-1]

    def enter(self, name: str = "Mo Reid") -> httpx.Response:
        return self.post("/enter", {"code": self.code(), "name": name})

    def reply(self, name: str, **fields: str) -> httpx.Response:
        """One answer by its form on the page that is shown, with what the form holds already."""
        return self.post(f"/referral/{name}", {**self.form(name), **fields})

    def form(self, name: str) -> dict[str, str]:
        """What the form of an answer holds as it is shown."""
        assert self.shown is not None
        found = re.search(rf'<form action="[^"]*/referral/{name}".*?</form>', self.shown.text, re.DOTALL)
        assert found, f"no form for {name}"
        inputs = re.findall(r"<input [^>]*>", found[0])
        said = [dict(re.findall(r'([a-z]+)="([^"]*)"', each)) | {"on": "checked" in each} for each in inputs]
        return {
            str(each["name"]): unescape(str(each.get("value", "")))
            for each in said
            if each.get("type") != "radio" or each["on"]
        }

    @property
    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}

    def _sent(self, answer: httpx.Response) -> httpx.Response:
        self.cookies.update(answer.cookies)
        if "text/html" in answer.headers.get("content-type", ""):
            self.shown = answer
        return answer
