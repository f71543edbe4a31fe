"""The page of the work list: one look at the record, the lines of the list chosen, and what may be done to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from directory.accounts import policy as accounts
from directory.referrals import cover, policy, work_done, work_lists, work_names, worklist
from directory.referrals.cover import Away
from directory.referrals.loop import new_key
from directory.referrals.work_done import Item
from directory.referrals.work_lists import LISTS, Board, Narrowed
from directory.referrals.worklist import Line
from directory.tables import Service
from taxonomy import terms
from web import work_lists as lists
from web.auth import staff_page
from web.editor_lists import names
from web.facets import pages_of
from web.forms import FieldError
from web.loop_forms import loop_of, who
from web.work_lists import ALL, MINE, NOBODY, PAGE, WorkForm

DONE = {
    "tick": "It is off the list.",
    work_done.SEEN: "looked at",
    work_done.DONE: "checked",
    work_done.TAKE: "yours now",
    work_done.ASSIGN: "given to your colleague",
}
FIRST = 10
"""Lines below the lists, where no list is chosen."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line as the page shows it."""

    line: Line
    number: int
    href: str
    item: Item
    may: str
    name: str
    due: str
    over: str


@dataclass(frozen=True, slots=True)
class Work:
    """All that the page reads in one look."""

    board: Board
    covers: tuple[Away, ...]
    colleagues: dict[str, str]
    services: dict[str, str]


@dataclass(frozen=True, slots=True)
class Again:
    """What a page that is shown again keeps: the mistakes, the lines ticked, and what could not be done to which."""

    errors: Sequence[FieldError] = ()
    status: int = 200
    ticked: frozenset[str] = frozenset()
    to: str = ""
    failed: Sequence[tuple[Item, str]] = ()
    done: str = ""


async def page(request: Request, form: WorkForm, again: Again = Again()) -> Response:
    """The page, and after a mistake the page again."""
    loop, user, asking = loop_of(request), request.state.user, who(request)
    now = loop.clock()
    work = await run_in_threadpool(_read, request, form)
    found = work.board.of(form.name) if form.name else _first(work.board)
    last = max(1, -(-len(found) // PAGE))
    number_of_page = min(form.page, last)
    before = (number_of_page - 1) * PAGE
    shown = found[before : before + PAGE]
    called = await run_in_threadpool(work_names.shown, loop, asking, shown)
    rows = [
        Row(
            line, number, _href(line), work_done.item(line), work_done.may(line), called.get(line.case_id, ""),
            lists.due_words(line, now), lists.over_words(loop.policy, line, now),
        )
        for number, line in enumerate(shown, start=1)
    ]  # fmt: skip
    supervises = accounts.may(user, "cases.supervise")
    people = await run_in_threadpool(names, request.app.state.runtime)
    problems = [*again.errors, *_problems(rows, again.failed)]
    needs = terms.load()["need"].terms
    context: dict[str, Any] = {
        "form": form,
        "rows": rows,
        "total": len(found),
        "from_row": before + 1,
        "sections": _sections(form, work.board),
        "words": lists.WORDS.get(form.name),
        "pagination": pages_of(number_of_page, last, lambda number: form.but(page=number).url(), "Pages of this list"),
        "chips": _chips(form, people),
        "need_items": [{"value": "", "text": "Any need"}, *({"value": c, "text": needs[c].label} for c in needs)],
        "whose_items": _whose_items(form, people, work.colleagues if supervises else {}),
        "sort_items": [{"value": code, "text": text} for code, text in lists.SORT_WORDS.items()],
        "colleagues": [{"value": "", "text": "Choose"}, *({"value": o, "text": n} for o, n in work.colleagues.items())],
        "offers": {row.may for row in rows if row.may}
        | ({work_done.ASSIGN} if supervises and any(row.line.case_id for row in rows) else set()),
        "supervises": supervises,
        "people": people,
        "services": work.services,
        "covers": work.covers,
        "ticked": again.ticked,
        "to": again.to,
        "key": new_key(),
        "missing": [name for name in loop.policy.missing if name in policy.TO_SEND],
        "errors": problems,
        "error_by_field": {each.field: each.message for each in problems},
        "done": again.done or said(request),
    }
    return staff_page(request, "staff_work.html", context, again.status)


def _read(request: Request, form: WorkForm) -> Work:
    loop, asking = loop_of(request), who(request)
    now = loop.clock()
    with loop.database.reading() as session:
        alone = form.whose not in (MINE, ALL)
        mine = worklist.whose(session, asking.id, now) if form.whose == MINE else frozenset[str]()
        whose = frozenset({"" if form.whose == NOBODY else form.whose}) if alone else mine
        narrowed = Narrowed(whose, alone, form.need, form.urgent, form.sort)
        board = work_lists.board(session, loop.policy, now, asking, narrowed)
        covers = tuple(each for each in cover.now(session, now) if each.by == asking.id)
        return Work(board, covers, cover.workers(session), _services(session, board))


def _services(session: Session, board: Board) -> dict[str, str]:
    """Names of services that lines tell by their id alone."""
    ids = {line.service_id for line in board.lines if line.service_id and not line.service}
    return dict(session.execute(select(Service.id, Service.name).where(Service.id.in_(ids))).all())


def _first(board: Board) -> tuple[Line, ...]:
    """What to begin with: the most overdue, then what is due today."""
    return (*board.of(work_lists.OVERDUE), *board.of(work_lists.DUE))[:FIRST]


def _href(line: Line) -> str:
    if line.referral_id:
        return f"/staff/referrals/{line.referral_id}"
    if line.kind == "hand_in":
        return f"/staff/hand-ins/{line.object_id}"
    if line.kind == "registration":
        return f"/staff/registrations/{line.object_id}"
    if line.kind == "mailbox":
        return f"/staff/services/{line.service_id}/mailbox"
    if line.case_id:
        return f"/staff/cases/{line.case_id}"
    return f"/staff/services/{line.service_id}" if line.service_id else ""


def _sections(form: WorkForm, board: Board) -> list[dict[str, Any]]:
    """Every list with its count, beside the day as a whole."""
    found: list[dict[str, Any]] = [{"href": form.but(name="").url(), "text": "The day", "current": not form.name}]
    for name in LISTS:
        words, href = lists.WORDS[name], form.but(name=name).url()
        found.append({"href": href, "text": words.name, "current": name == form.name, "count": board.count(name)})
    return found


def _chips(form: WorkForm, people: Any) -> list[tuple[str, str, str]]:
    """Label, value, and the address without it, of all that narrows the list."""
    need = terms.load()["need"].terms.get(form.need)
    named = {ALL: "everybody’s", NOBODY: "nobody’s"}.get(form.whose) or people.get(form.whose) or "somebody’s"
    found = [("Whose", named, form.but(whose=MINE).url())] if form.whose != MINE else []
    found += [("Need", need.label, form.but(need="").url())] if need else []
    found += [("How soon", "urgent", form.but(urgent=False).url())] if form.urgent else []
    return found


def _whose_items(form: WorkForm, people: Any, colleagues: dict[str, str]) -> list[dict[str, str]]:
    named = {MINE: "Mine, and what is nobody’s", ALL: "Everybody’s", NOBODY: "Nobody’s", **colleagues}
    if form.whose not in named:
        named[form.whose] = people.get(form.whose) or "Somebody’s"
    return [{"value": value, "text": text} for value, text in named.items()]


def _problems(rows: Sequence[Row], failed: Sequence[tuple[Item, str]]) -> list[FieldError]:
    """Which line could not be done and why, at its own box where it still stands."""
    still = {row.item.about: row for row in rows}
    return [
        FieldError(f"tick-{row.number}", f"{row.line.reference or row.line.words}: {why}")
        if (row := still.get(item.about))
        else FieldError("work", f"A line that is no longer in this list: {why}")
        for item, why in failed
    ]


def said(request: Request) -> str:
    what, count = request.query_params.get("done", ""), request.query_params.get("n", "")
    return done_words(what, int(count)) if count.isascii() and count.isdigit() and len(count) < 4 else ""


def done_words(what: str, count: int) -> str:
    if what not in DONE or what == "tick":
        return DONE.get(what, "")
    return f"{count} {'line is' if count == 1 else 'lines are'} {DONE[what]}."
