"""One whole journey through the pages in which everything personal is a canary: words that occur nowhere else."""

import re
import secrets
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from sqlalchemy import select

from directory.accounts.tables import AccountRole
from directory.referrals import locators
from directory.referrals.loop import new_key
from directory.referrals.tables import Locator, Mailbox, Need, Referral, SafetyPlan
from tests.directory.referrals import builders
from tests.directory.referrals.builders import SERVICE, Time
from tests.directory.referrals.door_builders import Link
from tests.web.casework import FORM, Worker
from tests.web.visiting import Door, Visitor

WORDS = (
    "name", "full_name", "address", "school", "account", "who_must_not_know", "note", "named", "notes", "summary",
    "agency_reference", "theirs", "what", "told_whom", "to_whom", "complaint", "plan", "passphrase", "typed_name",
    "heard", "asked",
)  # fmt: skip
COLLEAGUE = "analyst"
"""Who helps out as a worker (`a_colleague`)."""
TIER_3 = ("name", "value", "notes")
"""Canaries that a provider reads after its yes."""


@dataclass(slots=True)
class Canaries:
    """Of one person; `planted` is every one by the field it was written into."""

    number: int
    planted: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in WORDS:
            self.planted[name] = f"Zyx{''.join(secrets.choice('bcdfghjklmnpqrstvwxz') for _ in range(14))}"
        self.planted |= {
            "value": f"01632 960{500 + self.number:03}",
            "date_of_birth": f"2012-07-{1 + self.number % 28:02}",
            "postcode": f"KY99 {self.number % 10}ZZ",
            "mailbox": f"{self.planted['name'][:9].lower()}box@harbour.example",
            "second": f"{self.planted['name'][:9].lower()}two@harbour.example",
        }

    @property
    def searched(self) -> list[tuple[str, str]]:
        """Each with its field, as it could stand somewhere: the number also in one piece, and as from abroad."""
        number = self.planted["value"].replace(" ", "")
        return [
            *self.planted.items(),
            ("value", number),
            ("value", number[1:]),
            ("value", f"{number[1:5]} {number[5:]}"),
        ]


@dataclass(slots=True)
class Journey:
    """Walked by a worker and a provider; `urls` and `answers` are all that went over the wire."""

    worker: Worker
    canaries: Canaries
    urls: list[str] = field(default_factory=list)
    to_provider: dict[str, list[str]] = field(default_factory=dict)

    def get(self, path: str) -> httpx.Response:
        self.urls.append(path)
        return self.worker.get(path)

    def post(self, path: str, **form: str) -> httpx.Response:
        answer = self.worker.post(path, **{"key": new_key(), **form})
        self.urls += [path, answer.headers.get("location", "")]
        assert answer.status_code == 303, (path, answer.status_code, re.findall(r"error[^<]*<[^<]*", answer.text)[:5])
        return answer

    def walk(self) -> None:
        """A hand-in, a case with everything in it, a referral, a provider's yes and outcome."""
        self._hand_in()
        self._call()
        case_id = self._case()
        self._colleague(case_id)
        link = self._refer(case_id)
        self._answer(link)
        self.get(f"/staff/cases/{case_id}")
        self.get(f"/staff/referrals/{link.referral_id}")
        self.get("/staff/work")

    def _hand_in(self) -> None:
        own = self.canaries.planted
        self.post(
            "/staff/hand-ins", agency="police", how="secure_mail", summary=own["summary"],
            agency_reference=own["agency_reference"],
        )  # fmt: skip

    def _call(self) -> None:
        """One that goes on: its words are kept."""
        page = self.get("/staff/call").text
        found = re.search(r'name="call" value="([^"]+)"', page)
        assert found is not None
        self.post("/staff/call", call=found[1], text=f"{self.canaries.planted['heard']} was battered in Fife")

    def _colleague(self, case_id: str) -> None:
        """Somebody who is not on the case says why they open it."""
        self.urls.append(f"/staff/cases/{case_id}/why")
        said = {"purpose": "other", "line": self.canaries.planted["asked"], "key": new_key()}
        answer = Worker(self.worker.desk, COLLEAGUE).post(f"/staff/cases/{case_id}/why", **said)
        assert answer.status_code == 303, answer.text

    def _case(self) -> str:
        own = self.canaries.planted
        personal = ("name", "full_name", "date_of_birth", "address", "postcode", "school", "account")
        said = {name: own[name] for name in (*personal, "value", "who_must_not_know", "note")}
        answer = self.post("/staff/cases", **{**FORM, **said, "key": new_key()})
        path = answer.headers["location"].split("?")[0]
        supervisor = self.worker.desk.ids["supervisor"]
        for action, form in (
            ("exclude", {"named": own["named"]}),
            ("passphrase", {"words": own["passphrase"]}),
            ("agency", {"agency": "copfs", "theirs": own["theirs"]}),
            ("concern", {"about": "harmed", "told": "police", "ground": "child_at_risk", "what": own["what"],
                         "told_whom": own["told_whom"], "supervisor": supervisor}),
            ("disclosure", {"to_whom": own["to_whom"], "categories": "need", "ground": "safeguarding",
                            "supervisor": supervisor, "person_told": "not_yet"}),
            ("complaint", {"about": "spoc", "words": own["complaint"]}),
            ("plan-ask", {"because": "danger"}),
        ):  # fmt: skip
            self.post(f"{path}/do/{action}", **form)
        case_id = path.rpartition("/")[2]
        with self.worker.desk.running.database.reading() as session:
            plan = session.scalars(select(SafetyPlan.id).where(SafetyPlan.case_id == case_id)).one()
        self.post(f"{path}/do/plan-make", id=plan, plan=own["plan"])
        return case_id

    def _refer(self, case_id: str) -> Link:
        """To the one service with a mailbox, whose addresses are canaries too."""
        desk, own = self.worker.desk, self.canaries.planted
        with desk.running.database.reading() as session:
            need = session.scalars(select(Need.id).where(Need.case_id == case_id)).one()
        answer = self.post(f"/staff/cases/{case_id}/referrals", need_id=need, service_id=SERVICE, urgency="days")
        path = answer.headers["location"].split("?")[0]
        self.post(f"{path}/save", urgency="days", notes=own["notes"])
        self.post(
            f"{path}/agreement", given_by="self", capacity_basis="presumed_12_over", how="phone",
            wording_format="plain", purposes="refer|feedback", feedback="outcome",
            categories="identity|contact|need|access|risk_flag|notes",
        )  # fmt: skip
        self.post(f"{path}/do/send")
        self.worker.go_round()
        referral_id = str(UUID(path.rpartition("/")[2]))
        with desk.running.database.reading() as session:
            locator = session.scalars(select(Locator).where(Locator.referral_id == referral_id)).one()
        return Link(locators.token(desk.running.loop.keys, locator.id), locator.id, referral_id)

    def _answer(self, link: Link) -> None:
        """On a phone: code, look, yes, first meeting, outcome."""
        desk = self.worker.desk
        visitor = Visitor(Door(desk.running, desk.running.loop, Time(desk.now), desk.web), link)
        self.to_provider["before the code"] = [visitor.get().text]
        self.urls.append(visitor.path)
        visitor.post()
        self.worker.go_round()
        form = {"code": self.worker.code(), "name": self.canaries.planted["typed_name"]}
        self.to_provider["undecided"] = [visitor.post("/enter", form).text, visitor.get("/referral").text]
        self.to_provider["accepted"] = [visitor.reply("accept").text]
        visitor.reply("start")
        visitor.reply("outcome", engagement="E1", service="S1", need_result="N1")
        with desk.running.database.reading() as session:
            assert session.get_one(Referral, link.referral_id).state == "closed"


def a_mailbox(worker: Worker, canaries: Canaries) -> None:
    """Of the one service that people are referred to, its second contact among it."""
    loop, own = worker.desk.running.loop, canaries.planted
    mailbox = builders.a_mailbox(loop, SERVICE, own["mailbox"])
    with loop.database.session() as session:
        row = session.get_one(Mailbox, mailbox)
        row.second_sealed = loop.own.seal(own["second"], "mailbox", mailbox, "second")


def a_colleague(worker: Worker) -> None:
    """A second worker, who is on no case."""
    with worker.desk.running.database.session() as session:
        session.add(AccountRole(account_id=worker.desk.ids[COLLEAGUE], role="worker"))
