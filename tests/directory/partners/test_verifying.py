"""Checks are about what a registration says now, and about numbers that whoever registers did not name themselves."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from directory.draft import Coverage, Premises
from directory.editing import fields
from directory.errors import BadInput, Conflict
from directory.partners import claims, publishing, registrations, verifying
from directory.partners.oscr import Charity, Register
from directory.partners.verifying import AREAS, CALL, CHARITY, DUPLICATES, MAILBOX, TERMS
from directory.records import service_id
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.values import Known, Visibility
from tests.builders import FIFE, a_draft, write
from tests.directory.partners.partner_builders import a_partner, a_registration, ask_of, full_answers
from tests.directory.partners.verifying_builders import (
    FOUND,
    WHERE,
    agrees,
    as_it_is,
    asked,
    checked,
    filled,
    looked,
    noted,
    of_organization,
    rung,
    sent_again,
    sent_in,
)
from tests.directory.referrals.access_builders import staff
from tests.directory.referrals.builders import SERVICE, Time, a_loop


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time()) as made:
        yield made


@pytest.fixture
def ann(loop: Loop) -> Who:
    return staff(loop, "editor")


def missing(loop: Loop, kept: registrations.Kept) -> list[str]:
    return [check.kind for check in looked(loop, kept).missing]


def test_nobody_agrees_before_somebody_has_rung_them_and_looked_in_the_register(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop)
    assert missing(loop, kept) == [CHARITY, CALL]
    assert looked(loop, kept).check(MAILBOX).is_done
    for act in (lambda: noted(loop, kept, ann, CHARITY), lambda: rung(loop, kept, ann)):
        with pytest.raises(Conflict, match="still to do"):
            agrees(loop, kept, ann)
        act()
    assert agrees(loop, kept, ann) is False


TYPED = {
    "of the contact": "01632 960002",
    "of the service, written otherwise": "01632-960 003",
    "of the service, from abroad": "+44 (0)1632 960003",
    "of the contact, from abroad": "0044 1632 960002",
}


def test_a_number_that_stands_in_the_registration_proves_nothing(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop)
    for told, number in TYPED.items():
        with pytest.raises(BadInput, match="stands in the registration itself") as refused:
            rung(loop, kept, ann, number)
        assert refused.value.field == "number", told
    assert CALL in missing(loop, kept)


def test_a_number_that_another_list_had_before_is_found_independently(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop)
    rung(loop, kept, ann, "01632 960001")  # typed as the organization's, and our own list has it
    assert CALL not in missing(loop, kept)


NOTHING = {
    "no number": ("", "The register", "number"),
    "no number of the UK": ("12", "The register", "number"),
    "found nowhere": ("01632 960777", " ", "found_at"),
    "on their own page": ("01632 960777", "https://www.harbour.example/contact", "found_at"),
}


def test_a_call_that_proves_nothing_is_not_kept(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop)
    for told, (number, where, field) in NOTHING.items():
        with pytest.raises(BadInput) as refused:
            rung(loop, kept, ann, number, where)
        assert refused.value.field == field, told
    assert CALL in missing(loop, kept)


def test_a_call_is_about_the_answers_of_that_day(loop: Loop, ann: Who) -> None:
    door, kept = sent_in(loop)
    checked(loop, kept, ann)
    registrations.take_back(loop, ask_of(loop, door.inside, kept.version), door.inside, kept.id)
    now = as_it_is(loop, door, kept)
    other = filled(phone="01632 960009")
    made = registrations.change(
        loop, ask_of(loop, door.inside, now.version), door.inside, kept.id, lambda _: other, "x"
    )
    registrations.submit(loop, ask_of(loop, door.inside, made["version"]), door.inside, kept.id)
    found = looked(loop, as_it_is(loop, door, kept))
    assert found.check(CALL).stale
    assert not found.check(CHARITY).stale


def test_a_call_that_went_badly_stands_in_the_way_until_a_better_one(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop)
    checked(loop, kept, ann)
    rung(loop, kept, ann, result="failed")
    with pytest.raises(Conflict, match="still to do"):
        agrees(loop, kept, ann)
    rung(loop, kept, ann)
    assert agrees(loop, kept, ann) is False


def test_terms_need_a_day_that_has_been(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop)
    for said in ("soon", "2027-01-01"):
        with pytest.raises(BadInput) as refused:
            noted(loop, kept, ann, TERMS, said)
        assert refused.value.field == TERMS
    noted(loop, kept, ann, TERMS, "2026-11-20")
    assert looked(loop, kept).check(TERMS).found_at == "2026-11-20"


def test_the_loaded_register_answers_for_a_number_whose_name_agrees(loop: Loop) -> None:
    _, kept = sent_in(loop)

    def said(name: str, is_active: bool = True) -> bool:
        charity = Charity("SC012345", name, "", is_active)
        register = Register({"SC012345": charity}, date(2026, 11, 1))
        with loop.database.session() as session:
            row = verifying.row_of(session, kept.id)
            return verifying.look(session, loop, row, loop.clock(), register).check(CHARITY).is_done

    assert said("The Harbour Trust")
    assert not said("Another Society")
    assert not said("The Harbour Trust", is_active=False)


def test_a_claim_to_all_of_scotland_is_looked_at_first(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop, coverage=Coverage(Known.STATED, ("SCOTLAND",)), delivery=("in_person",))
    assert AREAS in missing(loop, kept)
    (claim,) = looked(loop, kept).wide
    assert claim.councils == 32
    assert any("one door in City of Edinburgh" in reason for reason in claim.reasons)
    checked(loop, kept, ann)
    with pytest.raises(Conflict, match="the areas"):
        agrees(loop, kept, ann)
    noted(loop, kept, ann, AREAS, "Their report names workers in every council")
    assert agrees(loop, kept, ann) is False


def test_what_the_record_may_have_already_is_looked_at_first(loop: Loop, ann: Who) -> None:
    door = a_partner(loop)
    kept = a_registration(loop, door.inside, full_answers())
    assert DUPLICATES in missing(loop, kept)
    (twins,) = looked(loop, kept).likely.values()
    assert [each.id for each in twins] == [SERVICE]
    checked(loop, kept, ann, DUPLICATES)
    assert missing(loop, kept) == []


def test_the_service_that_is_claimed_is_no_other_one(loop: Loop) -> None:
    door = a_partner(loop)
    kept = a_registration(loop, door.inside, full_answers(), claims=SERVICE)
    assert DUPLICATES not in missing(loop, kept)


CLOSE = {
    "an en dash": "01632–960123",
    "an underscore": "01632_960123",
    "a figure before it": "1 01632 960123",
    "hours before it": "Open 9-5 01632 960123",
    "a soft line": "01632\x0b960123",
    "figures of another script": "٠١٦٣٢ ٩٦٠١٢٣",
    "from abroad": "+44 (0) 1632/960.123",
}


@pytest.mark.parametrize("written", CLOSE.values(), ids=CLOSE)
def test_a_number_stands_in_the_registration_however_it_is_written(loop: Loop, ann: Who, written: str) -> None:
    _, kept = sent_in(loop, description=f"Listening. Ring {written} and ask for us.")
    for number in ("01632 960123", "+44 1632 960123", "441632960123"):
        with pytest.raises(BadInput) as refused:
            rung(loop, kept, ann, number)
        assert refused.value.field == "number"
    rung(loop, kept, ann, "01632 960124")


def test_no_check_and_no_decision_without_the_version_that_was_seen(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop)
    blind = asked(loop, ann)
    for act in (
        lambda: verifying.note(loop, blind, kept.id, CHARITY, WHERE),
        lambda: verifying.called_back(loop, blind, kept.id, FOUND, WHERE),
        lambda: publishing.refuse(loop, blind, kept.id, "No."),
    ):
        with pytest.raises(BadInput, match="which version"):
            act()
    checked(loop, kept, ann)
    with pytest.raises(BadInput, match="which version"):
        publishing.approve(loop, blind, kept.id)
    assert agrees(loop, kept, ann) is False


def test_what_was_found_of_a_number_is_about_the_reason_for_having_none_too(loop: Loop, ann: Who) -> None:
    door, kept = sent_in(loop)
    noted(loop, kept, ann, CHARITY)
    now = sent_again(loop, door, kept, of_organization(filled(), no_number="We are a council."))
    assert looked(loop, now).check(CHARITY).stale


ANEW: dict[str, dict[str, Any]] = {
    "no limit, not the nation": {"coverage": Coverage(Known.NONE, ("SCOTLAND",))},
    "another name": {"name": "Fife Seal Watch"},
    "another web address": {"url": "https://www.morayseals.example/listening"},
    "a door elsewhere": {"premises": Premises(Visibility.EXACT, council=FIFE)},
}


@pytest.mark.parametrize("change", ANEW.values(), ids=ANEW)
def test_what_was_found_of_areas_is_about_all_that_makes_them_strange(
    loop: Loop, ann: Who, change: dict[str, Any]
) -> None:
    wide: dict[str, Any] = {"coverage": Coverage(Known.STATED, ("SCOTLAND",)), "delivery": ("in_person",)}
    door, kept = sent_in(loop, **wide)
    noted(loop, kept, ann, AREAS, "Their report names workers in every council")
    assert looked(loop, kept).check(AREAS).is_done
    now = sent_again(loop, door, kept, filled(**wide))
    assert looked(loop, now).check(AREAS).is_done
    now = sent_again(loop, door, now, filled(**{**wide, **change}))
    assert AREAS in missing(loop, now)


def test_only_what_anybody_finds_can_be_claimed_or_is_offered(loop: Loop) -> None:
    alike = {"name": "Saltire Pilot", "url": "https://saltire.example/pilot"}
    write(loop.database, a_draft(source_id="f1", status="defunct", **alike))
    write(loop.database, a_draft(source_id="f2", status="inactive", **alike))
    write(loop.database, a_draft(source_id="f3", **alike))
    ids = [service_id("facts", name) for name in ("f1", "f2", "f3")]
    with loop.database.reading() as session:
        assert [bool(claims.claimable(session, own)) for own in (*ids, "", "nothing")] == [False] * 2 + [True] + [
            False
        ] * 2
        values = fields.plain(a_draft(source="partner", **alike))
        assert [each.id for each in claims.offered(session, values)] == ids[2:]
