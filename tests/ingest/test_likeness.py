"""What speaks for and against two rows being one service, and what is made of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.feeds.duplicates import Verdict
from ingest import likeness, told
from ingest.told import Told
from ingest.weights import WEIGHTS

FIFE, EDINBURGH = frozenset({"S12000047"}), frozenset({"S12000036"})
PHONE, OTHER_PHONE, NEW_PHONE = (frozenset({f"01632960{end}"}) for end in ("001", "002", "555"))


def a_row(source: str = "facts", **said: Any) -> Told:
    """A housing service in Fife with a phone, as a list tells it."""
    usual: dict[str, Any] = {
        "source_id": f"{source}-1", "name": "Anchor House", "organization": "Anchor Trust", "families": ("housing",),
        "phones": PHONE, "areas": FIFE,
    }  # fmt: skip
    return Told(**{"id": f"{source}/1", "source": source, **usual, **said})


def a_record(**said: Any) -> Told:
    """The same as a register has it."""
    usual: dict[str, Any] = {
        "source": "register", "source_id": "CS2004000001", "official": True, "kind": "Housing support service",
        "postal_code": "KY1 1TE", "address": "12 Harbour Row", "name": "Anchor House Housing Support Service",
    }  # fmt: skip
    return a_row(**{**usual, **said})


def verdict(one: Told, other: Told) -> Verdict:
    found = likeness.compare(one, other)
    assert likeness.compare(other, one).verdict is found.verdict
    return found.verdict


ANOTHER = {"source_id": "CS2004000002"}
CARE_AT_HOME = {**ANOTHER, "kind": "Care and support service: care at home"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(a_row(), a_record(), "same", id="legal and kind words are noise"),
        pytest.param(a_row(name="Anchor-House (AH)"), a_record(name="ANCHOR HOUSE LTD"), "same", id="spelling"),
        pytest.param(a_row(name="Anchorhouse"), a_record(name="Anchor House"), "same", id="a lost blank"),
        pytest.param(a_row(), a_record(phones=OTHER_PHONE), "same", id="a number that changed is no veto"),
        pytest.param(a_row(), a_record(organization="Rowan Care"), "same", id="a new provider, the same line"),
        pytest.param(a_row(), a_record(areas=EDINBURGH), "distinct", id="no area in common"),
        pytest.param(
            a_row(phones=frozenset()), a_record(organization="Rowan Care"), "distinct", id="a name of two providers"
        ),
        pytest.param(a_row(name="Anchor House 2"), a_record(), "distinct", id="numbered branches"),
        pytest.param(a_row(name="Anchor House North"), a_record(name="Anchor House South"), "distinct", id="compass"),
        pytest.param(a_row(name="Anchor House Young People"), a_record(), "distinct", id="for other people"),
        pytest.param(a_row(name="Rowan Legal Advice", organization=""), a_record(), "distinct", id="a switchboard"),
        pytest.param(a_row(), a_record(**CARE_AT_HOME), "group", id="a registration of another kind"),
        pytest.param(a_record(), a_record(**CARE_AT_HOME), "group", id="two kinds of registration"),
        pytest.param(a_record(), a_record(**ANOTHER), "distinct", id="two numbers in use"),
        pytest.param(a_record(active=False), a_record(**ANOTHER), "same", id="registered again"),
        pytest.param(
            a_record(active=False), a_record(**ANOTHER, organization="Rowan Care"), "distinct", id="another provider"
        ),
        pytest.param(
            a_row(name="Rowan Centre", organization="", postal_code="KY1 1TE", cited=frozenset({"CS2004000001"})),
            a_record(),
            "same",
            id="a regulator's number and one place",
        ),
        pytest.param(
            a_row(name="Rowan Centre", organization="", phones=OTHER_PHONE, cited=frozenset({"CS2004000001"})),
            a_record(),
            "maybe",
            id="a regulator's number is no proof",
        ),
        pytest.param(
            a_row(name="Anchor Trust"), a_record(name="Anchor Trust Rowan Court"), "maybe", id="provider and service"
        ),
    ],
)
def test_verdicts(one: Told, other: Told, expected: str) -> None:
    assert verdict(one, other).value == expected


NEW_PLACE: dict[str, Any] = {"postal_code": "KY9 9ZZ", "address": "1 Elsewhere"}
MOVED: dict[str, Any] = {"phones": NEW_PHONE, "postal_code": "KY9 9ZZ", "address": "1 Elsewhere"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(
            a_row(postal_code="KY1 1TE"), a_record(**MOVED), "same", id="an old list and a service that moved"
        ),
        pytest.param(
            a_row(postal_code="KY1 1TE", name="Anchor Trust"),
            a_record(**MOVED, name="Anchor Trust Care"),
            "maybe",
            id="moved and known by the provider's name alone",
        ),
        pytest.param(
            a_row(postal_code="KY1 1TE", name="West", organization=""),
            a_record(**MOVED, name="West Team"),
            "maybe",
            id="moved and known by a compass point",
        ),
        pytest.param(
            a_row(name="Anchor", organization=""),
            a_record(name="Anchor Quay", organization="Rowan Care", postal_code="KY9 9ZZ"),
            "same",
            id="a name in a longer one on one line",
        ),
        pytest.param(
            a_row(name="Rowan Court", organization="", postal_code="KY1 1TE", address="12 Harbour Row"),
            a_record(name="Anchor House"),
            "same",
            id="one line and place but no word in common",
        ),
        pytest.param(
            a_row(name="Anchor House", organization="", postal_code="KY1 1TE"),
            a_record(**MOVED, **CARE_AT_HOME),
            "group",
            id="its care at home registration elsewhere",
        ),
        pytest.param(
            a_row(name="Anchor House Befriending"), a_record(name="Anchor House"), "distinct", id="a sort of work"
        ),
        pytest.param(
            a_record(name="Anchor (Tay)"), a_record(**CARE_AT_HOME, name="Anchor (Forth)"), "distinct", id="brackets"
        ),
        pytest.param(
            a_record(name="Anchor (Adoption)"),
            a_record(**CARE_AT_HOME, name="Anchor (Fostering)"),
            "group",
            id="one team's kinds in brackets",
        ),
        pytest.param(
            a_record(name="West Fife Day Service", organization="Fife Council"),
            a_record(**{**CARE_AT_HOME, **MOVED}, name="West Fife Care at Home", organization="Fife Council"),
            "distinct",
            id="two services a council names by one place",
        ),
        pytest.param(
            a_row(organization="Anchor"),
            a_row("directory", organization="Harbour Board", phones=frozenset()),
            "same",
            id="two lists name the provider in two ways",
        ),
        pytest.param(
            a_row(name="Homelessness Support", organization="Anchor Trust", phones=frozenset()),
            a_row("directory", name="Homelessness Support", organization="Rowan Care"),
            "distinct",
            id="a sort of service is no name",
        ),
        pytest.param(
            a_row(name="ABCDE Fife", organization="ABCDE"),
            a_row(
                "directory", name="Anchor Boat Crew Dock and Ecology", organization="Anchor Boat Crew Dock and Ecology"
            ),
            "same",
            id="first letters",
        ),
        pytest.param(
            a_row(name="Anchor House (formerly Rowan Court)"),
            a_row("directory", name="Rowan Court", organization="Rowan Court"),
            "same",
            id="a former name",
        ),
    ],
)
def test_verdicts_on_names_and_years(one: Told, other: Told, expected: str) -> None:
    assert verdict(one, other).value == expected


SEATED: dict[str, Any] = {"organization": "", "postal_code": "KY1 1TE", "address": "12 Harbour Row"}
CLUB: dict[str, Any] = {
    "kind": "Care and support service: support away from home, such as day support",
    "families": ("care_support",),
}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(a_row(**SEATED, name="Rowan Youth"), a_record(), "distinct", id="for other people at one place"),
        pytest.param(
            a_row(**{**SEATED, "name": "Rowan Court", "organization": "Rowan Care"}),
            a_record(),
            "distinct",
            id="another provider at one place",
        ),
        pytest.param(
            a_row(**SEATED, name="Anchor Trust"), a_record(**CLUB, name="Rowan Club"), "same", id="a club of the same"
        ),
        pytest.param(
            a_row(**SEATED, name="Rowan Court"), a_record(**CLUB, name="Quay Club"), "distinct", id="a club of nobody's"
        ),
        pytest.param(
            a_row(name="Rowan Mill", organization="", **NEW_PLACE),
            a_record(name="Rowan Lodge"),
            "same",
            id="one line and a telling word in common",
        ),
        pytest.param(
            a_row(name="Northern Court Lodge", organization="", **NEW_PLACE),
            a_record(name="Northern Hall Quay"),
            "distinct",
            id="one line and a compass point in common",
        ),
        pytest.param(
            a_row(**SEATED, name="Rowan School", kind="Special school", families=("education",)),
            a_record(name="Quay School", kind="Special school", families=("education",)),
            "maybe",
            id="two schools on one campus",
        ),
        pytest.param(
            a_row(name="Rowan Court Ashgrove", organization="", phones=PHONE),
            a_record(name="Rowan Court Linden", phones=OTHER_PHONE),
            "distinct",
            id="a telling word in common and neither line nor place",
        ),
        pytest.param(
            a_row(name="Sesaoned", organization="", phones=frozenset()),
            a_record(name="Seasoned", phones=frozenset()),
            "same",
            id="two letters changed about",
        ),
    ],
)
def test_verdicts_on_where_they_are_found(one: Told, other: Told, expected: str) -> None:
    assert verdict(one, other).value == expected


NO_PHONE: dict[str, Any] = {"phones": frozenset()}
ROWANS: dict[str, Any] = {"organization": "Rowan Care", **NO_PHONE}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(
            a_row(name="Mental Health Recovery", organization="", postal_code="KY1 1TE"),
            a_record(**MOVED, name="Mental Health Recovery"),
            "maybe",
            id="a plain name that moved: the work may have gone to another provider",
        ),
        pytest.param(
            a_row(name="Fife Homes", organization=""), a_record(name="Fife Homes Services"), "same", id="one line"
        ),
        pytest.param(
            a_row(name="Home Care", organization=""),
            a_record(name="Home Care Limited", organization="Home Care Ltd"),
            "same",
            id="one line of a provider whose name says nothing",
        ),
        pytest.param(
            a_row(name="Fife Homes", organization="", phones=OTHER_PHONE),
            a_record(name="Fife Homes Services"),
            "distinct",
            id="an area and a kind are nobody's name",
        ),
        pytest.param(
            a_row(name="Anchor Trust - Fife Supported Living", organization="", postal_code="KY1 1TE"),
            a_record(**MOVED, name="Fife Supported Living Service"),
            "same",
            id="the provider before the name of what moved",
        ),
        pytest.param(
            a_row(name="Anchor Trust - Fife", organization="", postal_code="KY1 1TE"),
            a_record(**MOVED, name="Fife Supported Living Service"),
            "distinct",
            id="a branch of the provider and its project there",
        ),
        pytest.param(
            a_row(name="Quay Group Three (Anchor Trust)", organization=""),
            a_record(name="Quay Group Three"),
            "same",
            id="a branch, the provider in brackets",
        ),
        pytest.param(
            a_row(name="Quay Group Three (Anchor Trust)", organization=""),
            a_record(name="Quay Group Two"),
            "distinct",
            id="another branch, the provider in brackets",
        ),
        pytest.param(
            a_row(name="Anchor Care Service", organization="", postal_code="KY1 1TE"),
            a_record(**MOVED, name="Anchor Care Services", organization="Anchor Care Services Ltd"),
            "same",
            id="service and services",
        ),
        pytest.param(
            a_row(name="Anchor Youth Homes"), a_record(name="Anchor Young People's Homes"), "same", id="young people"
        ),
        pytest.param(
            a_row(name="Quay Line", organization="Quay Line", **NO_PHONE),
            a_row("directory", name="Quay Line Scotland", **ROWANS),
            "same",
            id="a provider that is but the name again",
        ),
        pytest.param(
            a_row(name="Rowan Care: Quay Line", organization="Rowan Care: Quay Line", **NO_PHONE),
            a_row("directory", name="Quay Line", **ROWANS),
            "same",
            id="the name again, with the provider's before it",
        ),
        pytest.param(
            a_row(name="Quay Line", **NO_PHONE),
            a_row("directory", name="Quay Line Scotland", **ROWANS),
            "distinct",
            id="two who are said to provide it",
        ),
        pytest.param(
            a_record(name="North East Care Ltd", organization="North East Care Ltd"),
            a_record(**CARE_AT_HOME, name="North East Care", organization="North East Care Limited"),
            "group",
            id="one provider whose name says nothing",
        ),
    ],
)
def test_verdicts_on_names_word_for_word(one: Told, other: Told, expected: str) -> None:
    assert verdict(one, other).value == expected


def a_centre(name: str, source_id: str = "f1", **said: Any) -> Told:
    usual: dict[str, Any] = {"families": ("rape_crisis",), "phones": frozenset(), "organization": name}
    return a_row(name=name, **{"id": source_id, "source_id": source_id, **usual, **said})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(a_centre("Fife Rape Crisis"), a_centre("Rape and Abuse Support Fife", "f2"), "same", id="renamed"),
        pytest.param(
            a_centre("Fife Rape Crisis"), a_centre("Rape Crisis Fife: young people", "f2"), "distinct", id="a project"
        ),
        pytest.param(
            a_centre("Fife Rape Crisis"),
            a_centre("Rape and Abuse Support Fife", "f2", areas=FIFE | EDINBURGH),
            "distinct",
            id="a wider area",
        ),
        pytest.param(
            a_centre("Fife Rape Crisis", phones=PHONE),
            a_centre("Rape and Abuse Support Fife", "f2", phones=NEW_PHONE),
            "distinct",
            id="two lines",
        ),
    ],
)
def test_an_area_has_one_rape_crisis_centre(one: Told, other: Told, expected: str) -> None:
    assert verdict(one, other).value == expected


CITING: dict[str, Any] = {"organization": "", "postal_code": "KY9 9ZZ", "cited": frozenset({"CS2004000001"})}


@pytest.mark.parametrize(
    ("name", "provider", "expected"),
    [
        pytest.param("Rowan Centre", "Anchor Trust", "same", id="on one line"),
        pytest.param("Rowan Centre", "Fife Council", "maybe", id="on a council's switchboard"),
        pytest.param("Rowan Youth Centre", "Anchor Trust", "maybe", id="for other people"),
    ],
)
def test_a_register_number_needs_something_beside_it(name: str, provider: str, expected: str) -> None:
    assert verdict(a_row(name=name, **CITING), a_record(organization=provider)).value == expected


def test_a_refuge_group_is_known_by_its_short_public_name() -> None:
    hidden: dict[str, Any] = {"withheld": True, "phones": frozenset(), "families": ("domestic_abuse",)}
    short, whole = ({"name": name, "organization": name, **hidden} for name in ("Anchor", "Anchor Women's Aid"))
    assert verdict(a_row(**short), a_row("directory", **whole)) is Verdict.SAME
    of_area = {**hidden, "name": "Fife Women's Aid", "organization": "Fife Women's Aid"}
    assert verdict(a_row(**{**short, "name": "Fife Centre"}), a_row("directory", **of_area)) is not Verdict.SAME


def test_a_withheld_service_is_known_by_its_public_name_alone() -> None:
    group = {"name": "Lighthouse Women's Aid", "organization": "Lighthouse Women's Aid", "phones": frozenset()}
    hidden = {"withheld": True, "postal_code": "", "address": ""}
    assert verdict(a_row(**group), a_record(**{**group, **hidden})) is Verdict.SAME
    plain = {**group, "name": "Domestic abuse service in Fife", "organization": "Domestic abuse service in Fife"}
    assert verdict(a_row(**plain, withheld=True), a_record(**{**plain, **hidden})) is Verdict.DISTINCT


def test_every_sign_has_a_weight_and_says_why() -> None:
    found = likeness.compare(a_row(), a_record())
    assert {sign.name for sign in found.signs} <= WEIGHTS.keys()
    assert all(sign.said.endswith(".") for sign in found.signs)
    assert [abs(sign.weight) for sign in found.signs] == sorted((abs(s.weight) for s in found.signs), reverse=True)


def test_no_sentence_repeats_a_number_or_an_address() -> None:
    found = likeness.compare(a_row(postal_code="KY1 1TE", address="12 Harbour Row"), a_record())
    said = str(found.evidence)
    assert not any(secret in said for secret in ("01632", "KY1", "Harbour"))


ROWS = st.builds(
    lambda name, organization, phone, postcode, official, kind: a_row(
        "register" if official else "list", name=name, organization=organization, phones=frozenset({phone} - {""}),
        postal_code=postcode, official=official, kind=kind, source_id=f"{name}{phone}{kind}",
    ),
    st.sampled_from(["Anchor House", "Anchor House 2", "Anchor", "Housing Support Service", "Rowan", "Ünï", ""]),
    st.sampled_from(["Anchor Trust", "Rowan Ltd t/a Anchor", "Fife Council", ""]),
    st.sampled_from(["01632960001", "01632960002", ""]),
    st.sampled_from(["KY1 1TE", "KY1 1ET", ""]),
    st.booleans(),
    st.sampled_from(["Housing support service", "Primary school", ""]),
)  # fmt: skip


@given(ROWS, ROWS)
def test_the_order_of_two_rows_makes_no_difference(one: Told, other: Told) -> None:
    found, back = likeness.compare(one, other), likeness.compare(other, one)
    assert (found.verdict, found.score) == (back.verdict, back.score)
    assert 0 <= found.score <= 1


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (("0131 529 6400",), {"01315296400"}),
        (("+44 131 529 6400", "44 (0)131"), {"01315296400"}),
        (("101", ""), set()),
    ],
)
def test_numbers_are_compared_by_their_digits(numbers: tuple[str, ...], expected: set[str]) -> None:
    assert told.digits(*numbers) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.anchor.example/help", "anchor.example"),
        ("anchor.example", "anchor.example"),
        ("https://anchor.wordpress.com", ""),
        ("https://www.fife.gov.uk/x", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_a_site_that_many_share_says_nothing(url: str, expected: str) -> None:
    assert told.host(url) == expected
