"""Column mappings: what a row says by field, what is guessed from a header, what cannot stand, headers that moved."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import UnusableFile
from directory.feeds import fields, mapping, mapping_guesses, template
from directory.feeds.mapping import ColumnMapping, Rule

ROW = {"Name": "Example Project", "Kind": "Youth work; Talking", "Area": "Fife", "More": "and more", "Hide": "no"}
NAMED = {"name": Rule(("Name",)), "family": Rule(constant="youth"), "service_area": Rule(constant="Fife")}


def a_mapping(**rules: Rule) -> ColumnMapping:
    return ColumnMapping({**NAMED, **rules}, tuple(ROW))


def families(rule: Rule, cell: str) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Codes, unread words, and whether the row is left out."""
    found = mapping.said(a_mapping(family=rule), ROW | {"Kind": cell})
    return found.values.get("family", ()), found.unread.get("family", ()), bool(found.outside)


@pytest.mark.parametrize(
    ("cell", "codes", "unread"),
    [
        pytest.param("Youth work", ("youth",), (), id="our label"),
        pytest.param("youth", ("youth",), (), id="our code"),
        pytest.param("HOUSING and homelessness", ("housing",), (), id="in any case"),
        pytest.param("Youth work; Counselling", ("youth", "counselling"), (), id="several"),
        pytest.param("Youth work, Counselling", ("youth", "counselling"), (), id="several with a comma"),
        pytest.param("Fostering, adoption and adult placement", ("care_placement",), (), id="a label with a comma"),
        pytest.param("Talking\nYouth work", ("youth",), ("Talking",), id="one that we do not know"),
        pytest.param("", (), (), id="nothing"),
    ],
)
def test_our_own_words(cell: str, codes: tuple[str, ...], unread: tuple[str, ...]) -> None:
    assert families(Rule(("Kind",)), cell) == (codes, unread, False)


WORDS = (("not taken", "outside"), ("talking", "counselling"), ("mixed", "youth; housing"), ("", "community_hub"))


@pytest.mark.parametrize(
    ("cell", "codes", "outside"),
    [
        pytest.param("We do talking here", ("counselling",), False, id="words in a text"),
        pytest.param("Talking, but not taken", (), True, id="the first counts"),
        pytest.param("A mixed bag", ("youth", "housing"), False, id="two families"),
        pytest.param("Talkingly", ("community_hub",), False, id="whole words only"),
        pytest.param("", ("community_hub",), False, id="anything else"),
    ],
)
def test_words_of_a_text(cell: str, codes: tuple[str, ...], outside: bool) -> None:
    assert families(Rule(("Kind",), words=WORDS), cell) == (codes, (), outside if cell else False)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("Talking; Shops", (("counselling",), (), False), id="one in, one out"),
        pytest.param("Shops", ((), (), True), id="all out"),
        pytest.param("Shops; Talking shops", ((), ("Talking shops",), False), id="whole values only"),
        pytest.param("Youth work; Talking", (("youth", "counselling"), (), False), id="beside our own words"),
        pytest.param("Odd", ((), (), False), id="put aside"),
    ],
)
def test_words_of_a_list(cell: str, expected: tuple[object, ...]) -> None:
    words = (("Talking", "counselling"), ("Shops", "outside"), ("Odd", ""))
    assert families(Rule(("Kind",), words=words, parted=True), cell) == expected


def test_several_columns_are_joined_and_blanks_take_the_constant() -> None:
    rules = {
        "description": Rule(("Name", "More")),
        "address_1": Rule(("Area", "Gone", "More")),
        "organization": Rule(("Gone",), "Example Trust"),
        "city": Rule(("Gone",)),
    }
    found = mapping.said(a_mapping(**rules), ROW)
    assert found.first("description") == "Example Project\nand more"
    assert found.first("address_1") == "Fife, and more"
    assert found.first("organization") == "Example Trust"
    assert "city" not in found.values


@pytest.mark.parametrize(
    ("cell", "hidden"),
    [
        *((word, False) for word in ("", "no", "No", "FALSE", "0", "n", "None")),
        *((word, True) for word in ("yes", "TRUE", "1", "x", "ask Ann", "nope?", "hidden")),
    ],
)
def test_a_place_is_confidential_unless_it_is_plainly_not(cell: str, hidden: bool) -> None:
    found = mapping.said(a_mapping(confidential_place=Rule(("Hide",))), ROW | {"Hide": cell})
    assert mapping.is_hidden(found) is hidden


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        pytest.param({"name": Rule()}, "name", id="no name"),
        pytest.param({"family": Rule()}, "family", id="no family"),
        pytest.param({"service_area": Rule()}, "service_area", id="no area"),
        pytest.param({"name": Rule(("Gone",))}, "name", id="a column that is not there"),
        pytest.param({"family": Rule(constant="wizardry")}, "family", id="no such family"),
        pytest.param({"family": Rule(("Kind",), words=(("a", "wizardry"),))}, "family", id="no such family by words"),
        pytest.param({"need": Rule(constant="outside")}, "need", id="needs cannot leave a row out"),
        pytest.param({"e_mail": Rule(("Kind",))}, "e_mail", id="no such field"),
    ],
)
def test_what_cannot_stand(changes: dict[str, Rule], at: str) -> None:
    assert [problem.field for problem in mapping.check(a_mapping(**changes), tuple(ROW))] == [at]


def test_an_area_may_be_said_to_be_unknown_but_not_left_unsaid() -> None:
    assert mapping.check(a_mapping(service_area=Rule(constant=mapping.NOT_KNOWN)), tuple(ROW)) == []


def test_a_council_must_be_one() -> None:
    wrong = ColumnMapping(NAMED, tuple(ROW), council="Narnia")
    assert [problem.field for problem in mapping.check(wrong, tuple(ROW))] == ["council"]


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Name", "name"), ("Service name", "name"), ("Organisation", "organization"), ("Provider", "organization"),
        ("Telephone", "phone"), ("Tel. no.", "phone"), ("Post code", "postal_code"), ("Address line 2", "address_1"),
        ("Web site", "url"), ("Opening Hours", "schedule"), ("Area served", "service_area"), ("Min age", "minimum_age"),
        ("Age group", "age"), ("Category", "family"), ("mask_exact_address", "confidential_place"),
        ("Scottish Charity No", "charity_number"), ("E-mail", ""), ("Contact name", ""), ("Council area", ""),
        ("Local authority", ""), ("Manager", ""),
    ],
)  # fmt: skip
def test_a_column_is_guessed_by_its_name(column: str, field: str) -> None:
    found = mapping_guesses.suggest([column], [["some words"]]).rules
    assert list(found) == ([field] if field else [])


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        pytest.param(["KY99 1AA", "EH99 9ZZ"], "postal_code", id="postcodes"),
        pytest.param(["55.95,-3.19"], "point", id="points"),
        pytest.param(["https://one.example", "www.two.example"], "url", id="web addresses"),
        pytest.param(["01632 960123"], "phone", id="numbers"),
        pytest.param(["KY99 1AA", "somewhere"], "", id="some of each"),
        pytest.param(["a@one.example"], "", id="e-mail addresses"),
    ],
)
def test_a_column_without_a_telling_name_is_guessed_by_its_cells(cells: list[str], field: str) -> None:
    found = mapping_guesses.suggest(["Column 7"], [[cell] for cell in cells]).rules
    assert list(found) == ([field] if field else [])


def test_a_field_of_one_column_takes_the_first_that_suits() -> None:
    found = mapping_guesses.suggest(["Name", "Project name", "Address 1", "Address 2"]).rules
    assert found["name"].columns == ("Name",)
    assert found["address_1"].columns == ("Address 1", "Address 2")


def test_the_template_is_mapped_by_its_names_alone() -> None:
    found = mapping_guesses.suggest(template.columns())
    assert found.used() == frozenset(template.columns())
    assert all(len(rule.columns) == 1 for rule in found.rules.values())


def test_a_kept_mapping_is_carried_over_to_a_header_that_moved() -> None:
    kept = ColumnMapping(
        {
            "name": Rule(("Name",)),
            "family": Rule(("Kind",), words=(("Talking", "counselling"),), parted=True),
            "phone": Rule(("Tel",)),
            "service_area": Rule(("Area",), "Fife"),
        },
        ("Name", "Kind", "Tel", "Area"),
        council="S12000047",
    )
    columns = ("Kind", "Name", "Telephone", "Postcode")
    assert mapping_guesses.changed(kept, columns) == (("Tel", "Area"), ("Telephone", "Postcode"))
    found = mapping_guesses.carried_over(kept, columns)
    assert found.rules["family"] == kept.rules["family"]
    assert found.rules["phone"].columns == ("Telephone",)
    assert found.rules["service_area"] == Rule((), "Fife")
    assert found.rules["postal_code"].columns == ("Postcode",)
    assert (found.columns, found.council) == (columns, "S12000047")


@given(
    st.dictionaries(
        st.sampled_from(sorted(fields.BY_NAME)),
        st.builds(
            Rule,
            columns=st.lists(st.text(), max_size=3).map(tuple),
            constant=st.text(max_size=9),
            words=st.lists(st.tuples(st.text(), st.text()), max_size=2).map(tuple),
            parted=st.booleans(),
        ),
    )
)
def test_a_mapping_survives_being_kept(rules: dict[str, Rule]) -> None:
    made = ColumnMapping(rules, ("Name",), "List", "S12000047", True)
    assert mapping.from_json(json.loads(json.dumps(mapping.to_json(made)))) == made


@pytest.mark.parametrize("plain", [None, [], "x", {"rules": {"name": 5}}, {"rules": {"name": {"columns": "Name"}}}])
def test_what_is_no_mapping_is_refused(plain: object) -> None:
    with pytest.raises(UnusableFile, match="cannot be read"):
        mapping.from_json(plain)


@given(st.dictionaries(st.sampled_from(list(ROW)), st.text()))
def test_any_cells_are_taken_apart(cells: dict[str, str]) -> None:
    guess = mapping_guesses.suggest(list(cells), [list(cells.values())])
    found = mapping.said(guess, cells)
    assert set(found.values) <= set(fields.BY_NAME)
