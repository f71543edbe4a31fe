"""Rules for the text of a phrase and its note: plain words, nobody's data, and no word that we never say of a child."""

import re
import unicodedata
from collections.abc import Sequence

from directory.errors import BadInput
from directory.places import postcode
from taxonomy.lexicon import ANY_PERSON, ordinary_words
from taxonomy.tokens import fold_words
from taxonomy.word_sets import words_of

PHRASE_LIMIT, WORD_LIMIT, NOTE_LIMIT = 60, 6, 300
SMALL_WORDS = ANY_PERSON | words_of("prepositions") | {"a", "an", "the", "and", "or", "for", "with", "no", "not", "by"}
_NEVER = re.compile(
    r"offend(?:er|ers|ing)|perpetrat\w*|perps?|culprits?|criminals?|delinquents?|thugs?|yobs?"
    r"|neds?|abusers?|rapists?|paedo\w*|pedo(?:s|phile\w*)?"
)
_ABOUT_LAW = frozenset({"injuries", "exploitation", "damage", "justice", "record", "court", "compensation", "law"})
"""Words after "criminal" that make it say something of the law, not of a person."""
_EMAIL = re.compile(r"[^\s@]@[^\s@]")
_LONG_NUMBER = re.compile(r"(?:\d[ ()./+-]{0,2}){6,}")
"""Six figures or more, however they are spaced: telephone numbers, CHI numbers, dates of birth."""
_POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}\b", re.IGNORECASE)


def checked_phrase(typed: str) -> str:
    """The phrase, NFC and with single blanks. Raises BadInput (field phrase) for what may not be one."""
    plain = " ".join(unicodedata.normalize("NFC", typed).split())
    _check_personal(typed, "phrase")
    _check_wording(_checked_words(typed, plain))
    return plain


def _checked_words(typed: str, plain: str) -> tuple[str, ...]:
    """The folded words. Raises BadInput for what is no plain phrase."""
    if not plain:
        raise BadInput("Write a word or phrase.", "As callers say it, like “hearing” or “kept off school”.", "phrase")
    if any(unicodedata.category(char)[0] == "C" and char not in "\t\r\n" for char in typed):
        raise BadInput("The phrase holds characters that cannot be seen.", "Type it again by hand.", field="phrase")
    if len(plain) > PHRASE_LIMIT:
        raise BadInput(
            f"The phrase has {len(plain)} characters.",
            f"Shorten it to {PHRASE_LIMIT}: the words that matter.",
            "phrase",
        )
    if not all(char.isalpha() or char.isdecimal() or char in " '’-&" for char in plain):
        raise BadInput(
            "A phrase is plain words.", "Use letters, figures, blanks, hyphens, apostrophes and & only.", field="phrase"
        )
    words = fold_words(plain)
    if len(words) > WORD_LIMIT:
        raise BadInput(
            f"The phrase has {len(words)} words.", f"Shorten it to {WORD_LIMIT}: the words that matter.", field="phrase"
        )
    if not words or not all(word.isalnum() for word in words):
        raise BadInput("This cannot be read as words.", "Use letters and figures.", field="phrase")
    if not any(char.isalpha() for word in words for char in word):
        raise BadInput("A phrase cannot be figures only.", "Write the words said with them.", field="phrase")
    return words


def _check_wording(words: Sequence[str]) -> None:
    ordinary, said = ordinary_words(), [word for word in words if word not in SMALL_WORDS]
    if not said or (len(said) == 1 and said[0] in ordinary):
        raise BadInput(
            "This is only an everyday word: it would be found in nearly every enquiry.",
            "Write more of what callers say with it.",
            field="phrase",
        )
    for word, after in zip(words, (*words[1:], ""), strict=True):
        if _NEVER.fullmatch(word) and not (word == "criminal" and after in _ABOUT_LAW):
            raise BadInput(
                "We never call a child this, and no phrase of ours does.", "Say “the child who harmed”.", field="phrase"
            )


def _check_personal(text: str, field: str) -> None:
    """Raises BadInput for what may tell of one person: an address, a number, a postcode."""
    said = next((m for m in _POSTCODE.finditer(text) if postcode.looks_like(m[0])), None)
    what = (
        "an e-mail address" if _EMAIL.search(text)
        else "a telephone number or another long number" if _LONG_NUMBER.search(text)
        else "a postcode" if said
        else ""
    )  # fmt: skip
    if what:
        raise BadInput(f"This holds {what}.", "Take it out: the vocabulary is about nobody in particular.", field=field)


def checked_note(note: str) -> str:
    """The note in one line. Raises BadInput (field note)."""
    plain = " ".join(note.split())
    if len(plain) > NOTE_LIMIT:
        raise BadInput(f"The note has {len(plain)} characters.", f"Shorten it to {NOTE_LIMIT}.", field="note")
    if not plain.isprintable():
        raise BadInput("The note holds characters that cannot be seen.", "Type it again by hand.", field="note")
    _check_personal(note, "note")
    return plain
