"""What may be added to the vocabulary and what may not, and that whatever may be is then understood."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import phrasing
from directory.errors import BadInput
from directory.phrase_rules import PHRASE_LIMIT, WORD_LIMIT
from taxonomy.lexicon import Lexicon, PhraseRow, phrase_rows
from taxonomy.terms import load
from taxonomy.words import codes, understand

LEXICON = Lexicon.of(["Leith", "Law"], ["Harbour Counselling"])


def proposed(
    phrase: str, term: str = "need/counselling", note: str = "", known: Lexicon = LEXICON
) -> phrasing.Proposal:
    taxonomy, _, code = term.partition("/")
    return phrasing.proposed(phrase, taxonomy, code, note, known)


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        pytest.param("", "Write a word", id="nothing"),
        pytest.param(" \t ", "Write a word", id="blank"),
        pytest.param("a" * 61, "61 characters", id="too long"),
        pytest.param("one big thing after the other thing", "7 words", id="too many words"),
        pytest.param("the", "everyday word", id="stop word"),
        pytest.param("school", "everyday word", id="everyday word"),
        pytest.param("at the school", "everyday word", id="everyday word with small ones"),
        pytest.param("her", "everyday word", id="pronoun"),
        pytest.param("1 2 3", "figures only", id="figures"),
        pytest.param("²", "plain words", id="superscript"),
        pytest.param("scun\u200bnered", "cannot be seen", id="zero width"),
        pytest.param("scun\0nered", "cannot be seen", id="NUL"),
        pytest.param("scunnered\x1b[31m", "cannot be seen", id="escape"),
        pytest.param("\u202escunnered", "cannot be seen", id="right to left override"),
        pytest.param("a|b", "plain words", id="marks of the file"),
        pytest.param("hit <them>", "plain words", id="them"),
        pytest.param("D.V.", "plain words", id="full stops part sentences"),
        pytest.param("<script>", "plain words", id="markup"),
        pytest.param("EH6 5QG", "a postcode", id="postcode"),
        pytest.param("flat in eh65qg", "a postcode", id="postcode in words"),
        pytest.param("ann@example.org", "an e-mail address", id="e-mail"),
        pytest.param("ring 01632 960001", "long number", id="telephone"),
        pytest.param("born 01 02 2010", "long number", id="date of birth"),
        pytest.param("young offender", "never call a child this", id="word for a child"),
        pytest.param("Perpetrator", "never call a child this", id="another"),
        pytest.param("wee criminal", "never call a child this", id="third"),
        pytest.param("criminals", "never call a child this", id="many"),
        pytest.param("counselling", "has this meaning already", id="in the file"),
        pytest.param("COUNSÈLLING", "has this meaning already", id="in the file, written otherwise"),
        pytest.param("harbour counselling team", "name of a service", id="a service's name"),
    ],
)
def test_what_cannot_be_added_is_refused_with_the_reason(phrase: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        proposed(phrase)
    assert refused.value.field == "phrase"
    assert refused.value.advice
    assert not phrase.strip() or phrase not in str(refused.value) or phrase in {"the", "her", "a|b"}


@pytest.mark.parametrize(
    ("term", "said"),
    [
        pytest.param("need/nothing", "no such term", id="no such code"),
        pytest.param("nothing/counselling", "no such term", id="no such taxonomy"),
        pytest.param("family/counselling", "No phrase by itself", id="kinds of help are not said"),
        pytest.param("relation/harmed_person", "No phrase by itself", id="read from the whole"),
        pytest.param("harm/any", "No phrase by itself", id="any harm is said of services"),
    ],
)
def test_a_meaning_that_no_phrase_can_have_is_refused(term: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        proposed("fair scunnered", term)
    assert refused.value.field == "code"


@pytest.mark.parametrize(
    "note",
    [
        pytest.param("x" * 301, id="long"),
        pytest.param("ann@example.org said so", id="e-mail"),
        pytest.param("from 01632 960001", id="telephone"),
        pytest.param("heard in EH6 5QG", id="postcode"),
        pytest.param("a\0b", id="NUL"),
    ],
)
def test_a_note_holds_nobodys_data(note: str) -> None:
    with pytest.raises(BadInput) as refused:
        proposed("fair scunnered", note=note)
    assert refused.value.field == "note"


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        pytest.param("panel", "already mean “What happens to the child who harmed”", id="another meaning"),
        pytest.param("hit by a car", "already mean words that say nothing", id="kept from being read"),
        pytest.param("interpreter at the bus stop", "now as “Communication support”", id="a meaning lost inside"),
        pytest.param("waiting all day for you", "all everyday words", id="everyday words"),
        pytest.param("law", "name of a place: Law", id="a place"),
    ],
)
def test_what_an_editor_should_know_first_is_a_warning(phrase: str, said: str) -> None:
    assert any(said in warning for warning in proposed(phrase).warnings)


@pytest.mark.parametrize(
    "phrase", ["fair scunnered", "criminal injuries form filling", "Ma heid's mince", "crème-brûlée"]
)
def test_plain_phrases_pass_as_typed(phrase: str) -> None:
    assert proposed(f"  {phrase} ", note=" heard  in Fife ").phrase == phrase
    assert proposed(phrase, note=" heard  in Fife ").note == "heard in Fife"


WORDS = sorted({word for row in phrase_rows() for word in row.phrase.split() if word.isalpha()})
TYPED = (
    st.text(max_size=70)
    | st.text(alphabet=string.ascii_letters + " '-&é1", max_size=40)
    | st.lists(st.sampled_from(WORDS), min_size=1, max_size=WORD_LIMIT).map(" ".join)
)
TERMS = [
    (name, term.code) for name in phrasing.READ for term in load()[name].current() if phrasing.can_mean(name, term.code)
]


def test_most_terms_can_be_given_a_phrase() -> None:
    open_to = {name: sum(1 for each, _ in TERMS if each == name) for name in phrasing.READ}
    assert open_to["need"] == len(load()["need"].current())
    assert open_to["harm"] == len(load()["harm"].current()) - 1
    assert min(open_to.values()) >= 3


def attempted(text: str, taxonomy: str, code: str) -> tuple[phrasing.Proposal | None, BadInput | None]:
    try:
        return phrasing.proposed(text, taxonomy, code, "", LEXICON), None
    except BadInput as error:
        return None, error


@given(TYPED, st.sampled_from(TERMS))
def test_any_text_is_either_refused_or_understood_once_added(text: str, term: tuple[str, str]) -> None:
    taxonomy, code = term
    proposal, refusal = attempted(text, taxonomy, code)
    if refusal is not None or proposal is None:
        assert refusal is not None
        assert refusal.field in {"phrase", "code"}
        assert (refusal.message, refusal.advice) > ("", "")
        return
    assert 0 < len(proposal.phrase) <= PHRASE_LIMIT
    widened = LEXICON.with_added([proposal.row])
    sentence = phrasing.READ[taxonomy].format(proposal.phrase)
    for spelt in (sentence, sentence.upper() if sentence.isascii() else sentence, f"  {sentence}. "):
        read = understand(spelt, widened)
        values = {
            "harm": codes(read.harms),
            "need": codes(read.needs),
            "group": codes(read.groups),
            "harmed_by": codes(read.harmed_by),
        }
        one = read.relation if taxonomy == "relation" else read.urgency
        assert code in values.get(taxonomy, (one.value if one else "",))


def test_a_phrase_of_an_editor_is_known_as_it_is_typed_and_not_mended_into_another() -> None:
    widened = LEXICON.with_added([PhraseRow("counsolling", "need", "housing")])
    assert codes(understand("she wants counsolling", widened).needs) == ("housing",)
    assert codes(understand("she wants counsolling", LEXICON).needs) == ("counselling",)


def test_names_and_the_file_are_as_they_were_beside_an_added_phrase() -> None:
    widened = LEXICON.with_added([PhraseRow("leith blues", "need", "counselling")])
    for text in ("lives in Leith", "battered in Leith", "from Harbour Counselling", "14 year old battered"):
        assert understand(text, widened) == understand(text, LEXICON)
    assert LEXICON.added == ()
    assert widened.with_added([]) == LEXICON


def test_the_phrases_that_a_new_one_meets() -> None:
    met = {each.phrase: each.is_longer for each in phrasing.neighbours("battered at the bus stop")}
    assert met["battered"] is False
    assert any(each.is_longer for each in phrasing.neighbours("panel"))
    assert phrasing.neighbours("zqvax") == ()


def test_neighbours_are_found_in_rows_of_millions_of_spellings() -> None:
    assert "battered" in {each.phrase for each in phrasing.neighbours("battered at the bus stop")}
