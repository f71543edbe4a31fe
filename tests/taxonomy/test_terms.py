"""The vocabulary as a whole: true trees, lasting codes, words a child understands and none that brands one."""

import re

import pytest

from taxonomy import soundness, terms
from taxonomy.terms import DEPRECATED, Taxonomy, TaxonomyTerm

EVERY = [term for taxonomy in terms.load().values() for term in taxonomy.terms.values()]
BRANDS = re.compile(r"offend|offence|perpetrat|culprit|delinquen|\bcriminal\b(?! injuries compensation)", re.IGNORECASE)
PLAIN_WORDS = 9
"""Words in a plain label at most: it is read at a glance, and aloud."""


def a_term(code: str, **changes: object) -> TaxonomyTerm:
    said = {"bit": 0, "parent": "", "label": code, "plain_label": code, "definition": "Something"}
    kept = {"owner": "domain lead", "dated": "2026-11-22"}
    return TaxonomyTerm(**{"taxonomy": "fruit", "code": code, **said, **kept, **changes})  # type: ignore[arg-type]


def fruit(*of: TaxonomyTerm) -> dict[str, Taxonomy]:
    return {"fruit": Taxonomy("fruit", of)}


def test_nothing_is_wrong_with_our_vocabulary() -> None:
    assert soundness.problems() == []


def test_every_list_the_issue_names_is_there() -> None:
    assert set(terms.load()) == {
        "family", "harm", "need", "relation", "harmed_by", "stage", "urgency", "delivery", "route", "eligibility",
        "communication", "group", "gender", "wellbeing",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("taxonomy", "codes"),
    [
        pytest.param("stage", "referral hearing outcome after", id="stages"),
        pytest.param("communication", "bsl interpreter easy_read step_free online_only", id="communication"),
        pytest.param(
            "wellbeing", "safe healthy achieving nurtured active respected responsible included", id="SHANARRI"
        ),
        pytest.param("harmed_by", "own_child sibling partner same_school same_care known stranger", id="who harmed"),
        pytest.param("relation", "harmed_person parent_carer sibling witness", id="who asks"),
        pytest.param("eligibility", "school_leaver secondary_school under_12 report_not_needed", id="who may come"),
    ],
)
def test_what_a_list_must_hold(taxonomy: str, codes: str) -> None:
    assert set(codes.split()) <= set(terms.load()[taxonomy].terms)


@pytest.mark.parametrize(
    ("kind", "family"),
    [
        ("sarcs", "rape_crisis"),
        ("isva", "rape_crisis"),
        ("refuge", "domestic_abuse"),
        ("play_therapy", "counselling"),
        ("mst_can", "intensive_family"),
        ("carm", "intensive_family"),
        ("secure_care", "residential_care"),
        ("trafficking_first_responder", "exploitation"),
        ("child_guardianship", "exploitation"),
        ("reporter_information", "legal_rights"),
        ("copfs_via", "legal_rights"),
        ("crisis_response", "safety"),
        ("neglect_recovery", "family_support"),
        ("disabled_children", "disability"),
    ],
)
def test_a_kind_of_service_stands_under_its_family(kind: str, family: str) -> None:
    families = terms.load()["family"]
    assert families.is_a(kind, family)
    assert families[family].parent == ""


@pytest.mark.parametrize("code", ["intensive_family", "mst_can", "carm", "secure_care", "residential_school"])
def test_what_is_not_for_the_person_harmed_says_so(code: str) -> None:
    assert terms.load()["family"][code].scope_note.startswith("Not for the person harmed")


@pytest.mark.parametrize("term", EVERY, ids=lambda term: term.id)
def test_no_word_of_ours_brands_a_child(term: TaxonomyTerm) -> None:
    words = (term.code.replace("_", " "), term.label, term.plain_label, term.definition, term.scope_note)
    assert [said for said in words if BRANDS.search(said)] == []


@pytest.mark.parametrize("term", EVERY, ids=lambda term: term.id)
def test_a_plain_label_is_short_and_spells_nothing_in_capitals(term: TaxonomyTerm) -> None:
    assert len(term.plain_label.split()) <= PLAIN_WORDS
    assert not re.search(r"\b(?!NHS|LGBT)[A-Z]{2,}", term.plain_label) or term.code in {"gp", "carm", "mst_can"}


@pytest.mark.parametrize("term", EVERY, ids=lambda term: term.id)
def test_a_definition_says_more_than_the_label_and_ends_without_a_stop(term: TaxonomyTerm) -> None:
    assert len(term.definition.split()) >= 2 or term.taxonomy in {"need", "harm"}
    assert not term.definition.endswith(".")


def test_ids_and_addresses_last() -> None:
    term = terms.find("family/sarcs")
    assert (term.id, term.uri) == ("family/sarcs", "https://waymark.example/taxonomy/family/sarcs")
    assert term.bit == terms.load()["family"].mask(["sarcs"]).bit_length() - 1


def test_bits_that_have_been_given_never_change() -> None:
    """The index keeps masks: the first 25 families as they were when the first record was made."""
    assert terms.load()["family"].codes((1 << 25) - 1) == (
        "victim_support", "rape_crisis", "domestic_abuse", "restorative_justice", "counselling", "housing", "youth",
        "education", "legal_rights", "exploitation", "online_harm", "hate_crime", "disability", "family_support",
        "safety", "bereavement", "mental_health", "substance_use", "community_hub", "care_support", "care_placement",
        "residential_care", "justice_accommodation", "early_years", "intensive_family",
    )  # fmt: skip


def test_a_deprecated_term_keeps_its_id_and_is_no_longer_offered() -> None:
    old = a_term("pome", bit=1, status=DEPRECATED, replaced_by="apple")
    vocabulary = fruit(a_term("apple"), old)
    assert soundness.problems(vocabulary) == []
    assert vocabulary["fruit"].current() == (a_term("apple"),)
    assert vocabulary["fruit"]["pome"].uri.endswith("fruit/pome")
    assert vocabulary["fruit"].codes(0b10) == ("pome",)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        pytest.param((a_term("apple", parent="tree"),), "orphan", id="orphan"),
        pytest.param(
            (a_term("apple", parent="pear"), a_term("pear", bit=1, parent="apple")), "round to itself", id="circle"
        ),
        pytest.param((a_term("apple"), a_term("pear")), "taken twice", id="bit twice"),
        pytest.param((a_term("apple", bit=63),), "out of range", id="bit beyond a signed mask"),
        pytest.param((a_term("apple", definition=""),), "no definition", id="no definition"),
        pytest.param((a_term("apple", plain_label=""),), "no plain_label", id="no plain label"),
        pytest.param((a_term("a", label="Apple"), a_term("b", bit=1, label="apple")), "the label “apple”", id="label"),
        pytest.param((a_term("apple", status="gone"),), "neither current nor", id="status"),
        pytest.param((a_term("apple", status=DEPRECATED),), "takes its place", id="no replacement"),
        pytest.param((a_term("apple", replaced_by="pear"),), "in use, and replaced", id="replaced and in use"),
        pytest.param(
            (
                a_term("apple"),
                a_term("pome", bit=1, status=DEPRECATED, replaced_by="apple"),
                a_term("pip", bit=2, parent="pome"),
            ),
            "in use under pome",
            id="under a deprecated term",
        ),
    ],
)
def test_what_an_editor_may_get_wrong_is_said(wrong: tuple[TaxonomyTerm, ...], says: str) -> None:
    assert any(says in problem for problem in soundness.problems(fruit(*wrong))), soundness.problems(fruit(*wrong))


def test_an_unknown_term_is_an_error() -> None:
    with pytest.raises(KeyError):
        terms.find("family/nothing")
    with pytest.raises(KeyError):
        terms.find("nothing")
