"""A partner's whole way through its pages with a place that must stay secret, typed into every field there is.

Three times: typed while the place was open and then made confidential, typed with the word confidential beside it, and
typed afterwards, in edits, the yearly review, room and the spreadsheet.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import select, update

from directory import records
from directory.partners import service_answers
from directory.partners.tables import PartnerMember, Registration
from directory.referrals.loop import new_key
from tests.builders import FIFE
from tests.directory.partners.partner_builders import MORAG, a_partner
from tests.directory.partners.verifying_builders import FOUND, WHERE
from tests.directory.referrals.builders import Time
from tests.web.casework import Worker
from tests.web.forms_of import Form, forms_of
from tests.web.visiting import Door

STREET = "77 Zyxbrackwynd Street"
PLACE = {
    "address_1": STREET, "address_2": "Zyxbrackwynd Flat", "city": "Zyxhidlemtown", "postal_code": "KY1 2AA",
}  # fmt: skip
TOLD = f"At {STREET}, Zyxhidlemtown, KY1 2AA"
WORDS = {
    "name": f"House {TOLD}", "kind": f"Refuge {TOLD}", "description": f"Talks. {TOLD}. Ring 01632 960866.",
    "phone": "01632 960866", "phone_note": f"Ring the bell. {TOLD}", "text_or_chat": f"Text 01632 960866. {TOLD}",
    "url": "https://zyxlairsite.example/find-us", "hours_text": f"By the door. {TOLD}", "public_name": f"House {TOLD}",
    "note": TOLD,
}  # fmt: skip
TYPED = frozenset({*PLACE, *WORDS})
"""Sent with every page, whether it asks for them or not."""
NEEDLES = ("zyxbrackwynd", "zyxhidlemtown", "zyxlairsite", "ky1 2aa", "ky12aa", "960866")
"""Whatever is found of these tells where it is."""
QUIET = {
    "name": "Quiet House", "kind": "Refuge", "description": "A safe place for women.", "families": ["domestic_abuse"],
    "needs": ["safety"], "harm_known": "any", "relations_known": "some", "relations": ["harmed_person"],
    "age_known": "none", "gender_known": "female", "coverage_known": "stated", "areas": [FIFE],
    "delivery": ["residential"], "referral_routes": ["self"], "hours_known": "stated", "hours_MO": "09:00 to 17:00",
    "state": "open", "languages": ["en"],
}  # fmt: skip
"""What may be said of it."""


@dataclass(slots=True)
class Way:
    """Walked by a partner and by staff; `service_id` the first service, hidden from the start of its public life;
    `second` one that was public with its address, and was hidden later."""

    worker: Worker
    door: Door = field(init=False)
    cookie: str = ""
    work_cookie: dict[str, str] = field(default_factory=dict)
    registration: str = ""
    owns: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Pages that took nothing, by their last word."""

    def __post_init__(self) -> None:
        desk = self.worker.desk
        self.door = Door(desk.running, desk.running.loop, Time(desk.now), desk.web)

    @property
    def service_id(self) -> str:
        return records.service_id("partner", service_answers.source_id(self.owns[0]))

    @property
    def second(self) -> str:
        return records.service_id("partner", service_answers.source_id(self.owns[1]))

    def walk(self) -> None:
        self.cookie = a_partner(self.worker.desk.running.loop).cookie
        self._about()
        self._first()
        self._second()
        self._published()
        self._work()
        self._edits()
        self._review_and_room()
        self._hidden_later()
        self._spreadsheet()

    def get(self, path: str) -> httpx.Response:
        return self.door.web.get(path, **self._cookie(path))

    def post(self, path: str, data: dict[str, Any]) -> httpx.Response:
        answer = self.door.web.post(path, {"key": new_key(), **data}, **self._cookie(path))
        assert answer.status_code < 500, (path, answer.text)
        return answer

    def send(self, path: str, **typed: Any) -> httpx.Response:
        """The form of a page with what stands in it, and what is typed over it."""
        page = self.get(path)
        assert page.status_code == 200, (path, page.status_code)
        form = next(each for each in forms_of(page.text) if each.action in ("", path))
        return self.post(
            path, _held(form) | {name: typed[name] for name in typed if name in form.fields or name in TYPED}
        )

    def taken(self, path: str, **typed: Any) -> None:
        answer = self.send(path, **typed)
        assert answer.status_code == 303, (path, answer.status_code, _errors(answer))

    def tried(self, path: str, **typed: Any) -> None:
        """Sent, whatever comes of it: where its words would be kept they must be refused."""
        if self.send(path, **typed).status_code == 422:
            self.refused.append(f"{path.split('/')[2]} {path.rpartition('/')[2]}")

    def _cookie(self, path: str) -> dict[str, str]:
        if path.startswith("/partners/work"):
            return self.work_cookie
        return {"Cookie": f"waymark-partner={self.cookie}"}

    @property
    def _home(self) -> str:
        return f"/partners/registrations/{self.registration}"

    def _about(self) -> None:
        answer = self.post("/partners/registrations", {})
        self.registration = answer.headers["location"].split("/registrations/")[1].split("/")[0].split("?")[0]
        self.taken(
            f"{self._home}/organization", organization="Quiet Trust", charity_number="SC012345",
            url="https://quiet.example/", phone="01632 960020",
        )  # fmt: skip
        self.taken(f"{self._home}/contact", name="Morag Reid", role="Manager", phone="01632 960021")
        self.taken(f"{self._home}/referrals", email=MORAG)

    def _service(self) -> str:
        page = self.get(self._home)
        form = next(each for each in forms_of(page.text) if each.action == f"{self._home}/services")
        answer = self.post(f"{self._home}/services", _held(form))
        assert answer.status_code == 303, answer.text
        path = answer.headers["location"].split("?")[0].rpartition("/")[0]
        self.owns.append(path.rpartition("/")[2])
        return path

    def _pages(self, path: str, **said: Any) -> None:
        for page in service_answers.PAGES:
            self.taken(f"{path}/{page.code}", **{**QUIET, **said})

    def _first(self) -> None:
        """Open, with the place in every field; then confidential, with the place in every field again."""
        path = self._service()
        self._pages(path, **WORDS, **PLACE, visibility="exact")
        assert STREET in self.get(f"{path}/preview").text
        asked_again = self.send(f"{path}/place", **{**QUIET, **PLACE, "visibility": "undisclosed"})
        assert asked_again.status_code == 200, _errors(asked_again)  # with the words that must be written anew
        for page in service_answers.PAGES:
            self.tried(f"{path}/{page.code}", **{**QUIET, **WORDS, **PLACE, "visibility": "undisclosed"})
        clean = dict.fromkeys(WORDS, "") | QUIET
        for page in service_answers.PAGES:
            self.taken(f"{path}/{page.code}", **{**clean, **PLACE, "visibility": "undisclosed"})
        self.get(f"{path}/preview")

    def _second(self) -> None:
        """Open, and public so."""
        said = {"name": "Loud House", "phone": "01632 960022", "url": "https://quiet.example/loud"}
        self._pages(self._service(), **{**PLACE, **said, "visibility": "exact"})

    def _published(self) -> None:
        loop = self.worker.desk.running.loop
        answer = self.post(f"{self._home}/do/submit", _held(self._form_of("/do/submit")))
        assert answer.status_code == 303, (answer.status_code, _errors(answer))
        self.worker.go_round()
        staff = f"/staff/registrations/{self.registration}"
        for form in (
            {"act": "call", "number": FOUND, "found_at": WHERE, "result": "yes"},
            {"act": "check", "kind": "charity_number", "charity_number": WHERE, "right": "yes"},
            {"act": "check", "kind": "sharing_terms", "sharing_terms": "2026-11-20", "right": "yes"},
            {"act": "check", "kind": "duplicates", "duplicates": WHERE, "right": "yes"},
        ):
            self._staff("worker", f"{staff}/check", **form)
        for role in ("editor", "supervisor"):
            answer = self._staff(role, f"{staff}/decide", act="approve")
            assert answer.status_code == 303, _errors(answer)
        with loop.database.reading() as session:
            assert session.get_one(Registration, self.registration).state == "approved"

    def _form_of(self, end: str) -> Form:
        for path in (f"{self._home}/check", self._home):
            for form in forms_of(self.get(path).text):
                if form.action.endswith(end):
                    return form
        raise AssertionError(f"no form for {end}")

    def _staff(self, role: str, path: str, **form: str) -> httpx.Response:
        desk = self.worker.desk
        with desk.running.loop.database.reading() as session:
            version = session.get_one(Registration, self.registration).version
        sent = {"key": new_key(), "version": str(version), **form}
        return desk.web.post(path, sent, **desk.cookie(role))

    def _work(self) -> None:
        """The owner has an account from now on."""
        desk = self.worker.desk
        with desk.running.database.session() as session:
            session.execute(update(PartnerMember).values(account_id=desk.ids["partner"]))
            assert session.scalars(select(PartnerMember.account_id)).one() == desk.ids["partner"]
        self.work_cookie = desk.cookie("partner")

    def _edits(self) -> None:
        """Of the service that is confidential."""
        for group in ("what", "who", "where", "contact", "access"):
            path = f"/partners/work/services/{self.service_id}/edit/{group}"
            self.tried(path, **WORDS, **PLACE, visibility="undisclosed")
            self.tried(path, **WORDS, **PLACE)

    def _review_and_room(self) -> None:
        for own in (self.service_id, self.second):
            path = f"/partners/services/{own}/review"
            form = _held(next(each for each in forms_of(self.get(path).text) if each.action in ("", path)))
            facts = ("name", "what", "premises", "phone", "url", "hours")
            said = {f"said_{fact}": TOLD for fact in facts}
            self.post(path, {**form, "wrong": list(facts), **said, "do": "wrong"})
            room = f"/partners/services/{own}/room"
            page = self.get(room)
            self.post(room, {**_held(forms_of(page.text)[0]), "room": "full:day", "until": TOLD})

    def _hidden_later(self) -> None:
        """A place that was public is confidential from now on; a change of it that waited is gone."""
        path = f"/partners/work/services/{self.second}/edit/where"
        waits = f"/partners/work/services/{self.second}/edit/what"
        self.tried(waits, name="House in Zyxbrackwynd Street")
        self.taken(path, visibility="undisclosed", public_name="Loud House", **PLACE)

    def _spreadsheet(self) -> None:
        labels = {
            "Is its place public?": "confidential", "Street and number": STREET, "Postcode": "KY1 2AA",
            "Town": "Zyxhidlemtown", "More of the address": "Zyxbrackwynd Flat", "Phone": "01632 960866",
            "Website": WORDS["url"],
        }  # fmt: skip
        telling = {"Description": TOLD, "Note beside the number": TOLD}
        rows = [
            {"Our number": self.service_id, **labels},
            {"Our number": self.second, **telling},
            {"Name of the service": "Third House", **labels},
            {"Name of the service": "Fourth House", **labels, **telling},
            {"Name of the service": WORDS["name"], **labels},
        ]
        columns = list(dict.fromkeys(["Our number", "Name of the service", *(name for row in rows for name in row)]))
        lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
        content = "\r\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode()
        with self.worker.desk.running.database.reading() as session:
            partner_id = session.scalars(select(PartnerMember.partner_id)).one()
        data = {"key": str(uuid4()), "do": "save", "partner": partner_id}
        headers = {"Sec-Fetch-Site": "same-origin", **self.work_cookie}
        web = self.door.web
        answer = web.send("POST", "/partners/work/bulk", files={"file": ("r.csv", content)}, data=data, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.text.count("Nothing of this row was taken.") == 3, answer.text


def _held(form: Form) -> dict[str, Any]:
    """What a browser would send of a form that nobody touched."""
    found: dict[str, Any] = {}
    for each in form.fields.values():
        if each.kind == "checkbox":
            found[each.name] = each.values
        elif each.values and each.kind != "file":
            found[each.name] = each.values[0]
    return found


def _errors(answer: httpx.Response) -> str:
    return answer.text.partition("govuk-error-summary")[2][:1500] or answer.text[-1500:]
