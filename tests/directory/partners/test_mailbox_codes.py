"""What finds a mailbox: one address however it is written, and never another one's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.errors import NotFound
from directory.partners import mailbox_codes, members
from directory.referrals.loop import Loop
from tests.directory.partners.keeper import a_keeper
from tests.directory.partners.partner_builders import a_partner
from tests.directory.referrals.builders import SERVICE, Time, a_loop


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time()) as made:
        yield made


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Office@Harbour.Example ", "office@harbour.example", True),
        ("office@b\u00fccher.example", "Office@xn--bcher-kva.example", True),
        ("office@stra\u00dfe.example", "office@strasse.example", False),
        ("office@harbour.example", "office@harbour.example.test", False),
    ],
    ids=["capitals", "the same domain in ASCII", "another domain with ss", "a longer domain"],
)
def test_a_mailbox_is_found_by_its_own_address_alone(loop: Loop, one: str, other: str, same: bool) -> None:
    assert (mailbox_codes.mac(loop.keys, one) == mailbox_codes.mac(loop.keys, other)) is same
    assert (mailbox_codes.macs(loop.keys, one) == mailbox_codes.macs(loop.keys, other)) is same


def test_who_proves_a_mailbox_of_a_domain_that_folds_to_anothers_is_a_stranger(loop: Loop) -> None:
    a_keeper(loop, SERVICE, email="office@strasse.example")
    stranger = a_partner(loop, "office@stra\u00dfe.example").inside
    with loop.database.reading() as session, pytest.raises(NotFound):
        members.member(session, stranger, SERVICE)
