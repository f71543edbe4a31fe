"""What messages say: tier 0 and not a word more, the same bytes whoever was harmed and however."""

import re
import string
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from directory.mail import Letter, message
from directory.referrals import letters, notices, partner_letters
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Need, Notice, Referral
from taxonomy import terms
from tests.directory.referrals.builders import Time, a_loop, a_mailbox, referral
from tests.directory.referrals.mail_builders import PUBLIC, a_code, a_person_contact, a_sent, notice, queued

HARMS = ("physical_harm", "sexual_harm", "threats", "bullying", "fire_raising")
FIELDS = {
    "organization", "reference", "respond_by", "link", "phone", "code", "minutes", "lines", "day", "links",
    "spoc",
}  # fmt: skip
TEMPLATES = sorted(set(notices.templates()) - {"digest"})
"""Urgency and what help is for never stand in a message."""
TELLING = re.compile(
    r"urgent|immediate|emergenc|crisis|\bat once\b|as soon|refer(?!ence)|victim|harm(?!our)|abuse|violen|sexual|child|"
    r"young|court|police|hearing|report|counsel|support|trauma|service|case\b|person\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("loop"), Time()) as made:
        yield made


def waiting(loop: Loop, template: str) -> tuple[str, int]:
    """A referral, and a message of this kind about it."""
    own = a_sent(loop, mailbox_id=a_mailbox(loop))
    if template == "code":
        a_code(loop, own)
        with loop.database.reading() as session:
            return own, session.scalars(select(Notice.id).where(Notice.referral_id == own)).one()
    if notices.templates()[template].to == "person":
        case = referral(loop, own)
        return own, queued(loop, "", template, safe_contact_id=a_person_contact(loop, case.case_id, case.subject_id))
    if notices.templates()[template].to == "partner":
        with loop.database.session() as session:
            facts = {"code": "ABCD-1234", "path": "/partners", "organization": "Harbour Trust"}
            return own, partner_letters.queue(session, loop, template, "mo@harbour.example", loop.clock(), **facts).id
    return own, queued(loop, own, template)


def rendered(loop: Loop, waits: int) -> Letter:
    row = notice(loop, waits)
    with loop.database.reading() as session:
        return letters.letter(session, loop, [row], row.message_id, PUBLIC, loop.clock())


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_message_is_the_same_bytes_whatever_the_harm(loop: Loop, template: str) -> None:
    own, waits = waiting(loop, template)
    seen = set()
    for harm in HARMS:
        with loop.database.session() as session:
            row = session.get_one(Referral, own)
            session.execute(update(Case).where(Case.id == row.case_id).values(harms=harm, relation=f"{harm} relation"))
            session.execute(update(Need).where(Need.id == row.need_id).values(need=f"{harm} need"))
            row.service_name = f"{harm} service"
        seen.add(bytes(message(rendered(loop, waits), "messages@spoc.example")))
    assert len(seen) == 1


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_message_names_a_kind_of_help_or_harm_or_how_pressing_it_is(loop: Loop, template: str) -> None:
    made = rendered(loop, waiting(loop, template)[1])
    assert TELLING.findall(f"{made.subject}\n{made.body}") == []


def test_templates_say_only_the_fields_of_tier_0() -> None:
    for kind in notices.templates().values():
        used = {
            field for text in (kind.subject, kind.body) for _, field, _, _ in string.Formatter().parse(text) if field
        }
        assert used <= FIELDS, kind.name
        assert kind.to != "person" or used <= {"phone", "links"}, kind.name
        assert kind.to != "partner" or used <= {"phone", "link", "code", "minutes", "organization", "spoc"}, kind.name
        assert ("spoc" in used) is (kind.to == "partner"), kind.name


def test_no_term_of_the_vocabulary_stands_in_a_template() -> None:
    words = {term.label.casefold() for kind in ("harm", "need") for term in terms.load()[kind].terms.values()}
    said = " ".join(kind.subject + kind.body for kind in notices.templates().values()).casefold()
    assert not [word for word in words if word in said]


def test_a_referral_as_it_leaves(loop: Loop) -> None:
    own, waits = waiting(loop, "referral")
    whole = bytes(message(rendered(loop, waits), "messages@spoc.example")).decode().replace("=\r\n", "")
    told = re.sub(r"/r/[\w-]{43}", "/r/LINK", whole.replace("\r\n", "\n"))
    told = told.replace(referral(loop, own).reference, "REFERENCE").replace(notice(loop, waits).message_id, "ID")
    assert told == (
        "From: messages@spoc.example\n"
        "To: referrals@harbour.example\n"
        "Subject: A message for Harbour Trust, reference REFERENCE\n"
        "Date: Sun, 22 Nov 2026 12:00:00 +0000\n"
        "Message-ID: <ID@spoc.example>\n"
        "Auto-Submitted: auto-generated\n"
        'Content-Type: text/plain; charset="utf-8"\n'
        "Content-Transfer-Encoding: quoted-printable\n"
        "MIME-Version: 1.0\n\n"
        "Harbour Trust\n\n"
        "A message waits for you. Its reference is REFERENCE.\n\n"
        "Please open it and answer by Tuesday 24 November 2026:\n"
        "https://waymark.example/r/LINK\n\n"
        "The page sends a code to this mailbox. No account is needed.\n\n"
        "Questions: 01632 960100\n"
    )


def test_a_name_with_line_breaks_adds_no_header(loop: Loop) -> None:
    own = a_sent(loop, organization="Harbour\r\nBcc: x@y.example {phone}\u2028Trust")
    made = rendered(loop, queued(loop, own))
    assert made.subject.startswith("A message for Harbour Bcc: x@y.example {phone} Trust, reference")
    assert message(made, "messages@spoc.example")["Bcc"] is None
