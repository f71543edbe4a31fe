"""Times the work list, the team and the search by name over many made-up cases: `python -m tests.drills.time_work`.

Prints milliseconds, median and worst of ten, by the clock and of the processor alone (a busy machine only lengthens the
first), and how many statements each asks of the record. Other numbers of cases and referrals come as arguments.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import event
from sqlalchemy.orm import Session

from directory.referrals import case_lists, team, work_lists, work_names, worklist
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor, State
from directory.referrals.loop import Loop, new_reference
from directory.referrals.tables import Case, Need, Notice, Referral, ReferralEvent, Task
from directory.referrals.work_lists import Narrowed
from tests.directory.referrals.builders import SERVICE, Time, a_loop, put_case
from tests.directory.referrals.work_builders import an_account

WORKERS = [f"a0000000-0000-4000-8000-0000000001{number:02}" for number in range(10)]
STATES = [
    *[State.SENT] * 4, *[State.ACCEPTED] * 4, *[State.IN_SERVICE] * 6, State.RECEIVED, State.WAITLISTED,
    State.SCHEDULED, State.DECLINED, State.UNANSWERED, State.PAUSED, State.DRAFT, *[State.CLOSED] * 8,
]  # fmt: skip
KINDS = ("reply", "offer_wait", "check_entry", "phone_second", "check_in", "bounced")
STEPS = ("send", "open", "accept", "schedule", "start", "progress")


def fill(loop: Loop, cases: int, referrals: int) -> None:
    chance = random.Random(9)
    with loop.database.session() as session:
        ids = [_case(session, loop, chance) for _ in range(cases)]
        for number in range(referrals):
            _referral(session, loop, chance, *ids[number % cases])


def _case(session: Session, loop: Loop, chance: random.Random) -> tuple[str, str, str, str]:
    lead = chance.choice(WORKERS)
    case_id = put_case(
        session, loop, f"{chance.choice(NAMES)} {chance.choice(NAMES)}", "01632 960200", lead_worker=lead
    )
    need = Need(id=str(uuid4()), case_id=case_id, need="counselling", state="in_hand", opened_at=loop.clock())
    session.add(need)
    session.flush()
    return case_id, need.id, session.get_one(Case, case_id).subject_id, lead


def _referral(
    session: Session, loop: Loop, chance: random.Random, case_id: str, need_id: str, subject_id: str, lead: str
) -> None:
    own, state, at = str(uuid4()), chance.choice(STATES), loop.clock() - timedelta(hours=chance.randrange(24 * 40))
    session.add(
        Referral(
            id=own, reference=new_reference(), case_id=case_id, need_id=need_id, subject_id=subject_id,
            service_id=SERVICE, service_name="Harbour Counselling", organization="Harbour Trust",
            snapshot={"name": "Harbour Counselling", "about": "x" * 400}, alternatives=[{"name": "x" * 300}] * 5,
            state=state.value, urgency=chance.choice(["weeks", "weeks", "days"]), made_at=at, made_by=lead,
            worker=lead, stage_at=at,
        )
    )  # fmt: skip
    for seq, step in enumerate(STEPS[: chance.randrange(1, 6)], start=1):
        before, after = ("draft", "sent") if seq == 1 else ("sent", state.value)
        facts = {"actor_kind": "worker", "actor_id": lead, "state_from": before, "state_to": after, "details": {}}
        session.add(ReferralEvent(referral_id=own, seq=seq, event=step, at=at + timedelta(hours=seq), **facts))
    sent = {"message_id": str(uuid4()), "made_at": at, "due_at": at, "handed_over_at": at, "settled_at": at}
    session.add(Notice(template="referral", referral_id=own, **sent))
    if chance.random() < 0.25:
        facts = {"case_id": case_id, "referral_id": own, "assigned_to": lead, "made_at": at, "details": {}}
        session.add(Task(kind=chance.choice(KINDS), due_at=at + timedelta(days=30), **facts))


def timed(loop: Loop, name: str, do: Callable[[], object], rounds: int = 10) -> None:
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(loop.database.engine, "before_cursor_execute", count)
    took, worked = [], []
    for _ in range(rounds):
        statements, start, begun = 0, time.perf_counter(), time.process_time()
        do()
        took.append((time.perf_counter() - start) * 1000)
        worked.append((time.process_time() - begun) * 1000)
    event.remove(loop.database.engine, "before_cursor_execute", count)
    clock, own = (f"{sorted(each)[rounds // 2]:5.0f} ms (worst {max(each):5.0f})" for each in (took, worked))
    say(f"{name:32} {clock}, processor {own}, {statements} statements")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(cases: int = 2_000, referrals: int = 6_000) -> None:
    with tempfile.TemporaryDirectory() as folder, a_loop(Path(folder), Time()) as loop:
        for number, own in enumerate(WORKERS):
            an_account(loop, own, f"Worker {number}")
        fill(loop, cases, referrals)
        who = Who(Actor.SUPERVISOR, WORKERS[0], frozenset({"supervisor"}), "session")

        def board(*whose: str) -> work_lists.Board:
            with loop.database.reading() as session:
                mine = worklist.whose(session, whose[0], loop.clock()) if whose else frozenset[str]()
                return work_lists.board(session, loop.policy, loop.clock(), who, Narrowed(mine))

        def figures() -> object:
            with loop.database.reading() as session:
                return team.members(session, loop.policy, loop.clock(), who)

        lines = board(WORKERS[0]).of("overdue")[:50]
        counts = f"{len(board().lines)} lines, {len(board(WORKERS[0]).lines)} of one"
        say(f"{cases} cases, {referrals} referrals, {counts}")
        timed(loop, "lists of one worker", lambda: board(WORKERS[0]))
        timed(loop, "lists of everybody", board)
        timed(loop, "names of 50 lines, with audit", lambda: work_names.shown(loop, who, lines))
        timed(loop, "the team", figures)
        timed(loop, "search by name", lambda: case_lists.search(loop, who, "quoll"))


NAMES = ("Skye", "Rowan", "Iain", "Zoë", "Fern", "Wombat", "Quoll", "Bilby", "Numbat", "Example", "Heather", "Ailsa")

if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
