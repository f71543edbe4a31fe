"""What an organization says of itself: every mistake at once, each at its field."""

import pytest

from directory.partners import about_answers

ORGANIZATION = {
    "organization": "Harbour Trust", "charity_number": "sc12345", "no_number": "", "url": "harbour.example",
    "phone": "01632 960001",
}  # fmt: skip


def test_an_organization_is_kept_in_one_form() -> None:
    checked = about_answers.organization(ORGANIZATION)
    assert checked.mistakes == ()
    own = checked.value
    assert (own.name, own.charity_number, own.url) == ("Harbour Trust", "SC012345", "https://harbour.example")


def test_without_a_number_a_reason_will_do() -> None:
    checked = about_answers.organization({**ORGANIZATION, "charity_number": "", "no_number": "part of the council"})
    assert checked.mistakes == ()
    assert (checked.value.charity_number, checked.value.no_number) == ("", "part of the council")


def test_every_mistake_stands_at_its_field_in_their_order() -> None:
    wrong = {"organization": " ", "charity_number": "1234567", "url": "javascript:alert(1)", "phone": "999 999"}
    fields = [each.field for each in about_answers.organization(wrong).mistakes]
    assert fields == ["organization", "charity_number", "url", "phone"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "x" * 201, "Harbour\0Trust", "a@b.example"])
def test_a_name_that_cannot_be_kept_is_refused(name: str) -> None:
    assert [each.field for each in about_answers.organization({**ORGANIZATION, "organization": name}).mistakes] == [
        "organization"
    ]


def test_whom_we_ring_needs_a_name_and_a_number() -> None:
    assert [each.field for each in about_answers.contact({}).mistakes] == ["name", "phone"]
    checked = about_answers.contact({"name": "Morag  Reid", "role": "Manager", "phone": "01632 960002"})
    assert (checked.mistakes, checked.value.name) == ((), "Morag Reid")
    long = about_answers.contact({"name": "x" * 101, "role": "<b>", "phone": "01632 960002"})
    assert [each.field for each in long.mistakes] == ["name", "role"]


def test_the_second_mailbox_is_another_one() -> None:
    assert about_answers.referrals({"email": "a@b.example", "second": ""}).mistakes == ()
    same = about_answers.referrals({"email": "a@b.example", "second": "A@b.example"})
    assert [each.field for each in same.mistakes] == ["second"]
    assert [each.field for each in about_answers.referrals({"email": "nobody", "second": "x"}).mistakes] == [
        "email",
        "second",
    ]
