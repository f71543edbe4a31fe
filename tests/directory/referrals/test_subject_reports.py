"""What a person is given of what we hold: all of their own words, none of anybody else's; and who looked."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.errors import NotFound
from directory.referrals import audit, case_lists, case_view, subject_reports
from directory.referrals.loop import Loop
from directory.referrals.tables import Case
from tests.directory.referrals.builders import SUPERVISOR, WORKER, Time, a_loop
from tests.directory.referrals.case_builders import audited, opened
from tests.directory.referrals.subject_builders import OWN, THEIRS, a_whole_person


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time()) as loop:
        yield loop


def exported(loop: Loop, case: Case) -> subject_reports.Export:
    return subject_reports.export(loop, SUPERVISOR, case.reference)


def test_the_persons_own_words_are_all_there_in_both_forms(loop: Loop) -> None:
    found = exported(loop, a_whole_person(loop))
    assert [words for words in OWN if words not in found.as_json] == []
    assert [words for words in OWN if words not in found.words] == []


def test_nothing_of_anybody_else_is_there(loop: Loop) -> None:
    found = exported(loop, a_whole_person(loop))
    assert [words for words in THEIRS if words in found.as_json] == []
    assert [words for words in THEIRS if words in found.words] == []


def test_nothing_of_another_person_is_there(loop: Loop) -> None:
    case = a_whole_person(loop)
    opened(loop, name="Zyzzyva Other", person={"address": "Zyzzyva Street"})
    assert "Zyzzyva" not in exported(loop, case).as_json


def test_what_was_told_to_others_is_there_only_when_the_person_knows(loop: Loop) -> None:
    """Two disclosures were made; of one the person could not safely be told."""
    assert len(exported(loop, a_whole_person(loop)).data["disclosure"]) == 1


def test_the_words_are_read_by_people(loop: Loop) -> None:
    words = exported(loop, a_whole_person(loop)).words
    for told in (
        "Your contact with us",
        "channel: Phone",
        "council: Dundee City",
        "agency: Police Scotland",
        "22 November 2026",
    ):
        assert told in words
    for raw in ("_sealed", "S12000047", "None", "True", "passphrase_", WORKER.id, "in_hand", "{'"):
        assert raw not in words


def test_the_machines_form_is_json_with_moments_in_utc(loop: Loop) -> None:
    data = json.loads(exported(loop, a_whole_person(loop)).as_json)
    assert data["person"][0]["school"] == "Potoroo Academy"
    assert data["case"][0]["opened_at"].endswith("+00:00")
    assert "harmed_by" not in data["facts"][0]
    assert data["left_out"]


def test_an_export_is_in_the_audit_by_names_of_tables(loop: Loop) -> None:
    case = a_whole_person(loop)
    exported(loop, case)
    line = audited(loop, "export")[-1]
    assert (line.subject_id, line.actor_id) == (case.subject_id, SUPERVISOR.id)
    assert "safe_contact" in line.fields.split("|")


def test_a_reference_is_found_however_it_is_typed(loop: Loop) -> None:
    case = a_whole_person(loop)
    typed = f" {case.reference[:2].lower()} {case.reference[2:6]}-{case.reference[6:]}"
    assert subject_reports.export(loop, SUPERVISOR, typed).words == exported(loop, case).words


@pytest.mark.parametrize("reference", ["", "KX4821TP", "x" * 500, "'; --"])
def test_a_reference_there_is_not_is_said(loop: Loop, reference: str) -> None:
    with pytest.raises(NotFound):
        subject_reports.export(loop, SUPERVISOR, reference)
    with pytest.raises(NotFound):
        subject_reports.seen(loop, SUPERVISOR, reference)


def test_every_look_and_every_change_is_in_the_pack(loop: Loop) -> None:
    case = a_whole_person(loop)
    case_view.read(loop, WORKER, case.id)
    case_view.read(loop, SUPERVISOR, case.id)
    case_lists.search(loop, WORKER, "Skye")
    opened(loop)
    expected = [(line.action, line.actor_id) for line in audited(loop) if line.subject_id == case.subject_id]
    found = subject_reports.seen(loop, SUPERVISOR, case.reference)
    assert [(line.action, line.by) for line in found] == expected
    assert [line.by for line in found if line.action == "view" and line.what.startswith("case")] == [
        WORKER.id,
        SUPERVISOR.id,
    ]
    again = subject_reports.seen(loop, WORKER, case.reference)
    assert (again[-1].action, again[-1].by) == ("export", SUPERVISOR.id)


def test_a_refusal_is_in_the_pack(loop: Loop) -> None:
    case = a_whole_person(loop)
    with loop.database.session() as session:
        audit.note(
            session, WORKER, loop.clock(), "view", "case", case.id, subject_id=case.subject_id, result=audit.DENY
        )  # fmt: skip
    assert subject_reports.seen(loop, SUPERVISOR, case.reference)[-1].result == "deny"
