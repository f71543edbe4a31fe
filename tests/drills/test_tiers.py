"""What leaves at each tier, in page, mail, audit and log: the fields of `disclosure.TIERS` and nothing else."""

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path

import anyio
import pytest
from sqlalchemy import select

from directory import runtime
from directory.accounts.tables import Account
from directory.mail import Files
from directory.referrals import notices, sending
from directory.referrals.disclosure import TIERS, Tier
from directory.referrals.lifecycle import State
from directory.referrals.sending import Outgoing
from directory.referrals.tables import AuditEvent, Referral
from tests.builders import NOON, a_record
from tests.directory.referrals.builders import WORKER
from tests.directory.referrals.door_builders import a_link
from tests.directory.referrals.mail_builders import PUBLIC, queued
from tests.directory.referrals.test_disclosure import NEVER, add_line, known, seen
from tests.web.conftest import installation
from tests.web.visiting import Door, Visitor, a_door
from web import answer_words, even_time

__all__ = ["installation"]
HEADING = {"organization", "reference"}
"""Of every page; all other fields stand in lists of facts."""
LETTER = {"organization", "reference", "respond_by", "link", "phone"}
"""Tier 0 as letters name it: `phone` is `spoc_phone`."""
FACT = re.compile(r"<dt[^>]*>(.*?)</dt><dd[^>]*>(.*?)</dd>", re.DOTALL)


@pytest.fixture(scope="module")
def door(installation: runtime.Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("tiers")
    record = a_record(home)
    made = a_door(installation, record, home)
    with record.session() as session:
        session.add(
            Account(
                id=WORKER.id, email="worker@spoc.example", full_name="Wren Example", password_hash="none",
                password_set_at=NOON, created_at=NOON,
            )
        )  # fmt: skip
    yield made
    record.close()


@pytest.fixture(autouse=True)
def a_while_later(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.clock.pass_(minutes=16)
    monkeypatch.setattr(even_time, "STEP_S", 1e-6)


def looked_at(door: Door, own: str) -> tuple[Visitor, dict[str, str]]:
    """The page of a referral as its provider sees it: field → value of every fact in a list."""
    visitor = Visitor(door, a_link(door.loop, referral_id=own))
    assert visitor.enter().status_code == 200
    names = {label: name for name, label in answer_words.FIELDS.items()}
    page = visitor.get("/referral").text
    facts = {
        names[unescape(label)]: unescape(re.sub(r"<[^>]*>", "", value)).strip() for label, value in FACT.findall(page)
    }
    for secret in NEVER:
        assert secret not in page
    return visitor, facts


@pytest.mark.parametrize(
    ("state", "accepted", "tier"),
    [
        pytest.param(State.RECEIVED, False, Tier.UNDECIDED, id="undecided"),
        pytest.param(State.ACCEPTED, True, Tier.ACCEPTED, id="accepted"),
    ],
)
def test_page_audit_and_log_hold_the_tiers_fields(
    door: Door, state: State, accepted: bool, tier: Tier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    own = known(door.loop, state, accepted)
    visitor, facts = looked_at(door, own)
    assert set(facts) == set(TIERS[tier]) - HEADING
    assert all(facts.values())
    check_audit(door, own, tier)
    check_log(door, own, visitor, caplog, facts)


def test_what_remains_at_the_end_is_days_and_codes(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ended = known(door.loop, State.CLOSED, accepted=True, decline_reason="D1")
    with door.loop.database.session() as session:
        row = session.get_one(Referral, ended)
        add_line(session, row, 3, "outcome", State.CLOSED, engagement="E1", service="S1", need_result="N1")
    door.clock.pass_(days=31)
    visitor, facts = looked_at(door, ended)
    assert set(facts) == set(TIERS[Tier.OVER]) - HEADING
    check_audit(door, ended, Tier.OVER)
    check_log(door, ended, visitor, caplog, facts)
    door.clock.now -= timedelta(days=31)


def check_audit(door: Door, own: str, tier: Tier) -> None:
    """The look is written down by names of fields, without a value."""
    values = seen(door.loop, own).fields.values()
    with door.loop.database.reading() as session:
        views = select(AuditEvent).where(AuditEvent.object_id == own, AuditEvent.action == "view")
        line = session.scalars(views.order_by(AuditEvent.id.desc())).first()
        assert line is not None
        assert line.purpose == f"tier_{int(tier)}"
        assert set(line.fields.split("|")) == set(TIERS[tier])
        assert not [value for value in values if value in line.fields]


def check_log(
    door: Door, own: str, visitor: Visitor, caplog: pytest.LogCaptureFixture, facts: Mapping[str, str]
) -> None:
    """No line holds a value of any tier, a link, or what a cookie proves; the browser's own lines are not ours."""
    lines = "\n".join(each.getMessage() for each in caplog.records if each.name != "httpx")
    assert "/r/(link)" in lines
    said = {*facts.values(), *seen(door.loop, own).fields.values(), *NEVER, visitor.link.token, own}
    said |= set(visitor.cookies.values())
    assert [value for value in said if value in lines and value not in ("No", "Yes")] == []


@pytest.mark.parametrize(
    ("template", "state", "fields"),
    [
        pytest.param("referral", State.SENT, LETTER, id="referral"),
        pytest.param("link_again", State.SENT, LETTER, id="link again"),
        pytest.param("question_answered", State.RECEIVED, LETTER, id="our answer"),
        pytest.param("chaser_1", State.SENT, LETTER, id="chaser"),
        pytest.param("chaser_2", State.ACCEPTED, LETTER, id="second chaser"),
        pytest.param("stop", State.WITHDRAWN, LETTER - {"link"}, id="stop"),
        pytest.param("void", State.VOID, LETTER - {"link"}, id="void"),
    ],
)
def test_a_letter_holds_tier_0(door: Door, tmp_path: Path, template: str, state: State, fields: set[str]) -> None:
    own = known(door.loop, state)
    a_link(door.loop, referral_id=own)
    queued(door.loop, own, template, urgent=True)
    anyio.run(sending.drain, door.loop, Outgoing(Files(tmp_path), PUBLIC))
    (file,) = tmp_path.glob("*.eml")
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    kind, body = notices.templates()[template], letter.get_body()
    assert body is not None
    found = filled(kind.subject + "\n" + kind.body, f"{letter['Subject']}\n{body.get_content()}")
    assert set(found) <= fields <= LETTER
    assert len(TIERS[Tier.MESSAGE]) == len(LETTER)
    shown = seen(door.loop, own).fields
    telling = {name: value for name, value in shown.items() if name not in (*HEADING, "spoc_phone")}
    text = file.read_text()
    assert [name for name, value in telling.items() if len(value) > 3 and value in text] == []
    assert [secret for secret in NEVER if secret in text] == []
    assert set(letter.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    }  # fmt: skip


def filled(template: str, text: str) -> dict[str, str]:
    """What stands in a text for each field of its template; the rest must be the template, word for word."""
    pattern, met = "", set()
    for part in re.split(r"(\{[a-z_]+\})", template.strip()):
        name = part[1:-1]
        if not part.startswith("{"):
            pattern += re.escape(part)
        elif name in met:
            pattern += f"(?P={name})"
        else:
            met.add(name)
            pattern += f"(?P<{name}>[^\\n]+)"
    found = re.fullmatch(pattern, text.replace("\r\n", "\n").strip())
    assert found is not None, text
    return found.groupdict()
