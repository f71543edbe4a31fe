"""Hand-ins: sealed until they are taken into a case or returned; each agency has a reference of its own from us."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from directory.errors import BadInput, Conflict, Forbidden
from directory.referrals import agencies, hand_ins
from directory.referrals.asking import Who
from directory.referrals.hand_ins import News
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop
from directory.referrals.tables import HandIn, Subject
from tests.directory.referrals.builders import PROVIDER, WORKER, Time, a_case, a_loop, ask
from tests.directory.referrals.case_builders import an_opening, audited, case, everything, happened, looking

LIAISON = Who(Actor.WORKER, "c0000000-0000-4000-8000-000000000001", frozenset({"liaison"}))


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home"), Time()) as made:
        yield made


def some_news(**changes: Any) -> News:
    facts: dict[str, Any] = {
        "agency": "police", "how": "phone", "summary": "A girl was hit.", "agency_reference": "PS-20261122-0815",
    }  # fmt: skip
    return News(**(facts | changes))


def received(loop: Loop, **changes: Any) -> dict[str, Any]:
    return hand_ins.receive(loop, ask(loop), some_news(**changes))


def row(loop: Loop, own: str) -> HandIn:
    with looking(loop) as session:
        return session.get_one(HandIn, own)


def test_it_waits_and_can_be_read(loop: Loop) -> None:
    answer = received(loop)

    said = hand_ins.read(loop, WORKER, answer["id"])

    assert (said.state, said.summary, said.agency_reference) == ("waiting", "A girl was hit.", "PS-20261122-0815")
    assert audited(loop, "view")[-1].object_id == answer["id"]
    with looking(loop) as session:
        assert answer["id"] in [waiting.id for waiting in hand_ins.waiting(session)]


def test_it_is_taken_into_a_new_case_of_the_same_subject(loop: Loop) -> None:
    answer = received(loop)

    made = hand_ins.take(loop, ask(loop, key="take"), answer["id"], an_opening(from_agency="police"))

    taken = row(loop, answer["id"])
    assert (taken.state, taken.case_id) == ("taken", made["id"])
    assert taken.subject_id == case(loop, made["id"]).subject_id
    assert happened(loop, made["id"])[-2:] == ["agency_reference.refer", "hand_in.take"]
    assert agencies.read(loop, LIAISON, answer["our_reference"]).theirs == "PS-20261122-0815"


def test_it_is_put_to_a_case_there_is_under_that_ones_key(loop: Loop) -> None:
    answer, case_id = received(loop), a_case(loop)
    before = row(loop, answer["id"]).subject_id

    hand_ins.take_to(loop, ask(loop), answer["id"], case_id)

    assert row(loop, answer["id"]).subject_id == case(loop, case_id).subject_id != before
    assert hand_ins.read(loop, WORKER, answer["id"]).summary == "A girl was hit."
    with looking(loop) as session:
        assert session.get(Subject, before) is None


def test_an_agency_that_hands_in_twice_is_found_by_both_references(loop: Loop) -> None:
    one, other, case_id = received(loop), received(loop), a_case(loop)
    for each in (one, other):
        hand_ins.take_to(loop, ask(loop), each["id"], case_id)
    assert agencies.read(loop, LIAISON, one["our_reference"]) == agencies.read(loop, LIAISON, other["our_reference"])


def test_it_is_returned_and_can_come_back(loop: Loop) -> None:
    own = received(loop)["id"]
    hand_ins.give_back(loop, ask(loop), own, "other_area")
    assert (row(loop, own).state, audited(loop, "move")[-1].purpose) == ("returned", "other_area")
    with pytest.raises(Conflict, match="This hand-in is returned"):
        hand_ins.take(loop, ask(loop), own, an_opening())

    hand_ins.wait_again(loop, ask(loop), own)
    assert (row(loop, own).state, row(loop, own).settled_at) == ("waiting", None)


def test_it_is_taken_once(loop: Loop) -> None:
    own = received(loop)["id"]
    hand_ins.take(loop, ask(loop, version=1), own, an_opening())
    with pytest.raises(Conflict, match="taken into a case"):
        hand_ins.take(loop, ask(loop), own, an_opening())
    with pytest.raises(Conflict, match="meanwhile"):
        hand_ins.give_back(loop, ask(loop, version=1), own, "duplicate")


def test_no_two_hand_ins_share_a_reference(loop: Loop) -> None:
    given = {received(loop, agency=agency)["our_reference"] for agency in ("police", "scra", "copfs", "school")}
    assert len(given) == 4


def test_nothing_of_it_is_in_clear(loop: Loop) -> None:
    hand_ins.receive(loop, ask(loop, key="clear"), some_news(summary="Wombat", agency_reference="QUOLL-1"))
    kept = everything(loop)
    assert not [word for word in ("Wombat", "QUOLL") if word in kept]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"agency": "newspaper"}, "agency", id="agency"),
        pytest.param({"how": "gossip"}, "how", id="how"),
        pytest.param({"summary": ""}, "summary", id="no news"),
        pytest.param({"agency_reference": "x" * 301}, "agency_reference", id="long reference"),
    ],
)
def test_what_cannot_be_kept_is_refused(loop: Loop, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        received(loop, **changes)
    assert refused.value.field == field


def test_it_was_not_received_tomorrow(loop: Loop) -> None:
    with pytest.raises(BadInput):
        received(loop, received_at=loop.clock() + timedelta(days=1))


def test_a_provider_neither_sends_nor_reads_one(loop: Loop) -> None:
    with pytest.raises(Forbidden):
        hand_ins.receive(loop, ask(loop, PROVIDER), some_news())
    with pytest.raises(Forbidden):
        hand_ins.read(loop, PROVIDER, received(loop)["id"])
