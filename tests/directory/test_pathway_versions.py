"""Versions of pathways: what may be published, who did it, what is brought back, and when other processes see it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from directory import pathway_versions
from directory.database import Database
from directory.errors import BadInput, Conflict, NotFound
from directory.followed import LOOK_EVERY
from directory.pathway_tables import PathwayVersion
from directory.steering import Steering
from taxonomy import pathways
from taxonomy.pathway_lines import FileError
from taxonomy.pathways import Pathways
from tests.builders import NOON, a_record

NAME = "property_damage"
SHIPPED = pathways.shipped()[NAME]
EDITED = SHIPPED.replace("Take pictures, keep the bills", "Keep the bills")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    record = a_record(tmp_path)
    yield record
    record.close()


def publish(record: Database, text: str = EDITED, expected: int = 0, note: str = "") -> int:
    return pathway_versions.publish(record, NAME, text, note, expected, "ann", NOON)


def advice(found: Pathways) -> str:
    return next(pathway for pathway in found if pathway.id == NAME).steps[0].advice


def test_the_shipped_file_is_version_0(record: Database) -> None:
    assert pathway_versions.current(record, NAME) == pathway_versions.Version(0, SHIPPED)
    assert pathway_versions.in_use(record) == (0, pathways.load())


def test_a_version_is_published_and_kept_with_who_when_and_why(record: Database) -> None:
    assert publish(record, note="  Heard in  Fife ") == 1
    first, shipped = pathway_versions.history(record, NAME)
    assert (first.number, first.text, first.note, first.action, first.made_by) == (
        1,
        EDITED,
        "Heard in Fife",
        "publish",
        "ann",
    )
    assert shipped.number == 0
    version, found = pathway_versions.in_use(record)
    assert version == 1
    assert advice(found).startswith("Keep the bills")
    assert len(found) == len(pathways.load())


def test_an_earlier_version_comes_back_as_a_new_one(record: Database) -> None:
    publish(record)
    assert pathway_versions.restore(record, NAME, 0, 1, "bob", NOON) == 2
    newest = pathway_versions.current(record, NAME)
    assert (newest.text, newest.action, newest.restored, newest.made_by) == (SHIPPED, "restore", 0, "bob")
    assert pathway_versions.in_use(record)[1] == pathways.load()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(SHIPPED, "Nothing has been changed", id="the same text"),
        pytest.param(EDITED.replace(f'id = "{NAME}"', 'id = "another"'), "id stays", id="another id"),
    ],
)
def test_what_cannot_be_published(record: Database, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        publish(record, text)
    assert pathway_versions.version(record) == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('"counselling"', '"counceling"', "did you mean “counselling”?", id="need"),
        pytest.param(
            'label = "Someone to talk to"', 'label = "Talk"\nareas = ["Orkny Islands"]', "“Orkney Islands”", id="area"
        ),
        pytest.param('guides = ["reporter"', 'guides = ["reporters"', "“reporter”", id="guide"),
    ],
)
def test_a_text_with_a_mistake_is_refused(record: Database, old: str, new: str, said: str) -> None:
    with pytest.raises(FileError, match="line ") as refused:
        publish(record, SHIPPED.replace(old, new, 1))
    assert said in str(refused.value)
    assert pathway_versions.version(record) == 0


def test_of_two_who_began_from_the_same_the_second_is_told(record: Database) -> None:
    publish(record)
    with pytest.raises(Conflict):
        publish(record, SHIPPED.replace("Take pictures", "Take many pictures"))
    with pytest.raises(Conflict):
        pathway_versions.restore(record, NAME, 0, 0, "bob", NOON)
    assert pathway_versions.version(record) == 1


@pytest.mark.parametrize("expected", [-1, 1, 7])
def test_a_version_that_never_was_is_no_beginning(record: Database, expected: int) -> None:
    with pytest.raises(Conflict):
        publish(record, expected=expected)
    assert pathway_versions.version(record) == 0


def test_nothing_unknown_is_read_or_brought_back(record: Database) -> None:
    with pytest.raises(NotFound):
        pathway_versions.current(record, "no_such")
    with pytest.raises(NotFound):
        pathway_versions.restore(record, NAME, 7, 0, "ann", NOON)
    with pytest.raises(BadInput, match="in use already"):
        pathway_versions.restore(record, NAME, 0, 0, "ann", NOON)


def test_a_note_about_a_person_is_refused(record: Database) -> None:
    with pytest.raises(BadInput, match="telephone"):
        publish(record, note="Ring 01632 960777")


def test_a_text_this_waymark_cannot_read_gives_way_to_the_shipped_one(
    record: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with record.session() as session:
        session.add(
            PathwayVersion(
                pathway=NAME,
                number=1,
                text='id = "property_damage"\n',
                note="",
                action="publish",
                made_at=NOON,
                made_by="ann",
            )
        )
    assert pathway_versions.in_use(record) == (1, pathways.load())
    assert "cannot be read" in caplog.text


def test_another_process_sees_it_within_seconds(record: Database) -> None:
    here, there = Steering(), Steering()
    assert here.pathways(record, NOON) == there.pathways(record, NOON) == pathways.load()
    publish(record)
    here.forget()
    assert advice(here.pathways(record, NOON)).startswith("Keep")
    assert advice(there.pathways(record, NOON)).startswith("Take"), "it has just looked"
    assert advice(there.pathways(record, NOON + LOOK_EVERY)).startswith("Keep")
    same = there.pathways(record, NOON + LOOK_EVERY + timedelta(seconds=1))
    assert there.pathways(record, NOON + 3 * LOOK_EVERY) is same, "read again only when something changed"


def test_when_the_record_cannot_be_read_what_was_known_stays(record: Database, tmp_path: Path) -> None:
    steering = Steering()
    publish(record)
    known = steering.pathways(record, NOON)
    record.close()
    for file in tmp_path.glob("waymark.db*"):
        file.unlink()
    assert steering.pathways(record, NOON + LOOK_EVERY) is known
    assert Steering().pathways(record, NOON) == pathways.load()
