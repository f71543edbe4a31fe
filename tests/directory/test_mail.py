"""A letter is handed over in a real conversation, encrypted where it must be, and every refusal says what it means."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from directory import mail, outgoing, settings
from directory.errors import BadInput
from directory.mail import Files, Letter, Lost, NotNow, Refused, Server, Smtp, Unreachable
from directory.notify import Notify
from tests.directory.mail_server import Box, mail_server

AT = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LETTER = Letter(
    "in@harbour.example", "A message for Còisir, reference KX4821TP", "Còisir\n\nA message waits.\n", "a" * 32, AT
)


def sent(
    box: Box, tls: ssl.SSLContext | None = None, trusts: ssl.SSLContext | None = None, how: str = "offered"
) -> None:
    """Hands the letter over to a server of this kind."""

    async def run() -> None:
        async with mail_server(box, tls) as port:
            smtp = Smtp(Server("localhost", port, "", "", "messages@spoc.example", how), trusts, timeout_s=60.0)
            try:
                await smtp.hand_over(LETTER)
            finally:
                await smtp.close()

    anyio.run(run)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for "localhost", and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(file)
    return own, ssl.create_default_context(cafile=str(file))


def test_a_letter_arrives_as_it_was_written() -> None:
    box = Box()
    sent(box)
    (letter,) = box.letters
    assert str(letter["Subject"]) == LETTER.subject
    assert letter.get_content().splitlines() == LETTER.body.splitlines()
    assert str(letter["Message-ID"]) == f"<{'a' * 32}@spoc.example>"
    assert str(letter["From"]) == "messages@spoc.example"
    assert str(letter["Auto-Submitted"]) == "auto-generated"
    assert not box.encrypted


def test_a_connection_is_encrypted_when_the_server_offers_it(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    box = Box()
    sent(box, *certificate)
    assert box.encrypted


def test_a_letter_does_not_leave_without_the_encryption_that_is_required() -> None:
    box = Box()
    with pytest.raises(Unreachable):
        sent(box, how="required")
    assert box.seen == []


def test_a_server_whose_certificate_nobody_we_trust_signed_gets_nothing(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    box = Box()
    with pytest.raises(Unreachable):
        sent(box, certificate[0], ssl.create_default_context(), "required")
    assert box.seen == []


@pytest.mark.parametrize(
    ("box", "error", "recipient"),
    [
        pytest.param(Box(rcpt=["450 busy"]), NotNow, None, id="4xx for the recipient"),
        pytest.param(Box(data=["452 full"]), NotNow, None, id="4xx for the letter"),
        pytest.param(Box(data=["421 closing"]), Lost, None, id="server closes"),
        pytest.param(Box(data=["drop"]), Lost, None, id="dropped after the letter"),
        pytest.param(Box(data=["cut"]), Lost, None, id="cut in the letter"),
        pytest.param(Box(rcpt=["550 unknown in@harbour.example"]), Refused, True, id="5xx for the recipient"),
        pytest.param(Box(data=["554 spam"]), Refused, False, id="5xx for the letter"),
        pytest.param(Box(mail=["550 who"]), Unreachable, None, id="5xx for the sender"),
    ],
)
def test_every_answer_says_what_can_be_done_and_repeats_no_address(
    box: Box, error: type[Exception], recipient: bool | None
) -> None:
    with pytest.raises(error) as failed:
        sent(box)
    assert type(failed.value) is error
    assert "harbour" not in str(failed.value)
    assert getattr(failed.value, "recipient", None) is recipient


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "smtp://user:p%40ss@mail.example?from=a@b.example",
            Server("mail.example", 587, "user", "p@ss", "a@b.example", "required"),
            id="encryption required",
        ),
        pytest.param(
            "smtps://user:pass@mail.example?from=a%40b.example",
            Server("mail.example", 465, "user", "pass", "a@b.example", "implicit"),
            id="encrypted from the start",
        ),
        pytest.param(
            "smtp://127.0.0.1:1025?from=a@b.example",
            Server("127.0.0.1", 1025, "", "", "a@b.example", "offered"),
            id="this machine",
        ),
        pytest.param(
            "smtp://mail.example:25?from=a@b.example&tls=offered",
            Server("mail.example", 25, "", "", "a@b.example", "offered"),
            id="said to be optional",
        ),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, expected: Server) -> None:
    assert mail.server(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "", "mail.example", "http://mail.example?from=a@b.example", "smtp://?from=a@b.example",
        "smtp://secret:word@mail.example", "smtp://mail.example?from=nobody", "smtp://m:0?from=a@b.example",
        "smtp://m:99999?from=a@b.example", "smtp://secret@m?from=a@b.example", "smtp://m?from=a@b.example&from=c@d.example",
        "smtp://m?from=a@b.example&start=yes", "smtps://m?from=a@b.example&tls=offered", "smtp://m/x?from=a@b.example",
        "smtp://m?from=a@b.example%0d%0aBcc:%20c@d.example",
    ],
)  # fmt: skip
def test_an_address_of_no_mail_server_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(BadInput, match="WAYMARK_MAIL_URL") as refused:
        mail.server(url)
    assert "secret" not in str(refused.value)
    assert "word@" not in refused.value.message


def test_a_password_is_in_no_words_of_a_server() -> None:
    assert "word" not in repr(mail.server("smtp://user:word@mail.example?from=a@b.example"))
    assert "harbour" not in repr(LETTER).replace(LETTER.subject, "")


KEY = "waymark-" + "-".join(["11111111-2222-3333-4444-555555555555"] * 2)
URL = "smtp://127.0.0.1:1025?from=a@b.example"


@pytest.mark.parametrize(
    ("env", "kind", "said"),
    [
        pytest.param({}, Files, "no mail server is set", id="nothing set"),
        pytest.param({"WAYMARK_MAIL_LIVE": "yes"}, Files, "no mail server is set", id="live, but nothing set"),
        pytest.param({"WAYMARK_MAIL_URL": URL}, Files, "WAYMARK_MAIL_LIVE is not yes", id="set, but not live"),
        pytest.param({"WAYMARK_MAIL_URL": URL, "WAYMARK_MAIL_LIVE": "yes"}, Smtp, "leaves by 127.0.0.1", id="mail"),
        pytest.param(
            {"WAYMARK_NOTIFY_KEY": KEY, "WAYMARK_NOTIFY_TEMPLATE": KEY[-36:], "WAYMARK_MAIL_LIVE": "yes"},
            Notify,
            "leaves by GOV.UK Notify",
            id="notify",
        ),
    ],
)
def test_mail_leaves_only_when_it_is_set_and_live(
    tmp_path: Path, env: dict[str, str], kind: type[object], said: str
) -> None:
    chosen = settings.read({"WAYMARK_HOME": str(tmp_path), **env})
    assert type(outgoing.postman(chosen)) is kind
    assert outgoing.postman(chosen).leaves is (kind is not Files)
    assert said in outgoing.words(chosen)


TEXTS = {"WAYMARK_NOTIFY_KEY": KEY, "WAYMARK_NOTIFY_TEXT_TEMPLATE": KEY[-36:]}
LIVE = {"WAYMARK_MAIL_LIVE": "yes"}


@pytest.mark.parametrize(
    ("env", "mail_by", "texts_by"),
    [
        pytest.param({}, Files, None, id="nothing set"),
        pytest.param(TEXTS, Files, Files, id="set, but not live"),
        pytest.param({**TEXTS, **LIVE}, Files, Notify, id="texts alone"),
        pytest.param({**TEXTS, **LIVE, "WAYMARK_MAIL_URL": URL}, Smtp, Notify, id="beside a mail server"),
        pytest.param({**TEXTS, **LIVE, "WAYMARK_NOTIFY_TEMPLATE": KEY[-36:]}, Notify, Notify, id="both by Notify"),
    ],
)
def test_texts_leave_by_notify_alone(
    tmp_path: Path, env: dict[str, str], mail_by: type[object], texts_by: type[object] | None
) -> None:
    chosen = settings.read({"WAYMARK_HOME": str(tmp_path), **env})
    assert type(outgoing.postman(chosen)) is mail_by
    assert (type(found) if (found := outgoing.texter(chosen)) else None) is texts_by


@pytest.mark.parametrize(
    "env",
    [
        pytest.param({"WAYMARK_NOTIFY_TEXT_TEMPLATE": KEY[-36:]}, id="no key"),
        pytest.param({"WAYMARK_NOTIFY_KEY": KEY, "WAYMARK_NOTIFY_TEXT_TEMPLATE": "short"}, id="no template's id"),
    ],
)
def test_texts_that_cannot_be_used_are_said_before_the_day(tmp_path: Path, env: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="WAYMARK_NOTIFY_TEXT_TEMPLATE"):
        outgoing.texter(settings.read({"WAYMARK_HOME": str(tmp_path), **env}))


@pytest.mark.parametrize(
    "env",
    [
        pytest.param({"WAYMARK_MAIL_URL": "smtp://nobody"}, id="no sender"),
        pytest.param({"WAYMARK_MAIL_URL": URL, "WAYMARK_NOTIFY_KEY": KEY}, id="two ways"),
        pytest.param({"WAYMARK_NOTIFY_KEY": "short"}, id="no key of Notify's"),
        pytest.param({"WAYMARK_NOTIFY_KEY": KEY}, id="no template"),
        pytest.param({"WAYMARK_MAIL_LIVE": "perhaps"}, id="neither yes nor no"),
    ],
)
def test_a_mistake_in_the_settings_is_said_before_mail_is_live(tmp_path: Path, env: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        outgoing.postman(settings.read({"WAYMARK_HOME": str(tmp_path), **env}))


def test_a_folder_that_cannot_be_written_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file is in the way")
    with pytest.raises(Unreachable):
        anyio.run(Files(tmp_path / "mail").hand_over, LETTER)


def test_the_same_letter_written_twice_is_one_file(tmp_path: Path) -> None:
    anyio.run(Files(tmp_path).hand_over, LETTER)
    anyio.run(Files(tmp_path).hand_over, LETTER)
    assert [file.name for file in tmp_path.iterdir()] == [f"20261124T110000-{'a' * 32}.eml"]
