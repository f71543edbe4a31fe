"""The call's page without a script: words and facts by form, kept at every press, on to a case or to a known one's."""

import re
from collections.abc import Iterator
from dataclasses import replace

import anyio
import pytest
from sqlalchemy import select

from directory.bench_services import services
from directory.referrals import cases, shortlists
from directory.referrals.call_tables import CallDraft
from directory.referrals.tables import Case, Need, Referral
from directory.runtime import Runtime
from directory.search.embedded import EmbeddedIndex
from taxonomy.terms import load
from tests.directory.referrals.builders import SERVICE
from tests.web.casework import FORM, Worker, a_workplace, apart

GONE = "00000000-0000-4000-8000-000000000000"
TEXT = "14 year old battered by boys at school, lives in Methil, wants counselling"
LONG = (
    "girl of 15 raped by a boy at a party in Kirkcaldy, lives in Methil, will not eat, not sleeping, cuts herself, "
    "scared to go to school because he is in her class, mum wants to know about the hearing and about compensation, "
    "speaks Polish, needs an interpreter and step-free rooms, keep away from Braehead School",
    "boy of 9 touched by his older brother of 13, same house, parents of both in bits, lives in Methil, needs somebody "
    "to talk to, wetting the bed, off school, social worker says the Reporter knows, gran could take one of them, " * 3,
    "mum hit by her 13 year old son, lives in Glenrothes, kicked and threatened with a knife, windows put in, robbed "
    "of her phone, afraid to sleep, drinks since it happened, needs a refuge tonight and a solicitor, wants it over, "
    * 4,
)


@pytest.fixture
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("call")) as made:
        yield made


def begun(worker: Worker) -> dict[str, str]:
    """The hidden fields of a new call."""
    page = worker.get("/staff/call").text
    return {name: re.search(f'name="{name}" value="([^"]+)"', page)[1] for name in ("call", "key")}  # type: ignore[index]


def pressed(worker: Worker, call: dict[str, str], **form: str) -> str:
    """A press, followed to the page it leads to."""
    answer = worker.post("/staff/call", **call, **form)
    assert answer.status_code == 303, answer.text
    page = worker.get(answer.headers["location"])
    assert page.status_code == 200
    return page.text


def drafts(worker: Worker) -> list[CallDraft]:
    with worker.desk.running.database.reading() as session:
        return list(session.scalars(select(CallDraft)))


def test_words_become_facts_a_plan_and_services(worker: Worker) -> None:
    page = pressed(worker, begun(worker), text=TEXT)
    assert TEXT in page
    for words in ("Methil", "“14 year old”", "Second Door", "Not that: Age 14", "The best 2"):
        assert words in page
    assert "connect-src 'self'" in worker.get("/staff/call").headers["content-security-policy"]


def test_a_fact_is_taken_away_changed_and_added(worker: Worker) -> None:
    call = begun(worker)
    page = pressed(worker, call, text=TEXT, do="not:age/14")
    assert "Not that: Age" not in page
    page = pressed(worker, call, text=TEXT, age="16", had="needs/counselling", has="needs/counselling|needs/housing")
    assert "Not that: Age 16" in page
    assert f"Not that: Needs {load()['need'].label('housing')}" in page
    page = pressed(worker, call, text=TEXT, had="needs/counselling|needs/housing", has="needs/housing")
    assert "not:needs/counselling" not in page


def test_what_is_perhaps_meant_is_shown_and_can_be_taken_away(worker: Worker) -> None:
    call = begun(worker)
    text = (
        "My son is 13. Boys from his class laugh at him on the bus in Methil, one pushed him down the stairs and his "
        "phone was smashed, he won't go in and sits in his room all day and will not speak"
    )
    page = pressed(worker, call, text=text)
    assert "Not that: Perhaps " in page
    chip = re.search(r"not:perhaps_\w+/\w+", page)  # which it is the learnt table decides
    assert chip is not None
    assert chip[0] not in pressed(worker, call, text=text, do=chip[0])


def test_the_live_answer_is_the_same_parts_and_says_who_is_first(worker: Worker) -> None:
    call = begun(worker)
    whole = pressed(worker, call, text=TEXT)
    answer = worker.post("/staff/call/answer", **call, text=TEXT, turn="9")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert re.search('data-said="2 services, first: [^"]+"', answer.text)
    part = re.search('<section id="call-answer".*?</section>', answer.text, re.DOTALL)
    assert part is not None
    assert part[0] in whole


def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(worker: Worker) -> None:
    call = begun(worker)
    answer = worker.post("/staff/call", **call, text=TEXT, age="about", residence="Nowhereville")
    assert answer.status_code == 422
    for words in ("The age is not a number.", TEXT, 'value="about"', 'value="Nowhereville"', "<title>Error: "):
        assert words in answer.text
    assert "about" in worker.get(f"/staff/call/{call['call']}").text  # kept, mistake and all


def test_an_empty_call_teaches_and_has_the_lines_for_danger(worker: Worker) -> None:
    page = worker.get("/staff/call").text
    assert "Type what you hear" in page
    assert 'href="tel:999"' in page
    assert drafts(worker) == []


def test_a_call_left_open_is_offered_to_its_worker_alone_and_can_be_discarded(worker: Worker) -> None:
    call = begun(worker)
    pressed(worker, call, text=TEXT)
    assert "You were on a call at " in worker.get("/staff/call").text
    other = Worker(worker.desk, "supervisor")
    assert "You were on a call" not in other.get("/staff/call").text
    assert other.get(f"/staff/call/{call['call']}").status_code == 404
    assert other.post("/staff/call/answer", **call, text="theirs now", turn="9").status_code == 404
    worker.post(f"/staff/call/{call['call']}/discard")
    assert "You were on a call" not in worker.get("/staff/call").text
    assert worker.post("/staff/call/answer", **call, text="too late", turn="99").status_code == 409


def test_a_case_opened_from_a_call_has_all_of_it_and_ends_it(worker: Worker) -> None:
    call = begun(worker)
    said = {"text": TEXT, "had": "needs/counselling", "has": "needs/counselling|harmed_by/same_school"}
    pressed(worker, call, **said, do=f"list:{SERVICE}")
    form = worker.post("/staff/cases/new", **call, **said)
    assert form.status_code == 200
    assert "The short list of the call comes along: " in form.text
    assert 'value="Methil"' in form.text
    own = {**FORM, "call": call["call"], "needs": "counselling", "text": TEXT, "key": "k-from-call"}
    answer = worker.post("/staff/cases", **own)
    assert answer.status_code == 303
    again = worker.post("/staff/cases", **own)
    assert again.headers["location"] == answer.headers["location"]
    case_id = answer.headers["location"].split("?")[0].rpartition("/")[2]
    loop = worker.desk.running.loop
    with loop.database.reading() as session:
        assert [each.service_id for each in shortlists.listed(session, case_id)] == [SERVICE]
        case = session.get_one(Case, case_id)
        assert "same_school" in cases.harmed_by(session, loop, case)
    assert [(row.wrapped_key, row.body_sealed) for row in drafts(worker)] == [(None, None)]


def test_refer_opens_the_case_and_goes_on_to_the_referral(worker: Worker) -> None:
    call = begun(worker)
    form = worker.post("/staff/cases/new", **call, text=TEXT, service_id=SERVICE)
    assert "Then on to the referral to " in form.text
    answer = worker.post("/staff/cases", **FORM | {"call": call["call"], "service_id": SERVICE, "key": "k-refer"})
    assert answer.headers["location"].startswith("/staff/referrals/")
    with worker.desk.running.database.reading() as session:
        referral = session.scalars(select(Referral)).one()
        assert (referral.service_id, referral.state) == (SERVICE, "draft")


def test_a_known_caller_is_found_by_post_and_their_case_fills_the_call(worker: Worker) -> None:
    case_id = worker.open_case(age="16")
    call = begun(worker)
    found = worker.post("/staff/call", **call, text="", find="Skye")
    assert found.status_code == 200
    assert f"case:{case_id}" in found.text
    page = pressed(worker, call, text="rang again, cannot sleep", do=f"case:{case_id}")
    for words in ("Not that: Age 16", "Methil", "Look at the case", "rang again, cannot sleep"):
        assert words in page
    pressed(worker, call, text="", do=f"list:{SERVICE}")
    database = worker.desk.running.database
    with database.reading() as session:
        assert [each.service_id for each in shortlists.listed(session, case_id)] == [SERVICE]
        need = session.scalars(select(Need).where(Need.case_id == case_id)).one()
    answer = worker.post("/staff/call/refer", **call, text="", service_id=SERVICE)
    assert answer.headers["location"].startswith("/staff/referrals/")
    with database.reading() as session:
        assert session.scalars(select(Referral)).one().need_id == need.id
    pressed(worker, call, text="", do=f"unlist:{SERVICE}")
    with database.reading() as session:
        assert shortlists.listed(session, case_id) == ()


def test_a_case_of_a_colleague_is_used_once_the_worker_says_why(worker: Worker) -> None:
    colleague = Worker(worker.desk, "supervisor")
    case_id = colleague.open_case(name="Isla Example")
    call, web, own = begun(worker), worker.desk.web, worker.desk.cookie("worker")  # why is said for one session
    asked = web.post("/staff/call", {**call, "text": "", "do": f"case:{case_id}"}, **own)
    assert asked.status_code == 200
    assert f"why:{case_id}" in asked.text
    assert "Methil" not in asked.text
    used = web.post("/staff/call", {**call, "text": "", "do": f"why:{case_id}"}, **own)
    assert "Methil" in web.get(used.headers["location"], **own).text


def test_what_the_person_named_unsafe_is_not_shown_in_a_call_about_them(worker: Worker) -> None:
    case_id = worker.open_case()
    worker.post(f"/staff/cases/{case_id}/do/exclude", service_id=SERVICE, key="k-unsafe")
    page = pressed(worker, begun(worker), text=TEXT, do=f"case:{case_id}")
    assert f's-{SERVICE}"' not in page
    assert "Second Door" in page


def test_a_service_on_the_short_list_is_referred_to_in_the_same_press_as_the_case_is_opened(worker: Worker) -> None:
    call = begun(worker)
    assert f'form="sheet" name="service_id" value="{SERVICE}"' in pressed(worker, call, text=TEXT, do=f"list:{SERVICE}")
    answer = worker.post("/staff/cases", **FORM | {"call": call["call"], "service_id": SERVICE, "key": "k-both"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/staff/referrals/")


def test_a_service_that_has_gone_leaves_the_case_open_and_the_worker_on_it(worker: Worker) -> None:
    call = begun(worker)
    pressed(worker, call, text=TEXT)
    answer = worker.post("/staff/cases", **FORM | {"call": call["call"], "service_id": GONE, "key": "k-gone"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/staff/cases/")


def test_shortlisting_and_referring_before_the_first_answer_are_two_writes(worker: Worker) -> None:
    call = begun(worker)
    pressed(worker, call, text="", do=f"case:{worker.open_case()}")
    assert worker.post("/staff/call/answer", **call, do=f"list:{SERVICE}", turn="5").status_code == 200
    answer = worker.post("/staff/call/refer", **call, service_id=SERVICE, turn="5")
    assert answer.headers["location"].startswith("/staff/referrals/")


def test_the_facts_of_the_wrong_person_go_with_them_and_what_was_said_stays(worker: Worker) -> None:
    call = begun(worker)
    pressed(worker, call, text="rang again", do=f"case:{worker.open_case(age='16')}")
    shown = {"text": "rang again", "age": "16", "residence": "Leith", "had": "needs/counselling"}
    page = pressed(worker, call, **shown, has="needs/counselling|needs/housing", do="nocase")
    assert "Not that: Age" not in page
    assert "not:needs/counselling" not in page
    assert "not:needs/housing" in page
    assert 'value="Leith"' in page


def test_how_soon_is_what_today_says_and_the_cases_where_nothing_is_said(worker: Worker) -> None:
    call = begun(worker)
    page = pressed(worker, call, text="he is here now with a knife", do=f"case:{worker.open_case(urgency='days')}")
    assert 'href="tel:999"' in page
    for said, kept in (("now", "now"), ("", "days")):
        own = worker.post("/staff/call/refer", **call, service_id=SERVICE, urgency=said, turn=f"7{said}")
        assert own.status_code == 303, own.text
        with worker.desk.running.database.reading() as session:
            found = session.scalars(select(Referral).order_by(Referral.made_at.desc(), Referral.id)).all()
            assert kept in {row.urgency for row in found}


def used_of_a_colleague(worker: Worker, call: dict[str, str]) -> tuple[str, dict[str, object]]:
    """A call about a colleague's case, and the cookie of the session that said why."""
    case_id = Worker(worker.desk, "supervisor").open_case(name="Isla Example", age="16")
    own = worker.desk.cookie("worker")
    assert worker.desk.web.post("/staff/call", {**call, "do": f"why:{case_id}"}, **own).status_code == 303
    return case_id, own


def test_words_are_kept_when_the_session_was_renewed_and_why_is_asked_again(worker: Worker) -> None:
    call = begun(worker)
    case_id, _ = used_of_a_colleague(worker, call)
    answer = worker.post("/staff/call/answer", **call, text="and not sleeping", age="16", turn="9")
    assert answer.status_code == 422
    assert f"why:{case_id}" in answer.text
    assert "Not that: Age 16" not in answer.text
    page = worker.get(f"/staff/call/{call['call']}")
    assert (page.status_code, "and not sleeping" in page.text) == (200, True)
    assert drafts(worker)[0].subject_id  # erasing them reaches the words still


def test_words_are_kept_when_the_case_may_not_be_known_any_more(worker: Worker) -> None:
    call = begun(worker)
    case_id, own = used_of_a_colleague(worker, call)
    with worker.desk.running.database.session() as session:
        session.get_one(Case, case_id).restricted = True
    web = worker.desk.web
    page = web.get(f"/staff/call/{call['call']}", **own)
    assert (page.status_code, "Look at the case" in page.text, "Age 16" in page.text) == (422, False, False)
    answer = web.post("/staff/call/answer", {**call, "text": "and not sleeping", "turn": "9"}, **own)
    assert answer.status_code == 422
    assert "and not sleeping" in web.get(f"/staff/call/{call['call']}", **own).text


def test_a_service_that_left_the_directory_ends_no_call(worker: Worker) -> None:
    call = begun(worker)
    pressed(worker, call, text="", do=f"case:{worker.open_case()}")
    answer = worker.post("/staff/call/answer", **call, text="still here", do=f"list:{GONE}", turn="9")
    assert answer.status_code == 422
    assert "does not have this service as open" in answer.text
    assert "still here" in worker.get(f"/staff/call/{call['call']}").text


def test_one_bad_service_on_a_short_list_drops_none_of_the_rest(worker: Worker) -> None:
    call, case_id = begun(worker), worker.open_case()
    for service_id in (GONE, SERVICE):
        pressed(worker, call, text=TEXT, do=f"list:{service_id}")
    assert worker.post("/staff/call", **call, text=TEXT, do=f"case:{case_id}").status_code == 422
    with worker.desk.running.database.reading() as session:
        assert [each.service_id for each in shortlists.listed(session, case_id)] == [SERVICE]
    assert f"unlist:{GONE}" not in worker.get(f"/staff/call/{call['call']}").text


def test_a_press_in_an_older_window_does_nothing_and_says_so(worker: Worker) -> None:
    call, case_id = begun(worker), worker.open_case()
    pressed(worker, call, text="", do=f"case:{case_id}")
    worker.post("/staff/call/answer", **call, text="newer", turn="9")
    answer = worker.post("/staff/call/answer", **call, text="older", do=f"list:{SERVICE}", turn="9")
    assert "data-stale" in answer.text
    with worker.desk.running.database.reading() as session:
        assert shortlists.listed(session, case_id) == ()


@pytest.mark.parametrize("text", LONG, ids=["sexual harm", "brother", "own child"])
def test_a_page_after_a_long_call_is_at_most_60_kB(web_at_large: Worker, text: str) -> None:
    call = begun(web_at_large)
    answer = web_at_large.post("/staff/call", **call, text=text)
    page = web_at_large.get(answer.headers["location"])
    assert page.text.count('class="card call-card"') <= 10
    assert 20_000 < len(page.content) <= 60_000


@pytest.fixture(scope="module")
def web_at_large(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """Over an index of many services, so that the answer is as long as it gets."""
    home = tmp_path_factory.mktemp("large")
    with a_workplace(installation, home) as made:
        index = EmbeddedIndex(home / "large")
        apart(anyio.run, index.rebuild, services(1200, 1))
        made.desk.running = replace(made.desk.running, index=index)
        yield made
