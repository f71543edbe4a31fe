"""Every form of the workspace, sent with one mistake: what else was typed stands in the answer, whoever fills it in."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from directory.runtime import Runtime
from tests.web.casework import Worker
from tests.web.desk import ROLES
from tests.web.forms_of import Field, Form, forms_of
from tests.web.workspace import Walk, a_busy_workplace, kind_of, walk

TYPED = {
    "date": "2027-03-04", "datetime-local": "2026-11-20T10:15", "email": "team@typed.example", "number": "7",
    "url": "https://typed.example/feed", "tel": "01632 960321", "time": "10:15", "search": "typed words",
}  # fmt: skip
WRONG = {
    "date": "30 May",
    "datetime-local": "noon",
    "email": "nobody",
    "url": "ftp:/x",
    "number": "many",
    "time": "noon",
}
TOO_LONG = "x" * 30_001
MISTAKEN = range(400, 500)
NOT_TOLD_BACK = frozenset({"passphrase", "password", "current", "new", "again", "code", "sure"})
"""Secrets and confirmations are given again: they stand in no answer."""
ROLES_IN_ORDER = ("worker", *(role for role in ROLES if role != "worker"))


@pytest.fixture(scope="module")
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_busy_workplace(installation, tmp_path_factory.mktemp("lost")) as (made, places):
        made.places = places
        yield made


@pytest.fixture(scope="module")
def walks(worker: Worker) -> dict[str, Walk]:
    return {
        role: walk(replace(worker, role=role), *(worker.places.values() if role == "worker" else ()), of_a_kind=1)
        for role in ROLES_IN_ORDER
    }


def written(form: Form) -> dict[str, str]:
    """A form with something in every field."""
    said = form.hidden()
    for each in form.shown():
        if each.is_written:
            said[each.name] = TYPED.get(each.kind, f"typed {each.name}"[:40])
        elif each.choices:
            said[each.name] = next((choice for choice in each.choices if choice), "")
    return said


def mistakes(each: Field) -> list[str]:
    """What this field may be sent with, the surest mistake first."""
    if not each.is_written:
        return ["no-such-choice"]
    return [*([WRONG[each.kind]] if each.kind in WRONG else []), TOO_LONG, ""]


def refused(worker: Worker, form: Form) -> tuple[str, dict[str, str], str] | None:
    """The first answer that refuses the form: the field that was wrong, what was sent, and the page that came back."""
    for each in form.shown():
        for mistake in mistakes(each):
            said = written(form) | {each.name: mistake}
            answer = worker.post(form.action, **said)
            assert answer.status_code < 500, (form.action, each.name, mistake[:40])
            if answer.status_code == 403:  # read, and changed by others alone: `test_access_matrix`
                return None
            if answer.status_code in MISTAKEN:
                return each.name, said, answer.text
    return None


def lost(form: Form, wrong: str, said: dict[str, str], page: str) -> list[str]:
    """What was sent and does not stand in that form of the page that came back."""
    rows = [
        each
        for each in forms_of(page)
        if each.action == form.action and each.hidden().get("id") == form.hidden().get("id")
    ]
    if not rows:
        return [f"no such form comes back: {page[page.find('<h1') :][:200]}"]
    asked = [each.name for each in form.shown() if each.name in said and each.name not in (wrong, *NOT_TOLD_BACK)]
    return [
        name for name in asked if not any(said[name] in row.fields[name].values for row in rows if name in row.fields)
    ]


def test_what_else_was_typed_stands_in_the_answer(worker: Worker, walks: dict[str, Walk]) -> None:
    faults, tried = {}, set[tuple[str, str]]()
    for role, found in walks.items():
        for kind, (_, form) in found.forms.items():
            if kind in tried or form.method != "post" or form.is_file or not form.shown():
                continue
            tried.add(kind)
            answer = refused(replace(worker, role=role), form)
            if answer is not None and (missing := lost(form, *answer)):
                faults[f"{role}: {kind[0]} ({answer[0]} wrong)"] = missing
    assert not faults, "\n".join(f"{where}: {what}" for where, what in faults.items())
    assert len(tried) > 40


@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_the_workspace_leads_somewhere(walks: dict[str, Walk], role: str) -> None:
    pages = walks[role].pages.items()
    refused_places = {403} if role not in ("worker", "supervisor") else set[int]()
    found = {kind_of(path): answer.status_code for path, answer in pages if answer.status_code >= 400}
    linked = {kind: status for kind, status in found.items() if status not in refused_places}
    assert linked == {}


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_small_and_asks_nobody_else(walks: dict[str, Walk], role: str) -> None:
    for path, answer in walks[role].pages.items():
        assert answer.headers["content-security-policy"].startswith("default-src 'none'"), path
        assert len(answer.content) < 60_000, (path, len(answer.content))
