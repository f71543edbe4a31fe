"""The pages of pathways, for anybody and for a lead: who reaches them, what they refuse, that nothing is lost."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from directory import pathway_versions, runtime
from directory.followed import LOOK_EVERY
from directory.steering import Steering
from taxonomy import pathways
from tests.builders import a_record
from tests.web.conftest import Web
from tests.web.desk import Desk

NAME = "property_damage"
HREF = f"/staff/pathways/{NAME}"
SHIPPED = pathways.shipped()[NAME]
EDITED = SHIPPED.replace("Take pictures, keep the bills", "Keep the bills, canaryword")
SENTENCE = "They smashed my window, I am 14, lives in Fife"
FORM = {"text": EDITED, "expected": "0", "sample": SENTENCE, "note": "Shorter"}


@pytest.fixture
def desk(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Desk]:
    record = a_record(tmp_path)
    desk = Desk(replace(installation, database=record))
    desk.running = replace(desk.running, steering=Steering())
    yield desk
    record.close()


def post(desk: Desk, act: str, role: str = "editor", **changes: str) -> httpx.Response:
    return desk.web.post(f"{HREF}/{act}", {**FORM, **changes}, **desk.cookie(role))


def get(desk: Desk, path: str, role: str = "editor") -> str:
    answer = desk.web.get(path, **desk.cookie(role))
    assert answer.status_code == 200
    return unescape(answer.text)


def versions(desk: Desk) -> int:
    return pathway_versions.version(desk.running.database)


@pytest.mark.parametrize("pathway", [each.id for each in pathways.load()])
def test_anybody_may_read_a_pathway(web: Web, pathway: str) -> None:
    answer = web.get(f"/pathways/{pathway}")
    page = unescape(answer.text)
    found = next(each for each in pathways.load() if each.id == pathway)
    assert answer.status_code == 200
    assert f'<h1 class="heading-l">{found.title}</h1>' in page
    for step in found.steps:
        assert step.label in page
    for note in found.notes:
        assert note.source in page
    assert "To be checked by a lawyer" in page
    assert len(answer.content) <= 60_000
    assert page.count("<h1") == 1
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    levels = [int(level) for level in re.findall(r"<h([1-6])", page.split("<main")[1])]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_all_are_listed_and_linked_from_every_page(web: Web) -> None:
    page = web.get("/pathways").text
    assert all(f'href="/pathways/{each.id}"' in page for each in pathways.load())
    assert 'href="/pathways"' in web.get("/").text


def test_there_is_no_page_of_an_unknown_pathway(web: Web, desk: Desk) -> None:
    assert web.get("/pathways/no_such").status_code == 404
    for path in ("/staff/pathways/no_such", "/staff/pathways/no_such/versions"):
        assert desk.web.get(path, **desk.cookie()).status_code == 404
    assert desk.web.post("/staff/pathways/no_such/preview", FORM, **desk.cookie()).status_code == 404


@pytest.mark.parametrize("path", ["/staff/pathways", HREF, f"{HREF}/versions"])
@pytest.mark.parametrize(("role", "status"), [("editor", 200), ("worker", 200), ("analyst", 403)])
def test_who_sees_the_pages(desk: Desk, path: str, role: str, status: int) -> None:
    assert desk.web.get(path, **desk.cookie(role)).status_code == status
    assert desk.web.get(path).headers["location"] == f"/sign-in?next={path}"


@pytest.mark.parametrize("act", ["preview", "publish", "restore"])
def test_only_an_editor_changes_anything(desk: Desk, act: str) -> None:
    assert post(desk, act, "worker").status_code == 403
    assert versions(desk) == 0
    assert "<textarea" not in get(desk, HREF, "worker")
    assert "Bring back" not in get(desk, f"{HREF}/versions", "worker")


def test_a_preview_shows_what_changes_and_saves_nothing(desk: Desk) -> None:
    new = (
        EDITED + '\n[[step]]\nwhen = "now"\nneed = "practical_help"\nlabel = "At once"\nfamilies = ["victim_support"]\n'
    )
    answer = post(desk, "preview", text=new)
    page = unescape(answer.text)
    assert answer.status_code == 200
    assert "Not published yet" in page
    then = page.split('id="then"')[1].split("</section>")[0]
    assert re.search(r"At once · <strong>new</strong>\s*<ul><li><a[^>]*>Saltire Victim Line", then)
    assert "At once" not in page.split('id="now"')[1].split("</section>")[0]
    assert new.strip() in page
    assert versions(desk) == 0
    assert "At once" not in get(desk, f"/pathways/{NAME}")


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        pytest.param("14 year old beaten up in Fife", "takes another pathway, “Physical violence”", id="another"),
        pytest.param(SENTENCE, "With your edit", id="this one"),
        pytest.param("", "They smashed my car window, boys of 13", id="the pathway's own example"),
    ],
)
def test_the_enquiry_it_is_tried_with(desk: Desk, sample: str, said: str) -> None:
    assert said in unescape(post(desk, "preview", sample=sample).text)


def test_published_it_is_live_at_once_here_and_soon_in_another_process(desk: Desk) -> None:
    elsewhere = Steering()
    assert elsewhere.pathways(desk.running.database, desk.now) == pathways.load()
    answer = post(desk, "publish")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HREF}?done=published")
    assert "canaryword" in get(desk, f"/pathways/{NAME}")
    assert "canaryword" in unescape(desk.web.post("/match", {"text": SENTENCE}).text)
    found = elsewhere.pathways(desk.running.database, desk.now + LOOK_EVERY)
    assert "canaryword" in next(each for each in found if each.id == NAME).steps[0].advice
    page = get(desk, f"{HREF}?done=published")
    assert "version 1, by Ann Editor" in page
    assert "Shorter" in page
    assert "version 1, Ann Editor" in get(desk, "/staff/pathways")


def test_an_earlier_version_is_brought_back(desk: Desk) -> None:
    post(desk, "publish")
    answer = desk.web.post(f"{HREF}/restore", {"number": "0", "expected": "1"}, **desk.cookie())
    assert answer.headers["location"] == f"{HREF}?done=restored"
    assert "canaryword" not in get(desk, f"/pathways/{NAME}")
    page = get(desk, f"{HREF}/versions")
    assert "Version 0 brought back by Ann Editor" in page
    assert page.count("Its text") == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            'need = "counselling"',
            'need = "counceling"',
            "need “counceling” is not known; did you mean “counselling”?",
            id="misspelt need",
        ),
        pytest.param('title = "Property', "title = Property", "Line 2: This is not TOML", id="not TOML"),
        pytest.param(
            'families = ["victim_support"]',
            'families = ["intensive_family"]',
            "Nobody can fill the step “Practical and emotional help after harm”",
            id="no such service in the index",
        ),
        pytest.param(
            'families = ["counselling"]',
            'families = ["counselling"]\nneeds = ["housing"]',
            "one of the needs housing",
            id="no such need in the index",
        ),
        pytest.param(f'id = "{NAME}"', 'id = "other"', f"The id stays “{NAME}”", id="another id"),
    ],
)
@pytest.mark.parametrize("act", ["preview", "publish"])
def test_a_mistake_is_named_and_nothing_typed_is_lost(desk: Desk, act: str, old: str, new: str, said: str) -> None:
    assert old in EDITED
    text = EDITED.replace(old, new, 1)
    answer = post(desk, act, text=text)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert said in page
    for typed in (text.strip(), SENTENCE, "Shorter"):
        assert typed in page
    assert versions(desk) == 0


def test_a_line_is_named_as_the_editor_counts_it(desk: Desk) -> None:
    number = EDITED.split("\n").index('need = "counselling"') + 1
    page = unescape(post(desk, "preview", text=EDITED.replace('"counselling"\n', '"counceling"\n', 1)).text)
    assert f"Line {number}: need “counceling”" in page


def test_what_is_typed_is_shown_as_text(desk: Desk) -> None:
    answer = post(desk, "preview", text=EDITED.replace("Keep the bills", "<script>alert(1)</script>"))
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_a_sentence_too_long_is_refused_beside_the_text(desk: Desk) -> None:
    answer = post(desk, "preview", sample="a " * 501)
    assert answer.status_code == 422
    assert "Shorten it to 1,000" in answer.text


def test_of_two_editors_the_second_sees_what_is_in_use_and_keeps_their_own(desk: Desk) -> None:
    post(desk, "publish")
    mine = SHIPPED.replace("Take pictures", "Take many pictures")
    answer = post(desk, "publish", text=mine)
    page = unescape(answer.text)
    assert answer.status_code == 409
    assert "Somebody published another version meanwhile" in page
    assert "Version 1, in use now" in page
    assert EDITED.strip() in page
    assert mine.strip() in page
    assert 'name="expected" value="1"' in page
    assert versions(desk) == 1
    assert post(desk, "publish", text=mine, expected="1").status_code == 303


@pytest.mark.parametrize("expected", ["", "-1", "one", "99999999999999999999"])
def test_a_form_without_its_version_overwrites_nothing(desk: Desk, expected: str) -> None:
    assert post(desk, "publish", expected=expected).status_code == 409
    assert versions(desk) == 0


@pytest.mark.parametrize(
    ("number", "status"), [("0", 422), ("7", 404), ("", 404)], ids=["in use", "no such", "nothing chosen"]
)
def test_what_cannot_be_brought_back(desk: Desk, number: str, status: int) -> None:
    answer = desk.web.post(f"{HREF}/restore", {"number": number, "expected": "0"}, **desk.cookie())
    assert answer.status_code == status
    assert versions(desk) == 0


def test_the_plan_page_shows_advice_notes_and_guides_for_this_person(web: Web) -> None:
    page = unescape(web.post("/match", {"text": "14 year old beaten up by a boy of 9, lives in Fife"}).text)
    assert "When the child who harmed is under 12" in page
    assert "If the person harmed is 12 to 15" in page
    assert "If the person harmed is an adult" not in page
    assert 'href="/pathways/physical_violence"' in page
    assert len(page.encode()) <= 60_000


def test_the_plan_as_data_says_the_same(web: Web) -> None:
    plan = web.post("/match.json", {"text": "14 year old beaten up, lives in Fife"}).json()["plan"]
    assert plan["pathway"] == "physical_violence"
    assert "reporter" in plan["guides"]
    assert all({"advice", "again", "gap"} <= step.keys() for step in plan["steps"])
