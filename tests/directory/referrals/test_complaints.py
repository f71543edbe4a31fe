"""Complaints: a route of their own; one about us is answered by a supervisor; help goes on meanwhile."""

from collections.abc import Iterator

import pytest

from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.referrals import complaints
from directory.referrals.loop import Loop
from directory.referrals.tables import Complaint
from tests.directory.referrals.builders import SERVICE, SUPERVISOR, a_case, a_loop, a_need, ask
from tests.directory.referrals.case_builders import everything, happened, looking, need, tasks


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        yield made


def a_complaint(loop: Loop, case_id: str, about: str = "service", words: str = "They never rang.") -> str:
    service_id = SERVICE if about == "service" else ""
    return str(complaints.receive(loop, ask(loop), case_id, about, words, service_id)["id"])


def test_it_is_answered_and_may_be_opened_again(loop: Loop) -> None:
    case_id = a_case(loop)
    own = a_complaint(loop, case_id)
    assert [task.service_id for task in tasks(loop, "complaint", case_id)] == [SERVICE]

    assert complaints.answer(loop, ask(loop), own)["state"] == "answered"
    assert tasks(loop, "complaint", case_id) == []

    assert complaints.open_again(loop, ask(loop), own)["state"] == "open"
    assert len(tasks(loop, "complaint", case_id)) == 1
    assert happened(loop, case_id) == ["complaint.receive", "complaint.answer", "complaint.open_again"]


def test_one_about_us_is_for_a_supervisor(loop: Loop) -> None:
    own = a_complaint(loop, a_case(loop), "spoc")
    with pytest.raises(Forbidden, match="supervisor"):
        complaints.answer(loop, ask(loop), own)
    assert complaints.answer(loop, ask(loop, SUPERVISOR), own)["state"] == "answered"


def test_it_stands_in_the_way_of_nothing(loop: Loop) -> None:
    case_id = a_case(loop)
    own = a_need(loop, case_id)
    a_complaint(loop, case_id)
    assert need(loop, own).version == 1


def test_its_words_are_sealed(loop: Loop) -> None:
    own = a_complaint(loop, a_case(loop), words="Wombat laughed.")
    assert "Wombat" not in everything(loop)
    with looking(loop) as session:
        assert complaints.opened(session, loop, session.get_one(Complaint, own)) == "Wombat laughed."


@pytest.mark.parametrize(
    ("about", "words", "service_id"),
    [
        pytest.param("weather", "Rain.", "", id="about"),
        pytest.param("spoc", "", "", id="no words"),
        pytest.param("service", "Late.", "", id="no service"),
        pytest.param("spoc", "Late.", SERVICE, id="about us and a service"),
    ],
)
def test_what_is_missing_is_asked_for(loop: Loop, about: str, words: str, service_id: str) -> None:
    with pytest.raises(BadInput):
        complaints.receive(loop, ask(loop), a_case(loop), about, words, service_id)


def test_it_is_answered_once(loop: Loop) -> None:
    own = a_complaint(loop, a_case(loop))
    complaints.answer(loop, ask(loop), own)
    with pytest.raises(Conflict, match="This complaint is answered"):
        complaints.answer(loop, ask(loop), own)
    with pytest.raises(Conflict, match="meanwhile"):
        complaints.open_again(loop, ask(loop, version=1), own)
    with pytest.raises(NotFound):
        complaints.answer(loop, ask(loop), "nothing")
    with pytest.raises(NotFound):
        complaints.receive(loop, ask(loop), a_case(loop), "service", "Late.", "nothing")
