"""Short lists: in the order chosen, never with a service named unsafe, and what became of each said when it is read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from directory.errors import BadInput, Conflict, NotFound
from directory.records import service_id
from directory.referrals import erasing, exclusions, shortlists
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.shortlist_tables import Shortlisted
from directory.referrals.shortlists import MOST, Listed
from directory.tables import Service
from tests.builders import a_draft, write
from tests.directory.referrals.builders import (
    SERVICE,
    a_case,
    a_loop,
    a_mailbox,
    a_need,
    a_referral,
    ask,
    referral,
)
from tests.directory.referrals.case_builders import audited, looking

OTHERS = [service_id("facts", f"f91{number}") for number in range(MOST)]


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("loop")) as made:
        drafts = [a_draft(source_id=f"f91{number}", name=f"Door {number}") for number in range(MOST)]
        write(made.database, a_draft(), *drafts)
        yield made


def a_place(loop: Loop) -> tuple[str, str]:
    """A case and its need."""
    case_id = a_case(loop)
    return case_id, a_need(loop, case_id)


def put(loop: Loop, place: tuple[str, str], *services: str) -> None:
    for each in services:
        shortlists.add(loop, ask(loop), *place, each)


def listed(loop: Loop, place: tuple[str, str]) -> list[Listed]:
    with looking(loop) as session:
        return list(shortlists.listed(session, *place))


def ids(loop: Loop, place: tuple[str, str]) -> list[str]:
    return [each.service_id for each in listed(loop, place)]


def test_services_stand_in_the_order_chosen_and_once(loop: Loop) -> None:
    place = a_place(loop)
    put(loop, place, OTHERS[2], OTHERS[0], OTHERS[2], OTHERS[1])
    assert ids(loop, place) == [OTHERS[2], OTHERS[0], OTHERS[1]]
    shortlists.remove(loop, ask(loop), *place, OTHERS[2])
    put(loop, place, OTHERS[2])
    assert ids(loop, place) == [OTHERS[0], OTHERS[1], OTHERS[2]]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.tuples(some.booleans(), some.sampled_from(OTHERS[:4])), max_size=8))
def test_whatever_is_put_on_and_taken_off_it_holds_what_a_list_would(loop: Loop, moves: list[tuple[bool, str]]) -> None:
    place, expected = a_place(loop), list[str]()
    for adding, each in moves:
        (shortlists.add if adding else shortlists.remove)(loop, ask(loop), *place, each)
        if adding and each not in expected:
            expected.append(each)
        elif not adding and each in expected:
            expected.remove(each)
    assert ids(loop, place) == expected


def test_one_need_holds_ten_and_another_has_its_own(loop: Loop) -> None:
    place = a_place(loop)
    put(loop, place, *OTHERS)
    with pytest.raises(BadInput, match="holds 10"):
        put(loop, place, SERVICE)
    put(loop, place, OTHERS[3])
    put(loop, (place[0], a_need(loop, place[0], "housing")), SERVICE)
    assert len(ids(loop, place)) == MOST


def test_a_service_named_unsafe_is_refused_and_one_named_since_is_marked(loop: Loop) -> None:
    place = a_place(loop)
    put(loop, place, OTHERS[0])
    exclusions.add(loop, ask(loop), place[0], service_id=OTHERS[0])
    exclusions.add(loop, ask(loop), place[0], service_id=OTHERS[1])
    with pytest.raises(Conflict, match="named as unsafe"):
        put(loop, place, OTHERS[1])
    assert [each.excluded for each in listed(loop, place)] == [True]


def test_what_became_of_a_service_is_said(loop: Loop) -> None:
    place = a_place(loop)
    put(loop, place, OTHERS[5], OTHERS[6], OTHERS[7])
    a_mailbox(loop, OTHERS[7])
    with loop.database.session() as session:
        session.get_one(Service, OTHERS[5]).status = "defunct"
        session.get_one(Service, OTHERS[6]).content_hash = "0" * 64
    told = {each.service_id: (each.is_open, each.changed, each.receives) for each in listed(loop, place)}
    assert told == {
        OTHERS[5]: (False, False, False),
        OTHERS[6]: (True, True, False),
        OTHERS[7]: (True, False, True),
    }
    assert "Door 5" not in [each.name for each in listed(loop, a_place(loop))]


def test_a_service_that_the_directory_lost_has_no_name_and_is_closed(loop: Loop) -> None:
    place = a_place(loop)
    put(loop, place, OTHERS[8])
    with loop.database.session() as session:
        row = session.scalars(select(Shortlisted).where(Shortlisted.need_id == place[1])).one()
        row.service_id = "gone"
    found = listed(loop, place)[0]
    assert (found.name, found.is_open) == ("", False)


@pytest.mark.parametrize(
    ("case", "need", "service"),
    [
        pytest.param("none", "", SERVICE, id="no case"),
        pytest.param("", "none", SERVICE, id="no need"),
        pytest.param("", "", "none", id="no service"),
        pytest.param("other", "", SERVICE, id="another case's need"),
    ],
)
def test_what_is_not_there_is_not_found(loop: Loop, case: str, need: str, service: str) -> None:
    place = a_place(loop)
    case = a_place(loop)[0] if case == "other" else case
    with pytest.raises(NotFound):
        put(loop, (case or place[0], need or place[1]), service)
    with pytest.raises(NotFound):
        shortlists.remove(loop, ask(loop), case or place[0], need or f"{place[1]}x", service)


def test_the_same_key_puts_it_on_once_and_each_change_is_written_down(loop: Loop) -> None:
    place = a_place(loop)
    first = shortlists.add(loop, ask(loop, key="k-short"), *place, SERVICE)
    assert shortlists.add(loop, ask(loop, key="k-short"), *place, SERVICE) == first
    shortlists.remove(loop, ask(loop), *place, SERVICE)
    lines = [line.action for line in audited(loop, "create", "change") if line.object_id == place[1]]
    assert lines == ["create", "change"]


def test_erasing_a_person_forgets_their_short_lists_and_next_doors(loop: Loop, tmp_path: Path) -> None:
    place = a_place(loop)
    put(loop, place, OTHERS[9])
    own = a_referral(loop, State.CLOSED, case_id=place[0], need_id=place[1], alternatives=[{"service_id": OTHERS[9]}])
    erasing.erase(loop, ask(loop), referral(loop, own).subject_id, tmp_path)
    assert listed(loop, place) == []
    assert referral(loop, own).alternatives == []
