"""What a call has come to so far, as the page sends it and as it is kept: words, facts, corrections, a short list.

A field that still says what was read out of the words is no fact of its own, so that changed words are read anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from directory.errors import BadInput
from directory.matching.correcting import LISTS, MANY, ONE, Corrections, check_added, mark
from directory.matching.results import MatchResult
from web import chips
from web.forms import FIELD_LIMIT, MATCH_FIELDS, FieldError, MatchForm, checked, parse_age

FIELDS = (*MATCH_FIELDS[1:], "other_age", "same_household", "schools")
"""Facts of which there is one, each a field of the page."""
MOST_LISTED = 10
MOST_MARKS = 200
"""Corrections kept: more than anybody makes in a call."""
MARK_LIMIT = 120
YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class CallForm:
    """One call. `said`: facts by hand; `dropped`, `added`: marks (`correcting.mark`); `listed`: ids of services."""

    text: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    case_id: str = ""
    need_id: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing worth keeping."""
        return self == CallForm(text=self.text) and not self.text.strip()

    @property
    def is_empty(self) -> bool:
        """Nothing to match."""
        facts = ("residence", "harm_place", "age")
        return not (self.text.strip() or self.added or any(self.said.get(name) for name in facts))

    @property
    def corrections(self) -> Corrections:
        return Corrections(frozenset(self.dropped), self.added)

    def given(self) -> dict[str, object]:
        """The facts beside the words, as `Runtime.match` takes them. Raises BadInput for an age."""
        found = _match_form(self).given()
        if self.said.get("other_age"):
            ages = parse_age(self.said["other_age"])
            found["other_age"] = {"min": ages.minimum, "max": ages.maximum} if ages else None
        found["same_household"] = YES_NO.get(self.said.get("same_household", ""))
        found["schools"] = self.said.get("schools", "")
        return found

    def errors(self) -> list[FieldError]:
        """Everything that can be seen to be wrong without looking anything up."""
        other = checked(lambda: parse_age(self.said.get("other_age", "")), "other_age")
        found = [*_match_form(self).errors(), *([FieldError("other_age", other.message)] if other else [])]
        added = checked(lambda: check_added(self.added), "add")
        return [*found, *([added] if added else [])]

    def without(self, taken: str) -> "CallForm":
        """Without one fact: "not that"."""
        name, _, value = taken.partition("/")
        said = {own: text for own, text in self.said.items() if own != name or own in LISTS}
        if name in LISTS and name in said:
            said[name] = "; ".join(each for each in _pieces(said[name]) if each != value)
        added = tuple(each for each in self.added if each != taken)
        return replace(self, said=said, added=added, dropped=_once((*self.dropped, taken))[-MOST_MARKS:])

    def with_listed(self, service_id: str) -> "CallForm":
        """With a service on the short list. Raises BadInput when it is full."""
        if service_id in self.listed:
            return self
        if len(self.listed) >= MOST_LISTED:
            raise BadInput(f"The short list is full: it holds {MOST_LISTED}.", "Take one off first.", "list")
        return replace(self, listed=(*self.listed, service_id))

    def with_unlisted(self, service_id: str) -> "CallForm":
        return replace(self, listed=tuple(each for each in self.listed if each != service_id))

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "said": dict(self.said),
            "dropped": list(self.dropped),
            "added": list(self.added),
            "listed": list(self.listed),
            "case_id": self.case_id,
            "need_id": self.need_id,
        }


def from_json(body: Mapping[str, Any]) -> CallForm:
    """What `as_json` made."""
    lists = {name: tuple(body.get(name, ())) for name in ("dropped", "added", "listed")}
    text, said = body.get("text", ""), dict(body.get("said", {}))
    return CallForm(text, said, **lists, case_id=body.get("case_id", ""), need_id=body.get("need_id", ""))


def sent(form: Mapping[str, str], before: CallForm) -> CallForm:
    """The call as a form of the page says it; what no field holds (the short list, the case) stays as it was.

    `has` and `had`: the marks that are ticked, and those that were ticked when the page was made.
    """
    stated = {name: _line(form.get(name, "")) for name in FIELDS}
    said = {name: text for name, text in stated.items() if text and text != _line(form.get(f"read_{name}", ""))}
    has, had = _marks(form.get("has", "")), _marks(form.get("had", ""))
    back = set(has) - set(had)
    dropped = [each for each in (*before.dropped, *(each for each in had if each not in has)) if each not in back]
    added = [each for each in (*before.added, *(each for each in has if each not in had)) if each in has or not had]
    text = form.get("text", "").replace("\r\n", "\n")
    need_id = form.get("need_id", before.need_id)[:36]
    return replace(
        before,
        text=text,
        said=said,
        dropped=_once(dropped)[-MOST_MARKS:],
        added=_once(added)[:MOST_MARKS],
        need_id=need_id,
    )


def of_case(given: Mapping[str, Any], harmed_by: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """A case's facts (`alternatives.facts`) as facts by hand and marks that were added."""
    said = {name: _words(name, given[name]) for name in FIELDS if given.get(name) not in (None, "", [], ())}
    lists = {"harms": given.get("harms", ()), "needs": given.get("needs", ()), "harmed_by": harmed_by}
    return said, tuple(mark(name, code) for name, codes in lists.items() for code in codes)


def read_of(result: MatchResult) -> dict[str, str]:
    """Fields that the words filled in."""
    enquiry, understood = result.enquiry, result.understood
    home = "" if enquiry.same_household is None else ("yes" if enquiry.same_household else "no")
    more = {
        "other_age": chips.age_words(enquiry.other_age) if understood.other_age else "",
        "same_household": home if understood.same_household else "",
    }
    found = {**chips.read_from_words(result), **more}
    found.pop("avoid", None)  # a list: each of it is a fact of its own
    return {name: value for name, value in found.items() if value}


def marks_of(result: MatchResult) -> tuple[str, ...]:
    """The marks of the facts of which there may be several."""
    return tuple(mark(name, each.value) for name in MANY for each in getattr(result.understood, name))


def is_mark(text: str) -> bool:
    return text.partition("/")[0] in (*ONE, *LISTS, "access", "registered") and len(text) <= MARK_LIMIT


def _match_form(form: CallForm) -> MatchForm:
    return MatchForm({"text": form.text, **{name: form.said.get(name, "") for name in MATCH_FIELDS[1:]}})


def _marks(joined: str) -> list[str]:
    """Of "|"-joined ticks, those that can be marks of facts that may be several."""
    found = [each.strip() for each in joined.split("|")]
    return _list_once(each for each in found if each.partition("/")[0] in MANY and len(each) <= MARK_LIMIT)


def _line(text: str) -> str:
    return " ".join(text.split())[: FIELD_LIMIT + 1]


def _pieces(text: str) -> list[str]:
    return [each.strip() for each in text.split(";") if each.strip()]


def _words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        low, high = value["min"], value["max"]
        return str(low) if low == high else f"{low} to {high}"
    if isinstance(value, list | tuple):
        return ("; " if name == "avoid" else ", ").join(value)
    return str(value)


def _list_once(marks: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(marks))


def _once(marks: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(marks))
