"""Persons and mailboxes taken out of words, and counted; groups and places stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import people
from ingest.people import Cleaned, taken_out


@pytest.mark.parametrize(
    ("words", "left"),
    [
        pytest.param("Youth club. Contact Jane Example.", Cleaned("Youth club.", 1, 0), id="asked for"),
        pytest.param("Please ask for Jane", Cleaned("", 1, 0), id="by a first name alone"),
        pytest.param("Contact: Siobhán McExample", Cleaned("", 1, 0), id="marks and capitals"),
        pytest.param("Contact Agnieszka Example-Nowak", Cleaned("", 1, 0), id="a first name in no list of ours"),
        pytest.param("Manager: J. Example", Cleaned("", 1, 0), id="an initial"),
        pytest.param("The manager is Jane Example", Cleaned("The", 1, 0), id="a role before"),
        pytest.param("Jane Example, Project Manager", Cleaned("Project Manager", 1, 0), id="a role behind"),
        pytest.param(
            "Contact Jane Example Project Manager", Cleaned("Project Manager", 1, 0), id="a role straight behind"
        ),
        pytest.param("Led by Mrs Example, on Mondays", Cleaned("on Mondays", 1, 0), id="a title"),
        pytest.param("01632 960123 (Jane Example)", Cleaned("01632 960123", 1, 0), id="in brackets"),
        pytest.param("Contact Jane Example or Bob Example", Cleaned("", 2, 0), id="two"),
        pytest.param("Manager:\nJane Example\nOpen daily", Cleaned("Open daily", 1, 0), id="on lines of their own"),
        pytest.param("Write to jane@club.example soon", Cleaned("Write to soon", 0, 1), id="mailbox"),
        pytest.param("E-mail: info@club.example", Cleaned("", 0, 1), id="mailbox with its label"),
        pytest.param("jane (at) club (dot) example", Cleaned("", 0, 1), id="mailbox in disguise"),
        pytest.param("jane＠club.example", Cleaned("", 0, 1), id="wide sign"),
        pytest.param("jane.example@gmail", Cleaned("", 0, 1), id="mailbox not whole"),
        pytest.param("Follow us on Twitter @janeexample", Cleaned("Follow us on", 0, 1), id="social network"),
    ],
)
def test_persons_go(words: str, left: Cleaned) -> None:
    assert taken_out(words) == left


@pytest.mark.parametrize(
    "words",
    [
        "BSL through Contact Scotland BSL",
        "Contact Social Work first",
        "Call Action Fraud on 0300",
        "Phone Rape Crisis Scotland",
        "Contact West Lothian Council",
        "Contact Margaret Example Housing Association",
        "attend the Contact Point Drop in Centre",
        "c/o Harbour Community Centre",
        "c/o St Mary's Campus",
        "12 Harbour Dr Edinburgh",
        "Call In Homecare Ltd",
        "Text SHOUT to 85258",
        "Please contact this service",
        "The manager will see you",
        "Mountain Leader\nSummer Walking",
    ],
)
def test_groups_and_places_stay(words: str) -> None:
    assert taken_out(words) == Cleaned(words, 0, 0)


@pytest.mark.parametrize(
    ("name", "left"),
    [("Care @ Home", "Care at Home"), ("Care@Home", "Care at Home"), ("Club (@ Harbour Row)", "Club (at Harbour Row)")],
)  # fmt: skip
def test_a_sign_that_means_at(name: str, left: str) -> None:
    assert taken_out(name) == Cleaned(left, 0, 0)


@given(st.text(max_size=120) | st.text(alphabet="aJ @＠.([)]\nMrscontact", max_size=60))
def test_no_sign_of_a_mailbox_is_left(words: str) -> None:
    left = taken_out(words)
    assert not {"@", "＠", "﹫"} & set(left.text)
    assert left.persons >= 0
    assert left.emails >= 0


@given(st.sampled_from(["Contact", "ask for", "Manager:", "run by"]), st.sampled_from(["Jane", "Callum", "Fatima"]))
def test_a_person_asked_for_never_stays(cue: str, first: str) -> None:
    left = taken_out(f"A club for all. {cue} {first} Example, on Mondays.")
    assert "Example" not in left.text
    assert first not in left.text
    assert left.persons == 1


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        pytest.param("info@club.example", "info@club.example", id="info"),
        pytest.param(" mailto:Enquiries@Club.example ", "Enquiries@club.example", id="as a link"),
        pytest.param("referrals.edinburgh@club.example", "referrals.edinburgh@club.example", id="of a place"),
        pytest.param("contact-us@club.example", "contact-us@club.example", id="two words"),
        pytest.param("club@club.example", "club@club.example", id="the group's own name"),
        pytest.param("jane@club.example", "", id="a person"),
        pytest.param("jane.info@club.example", "", id="a person with a role's word"),
        pytest.param("jane@jane.example", "", id="a person's own host"),
        pytest.param("info@gmail.com", "", id="a host for anybody"),
        pytest.param("info@club", "", id="no whole host"),
        pytest.param("info@club..example", "", id="mistyped"),
        pytest.param("info@127.0.0.1", "", id="a machine"),
        pytest.param("not an address", "", id="words"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_role_mailbox(cell: str, kept: str) -> None:
    assert people.role_mailbox(cell) == kept


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert people.role_mailbox(text) == "" or "@" in text
