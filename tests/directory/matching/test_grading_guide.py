"""The sentences of the grading guide, each as a case over the whole starter directory: who is among the first, who in
the first ten, and who must not be.
"""

from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from directory import runtime, settings
from directory.matching import matcher
from directory.matching.enquiry import AgeRange, Enquiry
from directory.runtime import Runtime
from taxonomy.words import Understanding
from tests.builders import NOON
from tests.installation import Installation

FIRST = 3
TEN = 10


@pytest.fixture(scope="module")
def whole(installed: Installation) -> Iterator[Runtime]:
    """The matcher over the starter directory."""
    chosen = settings.read({"WAYMARK_HOME": str(installed.home)})
    running = runtime.build(chosen, clock=lambda: NOON)
    yield running
    running.close()


def ranked(whole: Runtime, **said: Any) -> list[str]:
    """Source ids, best first."""
    places = {key: whole.gazetteer.locate(said.pop(key)) for key in ("residence", "harm_place") if key in said}
    ages = {key: AgeRange(said[key], said.pop(key)) for key in ("age", "other_age") if key in said}
    asked = Enquiry(**said, **places, **ages)
    result = anyio.run(matcher.match, asked, Understanding(), whole.index, NOON)
    return [match.service.source_id for match in result.matches]


SEXUAL = {"harms": ("child_sexual_abuse",), "needs": ("emotional_support",)}
ASSAULT = {"harms": ("physical_harm",), "needs": ("emotional_support",)}
PARTNER = {"harms": ("domestic_abuse",), "harmed_by": ("partner",), "age": 17, "relation": "harmed_person"}
IMAGE = {"harms": ("online_harm", "child_sexual_abuse"), "needs": ("content_removal",), "relation": "harmed_person"}
HATE = {"harms": ("hate",), "age": 30, "relation": "harmed_person", "residence": "Stirling"}
EXPLOITED = {"harms": ("exploitation",), "residence": "Dundee"}
KILLED = {"harms": ("bereavement_by_crime",), "needs": ("bereavement",), "relation": "parent_carer", "age": 40}
SUICIDAL = {"needs": ("suicidal", "safety", "emotional_support"), "urgency": "now", "residence": "Lanark"}
HOMELESS = {"harms": ("physical_harm",), "needs": ("housing", "safety"), "residence": "Perth", "urgency": "now"}


def case(name: str, said: dict[str, Any], first: str = "", ten: str = "", never: str = "") -> Any:
    """An enquiry, and the ids that must be among the first, in the first ten, and nowhere."""
    return pytest.param(said, first.split(), ten.split(), never.split(), id=name)


CASES = (
    case("general line: assault", {**ASSAULT, "age": 40, "residence": "Blairgowrie"}, first="f18", never="f110"),
    case("general line: witness", {**ASSAULT, "age": 40, "residence": "Elgin", "relation": "witness"}, first="f18"),
    case("Women's Aid: only the group of this part of the council",
         {"harms": ("domestic_abuse", "physical_harm"), "age": 17, "gender": "female", "residence": "Airdrie"},
         first="f168 f186", never="f169 f170"),
    case("court support with a court date", {**ASSAULT, "age": 30, "needs": ("court_support",), "residence": "Perth"},
         first="f103 f104", ten="f18"),
    case("court support without", {**ASSAULT, "age": 30, "residence": "Perth"}, never="f103 f104"),
    case("homicide: the named worker", {**KILLED, "residence": "Aberdeen"}, first="f102", ten="f271", never="f106"),
    case("rape crisis: the local centre, no SARCS under 16",
         {**SEXUAL, "age": 15, "gender": "female", "residence": "Kirkwall"},
         first="f122", ten="f01 f393", never="f08 f135 f04"),
    case("rape crisis: under its age the national line, by a parent",
         {**SEXUAL, "age": 4, "gender": "female", "residence": "New Cumnock", "relation": "parent_carer"},
         first="f01", ten="f360 f350", never="f130 f262 f281"),
    case("rape crisis: for women only, a boy has the national line",
         {**SEXUAL, "age": 13, "gender": "male", "residence": "Springburn"},
         first="f01", ten="f270", never="f118 f119"),
    case("SARCS in the first days, from 16", {**SEXUAL, "age": 16, "residence": "Ayr", "needs": ("forensic_care",)},
         first="f136", ten="f135 f383"),
    case("SARCS: urgent is not recent", {**SEXUAL, "age": 16, "residence": "Ayr", "urgency": "now"},
         never="f136 f135"),
    case("domestic abuse: the group of the area, then the helpline",
         {**PARTNER, "gender": "female", "residence": "Elgin"},
         first="f171", ten="f09", never="f121 f142"),
    case("domestic abuse: Women's Aid is not for a man",
         {**PARTNER, "age": 40, "gender": "male", "residence": "Elgin"},
         ten="f183", never="f171"),
    case("hit by one's own child is not partner abuse",
         {"harms": ("child_to_parent", "physical_harm"), "harmed_by": ("own_child",), "same_household": True,
          "age": 50, "gender": "female", "relation": "harmed_person", "residence": "Elgin"},
         first="f18 f350", ten="f393", never="f183"),
    case("harm long ago: no row for children, no Reporter",
         {**SEXUAL, "age": 41, "gender": "male", "residence": "Dunfermline", "groups": ("adult_survivor",)},
         ten="f263", never="f41 f42 f261 f284 f394"),
    case("the parent of both: lines and social work",
         {**SEXUAL, "age": 9, "residence": "Livingston", "same_household": True, "harmed_by": ("sibling",),
          "relation": "parent_carer"},
         ten="f134 f360 f393 f350 f321 f110", never="f352"),
    case("a child alone against a brother: not through the parent",
         {**ASSAULT, "age": 11, "residence": "Girvan", "same_household": True, "harmed_by": ("sibling",),
          "relation": "harmed_person"},
         first="f23 f393", ten="f18", never="f352 f350 f321"),
    case("restorative justice: when asked, by the other's age",
         {"harms": ("property_damage",), "needs": ("restorative_justice",), "age": 61,
          "other_age": 13, "residence": "Bo'ness"},
         ten="f14 f18", never="f17 f276 f280 f15"),
    case("restorative justice: not unasked", {"harms": ("property_damage",), "age": 61, "residence": "Bo'ness"},
         first="f18", never="f14 f277 f279"),
    case("housing: the council's duty at 17", {**HOMELESS, "age": 17},
         first="f222", ten="f238 f232 f34", never="f242 f29 f214"),
    case("housing: under 16 alone, social work", {**HOMELESS, "age": 13}, first="f393", never="f232 f214"),
    case("school: the advice line when support needs are said",
         {"harms": ("bullying",), "needs": ("school",), "groups": ("autism",),
          "age": 8, "relation": "parent_carer", "residence": "Kirkintilloch"},
         first="f293", ten="f18", never="f295 f261"),
    case("school: the council's own psychologists",
         {"harms": ("bullying",), "needs": ("school",), "age": 13, "relation": "parent_carer", "residence": "Falkirk"},
         ten="f304", never="f302 f298"),
    case("exploitation under 18, a worker asks", {**EXPLOITED, "age": 15, "professional": True},
         ten="f312 f316 f393 f383", never="f307 f308 f314"),
    case("exploitation: advice for workers is not for a parent", {**EXPLOITED, "age": 15, "relation": "parent_carer"},
         ten="f312 f393", never="f316 f307"),
    case("SARCS: the line to it beside the suite of the area",
         {"harms": ("sexual_harm",), "needs": ("forensic_care",), "age": 40, "gender": "female", "residence": "Ayr"},
         first="f136 f135"),
    case("therapy for children and young people is not for who is grown up",
         {**SEXUAL, "harms": ("sexual_harm",), "age": 23, "gender": "female", "residence": "Govan"}, never="f270"),
    case("a home for young women is for who needs a home",
         {"harms": ("sexual_harm",), "needs": ("housing",), "age": 20, "gender": "female", "residence": "Govan"},
         ten="f233 f214"),
    case("a parent hurt, told by the harm alone",
         {"harms": ("child_to_parent", "physical_harm"), "relation": "harmed_person", "age": 40, "residence": "Methil"},
         first="f18 f350", ten="f361"),
    case("a sister hurt beside the parent is no parent",
         {"harms": ("child_to_parent", "physical_harm"), "relation": "harmed_person", "age": 15,
          "residence": "Falkirk"},
         ten="f23", never="f361"),
    case("a relative who calls has the parents' line",
         {**SEXUAL, "age": 16, "relation": "family", "residence": "Jedburgh"}, ten="f350"),
    case("rights at school when school is asked, whatever the harm",
         {**SEXUAL, "needs": ("school",), "age": 11, "relation": "parent_carer", "residence": "Cupar"}, ten="f305"),
    case("money and work lost: advice on money beside the compensation scheme",
         {**ASSAULT, "needs": ("compensation", "practical_help"), "age": 17, "residence": "Arbroath"},
         first="f18 f286", ten="f290"),
    case("exploitation of an adult: rows for who was trafficked for sex are another harm",
         {**EXPLOITED, "age": 30, "gender": "female"}, ten="f309", never="f37 f312 f316 f393"),
    case("exploitation of an adult for sex",
         {**EXPLOITED, "harms": ("exploitation", "sexual_harm"), "age": 30, "gender": "female"},
         ten="f37", never="f312 f316 f393"),
    case("an image of a child: report and remove, police", {**IMAGE, "age": 14, "residence": "Greenock"},
         first="f317 f383", ten="f318 f23", never="f320"),
    case("an image of an adult: never the rows for children",
         {**IMAGE, "harms": ("online_harm",), "age": 27, "residence": "Greenock"},
         first="f320 f383", ten="f322", never="f317 f318 f319"),
    case("a beating that was filmed is no sexual image",
         {"harms": ("physical_harm", "online_harm"), "needs": ("content_removal",), "age": 15, "residence": "Wick"},
         ten="f322 f383", never="f317 f319"),
    case("new accounts that follow somebody are no sexual image",
         {"harms": ("stalking", "online_harm"), "age": 29, "gender": "female", "residence": "Johnstone"},
         ten="f107 f383", never="f320"),
    case("hate: they want to report", {**HATE, "needs": ("reporting",)}, first="f332 f324", never="f333 f335"),
    case("hate: the group's own body", {**HATE, "groups": ("jewish",)}, first="f332 f336", ten="f324", never="f335"),
    case("the Reporter's information when they ask what happens",
         {**ASSAULT, "age": 15, "needs": ("hearing_information",), "residence": "Perth"},
         first="f284"),
    case("compensation when injured and money is asked",
         {**ASSAULT, "age": 40, "needs": ("compensation",), "residence": "Perth"},
         first="f286 f18"),
    case("suicidal words at 16", {**SUICIDAL, "age": 16, "relation": "harmed_person"},
         ten="f23 f389 f384 f386", never="f41"),
    case("suicidal words at 40", {**SUICIDAL, "age": 40}, ten="f384 f386", never="f23 f389"),
    case("missing: the police and the line",
         {**ASSAULT, "age": 15, "needs": ("missing",), "urgency": "now", "residence": "Alloa"},
         ten="f390 f383"),
    case("home decides rape crisis",
         {**SEXUAL, "age": 13, "gender": "female", "residence": "Linlithgow", "harm_place": "Falkirk"},
         ten="f134 f110"),
    case("home outside Scotland: nothing that goes by residence",
         {**ASSAULT, "age": 17, "residence": "London, England", "harm_place": "Aviemore"},
         first="f18", ten="f284", never="f254 f275 f367 f261 f364 f393"),
    case("forced marriage: the unit and the lines made for it",
         {"harms": ("forced_marriage",), "age": 17, "gender": "female", "residence": "Kirkcaldy",
          "groups": ("black_minority_ethnic",)},
         ten="f11 f09 f191 f190 f383", never="f163"),
    case("nobody at school", {**ASSAULT, "age": 15, "negated": ("school",), "residence": "Perth"},
         ten="f18", never="f261 f297 f300"),
    case("sign language: the relay and the line that signs",
         {**SEXUAL, "age": 13, "language": "bsl", "gender": "female", "residence": "Perth"},
         ten="f337 f02 f01", never="f339 f338"),
)  # fmt: skip


@pytest.mark.parametrize(("said", "first", "ten", "never"), CASES)
def test_a_sentence_of_the_guide(
    whole: Runtime, said: dict[str, Any], first: list[str], ten: list[str], never: list[str]
) -> None:
    order = ranked(whole, **said)
    assert set(first) <= set(order[:FIRST]), order[:TEN]
    assert set(ten) <= set(order[:TEN]), order[:TEN]
    assert not set(never) & set(order), [one for one in order if one in never]


@pytest.mark.parametrize("closed", ["f12", "f148", "f162", "f30", "f32"])
def test_what_is_closed_is_never_given(whole: Runtime, closed: str) -> None:
    for harm in ("domestic_abuse", "physical_harm"):
        for home in ("Clydebank", "Glasgow", "Dalkeith", "Livingston"):
            asked = {"harms": (harm,), "needs": ("housing", "safety"), "age": 17, "gender": "female", "residence": home}
            assert closed not in ranked(whole, **asked)


@pytest.mark.parametrize("not_for_them", ["f365", "f321"])
def test_what_is_for_the_child_who_harmed_is_not_for_the_harmed_child(whole: Runtime, not_for_them: str) -> None:
    asked = {**SEXUAL, "age": 15, "relation": "harmed_person", "residence": "Perth", "same_household": True}
    assert not_for_them not in ranked(whole, **asked)


def test_a_home_for_young_women_stands_low_where_no_home_is_asked(whole: Runtime) -> None:
    found = ranked(whole, harms=("domestic_abuse",), age=17, gender="female", residence="Drumchapel")
    assert "f160" in found[:FIRST]
    assert "f233" not in found[:TEN]
