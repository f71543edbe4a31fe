"""What was written while a place was open is gone from what we keep, whoever made it confidential."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory.editing.proposals import Proposer
from directory.partners import hidden_places, review_facts, reviews, said_wrong
from directory.partners.registrations import read
from directory.partners.tables import Registration
from directory.referrals.loop import Loop
from directory.values import Visibility
from tests.directory.editing.builders import edited
from tests.directory.partners.partner_builders import ask_of
from tests.directory.partners.verifying_builders import agreed, checked, in_record, sent_in
from tests.directory.referrals.access_builders import staff
from tests.directory.referrals.builders import Time, a_loop

TOLD = "We moved to 12 Harbour Row"


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time()) as made:
        yield made


def kept_words(loop: Loop, registration_id: str, service_id: str) -> str:
    with loop.database.reading() as session:
        row = session.get_one(Registration, registration_id)
        told = said_wrong.told(session, loop, [service_id])
        return f"{read(loop, row).answers} {[each.facts for each in told]}"


@pytest.mark.parametrize("hides", [True, False], ids=["made confidential by staff", "still open"])
def test_registration_and_review_keep_no_place_that_is_confidential(loop: Loop, hides: bool) -> None:
    ann, ben = staff(loop, "editor"), staff(loop, "supervisor")
    door, registration = sent_in(loop)
    checked(loop, registration, ann)
    agreed(loop, registration, ann, ben)
    (own,) = in_record(loop).values()
    with loop.database.reading() as session:
        seen = review_facts.asked(session, loop, own).mark
    ask = replace(ask_of(loop, door.inside), version=None)
    reviews.tell(loop, ask, door.inside, own, seen, {"premises": TOLD})
    assert kept_words(loop, registration.id, own).count("12 Harbour Row") == 2
    if hides:
        place = {"visibility": Visibility.UNDISCLOSED.value}
        edited(loop.database, Proposer("editor"), own, public_name="Seal Watch", premises=place)
    said = list(hidden_places.look(loop))
    words = kept_words(loop, registration.id, own)
    assert ("12 Harbour Row" in words, "EH6 5QG" in words, bool(said)) == (not hides, not hides, hides)
    assert "premises" in words
    assert list(hidden_places.look(loop)) == []
