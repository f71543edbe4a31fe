"""Labels of terms and names of councils inside a sentence."""

from functools import lru_cache

from directory.places import areas
from taxonomy import terms


def label(taxonomy: str, code: str) -> str:
    """ "counselling or therapy" for need/counselling: without its capital, unless it is an acronym's ("CAMHS", "LGBT
    people"). Raises KeyError for a taxonomy that is not known."""
    text = terms.load()[taxonomy].label(code)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """The same with its first letter raised."""
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=4096)
def councils(codes: tuple[str, ...], joined: str = "and") -> str:
    """ "Fife and Falkirk" for two GSS codes. Raises KeyError for a code that is no council's."""
    return f" {joined} ".join(areas.council(code).name for code in codes)
