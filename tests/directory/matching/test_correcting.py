"""What a worker puts right: facts taken away stay away as long as the words say the same, others come beside them."""

import pytest

from directory.errors import BadInput
from directory.matching import understanding
from directory.matching.correcting import Corrections
from directory.matching.enquiry import Enquiry
from directory.places.gazetteer import Gazetteer
from taxonomy.lexicon import Lexicon

TEXT = "girl of 14 battered in Leith, lives in Methil, wants counselling, not sexual"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer()


@pytest.fixture(scope="module")
def lexicon(gazetteer: Gazetteer) -> Lexicon:
    return understanding.build_lexicon(gazetteer)


def asked(text: str, gazetteer: Gazetteer, lexicon: Lexicon, *dropped: str, added: tuple[str, ...] = ()) -> Enquiry:
    corrections = Corrections(frozenset(dropped), added)
    return understanding.enquiry(text, {}, lexicon, gazetteer, corrections)[0]


@pytest.mark.parametrize(
    ("mark", "field"),
    [
        pytest.param("age/14", "age", id="an age"),
        pytest.param("residence/Methil", "residence", id="where they live"),
        pytest.param("harm_place/Leith", "harm_place", id="where it happened"),
        pytest.param("gender/female", "gender", id="gender"),
    ],
)
def test_a_fact_taken_away_is_no_longer_asked_for(
    gazetteer: Gazetteer, lexicon: Lexicon, mark: str, field: str
) -> None:
    assert getattr(asked(TEXT, gazetteer, lexicon), field) is not None
    assert getattr(asked(TEXT, gazetteer, lexicon, mark), field) is None


def test_one_need_taken_away_leaves_the_others(gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    text = f"{TEXT}, not sleeping"
    before = asked(text, gazetteer, lexicon).needs
    assert asked(text, gazetteer, lexicon, "needs/counselling").needs == tuple(
        need for need in before if need != "counselling"
    )


def test_new_words_count_again(gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    after = asked(TEXT.replace("14", "15"), gazetteer, lexicon, "age/14")
    assert after.age is not None
    assert after.age.minimum == 15


def test_what_is_added_stands_beside_what_was_read_and_is_ruled_out_no_more(
    gazetteer: Gazetteer, lexicon: Lexicon
) -> None:
    before = asked(TEXT, gazetteer, lexicon)
    assert before.negated
    ruled_out = before.negated[0]
    after = asked(TEXT, gazetteer, lexicon, added=("needs/housing", f"harms/{ruled_out}", "harmed_by/sibling"))
    assert set(after.needs) == {*before.needs, "housing"}
    assert ruled_out in after.harms
    assert ruled_out not in after.negated
    assert "sibling" in after.harmed_by


PUSHED = (
    "My son is 13. A boy from his class pushed him down the stairs at school and his phone was smashed, he won't go in "
    "and sits in his room all day and will not speak"
)


def test_what_is_perhaps_meant_can_be_taken_away_or_made_sure(gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    perhaps = dict(asked(PUSHED, gazetteer, lexicon).perhaps)
    assert "harm:property_damage" in perhaps
    taken = asked(PUSHED, gazetteer, lexicon, "perhaps_harms/property_damage")
    assert "harm:property_damage" not in dict(taken.perhaps)
    added = asked(PUSHED, gazetteer, lexicon, added=("harms/property_damage",))
    assert "property_damage" in added.harms
    assert "harm:property_damage" not in {**dict(added.perhaps), **dict(added.unsure)}


def test_harms_that_are_given_leave_none_that_may_be_meant(gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    given = understanding.enquiry(PUSHED, {"harms": ["threats"]}, lexicon, gazetteer)[0]
    assert given.harms == ("threats",)
    assert not [concern for concern, _ in (*given.perhaps, *given.unsure) if concern.startswith("harm:")]


@pytest.mark.parametrize("mark", ["needs/nonsense", "age/14", "nonsense"])
def test_only_what_the_taxonomy_knows_can_be_added(gazetteer: Gazetteer, lexicon: Lexicon, mark: str) -> None:
    with pytest.raises(BadInput):
        asked(TEXT, gazetteer, lexicon, added=(mark,))
