"""Facts a person gave beside the words, each checked and turned into ours; a wrong one is refused with what to use."""

import math
from collections.abc import Mapping
from typing import Any

from directory.errors import BadInput
from directory.matching.enquiry import KNOWN_REGISTRATIONS, AgeRange
from directory.values import ACCESS_NEEDS, SCHOOL_STAGES
from taxonomy.languages import LANGUAGES
from taxonomy.lexicon import Lexicon, Meaning, phrases
from taxonomy.terms import load
from taxonomy.tokens import fold_words
from taxonomy.words import understand as understand_words

RELATIONS: Mapping[str, str] = {
    "person": "harmed_person",
    "self": "harmed_person",
    "me": "harmed_person",
    "victim": "harmed_person",
    "harmed": "harmed_person",
    "child": "harmed_person",
    "person harmed": "harmed_person",
    "parent": "parent_carer",
    "carer": "parent_carer",
    "mother": "parent_carer",
    "father": "parent_carer",
    "mum": "parent_carer",
    "dad": "parent_carer",
    "guardian": "parent_carer",
    "gran": "parent_carer",
    "grandparent": "parent_carer",
    "parent or carer": "parent_carer",
    "foster carer": "parent_carer",
    "brother": "sibling",
    "sister": "sibling",
    "brother or sister": "sibling",
    "bystander": "witness",
    "aunt": "family",
    "uncle": "family",
    "relative": "family",
    "worker": "professional",
    "teacher": "professional",
    "social worker": "professional",
}
GENDERS: Mapping[str, str] = {
    "f": "female",
    "girl": "female",
    "woman": "female",
    "lassie": "female",
    "m": "male",
    "boy": "male",
    "man": "male",
    "lad": "male",
    "nonbinary": "other",
    "non binary": "other",
    "o": "other",
    "x": "other",
}
URGENCIES: Mapping[str, str] = {
    "standard": "weeks",
    "routine": "weeks",
    "later": "weeks",
    "urgent": "days",
    "soon": "days",
    "this week": "days",
    "immediate": "now",
    "immediately": "now",
    "crisis": "now",
    "emergency": "now",
    "today": "now",
}
STAGE_WORDS: Mapping[str, str] = {"P": "primary", "S": "secondary"}
OTHER_NAMES: Mapping[str, Mapping[str, str]] = {"relation": RELATIONS, "gender": GENDERS, "urgency": URGENCIES}


def is_given(value: object) -> bool:
    """None, "", blanks and empty lists are "not given"."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, list | tuple | dict | set | frozenset):
        return bool(value)
    return value is not None


def age(value: object, field: str) -> AgeRange:
    """Whole years as a number, digits, {"min", "max"}, or said ("S3", "15yo", "in her forties"). Raises BadInput."""
    if isinstance(value, AgeRange):
        return value
    if isinstance(value, Mapping):
        low, high = value.get("min"), value.get("max")
        if not is_given(low) and not is_given(high):
            raise _no_age(field)
        lowest = _whole(low if is_given(low) else high, field)
        return _range(lowest, _whole(high, field) if is_given(high) else lowest, field)
    if isinstance(value, str) and not _is_number(value):
        said = understand_words(value[:200], Lexicon()).age
        if said is None:
            raise _no_age(field)
        return age(said.value, field)
    years = _whole(value, field)
    return _range(years, years, field)


def _range(lowest: int, highest: int, field: str) -> AgeRange:
    try:
        return AgeRange(lowest, highest)
    except BadInput as error:
        raise BadInput(error.message, error.advice, field=field) from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _whole(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _no_age(field)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise _no_age(field) from None
    if not math.isfinite(number) or number != int(number):
        raise _no_age(field)
    return int(number)


def _no_age(field: str) -> BadInput:
    return BadInput(
        "The age is not a number of years.", "Give whole years, such as 14, or a band such as 11 to 13.", field=field
    )


def code(value: object, taxonomy: str) -> str:
    """A code of `relation`, `gender` or `urgency`, by its code, its label or another name. Raises BadInput."""
    terms = load()[taxonomy]
    if isinstance(value, str):
        said = " ".join(fold_words(value.replace("_", " ")))
        for known, term in terms.terms.items():
            if said in {known.replace("_", " "), " ".join(fold_words(term.label))}:
                return known
        if said in OTHER_NAMES[taxonomy]:
            return OTHER_NAMES[taxonomy][said]
    raise BadInput(f"That {taxonomy} is not known.", f"Use one of {', '.join(terms.terms)}.", field=taxonomy)


def codes(value: object, taxonomy: str, field: str) -> tuple[str, ...]:
    """Codes of `harm` or `need`: a list, or words with commas. Raises BadInput."""
    terms = load()[taxonomy]
    found: dict[str, None] = {}
    for each in listed(value, field, ","):
        known = each.strip().lower().removeprefix(f"{taxonomy}/").replace(" ", "_").replace("-", "_")
        if known not in terms:
            raise BadInput(
                f"A {taxonomy} given is not known.",
                f"Use codes such as {', '.join(list(terms.terms)[:4])}.",
                field=field,
            )
        found[known] = None
    return tuple(found)


STAGES: Mapping[str, str] = {
    **{stage.casefold(): stage for stage in SCHOOL_STAGES},
    **{
        f"{word} {stage[1]}": stage
        for stage in SCHOOL_STAGES[1:-1]
        for word in (STAGE_WORDS[stage[0]], stage[0].lower())
    },
    "before school": "nursery",
    "school leaver": "school_leaver",
    "left school": "school_leaver",
}


def school_stage(value: object) -> str:
    """One of SCHOOL_STAGES from its code or as said ("p6", "Primary 6", "left school"). Raises BadInput."""
    if isinstance(value, str):
        said = " ".join(value.replace("_", " ").split()).casefold()
        if stage := STAGES.get(said) or STAGES.get(said.replace(" ", "_")):
            return stage
    raise BadInput(
        "That stage of school is not known.",
        "Use nursery, P1 to P7, S1 to S6, or school leaver.",
        field="school_stage",
    )


def registered(value: object) -> tuple[str, ...]:
    """Codes of KNOWN_REGISTRATIONS: a list, or words with commas ("gp, school"). Raises BadInput."""
    return _chosen(value, KNOWN_REGISTRATIONS, "registered")


def access(value: object) -> tuple[str, ...]:
    """Codes of ACCESS_NEEDS: a list, or words with commas ("step-free, easy read"). Raises BadInput."""
    return _chosen(value, ACCESS_NEEDS, "access")


def _chosen(value: object, choices: tuple[str, ...], field: str) -> tuple[str, ...]:
    found = tuple(each.strip().lower().replace("-", "_").replace(" ", "_") for each in listed(value, field, ","))
    if any(code not in choices for code in found):
        raise BadInput(f"One of the {FIELD_NAMES[field]} is not known.", f"Use {', '.join(choices)}.", field=field)
    return tuple(dict.fromkeys(found))


FIELD_NAMES = {"registered": "registrations", "access": "access needs"}


def listed(value: object, field: str, separator: str = ";") -> tuple[str, ...]:
    """A list of words, or one text with separators; blank ones left out. Raises BadInput."""
    parts: Any = value.replace("\n", separator).split(separator) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple | set | frozenset) or not all(isinstance(part, str) for part in parts):
        raise BadInput(
            f"The field {field} is neither words nor a list of words.", "Give words, or a list of them.", field=field
        )
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def language(value: object) -> str:
    """An ISO 639 code (`bsl` for British Sign Language) from a code or an English name. Raises BadInput."""
    if isinstance(value, str):
        words = fold_words(value)
        said = "".join(words)
        if said in LANGUAGES:
            return said
        if said in {"english"}:
            return "en"
        for end, meanings in phrases().at(words, 0):
            known = [m.code for m in meanings if isinstance(m, Meaning) and m.kind == "language"]
            if end == len(words) and known:
                return known[0]
        if len(value.strip()) == 2 and said.isascii() and said.isalpha():
            return said
    raise BadInput(
        "That language is not known.",
        f"Use a two-letter code such as pl, bsl for sign language, or one of {', '.join(sorted(LANGUAGES.values()))}.",
        field="language",
    )
