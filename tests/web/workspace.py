"""A workplace in the middle of a day, and a walk through everything of it that somebody of one role can reach."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from directory.records import service_id
from directory.referrals.lifecycle import State
from directory.runtime import Runtime
from tests.directory.referrals import builders
from tests.web.casework import Worker, a_workplace
from tests.web.forms_of import Form, forms_of, links_of

LONG = "Skye " + "Long-Example " * 6
_OWN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/)\d+(?=/|$)")
_NAMED = re.compile(
    r"(?<=^/staff/vocabulary/)(?!changes)[^/]+(/[^/?]+)?|(?<=^/staff/pathways/)[^/?]+|(?<=[?&]page=)\d+"
    r"|(?<=^/staff/admin/settings/)(?!versions)[^/?]+|(?<=^/staff/admin/wording/)[^/?]+"
    r"|(?<=^/staff/sources/)(?!add|links|facts|spreadsheets)[^/?]+"
)
_WHOSE = re.compile(r"(?<=[?&])(?:whose|week)=[^&]*&?")
KINDS_SEEN = 2
"""How many pages of one kind are looked at, besides those asked for."""


@contextmanager
def a_busy_workplace(installation: Runtime, home: Path) -> Iterator[tuple[Worker, dict[str, str]]]:
    """A long case with referrals in several states, a restricted one, a fresh one, a hand-in; and their addresses."""
    with a_workplace(installation, home) as worker:
        loop = worker.desk.running.loop
        builders.a_mailbox(loop)
        builders.a_mailbox(loop, service_id("facts", "f902"), "referrals@second.example")
        case_id = worker.open_case(name=LONG, who_must_not_know="their brother", key="k-long")
        need_id = builders.a_need(loop, case_id, "housing", "in_hand")
        mine = {"worker": worker.desk.ids["worker"], "case_id": case_id, "need_id": need_id}
        states = ("draft", "sent", "accepted", "declined", "closed")
        found = {state: builders.a_referral(loop, State(state), **mine) for state in states}
        act = f"/staff/cases/{case_id}/do"
        worker.post(
            f"{act}/concern", about="harmed", what="Afraid to go home", told="police", told_whom="the desk",
            ground="child_at_risk", key="k-concern",
        )  # fmt: skip
        worker.post(f"{act}/plan-ask", because="danger", key="k-plan")
        worker.post(f"{act}/complaint", about="us", words="Nobody rang back", key="k-complaint")
        worker.post(f"{act}/agency", agency="scra", theirs="R-77", key="k-agency")
        worker.post(
            "/staff/hand-ins", agency="police", how="phone", summary="A boy of 14 in Methil", agency_reference="PS-1",
            key="k-hand-in",
        )  # fmt: skip
        restricted = worker.open_case(name="Rowan Example", restricted="yes", safety_flag="yes", key="k-restricted")
        fresh = worker.open_case(name="Ash Example", key="k-fresh")
        yield (
            worker,
            {
                "case": f"/staff/cases/{case_id}",
                "restricted": f"/staff/cases/{restricted}",
                "fresh": f"/staff/cases/{fresh}",
                "need": f"/staff/cases/{case_id}/needs/{need_id}",
                **{state: f"/staff/referrals/{own}" for state, own in found.items()},
            },
        )


def kind_of(path: str) -> str:
    """An address without the ids and names in it."""
    return _WHOSE.sub("", _NAMED.sub("*", _OWN.sub("*", path))).rstrip("?&")


@dataclass(slots=True)
class Walk:
    """Pages by address, and the first form of each kind with the page it stands on."""

    pages: dict[str, httpx.Response] = field(default_factory=dict)
    forms: dict[tuple[str, str], tuple[str, Form]] = field(default_factory=dict)


def walk(worker: Worker, *starts: str, most: int = 150, of_a_kind: int = KINDS_SEEN) -> Walk:
    """Everything under /staff that links lead to, breadth first, a few of each kind; nothing is sent."""
    found, waiting, seen = Walk(), ["/staff", *starts], set[str]()
    kinds: dict[str, int] = {}
    while waiting and len(found.pages) < most:
        path = waiting.pop(0).partition("#")[0]
        kind = kind_of(path)
        if path in seen or (kinds.get(kind, 0) >= of_a_kind and path not in starts):
            continue
        seen.add(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = worker.get(path)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        found.pages[path] = answer
        for form in forms_of(answer.text):
            found.forms.setdefault((kind_of(form.action), " ".join(form.fields)), (path, form))
        waiting += [link for link in links_of(answer.text) if link.startswith("/staff")]
    return found
