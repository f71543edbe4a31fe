"""Messages to partners leave as all others do, and nothing of them is kept."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.referrals import partner_letters
from directory.referrals.loop import Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.referrals.tables import Notice
from tests.directory.mail_server import Box
from tests.directory.referrals.builders import Time, a_loop
from tests.directory.referrals.mail_builders import PUBLIC, notice, queued, sent

MORAG = "morag@harbour.example"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def written(loop: Loop, template: str = "partner_code", **facts: object) -> int:
    """A message to a partner that waits; its id."""
    with loop.database.session() as session:
        return partner_letters.queue(session, loop, template, MORAG, loop.clock(), **facts).id  # type: ignore[arg-type]  # the facts of `queue`


def sealed(loop: Loop) -> bytes | None:
    """What is kept of the one message there is."""
    with loop.database.reading() as session:
        return session.scalars(select(PartnerLetter)).one().fields_sealed


def test_a_code_goes_to_the_mailbox_that_was_typed_and_is_forgotten(loop: Loop) -> None:
    box, own = Box(), written(loop, code="ABCD-1234")
    [done] = sent(loop, box)
    assert (done.letters, done.trouble) == (1, "")
    [letter] = box.letters
    assert letter["To"] == MORAG
    assert "ABCD-1234" in letter.get_content()
    assert sealed(loop) is None
    assert notice(loop, own).handed_over_at is not None


def test_a_code_that_is_too_old_does_not_leave(loop: Loop, time: Time) -> None:
    box, own = Box(), written(loop, code="ABCD-1234", until=loop.clock() + timedelta(minutes=10))
    time.pass_(minutes=10)
    sent(loop, box)
    assert (box.letters, notice(loop, own).refused) == ([], "expired")
    assert sealed(loop) is None


def test_a_message_names_a_page_and_nothing_that_lets_anybody_in(loop: Loop) -> None:
    box = Box()
    written(loop, "partner_received", path="/partners", organization="Harbour")
    sent(loop, box)
    assert f"{PUBLIC}/partners" in box.letters[0].get_content().splitlines()


def test_a_message_has_one_recipient_of_its_kind(loop: Loop) -> None:
    with pytest.raises(ValueError, match="one recipient"):
        queued(loop, template="partner_code", mailbox_id="one")
    with pytest.raises(ValueError, match="one recipient"):
        written(loop, "mailbox_prove")
    with loop.database.reading() as session:
        assert session.scalars(select(Notice)).all() == []
