"""Messages to partners leave as all others do, and nothing of them is kept."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.errors import Conflict
from directory.referrals import failures, mail_view, partner_letters
from directory.referrals.loop import Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.referrals.tables import Notice
from tests.directory.mail_server import Box
from tests.directory.referrals.builders import SUPERVISOR, Time, a_loop, ask, with_policy
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
    assert letter["Subject"] == "Your code for Fife Single Point of Contact"
    assert sealed(loop) is None
    assert notice(loop, own).handed_over_at is not None


def test_the_name_of_whoever_runs_the_directory_adds_no_header(loop: Loop) -> None:
    box = Box()
    written(loop, code="ABCD-1234")
    sent(with_policy(loop, name="Fife\r\nBcc: x@y.example"), box)
    [letter] = box.letters
    assert (letter["Subject"], letter["Bcc"]) == ("Your code for Fife Bcc: x@y.example", None)


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


@pytest.mark.parametrize(
    "said", [pytest.param({"rcpt": ["550 no"]}, id="the mailbox"), pytest.param({"data": ["554 no"]}, id="the letter")]
)
def test_one_that_a_server_refuses_is_forgotten_and_stands_among_what_failed(
    loop: Loop, said: dict[str, list[str]]
) -> None:
    own = written(loop, "partner_received", path="/partners", organization="Harbour")
    sent(loop, Box(**{name: [*answers] for name, answers in said.items()}))
    assert sealed(loop) is None
    [line] = mail_view.view(loop, loop.clock()).failed
    assert (line.id, line.to, line.refused, line.may_go_again) == (own, "a partner", "refused", False)
    with pytest.raises(Conflict, match="erased"):
        mail_view.again(loop, ask(loop, SUPERVISOR), own)


def test_one_whose_tries_are_spent_is_forgotten(loop: Loop) -> None:
    own = written(loop, "partner_received", path="/partners")
    failures.given_up(loop, [own], loop.clock())
    assert sealed(loop) is None
