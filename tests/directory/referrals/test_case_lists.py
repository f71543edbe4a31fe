"""Finding cases: by reference or name, only those one may know of, each name shown written down, no words kept."""

from collections.abc import Iterator

import pytest

from directory.errors import BadInput, Forbidden
from directory.referrals import case_lists
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop
from directory.referrals.tables import Case
from tests.directory.referrals.builders import PROVIDER, SUPERVISOR, WORKER, a_loop
from tests.directory.referrals.case_builders import audited, everything, opened

OTHER = Who(Actor.WORKER, "a0000000-0000-4000-8000-000000000009", frozenset({"worker"}))
NAMES = ("Skye Wombat", "Zoë Quoll", "Iain Òg")


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        for name in NAMES:
            opened(made, name=name, person={"full_name": f"{name} McExample"})
        opened(made, name="Rowan Hidden", restricted=True)
        yield made


def found(loop: Loop, words: str, who: Who = WORKER) -> list[str]:
    return [line.name for line in case_lists.search(loop, who, words)]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        pytest.param("skye", ["Skye Wombat"], id="one word"),
        pytest.param("WOM sky", ["Skye Wombat"], id="beginnings, any order"),
        pytest.param("zoe", ["Zoë Quoll"], id="without the dots"),
        pytest.param("og", ["Iain Òg"], id="without the accent"),
        pytest.param("mcexample quoll", ["Zoë Quoll"], id="full name"),
        pytest.param("ombat", [], id="not in the middle"),
        pytest.param("nobody", [], id="nobody"),
        pytest.param("!!", [], id="signs"),
        pytest.param("%", [], id="no pattern"),
    ],
)
def test_a_search_by_name(loop: Loop, words: str, names: list[str]) -> None:
    assert found(loop, words) == names


def test_a_search_by_reference(loop: Loop) -> None:
    reference = str(opened(loop, name="Fern Found")["reference"])
    spelt = f"{reference[:2].lower()} {reference[2:6]}-{reference[6:]}"
    assert found(loop, spelt) == ["Fern Found"]


def test_each_name_shown_is_written_down_and_no_words(loop: Loop) -> None:
    before = len(audited(loop, "search"))
    found(loop, "wombat")
    found(loop, "Bandicoot")

    lines = audited(loop, "search")[before:]
    assert [(line.fields, bool(line.subject_id)) for line in lines] == [("name|full_name", True), ("", False)]
    kept = everything(loop)
    assert not [word for word in ("Bandicoot", "bandicoot", "Wombat", "wombat") if word in kept]


@pytest.mark.parametrize(
    ("who", "names"), [(WORKER, ["Rowan Hidden"]), (SUPERVISOR, ["Rowan Hidden"]), (OTHER, [])], ids=str
)
def test_a_restricted_case_is_absent_for_others(loop: Loop, who: Who, names: list[str]) -> None:
    assert found(loop, "rowan", who) == names
    assert [line.name for line in case_lists.listed(loop, who) if line.name == "Rowan Hidden"] == names


def test_who_was_erased_is_not_found(loop: Loop) -> None:
    own = opened(loop, name="Gone Away")["id"]
    with loop.database.session() as session:
        session.get_one(Case, own).erased_at = loop.clock()
    assert found(loop, "gone") == []


def test_a_workers_own_with_their_needs(loop: Loop) -> None:
    own = opened(loop, name="Led Elsewhere", lead_worker=OTHER.id)["id"]

    lines = case_lists.listed(loop, OTHER, OTHER.id)

    assert [(line.id, line.needs) for line in lines] == [(own, (("counselling", "open"),))]
    assert case_lists.listed(loop, OTHER, OTHER.id, closed=True) == []


@pytest.mark.parametrize("words", ["", "  ", "x" * 101])
def test_no_words_or_too_many_are_refused(loop: Loop, words: str) -> None:
    with pytest.raises(BadInput):
        case_lists.search(loop, WORKER, words)


def test_nobody_outside_finds_anything(loop: Loop) -> None:
    with pytest.raises(Forbidden):
        case_lists.search(loop, PROVIDER, "skye")
    with pytest.raises(Forbidden):
        case_lists.listed(loop, PROVIDER)
