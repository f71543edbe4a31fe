"""Pathways' versions on every database: one next version however many publish at once, and no change unseen."""

import threading

from directory import database, pathway_versions
from directory.errors import Conflict
from directory.settings import Settings
from taxonomy import pathways
from tests.builders import NOON, set_up

EDITORS = 6
NAME = "hate"


def edited(number: int) -> str:
    return pathways.shipped()[NAME] + f"\n# edit {number}\n"


def test_a_pathway_is_published_and_brought_back_and_each_version_is_kept(chosen: Settings) -> None:
    set_up(chosen)
    record = database.open_database(chosen)
    pathway_versions.publish(record, NAME, edited(1), "", 0, "ann", NOON)
    pathway_versions.publish(record, NAME, edited(2), "", 1, "bob", NOON)
    pathway_versions.restore(record, NAME, 1, 2, "ann", NOON)
    found = pathway_versions.history(record, NAME)
    assert [(each.number, each.action, each.restored) for each in found] == [
        (3, "restore", 1), (2, "publish", None), (1, "publish", None), (0, "shipped", None),
    ]  # fmt: skip
    assert found[0].text == edited(1)
    assert pathway_versions.in_use(record)[0] == 3
    record.close()


def test_editors_who_publish_at_once_make_one_version(chosen: Settings) -> None:
    set_up(chosen)
    record = database.open_database(chosen)
    said: list[str] = []
    start = threading.Barrier(EDITORS)

    def publish(number: int) -> None:
        start.wait()
        try:
            said.append(str(pathway_versions.publish(record, NAME, edited(number), "", 0, "ann", NOON)))
        except Conflict:
            said.append("conflict")

    editors = [threading.Thread(target=publish, args=(number,)) for number in range(EDITORS)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert sorted(said) == ["1", *["conflict"] * (EDITORS - 1)]
    assert pathway_versions.version(record) == 1
    record.close()
