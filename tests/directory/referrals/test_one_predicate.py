"""One rule says who may know of a case: this reads the code for whoever reads a case, or what is of one, past it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OF_A_CASE = frozenset({"Case", "Referral", "HandIn", "CaseEvent", "ReferralEvent", "Person"})
"""Tables from which a case is read, or that it exists."""
READS = frozenset({"select", "get", "get_one", "query"})
ASKS = frozenset({"visible", "found", "held", "known", "kept_from", "opened_by", "hold_case", "why"})
"""What decides (`case_rows`), or goes through it; a function that calls one of these has asked."""
TOLD_WHO = frozenset({"who", "ask", "asking", "viewer"})
"""How the reader is called: a function that is told who reads must ask, or be one of these."""
TRUSTED = {
    "case_rows.why": "is the rule itself",
    "agreements.withdraw": "holds the case by `_held` first",
    "erasing._wipe": "erases whoever it is told to, and reads nothing out",
    "exclusions._tell_of_live": "of a case that is held",
    "hand_ins.take": "opens the very case that it reads",
    "late_replies.is_late": "of a referral that is held",
    "leaving._cases": "hands on what somebody who leaves had, by reference alone",
    "leaving._rest": "the same",
    "mailboxes._move": "by mailbox: ends links to it, whoever's they are",
    "mailboxes.remove": "the same",
    "needs._ask_no_more": "of a need whose case is held",
    "needs._bring_back": "the same",
    "needs._move": "the same",
    "signposts._written": "of a case that is held",
    "work_done._seen": "of a task whose case was asked for in `_task`",
    "work_done._ticked": "the same",
    "work_names.shown": "its `_opened` asks; the line in the audit is of what the list showed",
    # pages
    "call_case.leave": "of the case that a kept call was about: takes its facts out of the call, and tells none",
    "referral_draft.save": "reads of a draft only what it writes back through `actions.redraft`, which asks",
    "referral_view._draft": "of a referral that `read` has found",
}


def outermost(file: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Functions of a module, each with those inside it; methods too."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        for each in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file.stem}.{each.name}", each


def called(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def reads_rows(node: ast.AST) -> set[str]:
    """Tables of a case that a function reads: `select(Case)`, `session.get(Referral, …)`."""
    found = set()
    for call in called(node):
        if name_of(call) in READS:
            names = {each.id for arg in call.args[:2] for each in ast.walk(arg) if isinstance(each, ast.Name)}
            found |= names & OF_A_CASE
    return found


def asks(node: ast.AST) -> bool:
    return any(name_of(call) in ASKS for call in called(node))


def told_who(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return bool({each.arg for each in (*node.args.args, *node.args.kwonlyargs)} & TOLD_WHO)


def past_the_rule(folder: str, everything: bool) -> list[str]:
    """Functions that read rows of a case and do not ask; without `everything` only those told who reads."""
    return [
        f"{name} reads {', '.join(sorted(rows))}"
        for file in sorted((ROOT / folder).glob("*.py"))
        for name, node in outermost(file)
        if (rows := reads_rows(node)) and not asks(node) and (everything or told_who(node)) and name not in TRUSTED
    ]


@pytest.mark.parametrize(
    ("folder", "everything"), [("web", True), ("directory/referrals", False)], ids=["pages", "loop"]
)
def test_nobody_reads_a_case_past_the_rule(folder: str, everything: bool) -> None:
    assert past_the_rule(folder, everything) == [], (
        "ask `case_rows.found` (to read) or `known` (to answer for it), put `case_rows.visible` into the query, "
        "or say in TRUSTED who has asked already"
    )


def test_every_exception_is_there_still() -> None:
    names = {name for folder in ("web", "directory/referrals") for file in (ROOT / folder).glob("*.py")
             for name, _ in outermost(file)}  # fmt: skip
    assert set(TRUSTED) - names == set()
