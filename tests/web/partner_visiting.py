"""A provider who has proved a mailbox, in a browser: it keeps its cookie, and posts the forms it is shown."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from directory.partners import registrations
from directory.partners.answers import Answers, Organization
from directory.partners.registrations import Kept
from directory.partners.service_answers import with_new
from tests.directory.partners.partner_builders import AtDoor, a_partner, ask_of, kept
from tests.web.forms_of import Form, forms_of
from tests.web.visiting import Door

SALTIRE = Organization("Saltire Trust", "SC012345", "", "https://saltire.example/", "01632 960001")


@dataclass(slots=True)
class Provider:
    """One of them, with a registration whose own pages are filled in."""

    door: Door
    at: AtDoor
    registration: str

    def get(self, path: str) -> httpx.Response:
        return self.door.web.get(path, **self.cookie)

    def post(self, path: str, data: dict[str, Any]) -> httpx.Response:
        return self.door.web.post(path, data, **self.cookie)

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"waymark-partner={self.at.cookie}"}

    @property
    def path(self) -> str:
        return f"/partners/registrations/{self.registration}"

    @property
    def kept(self) -> Kept:
        return kept(self.door.loop, self.at.inside, self.registration)

    @property
    def answers(self) -> Answers:
        return self.kept.answers

    def new_service(self) -> str:
        """Adds an empty service; its path."""
        own, loop = uuid4().hex, self.door.loop
        ask = ask_of(loop, self.at.inside, self.kept.version)
        registrations.change(
            loop, ask, self.at.inside, self.registration, lambda before: with_new(before, own, 20), "service_add"
        )
        return f"{self.path}/services/{own}"

    def form(self, path: str) -> Form:
        """The form of a page of questions as it is shown."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        return next(each for each in forms_of(page.text) if each.action == path)

    def send(self, path: str, **typed: Any) -> httpx.Response:
        """A page sent with what stands in it, and what is typed over it."""
        held: dict[str, Any] = {}
        for each in self.form(path).fields.values():
            if each.kind == "checkbox":
                held[each.name] = each.values
            elif each.values:
                held[each.name] = each.values[0]
        return self.post(path, held | typed)


def a_provider(door: Door, email: str = "") -> Provider:
    """Somebody who has begun a registration and filled in its organization, from a mailbox of their own."""
    at = a_partner(door.loop, email or f"morag-{uuid4().hex[:8]}@harbour.example")
    own = registrations.begin(door.loop, ask_of(door.loop, at.inside), at.inside)["id"]
    filled = Answers(organization=SALTIRE, done=("organization",))
    registrations.change(door.loop, ask_of(door.loop, at.inside, 1), at.inside, own, lambda _: filled, "organization")
    return Provider(door, at, own)
