"""Several lines at once, each a write of its own and once: no reply that came since is missed, nobody takes twice."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from directory.errors import BadInput, Conflict, Forbidden, NotFound, WaymarkError
from directory.referrals import actions, provider_actions, work_done
from directory.referrals.case_rows import PurposeNeeded
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Referral, Task
from directory.referrals.work_done import Item
from tests.directory.referrals.builders import SUPERVISOR, Time, a_case, a_loop, a_provider, a_referral, ask
from tests.directory.referrals.case_builders import audited
from tests.directory.referrals.work_builders import ADA, BEN, a_reply, a_task, an_account, board, days, worker


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home"), Time(datetime(2026, 11, 23, 9, tzinfo=UTC))) as made:
        an_account(made)
        an_account(made, BEN, "Ben Example")
        yield made


def is_open(loop: Loop, task_id: int) -> bool:
    with loop.database.reading() as session:
        return session.get_one(Task, task_id).done_at is None


def lead(loop: Loop, case_id: str) -> str:
    with loop.database.reading() as session:
        return session.get_one(Case, case_id).lead_worker


def test_a_reply_is_looked_at_once_and_audited(loop: Loop) -> None:
    own = a_reply(loop, a_referral(loop, State.ACCEPTED))
    once = ask(loop, worker(), "k-seen")
    for _ in range(2):
        work_done.do(loop, once, work_done.SEEN, Item(own, 1, ""))
    assert not is_open(loop, own)
    assert [line.object_id for line in audited(loop, "change") if line.object_type == "task"] == [str(own)]


def test_a_reply_that_came_since_stays(loop: Loop) -> None:
    referral = a_referral(loop, State.SENT)
    provider_actions.accept(loop, ask(loop, a_provider(loop, referral)), referral, days(loop, 3))
    (line,) = [each for each in board(loop).of("replies") if each.referral_id == referral]
    provider_actions.start(loop, ask(loop, a_provider(loop, referral)), referral, days(loop, 0))
    with pytest.raises(Conflict):
        work_done.do(loop, ask(loop, worker()), work_done.SEEN, work_done.item(line))
    assert is_open(loop, line.task_id)


def test_who_acts_on_a_referral_has_looked(loop: Loop) -> None:
    own = a_reply(loop, referral := a_referral(loop, State.ACCEPTED))
    actions.pause(loop, ask(loop, SUPERVISOR), referral, days(loop, 7))
    assert not is_open(loop, own)


def test_a_case_is_taken_once(loop: Loop) -> None:
    case_id = a_case(loop, lead_worker="")
    work_done.do(loop, ask(loop, worker(ADA)), work_done.TAKE, Item(0, 1, case_id))
    with pytest.raises((Conflict, Forbidden)):
        work_done.do(loop, ask(loop, worker(BEN)), work_done.TAKE, Item(0, 1, case_id))
    assert lead(loop, case_id) == ADA


def test_a_supervisor_gives_a_case_to_a_colleague(loop: Loop) -> None:
    case_id = a_case(loop, lead_worker=ADA)
    own = a_referral(loop, State.DECLINED, case_id=case_id, worker=ADA)
    work_done.do(loop, ask(loop, SUPERVISOR), work_done.ASSIGN, Item(0, 0, case_id), BEN)
    assert lead(loop, case_id) == BEN
    with loop.database.reading() as session:
        assert session.scalar(select(Referral.worker).where(Referral.id == own)) == BEN


@pytest.mark.parametrize(
    ("what", "kind", "error"),
    [
        pytest.param(work_done.SEEN, "question", BadInput, id="a question wants an answer"),
        pytest.param(work_done.DONE, "declined", BadInput, id="a no wants a next step"),
        pytest.param(work_done.DONE, "stop_receipt", BadInput, id="a receipt is asked for"),
        pytest.param("send", "check_entry", BadInput, id="nothing is sent from the list"),
        pytest.param("withdraw", "check_entry", BadInput, id="nothing is withdrawn from the list"),
        pytest.param(work_done.ASSIGN, "check_entry", WaymarkError, id="a worker gives nobody a case"),
    ],
)
def test_what_is_not_safe_is_never_done_together(loop: Loop, what: str, kind: str, error: type[Exception]) -> None:
    own = a_task(loop, kind)
    with pytest.raises(error):
        work_done.do(loop, ask(loop, worker()), what, Item(own, 0, ""), BEN)
    assert is_open(loop, own)


def test_a_task_of_a_case_that_is_kept_from_somebody_is_none(loop: Loop) -> None:
    own = a_task(loop, "check_contact", case_id=a_case(loop, restricted=True, lead_worker=ADA))
    for do in (lambda: work_done.tick(loop, ask(loop, worker(BEN)), own),
               lambda: work_done.do(loop, ask(loop, worker(BEN)), work_done.DONE, Item(own, 0, ""))):  # fmt: skip
        with pytest.raises(NotFound):
            do()
    work_done.tick(loop, ask(loop, worker(ADA)), own)
    with pytest.raises(Conflict):
        work_done.tick(loop, ask(loop, worker(ADA)), own)


@pytest.mark.parametrize("text", ["", "1", "1:2", "x:1:", "1:x:", "1:-2:", "1:2:" + "c" * 37, "1:2:é", "²:1:"])
def test_only_what_a_form_of_ours_says_is_read(text: str) -> None:
    if text == "1:2":
        assert work_done.read(text) == Item(1, 2, "")
        return
    with pytest.raises(BadInput):
        work_done.read(text)


@pytest.mark.parametrize(
    ("kind", "facts", "error"),
    [
        pytest.param("cover", {"object_id": ADA}, NotFound, id="who covers is a supervisor's to say"),
        pytest.param("reply", {}, BadInput, id="a reply is looked at by its version"),
        pytest.param("declined", {"case": ADA}, PurposeNeeded, id="of a case that is not theirs"),
        pytest.param("check_contact", {"case": ADA}, None, id="a check is anybody's"),
        pytest.param("declined", {"case": BEN}, None, id="of their own case"),
    ],
)
def test_what_is_ticked_one_by_one(loop: Loop, kind: str, facts: dict[str, str], error: type[Exception] | None) -> None:
    case_id = a_case(loop, lead_worker=facts["case"]) if "case" in facts else ""
    own = a_task(loop, kind, case_id=case_id, object_id=facts.get("object_id", ""))
    if error is None:
        work_done.tick(loop, ask(loop, worker(BEN)), own)
    else:
        with pytest.raises(error):
            work_done.tick(loop, ask(loop, worker(BEN)), own)
    assert is_open(loop, own) is (error is not None)
