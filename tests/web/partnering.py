"""A partner in a browser of their own: `PartnerVisitor(door).come_in()`; it keeps cookies, and posts the forms it is
shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from typing import Any

import httpx

from tests.directory.partners.partner_builders import MORAG, codes_to
from tests.web.visiting import Door


@dataclass(slots=True)
class PartnerVisitor:
    """`shown` is the page that was answered last, redirects followed."""

    door: Door
    cookies: dict[str, str] = field(default_factory=dict)
    shown: httpx.Response | None = None
    path: str = ""

    def get(self, path: str) -> httpx.Response:
        return self._follow(self._sent(path, self.door.web.get(path, **self._headers)))

    def post(self, path: str, data: Mapping[str, Any] | None = None) -> httpx.Response:
        return self._follow(self._sent(path, self.door.web.post(path, dict(data or {}), **self._headers)))

    def send(self, action: str, **changes: str) -> httpx.Response:
        """The form of this address on the page that is shown, with what it holds already and these changes."""
        return self.post(action or self.path, {**self.form(action), **changes})

    def come_in(self, email: str = MORAG, next_path: str = "") -> httpx.Response:
        self.get(f"/partners?next={next_path}" if next_path else "/partners")
        self.send("/partners/code", email=email)
        return self.send("/partners/enter", code=codes_to(self.door.loop, email)[-1])

    def form(self, action: str) -> dict[str, str]:
        """What a form holds as it is shown; "" for one that names no address."""
        assert self.shown is not None
        named = f' action="{re.escape(action)}"' if action else "(?! action)"
        found = re.search(rf"<form{named}[^>]*>.*?</form>", self.shown.text, re.DOTALL)
        assert found, f"no form for {action}: {self.shown.text[-3000:]}"
        said = {}
        for each in re.findall(r"<(?:input|button) [^>]*>", found[0], re.DOTALL):
            parts = dict(re.findall(r'([a-z-]+)="([^"]*)"', each))
            boxed = parts.get("type") in {"checkbox", "radio"}
            if "name" in parts and (not boxed or " checked" in each):
                said[parts["name"]] = unescape(parts.get("value", ""))
        return said

    @property
    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}

    def _sent(self, path: str, answer: httpx.Response) -> httpx.Response:
        self.path, self.shown = path.partition("?")[0], answer
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def _follow(self, answer: httpx.Response) -> httpx.Response:
        while answer.status_code == 303:
            path = answer.headers["location"]
            answer = self._sent(path, self.door.web.get(path, **self._headers))
        return answer
