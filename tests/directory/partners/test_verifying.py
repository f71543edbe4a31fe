"""Checks are about what a registration says now, and about numbers that whoever registers did not name themselves."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from directory.draft import Coverage
from directory.errors import BadInput, Conflict
from directory.partners import registrations, verifying
from directory.partners.oscr import Charity, Register
from directory.partners.verifying import AREAS, CALL, CHARITY, DUPLICATES, MAILBOX, TERMS
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.values import Known
from tests.directory.partners.partner_builders import a_partner, a_registration, ask_of, full_answers
from tests.directory.partners.verifying_builders import (
    agrees,
    as_it_is,
    checked,
    filled,
    looked,
    noted,
    rung,
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
