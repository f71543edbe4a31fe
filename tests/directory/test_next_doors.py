"""The next best doors from the real matcher: who is out stays out, what is unknown is asked, no place is told."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import anyio
import pytest
from anyio import to_thread
from sqlalchemy import select

from directory import records, runtime, settings
from directory.draft import AgeLimit, Coverage, GenderRule
from directory.errors import BadInput, NotFound, NotReady
from directory.matching.tables import Gap
from directory.next_doors import AT_ONCE, NextDoors
from directory.referrals import capacity_words
from directory.referrals.next_best import Wanted
from directory.search import indexing
from directory.values import Known, Visibility
from tests.builders import EDINBURGH, FIFE, NOON, a_document, a_draft, a_record, a_withheld_draft, write

HERE = Coverage(Known.STATED, (FIFE,))
GIVEN = {"residence": "Fife", "age": {"min": 14, "max": 14}, "harms": ["physical_harm"], "relation": "harmed_person"}


def service(name: str) -> str:
    return records.service_id("facts", name)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[runtime.Runtime]:
    home = tmp_path_factory.mktemp("doors")
    record = a_record(home)
    write(
        record,
        a_draft(source_id="near", name="Near Counselling", organization="Near", coverage=HERE),
        a_draft(source_id="full", name="Full Counselling", organization="Full", coverage=HERE),
        a_draft(source_id="far", name="Far Counselling", organization="Far"),
        a_draft(
            source_id="men", name="Adult Counselling", organization="Adult", coverage=HERE,
            age=AgeLimit(Known.STATED, 18, 99),
        ),
        a_draft(source_id="vague", name="Vague Counselling", organization="Vague", coverage=HERE, age=AgeLimit()),
        a_draft(
            source_id="homes", name="Home Advice", organization="Homes", coverage=HERE, families=("housing",),
            needs=("housing",), harms=(), kind="Housing advice", description="Advice about a home.",
        ),
        a_draft(
            source_id="group", name="Youth Listening", organization="Youth", coverage=HERE,
            families=("victim_support",), gender=GenderRule(Known.NONE),
        ),
        a_withheld_draft(coverage=HERE),
    )  # fmt: skip
    with record.session() as session:
        capacity_words.say(session, service("full"), "full", NOON)
    record.close()
    chosen = settings.read({"WAYMARK_HOME": str(home)})
    made = runtime.build(chosen, clock=lambda: NOON)
    anyio.run(indexing.rebuild, made.database, made.index, lambda: NOON)
    yield made
    made.close()


@pytest.fixture
def doors(running: runtime.Runtime) -> NextDoors:
    return NextDoors(running)


def wanted(*without: str, need: str = "counselling", unlike: str = "", **given: object) -> Wanted:
    return Wanted(GIVEN | given, need, frozenset(without), unlike)


def test_doors_that_meet_the_need_here_best_first_with_reasons(doors: NextDoors) -> None:
    found = doors(wanted())
    names = [each.name for each in found]
    assert names[0] == "Near Counselling"
    assert names.index("Full Counselling") > names.index("Near Counselling")  # full, it said so itself: it steps back
    assert not {"Far Counselling", "Adult Counselling", "Home Advice"} & set(names)
    assert found[0].reasons
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_nothing_kept_tells_where_they_live(doors: NextDoors) -> None:
    found = doors(wanted(residence="KY1 1AA"))
    said = " ".join(sentence for each in found for sentence in (*each.reasons, *each.ask_first))
    assert found
    assert "KY1" not in said
    assert " away" not in said


def test_who_is_out_stays_out(doors: NextDoors) -> None:
    assert service("near") not in {each.service_id for each in doors(wanted(service("near")))}
    everything = {each.service_id for each in doors(wanted(), most=20)}
    assert doors(wanted(*everything)) == ()


def test_another_kind_of_help_comes_first_when_that_was_said(doors: NextDoors) -> None:
    usual = [each.name for each in doors(wanted(service("near")), most=9)]
    found = [each.name for each in doors(wanted(service("near"), unlike=service("near")), most=9)]
    assert usual[0] != "Youth Listening"
    assert found[0] == "Youth Listening"
    assert set(found) == set(usual)


@pytest.mark.parametrize(
    ("name", "takes", "said"),
    [
        pytest.param("near", True, "", id="takes them"),
        pytest.param("men", False, "It takes ages 18 to 99.", id="another age"),
        pytest.param("far", False, "It is for people of another area.", id="another area"),
        pytest.param("vague", True, "Its ages are not stated.", id="not known: ask first"),
    ],
)
def test_whether_a_service_takes_this_person(doors: NextDoors, name: str, takes: bool, said: str) -> None:
    able, reasons = doors.eligible(wanted(), service(name))
    assert able is takes
    assert said in " ".join(reasons)


def test_an_unknown_service_is_not_found(doors: NextDoors) -> None:
    with pytest.raises(NotFound):
        doors.eligible(wanted(), service("nowhere"))
    with pytest.raises(NotFound):
        doors.snapshot(service("nowhere"))


def test_facts_that_cannot_be_used_are_refused(doors: NextDoors) -> None:
    with pytest.raises(BadInput):
        doors(wanted(age="old"))


def test_a_snapshot_is_the_service_as_it_is_shown(doors: NextDoors) -> None:
    told = doors.snapshot(service("near"))
    assert (told["name"], told["phone"]) == ("Near Counselling", "01632 960001")
    assert told["freshness"]
    assert told["seen_at"] == NOON.isoformat()
    assert "full" in doors.snapshot(service("full"))["capacity"]


@pytest.mark.parametrize(
    ("visibility", "hidden"),
    [
        pytest.param(Visibility.UNDISCLOSED, True, id="withheld"),
        pytest.param(Visibility.EXACT, False, id="open"),
    ],
)
def test_a_snapshot_never_holds_a_withheld_place(
    running: runtime.Runtime, doors: NextDoors, visibility: Visibility, hidden: bool
) -> None:
    own = service(f"planted{visibility.value}")
    document = a_document(
        id=own, source_id="p1", name="Planted", visibility=visibility, text_or_chat="text 88777", postal_code="KY99 9ZZ"
    )
    anyio.run(running.index.put, [document])
    said = str(doors.snapshot(own))
    for secret in ("Harbour Row", "KY99", "01632 960001", "harbour.example", "88777"):
        assert (secret not in said) is hidden
    anyio.run(running.index.remove, [own])


def test_it_is_asked_from_a_thread_of_the_server_too(doors: NextDoors) -> None:
    async def served() -> list[str]:
        found = await to_thread.run_sync(doors, wanted())
        return [each.name for each in found]

    assert anyio.run(served)[0] == "Near Counselling"


def test_when_too_many_ask_at_once_the_others_are_told_so(
    running: runtime.Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors = NextDoors(running)
    monkeypatch.setattr("directory.next_doors.WAIT_SECONDS", 0.0)
    for _ in range(AT_ONCE):
        doors._turns.acquire()
    with pytest.raises(NotReady, match="too much to do"):
        anyio.run(partial(to_thread.run_sync, doors, wanted()))


def test_a_need_that_could_not_be_met_is_counted_by_the_week(running: runtime.Runtime, doors: NextDoors) -> None:
    for at in (NOON, NOON, NOON + timedelta(days=7)):
        with running.database.session() as session:
            doors.missing(session, EDINBURGH, "counselling", at)
    with running.database.reading() as session:
        rows = session.scalars(select(Gap).where(Gap.council_gss == EDINBURGH).order_by(Gap.week))
        assert [(row.need, row.week, row.count) for row in rows] == [
            ("need/counselling", "2026-W47", 2),
            ("need/counselling", "2026-W48", 1),
        ]


def test_a_count_goes_with_the_transaction_it_is_of(running: runtime.Runtime, doors: NextDoors) -> None:
    with running.database.session() as session:
        doors.missing(session, FIFE, "legal_advice", NOON)
        session.rollback()
    with running.database.reading() as session:
        assert session.scalar(select(Gap).where(Gap.council_gss == FIFE)) is None
