"""The record of editors' phrases: every change has its line, and the words are understood at once, here and there."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from directory import phrasing, settings, vocabulary
from directory.database import Database, open_database
from directory.errors import BadInput, NotFound
from directory.followed import LOOK_EVERY
from directory.phrasing import Proposal
from directory.spoken import Spoken
from taxonomy.lexicon import Lexicon
from taxonomy.words import codes, understand
from tests.builders import NOON, a_record
from tests.installation import Installation

ANN, BOB = "account-ann", "account-bob"
SAID = "she is fair scunnered"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    record = a_record(tmp_path)
    yield record
    record.close()


def a_proposal(phrase: str = "fair scunnered", term: str = "need/counselling", note: str = "") -> Proposal:
    taxonomy, _, code = term.partition("/")
    return phrasing.proposed(phrase, taxonomy, code, note, Lexicon())


def needs(lexicon: Lexicon, said: str = SAID) -> tuple[str, ...]:
    return codes(understand(said, lexicon).needs)


def test_each_change_has_its_line_with_who_when_before_and_after(record: Database) -> None:
    own = vocabulary.add(record, a_proposal(note="Heard in Fife"), ANN, NOON)
    assert vocabulary.withdraw(record, own, BOB, NOON + timedelta(hours=1))
    assert vocabulary.restore(record, own, ANN, NOON + timedelta(hours=2))
    told = {"phrase": "fair scunnered", "taxonomy": "need", "code": "counselling", "note": "Heard in Fife"}
    in_use, out = {**told, "status": "active"}, {**told, "status": "withdrawn"}
    lines = [(each.action, each.made_by, each.before, each.after) for each in vocabulary.history(record)]
    assert lines == [
        ("restore", ANN, out, in_use),
        ("withdraw", BOB, in_use, out),
        ("add", ANN, None, in_use),
    ]
    hours = [each.made_at.hour for each in vocabulary.history(record)]
    assert hours == [14, 13, 12]
    assert len(vocabulary.history(record, 2)) == 2


def test_the_version_rises_with_each_change_and_with_nothing_else(record: Database) -> None:
    assert vocabulary.version(record) == 0
    own = vocabulary.add(record, a_proposal(), ANN, NOON)
    assert vocabulary.version(record) == 1
    assert not vocabulary.restore(record, own, ANN, NOON)
    with pytest.raises(BadInput):
        vocabulary.add(record, a_proposal(), ANN, NOON)
    assert vocabulary.version(record) == 1
    assert vocabulary.withdraw(record, own, ANN, NOON)
    assert not vocabulary.withdraw(record, own, ANN, NOON)
    assert vocabulary.version(record) == 2


def test_only_phrases_in_use_are_active(record: Database) -> None:
    first = vocabulary.add(record, a_proposal(), ANN, NOON)
    vocabulary.add(record, a_proposal("sair made", "need/housing"), ANN, NOON + timedelta(minutes=1))
    vocabulary.withdraw(record, first, ANN, NOON)
    assert [row.phrase for row in vocabulary.active(record)] == ["sair made"]
    assert [row.status for row in vocabulary.of_term(record, "need", "counselling")] == ["withdrawn"]


@pytest.mark.parametrize(
    ("phrase", "withdrawn", "said"),
    [
        pytest.param("fair scunnered", False, "has this meaning already", id="the same"),
        pytest.param("FAIR  scunnered", False, "has this meaning already", id="written otherwise"),
        pytest.param("fair scunnered", True, "was withdrawn", id="withdrawn"),
    ],
)
def test_a_phrase_has_one_meaning_once(record: Database, phrase: str, withdrawn: bool, said: str) -> None:
    own = vocabulary.add(record, a_proposal(), ANN, NOON)
    if withdrawn:
        vocabulary.withdraw(record, own, ANN, NOON)
    with pytest.raises(BadInput, match=said):
        vocabulary.add(record, a_proposal(phrase), BOB, NOON)
    vocabulary.add(record, a_proposal(phrase, "need/housing"), BOB, NOON)


def test_a_phrase_with_warnings_is_added_only_by_who_has_read_them(record: Database) -> None:
    panel = a_proposal("panel")
    with pytest.raises(BadInput) as refused:
        vocabulary.add(record, panel, ANN, NOON)
    assert refused.value.field == "confirmed"
    assert vocabulary.version(record) == 0
    vocabulary.add(record, panel, ANN, NOON, confirmed=True)


@pytest.mark.parametrize("act", [vocabulary.withdraw, vocabulary.restore])
def test_a_phrase_that_is_not_there_cannot_change(record: Database, act: Callable[..., None]) -> None:
    with pytest.raises(NotFound):
        act(record, "nobody", ANN, NOON)


def test_words_follow_the_record(record: Database) -> None:
    spoken, base = Spoken(), Lexicon()
    assert needs(spoken.lexicon(base, record, NOON)) == ()
    own = vocabulary.add(record, a_proposal(), ANN, NOON)
    assert needs(spoken.lexicon(base, record, NOON)) == (), "looks are not more often than LOOK_EVERY"
    assert needs(spoken.lexicon(base, record, NOON + LOOK_EVERY)) == ("counselling",)
    vocabulary.withdraw(record, own, ANN, NOON)
    spoken.forget()
    assert needs(spoken.lexicon(base, record, NOON + LOOK_EVERY)) == ()


def test_a_clock_set_back_does_not_stop_the_looking(record: Database) -> None:
    spoken, base = Spoken(), Lexicon()
    spoken.lexicon(base, record, NOON)
    vocabulary.add(record, a_proposal(), ANN, NOON)
    assert needs(spoken.lexicon(base, record, NOON - timedelta(days=1))) == ("counselling",)


def test_a_lexicon_is_built_again_only_when_something_changed(record: Database) -> None:
    spoken, base = Spoken(), Lexicon()
    vocabulary.add(record, a_proposal(), ANN, NOON)
    first = spoken.lexicon(base, record, NOON)
    assert spoken.lexicon(base, record, NOON + LOOK_EVERY) is first
    vocabulary.add(record, a_proposal("sair made"), ANN, NOON)
    assert spoken.lexicon(base, record, NOON + 2 * LOOK_EVERY) is not first


def test_two_records_are_not_mixed_up(record: Database, tmp_path: Path) -> None:
    other = a_record(tmp_path / "other")
    spoken, base = Spoken(), Lexicon()
    vocabulary.add(record, a_proposal(), ANN, NOON)
    assert needs(spoken.lexicon(base, record, NOON)) == ("counselling",)
    assert needs(spoken.lexicon(base, other, NOON)) == ()
    other.close()


def test_a_record_that_cannot_be_read_leaves_the_words_as_they_were(record: Database) -> None:
    spoken, base = Spoken(), Lexicon()
    vocabulary.add(record, a_proposal(), ANN, NOON)
    spoken.lexicon(base, record, NOON)
    with record.session() as session:
        session.execute(text("ALTER TABLE synonym_revision RENAME TO away"))
    assert needs(spoken.lexicon(base, record, NOON + LOOK_EVERY)) == ("counselling",)
    assert needs(Spoken().lexicon(base, record, NOON)) == ()


def test_a_phrase_of_a_term_that_is_gone_means_nothing(record: Database) -> None:
    vocabulary.add(record, a_proposal(), ANN, NOON)
    with record.session() as session:
        session.execute(text("UPDATE synonym SET code = 'gone'"))
    assert vocabulary.rows_in_use(record) == (1, ())


def test_another_process_understands_it_without_a_re_index(tmp_path: Path) -> None:
    home = Installation(tmp_path)
    assert home("setup").code == 0
    said = "she is fair scunnered, lives in Fife"
    assert home("understand", said, "--json").json["needs"] == []
    base = open_database(settings.read({"WAYMARK_HOME": str(tmp_path)}))
    vocabulary.add(base, a_proposal(), ANN, NOON)
    base.close()
    assert [each["value"] for each in home("understand", said, "--json").json["needs"]] == ["counselling"]
    answer = home("match", said, "--json").json
    assert "counselling" in json.dumps(answer["understood"]["needs"])


def test_a_process_that_runs_sees_what_another_adds(tmp_path: Path) -> None:
    record = a_record(tmp_path)
    spoken, base = Spoken(), Lexicon()
    assert needs(spoken.lexicon(base, record, NOON)) == ()
    script = (
        "from directory import clock, phrasing, settings, vocabulary; from directory.database import open_database;"
        "from taxonomy.lexicon import Lexicon; base = open_database(settings.read());"
        "new = phrasing.proposed('fair scunnered', 'need', 'counselling', '', Lexicon());"
        "vocabulary.add(base, new, 'account-bob', clock.now()); base.close()"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={"WAYMARK_HOME": str(tmp_path)})
    assert needs(spoken.lexicon(base, record, NOON + LOOK_EVERY)) == ("counselling",)
    record.close()
