"""An invented person and invented providers, one whole journey walked through the real actions: safe to show.

Every name holds "Example" and every address ends in `.example`; numbers are those kept for drama. It lives in a home of
its own, its time passes by itself, and its letters are files that nothing sends.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from directory import clock as clocks
from directory import database, outgoing, records, runtime
from directory.accounts import actions as accounts
from directory.accounts.actions import NewAccount
from directory.draft import AgeLimit, Coverage, GenderRule, ServiceDraft
from directory.errors import Conflict
from directory.records import SourceInfo
from directory.referrals import (
    actions,
    agreements,
    alternatives,
    cases,
    doors,
    lifecycle,
    locators,
    mailboxes,
    needs,
    provider_actions,
    sealing,
    working_time,
)
from directory.referrals.agreement_rules import AgreementSaid
from directory.referrals.asking import Ask, Who
from directory.referrals.cases import Opening
from directory.referrals.drafts import DraftSaid
from directory.referrals.lifecycle import Actor, State
from directory.referrals.loop import Answer, Loop
from directory.referrals.outcomes_said import OutcomeSaid
from directory.referrals.policy import FILE
from directory.referrals.rounds import Rounds
from directory.referrals.safe_contacts import Wish
from directory.referrals.tables import Locator, Need, Referral
from directory.referrals.ways_back import NextStep
from directory.search import indexing
from directory.settings import Settings
from directory.values import Confidence, Known

WORDS = "14 year old from Methil, hit by boys at school for months, not sleeping, wants somebody to talk to"
FIFE = "S12000047"
SOURCE = SourceInfo("demo", "Invented services", "Waymark", "None: invented")
RULES = """# The demo's own rules: nobody real is behind them, and no letter leaves.
[adopter]
name = "Example Single Point of Contact"
phone = "01632 960100"
article_6 = "invented for the demo"
article_9 = "invented for the demo"
article_10 = "invented for the demo"
sharing_terms = true
retention_agreed = false
"""
PROVIDERS = (
    ("d1", "Harbour Example Counselling", "counselling", "01632 960001"),
    ("d2", "Lighthouse Example Listening", "counselling", "01632 960002"),
    ("d3", "Kingdom Example Talking Rooms", "counselling", "01632 960003"),
    ("d4", "Saltire Example Victim Support", "victim_support", "01632 960004"),
)
CODE = re.compile(r"^([0-9A-Z]{4}-[0-9A-Z]{4})\s*$", re.MULTILINE)
DAYS_AGO = 70
NAMES = {"worker": "Wren Example", "supervisor": "Sorley Example"}


@dataclass(slots=True)
class Passing:
    """Time as the story needs it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Walk:
    """The journey, told step by step."""

    running: runtime.Runtime
    time: Passing
    say: Callable[[str], None]
    people: dict[str, str] = field(default_factory=dict)

    @property
    def loop(self) -> Loop:
        return self.running.loop

    def ask(self, kind: Actor = Actor.WORKER) -> Ask:
        """One attempt, by the worker or the supervisor."""
        who = Who(kind, self.people[kind.value], frozenset({kind.value}))
        return Ask(who, self.time(), key=f"demo-{uuid4()}")

    def wait(self, **by: float) -> None:
        """Some time passes, to a moment when people work; what is due by then is done."""
        self.time.now = working_time.next_working_moment(self.loop.policy, self.time.now + timedelta(**by))
        self.go_round()

    def go_round(self) -> None:
        chosen = self.running.settings
        for _ in Rounds(self.loop, partial(outgoing.carrier, chosen, self.time), chosen.home).look():
            continue


def run(chosen: Settings, say: Callable[[str], None], now: clocks.Clock = clocks.now) -> None:
    """Sets up a home that holds nothing yet and walks the journey in it. Raises Conflict for a home that is in use."""
    if (chosen.home / "waymark.db").exists() or (chosen.home / FILE).exists():
        raise Conflict(f"{chosen.home} is in use already.", "Give another folder: waymark demo --home FOLDER")
    database.migrate(chosen)
    sealing.make_keys(chosen.key_file)
    (chosen.home / FILE).write_text(RULES, encoding="utf-8")
    time = Passing(now() - timedelta(days=DAYS_AGO))
    with runtime.opened(chosen, time) as running:
        walk = Walk(running, time, say)
        time.now = working_time.next_working_moment(running.loop.policy, time.now)
        _set_up(walk)
        _journey(walk)


def _set_up(walk: Walk) -> None:
    """Providers, an index over them, two members of staff, and a mailbox for each provider that both have proved."""
    base = walk.running.database
    with base.session() as session:
        records.ensure_source(session, SOURCE)
        writer = records.Writer(session, SOURCE.id, walk.time(), "demo")
        for draft in _drafts():
            writer.write(draft)
        writer.finish()
    for role, name in NAMES.items():
        new = NewAccount.checked(f"{role}@spoc.example", name, [role])
        walk.people[role] = accounts.add(base, new, secrets.token_urlsafe(), walk.time())
    walk.running.run(indexing.rebuild, base, walk.running.index, walk.time)
    walk.say(f"{len(PROVIDERS)} invented services in Fife, and two members of staff: {', '.join(NAMES.values())}.")
    for own, name, _, _ in PROVIDERS:
        host = name.split()[0].lower()
        mailbox = mailboxes.propose(
            walk.loop, walk.ask(), _id(own), f"referrals@{host}.example", terms_agreed_on=walk.time().date()
        )["id"]
        mailboxes.called_back(walk.loop, walk.ask(), mailbox, "its own contact page")
        mailboxes.approve(walk.loop, walk.ask(), mailbox)
        mailboxes.approve(walk.loop, walk.ask(Actor.SUPERVISOR), mailbox)
    walk.say("Each mailbox was rung back and approved by two people; it takes a first referral 48 hours later.")
    walk.wait(days=3)


def _journey(walk: Walk) -> None:
    walk.say(f"A call: “{WORDS}”.")
    case_id, need_id = _open_case(walk)
    first = _refer(walk, case_id, need_id, _id("d1"))
    _answer(walk, first, lambda ask: provider_actions.decline(walk.loop, ask, first, "D1", True))
    walk.say("Harbour answers on a phone, by a code to its mailbox: no room now. The directory says so for 28 days.")
    second = _next_door(walk, first)
    _answer(walk, second, lambda ask: provider_actions.accept(walk.loop, ask, second, _on(walk, 7), "Young people"))
    walk.say("It accepts, and only now reads the name and the safe contact.")
    walk.wait(days=5)
    _answer(walk, first, lambda ask: provider_actions.accept(walk.loop, ask, first, _on(walk, 7), ""))
    walk.say("A late word from Harbour still lands: it has room after all. It stands on the worker's list.")
    walk.wait(days=14)
    said = OutcomeSaid("E1", "S1", "N1")
    _answer(walk, second, lambda ask: provider_actions.outcome(walk.loop, ask, second, said))
    walk.say("The second service reports: all of the help was given, the need is met.")
    needs.met(walk.loop, _seen(walk, walk.ask(), need_id), need_id)
    walk.say("The person says so too: the need is met.")
    walk.wait(days=21)
    needs.person_returned(walk.loop, _seen(walk, walk.ask(), need_id), need_id)
    actions.reopen(walk.loop, _version(walk, walk.ask(), second), second, "person_returned")
    walk.say("Three weeks later the person is back. The need is open again, and so is the referral: a draft to send.")
    with walk.loop.database.reading() as session:
        row = session.get_one(Referral, second)
        walk.say(f"It is {lifecycle.LABELS[State(row.state)]}, in its episode {row.episode}: the door never closed.")


def _open_case(walk: Walk) -> tuple[str, str]:
    opening = Opening(
        "harmed_person",
        {"harms": ("physical_harm", "bullying"), "needs": ("counselling",), "residence": "Methil", "age": 14},
        council=FIFE,
        name="Skye Example",
        contact=Wish("phone", "01632 960200", 16, 19, "MO|WE", "say_nothing", who_must_not_know="their brother"),
    )
    made = cases.open_case(walk.loop, walk.ask(), opening)
    walk.say(
        f"A case is open, reference {made['reference']}, with the need counselling. Everything personal is sealed."
    )
    return made["id"], made["needs"]["counselling"]


def _refer(walk: Walk, case_id: str, need_id: str, service_id: str) -> str:
    """A referral written, agreed to, sent, and its letter handed over."""
    own: str = actions.draft(walk.loop, walk.ask(), DraftSaid(need_id, service_id))["id"]
    _send(walk, own, case_id, service_id)
    return own


def _send(walk: Walk, referral_id: str, case_id: str, service_id: str) -> None:
    said = AgreementSaid(service_id, capacity_basis="presumed_12_over")
    agreements.record(walk.loop, walk.ask(), case_id, said)
    actions.send(walk.loop, _version(walk, walk.ask(), referral_id), referral_id)
    with walk.loop.database.reading() as session:
        name = session.get_one(Referral, referral_id).service_name
    walk.say(f"They agree to {name}; a referral is sent. The letter names no person, no harm and no need.")
    walk.wait(days=1)


def _next_door(walk: Walk, first: str) -> str:
    """The worker sees the next best doors, ranked, and writes to the first of them."""
    alternatives.keep(walk.loop, first, walk.time())
    with walk.loop.database.reading() as session:
        row = session.get_one(Referral, first)
        found = alternatives.shown(session, walk.loop, row)
        case_id = row.case_id
    best = found[0]
    walk.say(f"The worker sees the next best doors: {', '.join(each.name for each in found)}.")
    step = NextStep("next_best", best.service_id)
    draft: str = actions.dispose(walk.loop, _version(walk, walk.ask(), first), first, step)["draft"]
    _send(walk, draft, case_id, best.service_id)
    return draft


def _answer(walk: Walk, referral_id: str, do: Callable[[Ask], Answer]) -> None:
    """A provider at its link: asks for a code, reads it in its mailbox, answers."""
    loop = walk.loop
    with loop.database.reading() as session:
        locator = locators.live(session, referral_id, walk.time())
    assert isinstance(locator, Locator)
    token = locators.token(loop.keys, locator.id)
    cookie = doors.ask_for_code(loop, token, None, "192.0.2.7")
    walk.go_round()
    _, inside = doors.enter(loop, token, cookie, _code(outgoing.folder(walk.running.settings)), "Ailsa Example", "")
    with loop.database.session() as session:
        version = session.get_one(Referral, referral_id).version
    do(Ask(inside.who, walk.time(), key=f"demo-{uuid4()}", version=version))


def _code(folder: Path) -> str:
    """The one-time code in the newest letter that holds one."""
    for file in sorted(folder.glob("*.eml"), reverse=True):
        body = message_from_bytes(file.read_bytes(), policy=policy.default).get_body()
        found = CODE.search(body.get_content()) if body else None
        if found:
            return found[1]
    raise Conflict("No letter with a code was written.", "Look into the demo's mail folder.")


def _version(walk: Walk, ask: Ask, referral_id: str) -> Ask:
    with walk.loop.database.reading() as session:
        return replace(ask, version=session.get_one(Referral, referral_id).version)


def _seen(walk: Walk, ask: Ask, need_id: str) -> Ask:
    with walk.loop.database.reading() as session:
        return replace(ask, version=session.get_one(Need, need_id).version)


def _on(walk: Walk, days: int) -> Any:
    return walk.time().date() + timedelta(days=days)


def _id(own: str) -> str:
    return records.service_id(SOURCE.id, own)


def _drafts() -> Iterator[ServiceDraft]:
    for own, name, family, phone in PROVIDERS:
        yield ServiceDraft(
            source=SOURCE.id,
            source_id=own,
            name=name,
            organization=f"{name} Trust",
            description=f"{name} talks with children and young people who were harmed. Invented for the demo.",
            families=(family,),
            kind="Counselling service" if family == "counselling" else "Victim support",
            needs=("counselling",) if family == "counselling" else ("emotional_support",),
            harms=("physical_harm", "bullying"),
            delivery=("phone", "in_person"),
            referral_routes=("professional", "self"),
            languages=("en",),
            age=AgeLimit(Known.STATED, 10, 25),
            gender=GenderRule(Known.NONE),
            coverage=Coverage(Known.STATED, (FIFE,)),
            phone=phone,
            url=f"https://{name.split()[0].lower()}.example/",
            confidence=Confidence.CONFIRMED,
            source_url=f"https://{name.split()[0].lower()}.example/about",
            as_of="2026-06-01",
        )
