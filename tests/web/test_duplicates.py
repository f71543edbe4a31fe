"""The pages for services that may be the same: what they show, what is decided, undone, refused, and never told."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory import runtime
from directory.feeds import duplicates
from directory.feeds.duplicates import Finding, Verdict
from directory.records import service_id
from directory.search import fold
from directory.search.document import ServiceDocument
from tests.builders import EXACT_PREMISES, NOON, a_draft, a_record, a_withheld_draft, write
from tests.web.desk import Desk

ONE, OTHER, HIDDEN = (service_id("facts", name) for name in ("f900", "f902", "f901"))
LIST = "/staff/duplicates"
PAGE = f"{LIST}/{ONE}/{OTHER}"
EVIDENCE = [
    {"sign": "name_same", "for": True, "said": "The names are the same."},
    {"sign": "phone_other", "for": False, "said": "The phone numbers differ."},
]


@pytest.fixture
def desk(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Desk]:
    record = a_record(tmp_path)
    elsewhere = replace(EXACT_PREMISES, address_1="9 Pier Street")
    other = a_draft(source_id="f902", name="Harbour Counsel", phone="01632 960999", premises=elsewhere)
    write(record, a_draft(), other, a_withheld_draft())
    with record.session() as session:
        for pair, verdict, score in (((ONE, OTHER), "maybe", 0.7), ((ONE, HIDDEN), "maybe", 0.3)):
            found = Finding(duplicates.pair_of(*pair), Verdict(verdict), score, EVIDENCE)
            duplicates.note(session, [found], NOON)
    yield Desk(replace(installation, database=record))
    record.close()


def page(desk: Desk, address: str = PAGE, role: str = "editor") -> str:
    return desk.web.get(address, **desk.cookie(role)).text


def seen(desk: Desk, address: str = PAGE) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page(desk, address))
    assert found
    return found[1]


def decide(desk: Desk, verdict: str, at: str | None = None, role: str = "editor", **fields: str) -> tuple[int, str]:
    form = {"verdict": verdict, "seen": at or seen(desk), **fields}
    answer = desk.web.post(f"{PAGE}/decide", form, **desk.cookie(role))
    return answer.status_code, answer.headers.get("location", answer.text)


def shown(desk: Desk, own: str = ONE) -> ServiceDocument | None:
    with desk.running.database.reading() as session:
        return fold.document(session, own)


def leader(desk: Desk) -> ServiceDocument:
    found = [doc for doc in (shown(desk), shown(desk, OTHER)) if doc]
    assert len(found) == 1
    return found[0]


def test_the_list_has_the_strongest_first(desk: Desk) -> None:
    told = page(desk, LIST)
    assert "2 pairs wait" in told
    assert told.index("70 %") < told.index("30 %")
    assert "The names are the same." in told


def test_both_stand_side_by_side_with_what_speaks_for_and_against(desk: Desk) -> None:
    told = page(desk)
    for words in ("Harbour Counselling", "Harbour Counsel", "01632 960001", "01632 960999", "9 Pier Street", "differs"):
        assert words in told
    assert "<strong>For:</strong> The names are the same." in told
    assert "<strong>Against:</strong> The phone numbers differ." in told


def test_nothing_of_a_place_is_shown_beside_a_withheld_one(desk: Desk) -> None:
    told = page(desk, f"{LIST}/{ONE}/{HIDDEN}")
    assert "A place is withheld for safety." in told
    for words in ("01632", "12 Harbour Row", "EH6 5QG", "harbour.example", "Counselling for children"):
        assert words not in told


def test_merged_rows_are_one_service_and_the_word_that_was_chosen_is_kept(desk: Desk) -> None:
    assert decide(desk, "same", keep_phone=OTHER, keep_name=ONE) == (303, f"{LIST}?done=same")
    doc = leader(desk)
    assert doc.phone == "01632 960999"
    assert doc.name == "Harbour Counselling"
    assert "They are one service now." in page(desk, f"{LIST}?done=same")


def test_a_merge_can_be_taken_back(desk: Desk) -> None:
    decide(desk, "same")
    assert decide(desk, "undone")[0] == 303
    assert shown(desk)
    assert shown(desk, OTHER)
    assert "2 pairs wait" in page(desk, LIST)


def test_what_is_kept_apart_waits_no_more(desk: Desk) -> None:
    decide(desk, "distinct")
    told = page(desk, LIST)
    assert "1 pair waits" in told
    assert "Two services, " in told
    assert "Ann Editor" in told


def test_a_group_is_shown_together_and_never_merged(desk: Desk) -> None:
    decide(desk, "group")
    assert shown(desk)
    assert shown(desk, OTHER)
    assert "Also registered as" in page(desk, f"/staff/services/{ONE}")


def test_of_two_people_the_second_is_told_of_the_first(desk: Desk) -> None:
    before = seen(desk)
    decide(desk, "distinct")
    status, told = decide(desk, "same", at=before)
    assert status == 409
    assert "Somebody decided this pair meanwhile." in told
    assert "<strong>Two services.</strong>" in told
    assert shown(desk)
    assert shown(desk, OTHER)


@pytest.mark.parametrize(
    ("verdict", "fields"),
    [
        pytest.param("maybe", {}, id="not a decision"),
        pytest.param("", {}, id="no button"),
        pytest.param("undone", {}, id="nothing to take back"),
        pytest.param("same", {"keep_phone": HIDDEN}, id="another service's word"),
        pytest.param("same", {"keep_visibility": ONE}, id="a field nobody may choose"),
        pytest.param("same", {"at": "x"}, id="a broken form"),
    ],
)
def test_what_cannot_be_decided_is_refused(desk: Desk, verdict: str, fields: dict[str, str]) -> None:
    status, told = decide(desk, verdict, **fields)
    assert status == 422
    assert "There is a problem" in told
    assert shown(desk)
    assert shown(desk, OTHER)


@pytest.mark.parametrize(
    "address", [f"{LIST}/{ONE}/{ONE}", f"{LIST}/{ONE}/nobody", f"{LIST}/{ONE}/{'0' * 8}-0000-0000-0000-{'0' * 12}"]
)
def test_a_pair_that_is_none_is_not_found(desk: Desk, address: str) -> None:
    assert desk.web.get(address, **desk.cookie()).status_code == 404


def test_only_editors_decide(desk: Desk) -> None:
    assert "Merge: one service" not in page(desk, role="analyst")
    assert decide(desk, "same", at="1", role="analyst")[0] == 403
    assert desk.web.get(PAGE, **desk.cookie("worker")).status_code == 403


def test_the_record_page_says_who_says_what(desk: Desk) -> None:
    decide(desk, "same", keep_phone=OTHER)
    told = page(desk, f"/staff/services/{leader(desk).id}")
    assert "Who says what" in told
    assert "chosen by a person" in told
