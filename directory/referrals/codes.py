"""The closed lists that the loop speaks in (data/codes.csv), so that no free text says what a code can."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from directory.errors import BadInput
from taxonomy import committed


@dataclass(frozen=True, slots=True)
class Code:
    """One code. `side` says whose matter it is (provider, directory, person, referrer), `then` what follows from it."""

    code: str
    label: str
    side: str = ""
    then: str = ""


@cache
def codes(name: str) -> Mapping[str, Code]:
    """A list by its name, in the table's order. Raises KeyError for a list there is not: a mistake of ours."""
    found = {
        row["code"]: Code(row["code"], row["label"], row["side"], row["then"])
        for row in committed.rows("directory.referrals", "codes.csv")
        if row["list"] == name
    }
    if not found:
        raise KeyError(name)
    return found


def check(name: str, code: str, field: str = "") -> str:
    """The code, when it is of this list. Raises BadInput, which names the field (the list's name when not given)."""
    if code not in codes(name):
        said = name.replace("_", " ")
        raise BadInput(f"Choose the {said} from the list.", "Nothing was kept.", field or name)
    return code


def check_all(name: str, chosen: str, field: str = "") -> str:
    """Codes joined by "|", each of this list. Raises BadInput."""
    for code in filter(None, chosen.split("|")):
        check(name, code, field)
    return chosen


def label(name: str, code: str) -> str:
    """What people read for a code; the code itself when the list no longer has it."""
    found = codes(name).get(code)
    return found.label if found else code


def age_band(age: int) -> str:
    """The band of a whole age: what a provider is told instead."""
    for limit, band in ((12, "under_12"), (16, "12_15"), (18, "16_17"), (26, "18_25")):
        if age < limit:
            return band
    return "26_over"
