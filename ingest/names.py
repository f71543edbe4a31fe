"""Takes off a name what registers add to it, so that two sources' words for one service or group meet."""

import re

from directory.places.reading import fold

LEGAL_FORMS = re.compile(
    r"\b(?:a )?(?:scottish charitable incorporated organi[sz]ation|(?:an )?incorporated association"
    r"|company limited by guarantee|scio|limited|ltd|cic|plc)\b"
)
REGISTERED_AS = re.compile(
    r"\b(?:housing support unit|housing support service|housing support|support service|day care of children)\b"
)
"""How the Care Inspectorate's register names the part of a group that it inspects."""
BRACKETS = re.compile(r"\([^)]*\)")
WOMENS_AID = re.compile(r"\bwom[ae]ns aid\b")


def key(name: str) -> str:
    """What is left of a name to compare by: "The Foo Women's Aid (FWA) Ltd - Housing Support Unit" → "foo womens aid".

    A name made of nothing but such words keeps them.
    """
    whole = fold(name)
    short = fold(BRACKETS.sub(" ", name))
    short = REGISTERED_AS.sub(" ", LEGAL_FORMS.sub(" ", short))
    short = WOMENS_AID.sub("womens aid", " ".join(short.split())).removeprefix("the ")
    return short or whole
