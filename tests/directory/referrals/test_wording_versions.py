"""Other words: tier 0 and not a word more, two people, and every version kept with its mark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.referrals import agreements, texts, tier_check, wording_versions
from directory.referrals.agreement_rules import AgreementSaid
from directory.referrals.loop import Loop
from directory.referrals.tables import Agreement
from directory.referrals.wording_versions import NotTier0
from tests.directory.referrals.builders import SERVICE, SUPERVISOR, WORKER, Time, a_case, a_loop, ask

SHIPPED = texts.shipped()
REFERRAL = SHIPPED.messages["referral"]
WORDS = {"subject": "Reference {reference}", "body": "Please look by {respond_by}: {link}\n\n{phone}"}
SPOKEN = {form: each.text + "\nThank you." for form, each in SHIPPED.wordings["refer"].items()}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time()) as made:
        yield made


def in_use(loop: Loop) -> texts.Texts:
    with loop.database.reading() as session:
        return wording_versions.in_use(session, SHIPPED)


def approved(loop: Loop, name: str, words: dict[str, str]) -> str:
    own = str(wording_versions.propose(loop, ask(loop), name, words)["id"])
    wording_versions.approve(loop, ask(loop, SUPERVISOR), own)
    return own


@pytest.mark.parametrize("name", SHIPPED.messages)
def test_what_is_shipped_is_tier_0(name: str) -> None:
    kind = SHIPPED.messages[name]
    assert tier_check.of_message(kind, kind.subject, kind.body) == []


def test_what_is_shipped_may_be_read_out() -> None:
    assert tier_check.of_agreement({form: each.text for form, each in SHIPPED.wordings["refer"].items()}) == []


@pytest.mark.parametrize(
    ("subject", "body", "said"),
    [
        pytest.param("About a victim", REFERRAL.body, "“victim”", id="a victim"),
        pytest.param("Counselling for somebody", REFERRAL.body, "“counselling”", id="a kind of help"),
        pytest.param("An urgent referral", REFERRAL.body, "“urgent”", id="how pressing"),
        pytest.param("A message", REFERRAL.body + "He was hit by a boy at school.", "“school”", id="a caller's words"),
        pytest.param("A message", REFERRAL.body + "Domestic abuse", "“domestic abuse”", id="a harm's label"),
        pytest.param("A message", REFERRAL.body + "offences", "“offences”", id="another ending"),
        pytest.param("A message", REFERRAL.body + "{name}", "no field", id="a person's field"),
        pytest.param("A message", REFERRAL.body + "{phone.__class__}", "no field", id="behind a field"),
        pytest.param("A message", REFERRAL.body + "{phone!r:>99}", "no field", id="a field's shape"),
        pytest.param("A message", REFERRAL.body + "{", "brace", id="half a brace"),
        pytest.param("A message", REFERRAL.body + "{}", "no field", id="an empty brace"),
        pytest.param("A message", REFERRAL.body.replace("{link}", ""), "{link} is missing", id="no link"),
        pytest.param("A message", REFERRAL.body + "Ring 01632 960999", "No address and no number", id="a number"),
        pytest.param("A message", REFERRAL.body + "www.rowan.example", "No address", id="an address"),
        pytest.param("A message\nBcc: x", REFERRAL.body, "line break", id="a header more"),
        pytest.param("", REFERRAL.body, "Write a subject", id="no subject"),
        pytest.param("A message", "", "Write what it says", id="no words"),
        pytest.param("A message " * 20, REFERRAL.body, "Shorten it", id="too long"),
    ],
)
def test_words_that_tell_or_break_are_refused(subject: str, body: str, said: str) -> None:
    found = " ".join(problem.said for problem in tier_check.of_message(REFERRAL, subject, body))
    assert said in found


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_whatever_passes_is_the_same_bytes_whatever_the_harm(more: str) -> None:
    body = REFERRAL.body + more
    if not tier_check.of_message(REFERRAL, REFERRAL.subject, body):
        assert len(set(tier_check.previews("provider", REFERRAL.subject, body).values())) == 1


def test_a_template_that_told_of_the_harm_would_differ() -> None:
    assert len(set(tier_check.previews("provider", "{harm}", "x").values())) == 5


def test_words_come_into_use_when_a_second_person_approves(loop: Loop) -> None:
    own = wording_versions.propose(loop, ask(loop), "referral", WORDS)["id"]
    assert in_use(loop) == SHIPPED
    with pytest.raises(Forbidden):
        wording_versions.approve(loop, ask(loop, WORKER), own)
    wording_versions.approve(loop, ask(loop, SUPERVISOR), own)
    assert in_use(loop).messages["referral"].subject == "Reference {reference}"
    with pytest.raises(Conflict):
        wording_versions.approve(loop, ask(loop, SUPERVISOR), own)


def test_a_dropped_proposal_never_comes_into_use(loop: Loop) -> None:
    own = wording_versions.propose(loop, ask(loop), "referral", WORDS)["id"]
    wording_versions.drop(loop, ask(loop), own)
    with pytest.raises(Conflict):
        wording_versions.approve(loop, ask(loop, SUPERVISOR), own)
    assert in_use(loop) == SHIPPED


def test_what_is_in_use_already_or_unknown_is_no_proposal(loop: Loop) -> None:
    kind = SHIPPED.messages["referral"]
    with pytest.raises(BadInput):
        wording_versions.propose(loop, ask(loop), "referral", {"subject": kind.subject, "body": kind.body})
    with pytest.raises(NotFound):
        wording_versions.propose(loop, ask(loop), "no such", WORDS)
    with pytest.raises(NotTier0):
        wording_versions.propose(loop, ask(loop), "referral", WORDS | {"subject": "Victims"})


def test_of_two_proposals_the_later_stands(loop: Loop) -> None:
    first = wording_versions.propose(loop, ask(loop), "referral", WORDS)["id"]
    wording_versions.propose(loop, ask(loop), "referral", WORDS | {"subject": "For {organization}, {reference}"})
    with pytest.raises(Conflict):
        wording_versions.approve(loop, ask(loop, SUPERVISOR), first)


def test_each_version_is_kept_and_a_proposal_seen_on_an_older_one_is_refused(loop: Loop) -> None:
    approved(loop, "referral", WORDS)
    with pytest.raises(Conflict):
        wording_versions.propose(loop, ask(loop, version=0), "referral", WORDS | {"subject": "{reference} again"})
    with loop.database.reading() as session:
        assert [each.number for each in wording_versions.history(session, "referral")] == [1, 0]


def test_an_agreement_is_marked_with_the_words_that_were_read_out(loop: Loop) -> None:
    from dataclasses import replace

    approved(loop, "agreement-refer", SPOKEN)
    own = replace(loop, texts=in_use(loop))
    mark = own.texts.wording("plain").mark
    assert mark.startswith("refer 2 ")
    assert mark != SHIPPED.wording("plain").mark
    said = AgreementSaid(SERVICE, capacity_basis="presumed_12_over", wording_version=2)
    given = agreements.record(own, ask(own), a_case(own), said)["id"]
    with own.database.reading() as session:
        assert session.get_one(Agreement, given).wording == mark


def test_words_that_changed_after_they_were_read_out_are_read_out_again(loop: Loop) -> None:
    said = AgreementSaid(SERVICE, capacity_basis="presumed_12_over", wording_version=7)
    with pytest.raises(Conflict, match="changed meanwhile"):
        agreements.record(loop, ask(loop), a_case(loop), said)


def test_an_agreement_that_leaves_out_what_is_told_is_refused() -> None:
    found = tier_check.of_agreement(SPOKEN | {"plain": "Is it all right if we tell {service}?"})
    assert {problem.said.split("}")[0][1:] for problem in found} == {
        "organization",
        "categories",
        "feedback",
        "review_by",
    }
