"""The pages of a registration: kept page by page, every mistake at its field, sent, taken back, withdrawn."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from directory import records
from directory.errors import NotFound
from directory.partners import oscr, registrations
from directory.runtime import Runtime
from tests.builders import a_record
from tests.directory.partners.partner_builders import (
    MORAG,
    a_partner,
    a_registration,
    codes_to,
    full_answers,
    kept,
)
from tests.web.partnering import PartnerVisitor
from tests.web.visiting import Door, a_door
from web import even_time, partners

TEAM = "referrals@harbour.example"


@pytest.fixture(scope="module")
def door(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("registrations")
    record = a_record(home)
    yield a_door(installation, record, home)
    record.close()


@pytest.fixture
def visitor(door: Door, monkeypatch: pytest.MonkeyPatch) -> PartnerVisitor:
    door.clock.pass_(hours=8)
    monkeypatch.setattr(even_time, "STEP_S", 1e-6)
    visitor = PartnerVisitor(door)
    visitor.come_in()
    return visitor


def begun(visitor: PartnerVisitor) -> str:
    """The path of a new registration."""
    visitor.get("/partners/mine")
    visitor.send("/partners/registrations")
    return visitor.path


def whole(visitor: PartnerVisitor, sent: bool = False, **changes: str) -> str:
    """The path of a registration with everything filled in."""
    inside = a_partner(visitor.door.loop).inside
    made = a_registration(visitor.door.loop, inside, full_answers(**changes), sent=sent)
    return f"/partners/registrations/{made.id}"


def said(visitor: PartnerVisitor, path: str) -> registrations.Kept:
    return kept(visitor.door.loop, a_partner(visitor.door.loop).inside, path.rpartition("/")[2])


def test_page_by_page_it_leads_on_to_the_next(visitor: PartnerVisitor) -> None:
    path = begun(visitor)
    visitor.get(f"{path}/organization")
    visitor.send("", organization="Harbour Trust", charity_number="SC012345")
    assert visitor.path == f"{path}/contact"
    visitor.send("", name="Morag Reid", phone="01632 960002")
    assert visitor.path == f"{path}/referrals"
    assert visitor.form("")["email"] == MORAG
    visitor.send("")
    assert visitor.path == path
    own = said(visitor, path).answers
    assert (own.organization.name, own.contact.name, own.referrals.email) == ("Harbour Trust", "Morag Reid", MORAG)


def test_every_mistake_stands_at_its_field_and_nothing_typed_is_lost(visitor: PartnerVisitor) -> None:
    path = begun(visitor)
    visitor.get(f"{path}/organization")
    typed = {"organization": "<b>Harbour</b>", "charity_number": "1234567", "url": "nowhere", "phone": "12"}
    page = visitor.send("", **typed)
    assert page.status_code == 422
    for name in typed:
        assert f'href="#{name}"' in page.text
        assert f'id="{name}-error"' in page.text
    assert {name: visitor.form("")[name] for name in typed} == typed
    assert "<b>Harbour" not in page.text
    assert said(visitor, path).answers.organization.name == ""


def test_five_megabytes_come_back_whole_with_what_is_wrong(visitor: PartnerVisitor) -> None:
    path, name = begun(visitor), "x" * 5_000_000
    visitor.get(f"{path}/organization")
    page = visitor.send("", organization=name, charity_number="SC012345")
    assert page.status_code == 422
    assert "5,000,000 characters" in page.text
    assert name in page.text


def test_a_number_that_the_register_has_not_is_asked_about_once(
    visitor: PartnerVisitor, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = door.running.settings.home / oscr.FILE
    file.write_text('"Charity Number","Charity Name"\n"SC000001","Another"\n', encoding="utf-8")
    try:
        path = begun(visitor)
        visitor.get(f"{path}/organization")
        page = visitor.send("", organization="Harbour Trust", charity_number="SC012345")
        assert page.status_code == 422
        assert "Scottish Charity Register of" in page.text
        visitor.send("", new_number="yes")
        assert visitor.path == f"{path}/contact"
    finally:
        file.unlink()


def test_what_somebody_else_changed_meanwhile_is_not_written_over(visitor: PartnerVisitor) -> None:
    path = whole(visitor)
    visitor.get(f"{path}/contact")
    in_another_tab = visitor.form("")
    visitor.get(f"{path}/contact")
    visitor.send("", name="First")
    page = visitor.post(f"{path}/contact", {**in_another_tab, "name": "Second"})
    assert page.status_code == 409
    assert "meanwhile" in page.text
    assert visitor.form("")["name"] == "Second"
    assert said(visitor, path).answers.contact.name == "First"


def test_another_mailbox_for_referrals_is_proved_by_its_code(visitor: PartnerVisitor) -> None:
    path = whole(visitor)
    visitor.get(f"{path}/referrals")
    visitor.send("", email=TEAM)
    assert visitor.path == f"{path}/mailbox"
    page = visitor.send(f"{path}/mailbox", code="ABCD-1234")
    assert page.status_code == 422
    visitor.send(f"{path}/mailbox", code=codes_to(visitor.door.loop, TEAM)[-1])
    assert visitor.path == path
    assert "is proved" in visitor.get(f"{path}/mailbox").text


def test_what_is_missing_stands_on_the_list_with_its_page_and_no_way_to_send(visitor: PartnerVisitor) -> None:
    path = begun(visitor)
    page = visitor.get(f"{path}/check")
    for each in ("organization", "contact", "referrals"):
        assert f'href="{path}/{each}"' in page.text
    assert "Send it" not in page.text
    answer = visitor.post(f"{path}/do/submit", {"key": "k-early", "version": "1"})
    assert answer.status_code == 409
    assert said(visitor, path).state == registrations.DRAFT


def test_sent_taken_back_and_sent_again(visitor: PartnerVisitor) -> None:
    path = whole(visitor)
    visitor.get(f"{path}/check")
    page = visitor.send(f"{path}/do/submit")
    assert "It is sent" in page.text
    assert f'href="{path}/contact"' not in page.text
    page = visitor.send(f"{path}/do/take_back")
    assert "You have it back" in page.text
    visitor.get(f"{path}/check")
    visitor.send(f"{path}/do/submit")
    assert said(visitor, path).state == registrations.SUBMITTED


def test_withdrawn_only_when_they_are_sure(visitor: PartnerVisitor) -> None:
    path = whole(visitor, sent=True)
    visitor.get(path)
    page = visitor.send(f"{path}/do/withdraw")
    assert page.status_code == 422
    assert 'href="#sure"' in page.text
    page = visitor.send(f"{path}/do/withdraw", sure="yes")
    assert "is erased" in page.text
    assert visitor.get(path).status_code == 404


def test_what_staff_said_stands_on_top_of_what_they_sent_back(visitor: PartnerVisitor) -> None:
    path = whole(visitor, sent=True)
    loop, own = visitor.door.loop, path.rpartition("/")[2]
    with loop.database.session() as session:
        row = session.get_one(registrations.Registration, own)
        row.state = registrations.RETURNED
        row.said_sealed = loop.own.seal("Say <b>which</b> street.", registrations.TABLE, own, "said")
    page = visitor.get(path)
    assert "Say &lt;b&gt;which&lt;/b&gt; street." in page.text
    visitor.get(f"{path}/check")
    assert "It is sent" in visitor.send(f"{path}/do/submit").text


def test_a_claimed_service_is_named_and_goes_along(visitor: PartnerVisitor) -> None:
    own = records.service_id("facts", "f900")
    page = visitor.get(f"/partners/mine?claim={own}")
    assert "Is this yours?" in page.text
    assert "Harbour Counselling" in page.text
    claim = page.text.partition("Is this yours?")[2]
    assert own in claim
    visitor.send("/partners/registrations", claim=own)
    assert said(visitor, visitor.path).claims_service_id == own
    assert visitor.post("/partners/registrations", {"key": "k-none", "claim": "0" * 36}).status_code == 404


def test_their_list_shows_what_they_registered_and_how_it_stands(visitor: PartnerVisitor) -> None:
    path = whole(visitor, sent=True)
    page = visitor.get("/partners/mine")
    assert f'href="{path}"' in page.text
    assert "Sent: we look at it" in page.text


def test_with_a_register_that_cannot_be_read_the_page_is_kept(visitor: PartnerVisitor, door: Door) -> None:
    file = door.running.settings.home / oscr.FILE
    file.write_text("Nothing of a register\n", encoding="utf-8")
    try:
        path = begun(visitor)
        visitor.get(f"{path}/organization")
        visitor.send("", organization="Harbour Trust", charity_number="SC012345")
        assert visitor.path == f"{path}/contact"
    finally:
        file.unlink()


@pytest.mark.parametrize("odd", [pytest.param("\0" * 36, id="nothing"), "x" * 36, pytest.param("é" * 36, id="accents")])
def test_what_has_not_the_shape_of_an_id_is_not_looked_up(odd: str) -> None:
    with pytest.raises(NotFound):
        partners.own_id(Request({"type": "http", "path_params": {"registration_id": odd}}))


def test_a_claim_of_more_than_an_id_is_of_nothing(visitor: PartnerVisitor) -> None:
    odd = f"{records.service_id('facts', 'f900')}\0"
    assert "Is this yours?" not in visitor.get(f"/partners/mine?{urlencode({'claim': odd})}").text
    assert visitor.post("/partners/registrations", {"key": "k-odd", "claim": f"{odd}x"}).status_code == 404


def test_a_second_mailbox_is_left_out_until_its_code_comes_back(visitor: PartnerVisitor) -> None:
    path = whole(visitor)
    visitor.get(f"{path}/referrals")
    visitor.send("", second=TEAM)
    assert visitor.path == f"{path}/second"
    assert "left out" in visitor.get(f"{path}/check").text
    visitor.get(f"{path}/second")
    assert visitor.send(f"{path}/second", code="ABCD-1234").status_code == 422
    visitor.send(f"{path}/second", code=codes_to(visitor.door.loop, TEAM)[-1])
    assert visitor.path == path
    assert "left out" not in visitor.get(f"{path}/check").text
    visitor.send(f"{path}/do/submit")
    assert said(visitor, path).answers.referrals.second == TEAM


def test_once_the_first_mailbox_is_proved_the_second_has_its_code(visitor: PartnerVisitor) -> None:
    path, other = whole(visitor), "desk@harbour.example"
    visitor.get(f"{path}/referrals")
    visitor.send("", email="first@harbour.example", second=other)
    assert visitor.path == f"{path}/mailbox"
    assert codes_to(visitor.door.loop, other) == []
    visitor.send(f"{path}/mailbox", code=codes_to(visitor.door.loop, "first@harbour.example")[-1])
    assert visitor.path == f"{path}/second"
    assert len(codes_to(visitor.door.loop, other)) == 1
