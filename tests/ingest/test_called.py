"""A list's row is known for the registration it tells of, wherever the list writes the provider's name."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from directory.feeds.duplicates import Verdict
from ingest import called, duplicates_judging, likeness
from ingest.told import Told
from tests.conftest import SHARED_DATA

LEGAL = re.compile(r",? (?:an? \w+ (?:company|charitable|association)|limited|ltd|scio|cic|plc)\b.*$", re.IGNORECASE)
NEW: dict[str, Any] = {"phones": frozenset({"01632960555"}), "postal_code": "ZZ1 1ZZ", "address": "9 Elsewhere"}


def a_row(name: str, organization: str = "", official: bool = False) -> Told:
    return Told(id=name, source="list", source_id=name, name=name, organization=organization, official=official)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (a_row("Quay Line", "Quay Line"), a_row("Quay Line", "Anchor Trust"), ("", "Anchor Trust")),
        (a_row("Quay Line", "Anchor Trust"), a_row("Quay Line", "Quay Line"), ("Anchor Trust", "")),
        (a_row("Quay Line", "Quay Line"), a_row("Quay Line"), ("Quay Line", "")),
        (a_row("Quay Line", "Quay Line"), a_row("Rowan Line", "Rowan Line"), ("Quay Line", "Rowan Line")),
        (a_row("Anchor Line", "Anchor Ltd"), a_row("Anchor", "Anchor"), ("Anchor Ltd", "Anchor")),
        (a_row("Quay", "Quay", official=True), a_row("Quay", "Anchor Trust"), ("Quay", "Anchor Trust")),
    ],
    ids=["one", "other", "none told", "both", "the same", "a register knows"],
)
def test_a_provider_that_is_the_name_again_is_none(one: Told, other: Told, expected: tuple[str, str]) -> None:
    without = called.without_own(one, other)
    assert (without[0].organization, without[1].organization) == expected
    assert [each.name for each in without] == [one.name, other.name]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Anchor Trust - Fife Supported Living", "Fife Supported Living Services", True),
        ("Fife Supported Living (Anchor Trust)", "Anchor Trust Fife Supported Living", True),
        ("Fife Outreach Support Service", "Fife Outreach Support Services", True),
        ("Fife Supported Living", "Fife Day Care", False),
        ("Fife Supported Living 2", "Fife Supported Living", False),
        ("Anchor Trust", "The Anchor Trust Service", False),
    ],
)
def test_a_part_is_the_same_word_for_word(one: str, other: str, expected: bool) -> None:
    row, record = a_row(one), a_row(other, "Anchor Trust Ltd", official=True)
    assert called.is_one_part(row, record) is called.is_one_part(record, row) is expected
    assert not called.is_one_part(replace(row, official=True), record)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Anchor-House (AH)", "ANCHORHOUSE LTD", True),
        ("Anchor Homes Service", "Anchor Home Services", True),
        ("Anchor House (formerly Rowan Court)", "Rowan Court", True),
        ("Anchor House", "Anchor Lodge", False),
    ],
)
def test_a_name_is_the_same_or_was(one: str, other: str, expected: bool) -> None:
    assert called.is_one_name(a_row(one), a_row(other)) is called.is_one_name(a_row(other), a_row(one)) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("North East Care (NEC) Ltd", "North East Care", True), ("North Care", "East Care", False), ("", "", False)],
)
def test_a_provider_is_the_same_whatever_its_words_say(one: str, other: str, expected: bool) -> None:
    assert called.is_one_provider(a_row("Quay", one), a_row("Rowan", other)) is expected


@cache
def by_provider() -> tuple[tuple[Told, ...], ...]:
    """Housing support of the real register, of open places, the records of each provider in a council together."""
    found: dict[tuple[str, frozenset[str]], list[Told]] = {}
    for row in duplicates_judging.load(SHARED_DATA).values():
        if row.official and row.kind == "Housing support service" and not row.withheld:
            found.setdefault((row.organization, row.areas), []).append(row)
    return tuple(map(tuple, found.values()))


def listed(record: Told, form: str, again: bool) -> Told | None:
    """As a list of years ago tells of it, which has since moved; None: it is called by its provider's name alone."""
    provider = LEGAL.sub("", record.organization)
    own = re.sub(re.escape(provider), "", LEGAL.sub("", record.name), flags=re.IGNORECASE).strip(" -,:")
    name = form.format(provider=provider, name=own)
    row = replace(record, id="list/1", source="list", source_id="1", official=False, kind="", name=name, **NEW)
    return replace(row, organization=name if again else "") if own else None


@pytest.mark.shared_data
@pytest.mark.parametrize("form", ["{provider} - {name}", "{name} - {provider}", "{name} ({provider})"])
@pytest.mark.parametrize("again", [False, True], ids=["no provider", "the name again"])
def test_a_registration_is_found_by_its_name_though_it_moved(form: str, again: bool) -> None:
    told = found = wrong = 0
    for records in by_provider():
        for record in records:
            row = listed(record, form, again)
            if row is None:
                continue
            same = [each for each in records if likeness.compare(row, each).verdict is Verdict.SAME]
            told += 1
            found += record in same
            wrong += bool(set(same) - {record})
    assert told > 800
    assert found / told >= 0.93
    assert wrong / told <= 0.02, "another registration of the provider in the council"
