"""What we hold of a person as plain lines that they can read: "Safe contact: channel: Phone; from hour: 9; …"."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from directory.places import areas
from directory.referrals import codes, lifecycle
from taxonomy.terms import load

CODES: Mapping[str, str] = {
    "channel": "contact_channel", "voicemail": "voicemail", "given_by": "given_by", "agency": "agency",
    "from_agency": "agency", "age_band": "age_band", "capacity_basis": "capacity_basis", "feedback": "feedback",
    "urgency": "urgency", "decline_reason": "decline", "categories": "category", "purposes": "purpose",
    "wording_format": "wording_format", "withdrawn_how": "withdrawn_how", "because": "safety_plan_because",
    "answer": "signpost_answer", "ground": "disclosure_ground", "child_view": "child_view",
}  # fmt: skip
"""Column → the code list its value is of."""
TERMS: Mapping[str, str] = {"relation": "relation", "need": "need", "needs": "need", "harms": "harm"}
"""Column or fact → the taxonomy its value is of."""
STATES: Mapping[str, str] = {state.value: label for state, label in lifecycle.LABELS.items()}
NAMES: Mapping[str, str] = {"organization": "organisation", "value": "number or address", "stage_at": "so since"}
HEADINGS: Mapping[str, str] = {"case": "Your contact with us", "person": "You", "facts": "What you told us"}


def words(data: Mapping[str, list[Mapping[str, Any]]], reference: str, left_out: str) -> str:
    """All rows by table, one a line, and at the end what is left out."""
    lines = [f"What we hold about you, under the reference {reference}."]
    for table, found in data.items():
        told = [_line(row) for row in found if row]
        if told:
            heading = HEADINGS.get(table, table.replace("_", " ").capitalize())
            lines += ["", heading, *(f"- {line}" for line in told)]
    return "\n".join([*lines, "", left_out]) + "\n"


def _line(row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{NAMES.get(name, name.replace('_', ' '))}: {_value(name, value)}"
        for name, value in row.items()
        if value not in ("", {})
    )


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        told = f"{value.day} {value:%B %Y}"
        return f"{told}, {value:%H:%M} UTC" if isinstance(value, datetime) else told
    if isinstance(value, Mapping):
        return ", ".join(f"{each} {_value(str(each), one)}" for each, one in value.items())
    if isinstance(value, list):
        return ", ".join(_value(name, one) for one in value)
    return (
        ", ".join(_label(name, one) for one in str(value).split("|"))
        if name in CODES or name in TERMS
        else _one(name, value)
    )


def _label(name: str, code: str) -> str:
    if name in CODES:
        return codes.label(CODES[name], code)
    known = load()[TERMS[name]]
    return known.label(code) if code in known else code


def _one(name: str, value: object) -> str:
    text = str(value)
    if name in ("council", "harm_council") and text:
        try:
            return areas.council(text).name
        except KeyError:
            return text
    return STATES.get(text, text.replace("_", " ")) if name in ("state", "about", "how") else text
