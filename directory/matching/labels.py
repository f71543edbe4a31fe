"""Labels of terms inside a sentence: without their capital, unless it is an acronym's ("CAMHS", "LGBT people")."""

from taxonomy import terms


def label(taxonomy: str, code: str) -> str:
    """ "counselling or therapy" for need/counselling. Raises KeyError for a taxonomy that is not known."""
    text = terms.load()[taxonomy].label(code)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
