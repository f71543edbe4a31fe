"""A case's facts as the matcher takes them, checked and without a word of the person, kept sealed on the case.

They are codes and ages, besides the place of residence (a place's name or a postcode). Nothing of the child who harmed
is among them but whose child it is (taxonomy "harmed_by") and whether it was under 12.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from directory.errors import BadInput, PlaceNotFound
from directory.places import areas
from directory.places.gazetteer import Gazetteer
from directory.referrals import case_rows, codes
from directory.referrals.loop import Loop
from directory.referrals.tables import Case
from directory.values import ACCESS_NEEDS, SCHOOL_STAGES
from taxonomy.terms import load

OLDEST = 120
BANDS: Mapping[str, tuple[int, int]] = {
    "under_12": (0, 11), "12_15": (12, 15), "16_17": (16, 17), "18_25": (18, 25), "26_over": (26, OLDEST),
}  # fmt: skip
PRESUMED_ABLE_FROM = 12
"""Also below which there is no offence (Age of Criminal Responsibility (Scotland) Act 2019, s.1)."""
MOSTLY = 0.5
"""Share of a place, above which it is taken to lie in a council area."""
_AGES = re.compile(r"(\d{1,3})(?:\s*(?:-|–|to)\s*(\d{1,3}))?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_REGISTERED = re.compile(r"(no_)?(gp|school)")
_SCHOOL = re.compile(r"[0-9A-Za-z]{1,20}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What was given, checked: `asked` goes to the matcher, the rest onto the case."""

    asked: Mapping[str, Any]
    harmed_by: tuple[str, ...] = ()
    other_age: tuple[int, int] | None = None
    """Of the child who harmed: used for its flag, never kept."""

    @property
    def band(self) -> str:
        """The age band, when all of the ages lie in one; else ""."""
        age = self.asked.get("age")
        if age is None:
            return ""
        low, high = codes.age_band(age["min"]), codes.age_band(age["max"])
        return low if low == high else ""

    @property
    def under_12(self) -> bool | None:
        """Whether the person is, as far as their age says it."""
        age = self.asked.get("age")
        return None if age is None else _below(age["min"], age["max"])

    @property
    def other_under_12(self) -> bool | None:
        return None if self.other_age is None else _below(*self.other_age)


def checked(given: Mapping[str, object]) -> Facts:
    """Facts by the names that the matcher's form has, as codes; what is empty is not given.

    Raises BadInput naming the field for what is no code, and for a name there is not.
    """
    said = {name: value for name, value in given.items() if value not in (None, "", (), [], {})}
    unknown = sorted(said.keys() - _READ.keys() - {"harmed_by", "other_age", "harm"})
    if unknown:
        raise BadInput("A fact is given that we do not keep.", f"We keep: {', '.join(_READ)}.", unknown[0])
    if "harm" in said:
        said.setdefault("harm_place", said.pop("harm"))
    asked = {name: read(said[name]) for name, read in _READ.items() if name in said}
    other = ages(said["other_age"], "other_age") if "other_age" in said else None
    by = _terms("harmed_by", "harmed_by")(said.get("harmed_by", ()))
    return Facts(asked, tuple(by), (other["min"], other["max"]) if other else None)


def with_band(asked: Mapping[str, Any], band: str) -> dict[str, Any]:
    """The facts with the ages of a band, where no age is among them."""
    if "age" in asked or band not in BANDS:
        return dict(asked)
    low, high = BANDS[band]
    return {**asked, "age": {"min": low, "max": high}}


def keep(session: Session, loop: Loop, case: Case, asked: Mapping[str, Any], harmed_by: Collection[str]) -> None:
    """Seals the facts onto their case."""
    text = json.dumps({**asked, "harmed_by": list(harmed_by)}, sort_keys=True)
    case.enquiry_sealed = loop.sealer(session, case.subject_id).seal(text, "case", case.id, "enquiry")


def kept(session: Session, loop: Loop, case: Case) -> dict[str, Any]:
    """What `keep` sealed; nothing for a case opened without. Raises Erased, Unreadable."""
    text = loop.sealer(session, case.subject_id).open(case.enquiry_sealed, "case", case.id, "enquiry")
    return dict(json.loads(text)) if text else {}


def council(code_or_name: str, place: str = "", field_name: str = "council") -> str:
    """The code of a council area; where none is named, of the one that most of a place lies in; "" when unknown.

    Raises BadInput for a name that is no council's.
    """
    if code_or_name:
        try:
            return areas.council(code_or_name).gss
        except KeyError:
            raise BadInput("That council area is not known.", "Choose one of the 32.", field_name) from None
    try:
        most = Gazetteer().locate(place).main_council
    except PlaceNotFound:
        return ""
    return most.gss if most and most.share > MOSTLY else ""


def ages(value: object, field: str = "age") -> dict[str, int]:
    """Whole years (14, "14", "13 to 15", {"min", "max"}) as {"min", "max"}. Raises BadInput."""
    low: object = value
    high: object = value
    if isinstance(value, Mapping):
        low, high = value.get("min", value.get("max")), value.get("max", value.get("min"))
    elif isinstance(value, str) and (found := _AGES.fullmatch(value.strip())):
        low, high = found[1], found[2] or found[1]
    years = [_years(each, field) for each in (low, high)]
    if not 0 <= years[0] <= years[1] <= OLDEST:
        raise BadInput("These ages cannot be.", f"Give whole years from 0 to {OLDEST}, the younger first.", field)
    return {"min": years[0], "max": years[1]}


def _years(value: object, field: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 3:
        return int(value)
    raise BadInput("The age is not a number of years.", "Give whole years, such as 14.", field)


def _below(low: int, high: int) -> bool | None:
    if high < PRESUMED_ABLE_FROM:
        return True
    return False if low >= PRESUMED_ABLE_FROM else None


def _listed(value: object, field: str) -> list[str]:
    parts = re.split(r"[;,|\n]", value) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple | set | frozenset) or not all(isinstance(part, str) for part in parts):
        raise BadInput(f"The field {field} is no list of words.", "Choose from the list.", field)
    return list(dict.fromkeys(case_rows.line(part, field) for part in parts if part.strip()))


def _list(field: str, is_known: Callable[[str], bool]) -> Callable[[object], list[str]]:
    def read(value: object) -> list[str]:
        found = _listed(value, field)
        if not all(map(is_known, found)):
            raise BadInput(f"A choice of {field.replace('_', ' ')} is not known.", "Choose from the list.", field)
        return found

    return read


def _one(field: str, is_known: Callable[[str], bool]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not is_known(value):
            raise BadInput(f"The {field.replace('_', ' ')} is not known.", "Choose from the list.", field)
        return value

    return read


def _terms(field: str, taxonomy: str) -> Callable[[object], list[str]]:
    return _list(field, lambda code: code in load()[taxonomy])


def _term(taxonomy: str) -> Callable[[object], str]:
    return _one(taxonomy, lambda code: code in load()[taxonomy])


def _place(field: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise BadInput("The place is not words.", "Give a postcode, a town or a council area.", field)
        return case_rows.line(value, field, 200)

    return read


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadInput("Whether they live together is yes or no.", "Choose one.", "same_household")
    return value


_READ: Mapping[str, Callable[[object], Any]] = {
    "residence": _place("residence"),
    "harm_place": _place("harm_place"),
    "age": ages,
    "relation": _term("relation"),
    "gender": _term("gender"),
    "language": _one("language", lambda code: _LANGUAGE.fullmatch(code) is not None),
    "urgency": _term("urgency"),
    "avoid": lambda value: _listed(value, "avoid"),
    "needs": _terms("needs", "need"),
    "harms": _terms("harms", "harm"),
    "same_household": _yes_or_no,
    "school_stage": _one("school_stage", SCHOOL_STAGES.__contains__),
    "schools": _list("schools", lambda code: _SCHOOL.fullmatch(code) is not None),
    "registered": _list("registered", lambda code: _REGISTERED.fullmatch(code) is not None),
    "access": _list("access", ACCESS_NEEDS.__contains__),
}
"""The matcher's names of facts that a case keeps (`directory/matching/understanding.py`), but for `exclude`, which
`exclusions` holds, and what is said of the child who harmed."""
