"""A plan over a small real index: filled together, none twice without a reason, gaps said with the nearest by phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.draft import AgeLimit, GenderRule
from directory.matching import matcher, plan
from directory.matching.candidate import LOCAL
from directory.matching.enquiry import AgeRange, Enquiry
from directory.matching.fit import NO_FIT
from directory.matching.judged import Judged
from directory.matching.plan import Draft, Filled
from directory.matching.results import MatchResult, Plan, PlanStep
from directory.search.document import ServiceDocument
from directory.search.embedded import EmbeddedIndex
from directory.values import CouncilShare, Known, Place, PlaceKind
from taxonomy.pathway import Audience, Choice, Note, Pathway, Step
from taxonomy.words import Understanding
from tests.builders import NOON
from tests.directory.matching.builders import IN_EDINBURGH, a_row
from tests.directory.matching.test_matcher import SCOTLAND, a_service

ORKNEY = Place("Orkney", PlaceKind.COUNCIL, councils=(CouncilShare("S12000023", "Orkney Islands", 1.0),))
LEGAL = {"families": ("legal_rights",), "needs": ("legal_advice",)}
SERVICES = (
    a_service("Kirk Line", families=("victim_support",), needs=("practical_help",), organization="Kirk"),
    a_service("Kirk Talk", organization="Kirk"),
    a_service("Apart Talk", organization="Apart"),
    a_service("Talk for adults", organization="Adult", age=AgeLimit(Known.STATED, 18, None)),
    a_service("Bairnline", organization="Bairnline", coverage=SCOTLAND, delivery=("phone",), crisis=True),
    a_service("Lawyers", **LEGAL, coverage=SCOTLAND),
    a_service("Reporter", families=("legal_rights",), needs=("hearing_information",), coverage=SCOTLAND),
    a_service("Being heard", families=("restorative_justice",), needs=("restorative_justice",), coverage=SCOTLAND),
    a_service("Council Homes", families=("housing",), needs=("housing", "safety")),
    a_service("Deaf Talk", organization="Deaf", groups=("deaf",)),
    a_service("Men's Group", families=("youth",), needs=("youth_activities",), gender=GenderRule(Known.STATED, "male")),
)
HELP = Step("this_week", "practical_help", "Help", ("victim_support",))
TALK = Step("this_week", "counselling", "Talk", ("counselling",), limit=1)
LAW = Step("later", "legal_advice", "Law", ("legal_rights",), ("legal_advice",))
GROUP = Step("later", "youth_activities", "Group", ("youth",), ("youth_activities",))
RESTORE = Step("later", "restorative_justice", "Heard", ("restorative_justice",))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    built = EmbeddedIndex(folder)
    anyio.run(built.rebuild, SERVICES)
    return built


def a_pathway(*steps: Step, notes: tuple[Note, ...] = ()) -> Pathway:
    return Pathway("one", "One", "", 1, (Choice(harms=("physical_harm",)),), steps, notes, ("reporter",))


@pytest.fixture
def planned(index: EmbeddedIndex) -> Callable[..., Plan]:
    """The plan of made-up steps for a 14-year-old hit in Edinburgh, unless told otherwise."""

    def asked(*steps: Step, notes: tuple[Note, ...] = (), **facts: Any) -> Plan:
        found = result(index, (a_pathway(*steps, notes=notes),), **facts)
        assert found.plan is not None
        return found.plan

    return asked


def result(index: EmbeddedIndex, pathways: Any, **facts: Any) -> MatchResult:
    said: dict[str, Any] = {"harms": ("physical_harm",), "residence": IN_EDINBURGH, "age": AgeRange(14, 14)}
    enquiry = Enquiry(**{**said, **facts})

    async def asked() -> MatchResult:
        return await matcher.match(enquiry, Understanding(), index, NOON, pathways=pathways)

    return anyio.run(asked)


def names(step: PlanStep) -> list[str]:
    return [match.service.name for match in step.matches]


def test_the_person_tells_the_story_once(planned: Callable[..., Plan]) -> None:
    both = planned(HELP, TALK)
    assert [names(step) for step in both.steps] == [["Kirk Line"], ["Kirk Talk"]]
    turned = planned(TALK, HELP)
    assert [names(step) for step in turned.steps] == [["Kirk Talk"], ["Kirk Line"]], "whichever step comes first"


def test_none_stands_twice_without_a_reason(planned: Callable[..., Plan]) -> None:
    first, second = planned(HELP, Step("later", "practical_help", "More", ("victim_support",))).steps
    assert (names(first), first.again) == (["Kirk Line"], "")
    assert names(second) == ["Kirk Line"]
    assert second.again == "The same as under “Help”: nobody else is known for this."


def test_the_step_with_least_choice_is_filled_before_anothers_second(planned: Callable[..., Plan]) -> None:
    wide = Step("now", "emotional_support", "Anybody", ("counselling", "victim_support"), limit=3)
    first, second = planned(wide, HELP).steps
    assert names(second) == ["Kirk Line"]
    assert "Kirk Line" not in names(first)
    assert not second.again


@pytest.mark.parametrize(
    ("prefers", "facts", "filled", "has_gap"),
    [
        pytest.param("", {}, {"Apart Talk", "Bairnline", "Kirk Talk"}, False, id="no preference"),
        pytest.param("near", {}, {"Apart Talk", "Kirk Talk"}, False, id="those of their own area alone"),
        pytest.param("near", {"residence": ORKNEY}, {"Bairnline"}, True, id="none in their area, and that is said"),
        pytest.param("crisis", {}, {"Bairnline"}, False, id="a line for all of Scotland is what was asked for"),
    ],
)
def test_a_step_that_prefers_some_is_filled_with_those_alone(
    planned: Callable[..., Plan], prefers: str, facts: dict[str, Any], filled: set[str], has_gap: bool
) -> None:
    (step,) = planned(Step("now", "counselling", "Talk", ("counselling",), limit=5, prefers=prefers), **facts).steps
    assert (set(names(step)), bool(step.gap)) == (filled, has_gap)


def test_a_step_that_prefers_nobody_there_takes_who_is(planned: Callable[..., Plan]) -> None:
    assert names(planned(Step("now", "legal_advice", "Law", LAW.families, LAW.needs, prefers="near")).steps[0]) == [
        "Lawyers"
    ]


@pytest.mark.parametrize(
    ("groups", "filled"),
    [
        pytest.param(("deaf",), [["Kirk Line"], ["Deaf Talk"]], id="of that group"),
        pytest.param((), [["Kirk Line"]], id="no group was said: no step, and no gap"),
        pytest.param(("jewish",), [["Kirk Line"]], id="nobody is known for theirs"),
    ],
)
def test_nobody_else_is_of_their_group(
    planned: Callable[..., Plan], groups: tuple[str, ...], filled: list[list[str]]
) -> None:
    own = Step("later", "advocacy", "Own", ("counselling", "victim_support"), prefers="own_group")
    found = planned(HELP, own, groups=groups)
    assert ([names(step) for step in found.steps], found.gaps) == (filled, ())


def test_a_step_that_prefers_some_chooses_before_the_others(planned: Callable[..., Plan]) -> None:
    help_, area = planned(HELP, Step("later", "practical_help", "Area", ("victim_support",), prefers="near")).steps
    assert (names(area), area.again) == (["Kirk Line"], "")
    assert help_.again == "The same as under “Area”: nobody else is known for this."


def test_what_only_a_step_asks_for_is_found_and_is_not_in_the_list(index: EmbeddedIndex) -> None:
    found = result(index, (a_pathway(HELP, LAW),))
    assert found.plan is not None
    assert names(found.plan.steps[1]) == ["Lawyers"]
    assert not found.plan.gaps
    assert "Lawyers" not in [match.service.name for match in found.matches]


@pytest.mark.parametrize(
    ("steps", "facts", "said"),
    [
        pytest.param(
            (TALK,), {"residence": ORKNEY, "age": AgeRange(9, 9)},
            "No fitting counselling service for under-12s covers Orkney Islands; nearest by phone: Bairnline.",
            id="a line for all of Scotland is the nearest",
        ),
        pytest.param(
            (HELP,), {"residence": ORKNEY},
            "No fitting victim support and advocacy service for somebody of 14 covers Orkney Islands.",
            id="nothing at all",
        ),
        pytest.param(
            (Step("now", "housing", "Home", ("housing",)),), {"residence": ORKNEY, "age": AgeRange(16, 20)},
            "No fitting housing and homelessness service covers Orkney Islands.",
            id="an age that is not exact is not said",
        ),
    ],
)  # fmt: skip
def test_gaps_are_said(planned: Callable[..., Plan], steps: Any, facts: dict[str, Any], said: str) -> None:
    found = planned(*steps, **facts)
    assert found.steps[0].gap == said
    assert found.gaps == (said,)


def test_where_something_is_near_there_is_no_gap(planned: Callable[..., Plan]) -> None:
    assert planned(TALK, LAW).gaps == ()


def test_restorative_justice_only_when_the_person_asks(index: EmbeddedIndex, planned: Callable[..., Plan]) -> None:
    when_asked = Step("later", "restorative_justice", "Heard", ("restorative_justice",), who=("restorative",))
    assert [step.label for step in planned(HELP, when_asked).steps] == ["Help"]
    assert names(planned(HELP, when_asked, needs=("restorative_justice",)).steps[1]) == ["Being heard"]
    assert planned(HELP, RESTORE).steps[1].matches == (), "not even where a file forgot to say so"


@pytest.mark.parametrize("avoided", ["Kirk", "Kirk Talk", "Bairnline"])
def test_avoid_always_keeps_it_out_of_the_plan(planned: Callable[..., Plan], avoided: str) -> None:
    found = planned(HELP, Step("now", "counselling", "Talk", ("counselling",), limit=5), avoid=(avoided,))
    assert not [name for step in found.steps for name in names(step) if avoided in name]
    assert not [gap for gap in found.gaps if gap.endswith(f": {avoided}.")]


def test_notes_are_those_for_this_person(planned: Callable[..., Plan]) -> None:
    notes = (
        Note("For all.", "An Act"),
        Note("Under 12 harmed.", "An Act", "All of it.", Audience(forms=("under_12",))),
        Note("Small child harmed somebody.", "An Act", "", Audience(other=("under_12",))),
    )
    told = planned(HELP, notes=notes, age=AgeRange(8, 8), other_age=AgeRange(13, 13))
    assert [(note.text, note.check) for note in told.notes] == [("For all.", ""), ("Under 12 harmed.", "All of it.")]
    assert told.guides == ("reporter",)


def test_no_pathway_no_plan(index: EmbeddedIndex) -> None:
    assert result(index, ()).plan is None


LIKED = Judged(a_row(), NO_FIT, LOCAL, 1.0, None)
POOLS = st.lists(st.lists(st.integers(0, 9), max_size=4, unique=True), min_size=1, max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(POOLS, st.lists(st.sampled_from("abc"), min_size=10, max_size=10), st.data())
def test_filling_keeps_its_promises(pools: list[list[int]], owners: list[str], data: st.DataObject) -> None:
    scores = data.draw(st.lists(st.floats(0, 1), min_size=10, max_size=10))
    services: dict[int, ServiceDocument] = {
        each: a_service(str(each), organization=owner) for each, owner in enumerate(owners)
    }
    order = sorted(range(10), key=lambda each: -scores[each])
    steps = [Step("now", "counselling", str(number), ("counselling",), limit=2) for number in range(len(pools))]
    drafted = Draft(
        a_pathway(*steps),
        tuple(Filled(step, tuple(sorted(pool, key=order.index))) for step, pool in zip(steps, pools, strict=True)),
        {each: (scores[each], LIKED) for each in order},
    )
    filled = plan.choose(drafted, services).steps
    assert plan.choose(drafted, services).steps == filled, "the same every time"
    first_shown = [each for one in filled if not one.again for each in one.pool]
    assert len(first_shown) == len(set(first_shown)), "none twice without a reason"
    for one, pool in zip(filled, pools, strict=True):
        assert set(one.pool) <= set(pool)
        assert len(one.pool) <= (1 if one.again else 2)
        assert bool(one.pool) == bool(pool), "no step goes empty that somebody could fill"
        assert sum(scores[each] < plan.FURTHER_FROM for each in one.pool) < 2, "filled up with what helps alone"
        if one.again:
            assert one.pool[0] in first_shown


@pytest.mark.parametrize(
    ("gender", "stands"),
    [
        pytest.param("male", True, id="a boy"),
        pytest.param(None, False, id="nobody said"),
        pytest.param("female", False, id="a girl"),
    ],
)
def test_a_service_for_men_alone_is_in_no_plan_of_somebody_who_may_be_none(
    planned: Callable[..., Plan], gender: str | None, stands: bool
) -> None:
    step = planned(GROUP, gender=gender).steps[0]
    assert bool(step.matches) is stands
