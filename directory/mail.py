"""Hands one letter over: to a mail server in a real SMTP conversation, or to a file where mail is not to leave.

Every failure says whether the same letter may be tried again (RFC 5321, 4.2.1: 4yz and 5yz), and whether it was the
letter's fault or the server's. What a server says is never repeated: it may hold an address.
"""

import os
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import anyio.to_thread
from email_validator import EmailNotValidError, validate_email

from directory.errors import BadInput, SourceUnavailable, WaymarkError

TIMEOUT_S = 20.0
"""For each answer of the server; RFC 5321 4.5.3.2 allows minutes, and nobody's code can wait so long."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ADVICE = "Use smtp://user:password@mail.example:587?from=messages@spoc.example (or smtps://)."
NOWHERE = "waymark.invalid"
"""RFC 2606: the sender's domain where nothing leaves."""
UNDISCLOSED = "undisclosed-recipients:;"
"""RFC 5322, 3.4: a refuge's mailbox, or a person's address, is written into no file."""


class NotNow(WaymarkError):
    """The server will not take this letter now; it may later."""

    status = 503


class Refused(WaymarkError):
    """The server will never take this letter. `recipient`: because of whom it is for."""

    def __init__(self, message: str, advice: str = "", recipient: bool = False) -> None:
        super().__init__(message, advice)
        self.recipient = recipient


class Lost(NotNow):
    """The connection broke, or went silent, while the letter was handed over: whether it was taken is unknown."""


class Unreachable(SourceUnavailable):
    """No letter at all can be handed over now: no connection, no encryption, no sign-in, or our sender refused."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is handed over: plain text to one address. `message_id` is the part before the @, the same at every try."""

    to: str = field(repr=False)
    subject: str
    body: str
    message_id: str
    at: datetime
    by_text: bool = False
    """To a phone number, by text message: `subject` is not said."""


class Postman(Protocol):
    """Hands letters over, one after the other, and connects when it must."""

    leaves: bool
    """Whether what it is handed really leaves."""

    async def hand_over(self, letter: Letter) -> None:
        """Returns once the letter has been taken. Raises NotNow, Lost, Refused, Unreachable."""

    async def close(self) -> None:
        """Never raises."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, read from WAYMARK_MAIL_URL."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: str
    tls: str
    """implicit (smtps) | required | offered: encrypted only when the server offers it"""


def server(url: str) -> Server:
    """The server of smtp://user:password@host:port?from=…, or smtps://. Raises BadInput; the password is not repeated.

    Over smtp:// encryption (STARTTLS) is required, except on this machine or with "&tls=offered".
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or port == 0 or parts.path.strip("/"):
        raise BadInput("WAYMARK_MAIL_URL is not the address of a mail server.", ADVICE)
    asked = parse_qs(parts.query)
    senders, tls = asked.pop("from", []), asked.pop("tls", [""])[-1]
    if asked or tls not in {"", "required", "offered"} or (tls and parts.scheme == "smtps"):
        raise BadInput("WAYMARK_MAIL_URL has a setting after the ? that is not known.", "Use from and tls.")
    if len(senders) != 1:
        raise BadInput("WAYMARK_MAIL_URL does not say whom mail is from.", ADVICE)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) is not bool(password):
        raise BadInput("WAYMARK_MAIL_URL names a user without a password, or the other way round.", ADVICE)
    implicit = parts.scheme == "smtps"
    if not tls:
        tls = "implicit" if implicit else "offered" if parts.hostname in LOOPBACK else "required"
    return Server(
        parts.hostname,
        port or (465 if implicit else 587),
        user,
        password,
        address(senders[0], "The sender in WAYMARK_MAIL_URL"),
        tls,
    )


def address(text: str, what: str = "That", field: str = "") -> str:
    """A mail address as it is written to. Raises BadInput, without repeating it."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        raise BadInput(
            f"{what} is not a usable e-mail address.", "Write it as name@organisation.example.", field
        ) from None
    return found.normalized


def message(letter: Letter, sender: str, to: str = "") -> EmailMessage:
    """The letter as RFC 5322 has it, with the same bytes at every try; `to` is written instead of the address."""
    made = EmailMessage(policy=SMTP_POLICY)
    made["From"] = sender
    made["To"] = to or letter.to
    made["Subject"] = letter.subject
    made["Date"] = format_datetime(letter.at)
    made["Message-ID"] = f"<{letter.message_id}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
    made.set_content(letter.body, cte="quoted-printable")
    return made


class Smtp:
    """One connection to a mail server at a time, reused for the letters of one round."""

    leaves = True

    def __init__(self, to: Server, tls_context: ssl.SSLContext | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self._to = to
        self._client = aiosmtplib.SMTP(
            hostname=to.host,
            port=to.port,
            username=to.user or None,
            password=to.password or None,
            local_hostname=to.sender.rpartition("@")[2],  # not this machine's name
            timeout=timeout_s,
            use_tls=to.tls == "implicit",
            start_tls={"implicit": False, "required": True, "offered": None}[to.tls],
            tls_context=tls_context,
        )

    async def _open(self) -> None:
        """Connects, encrypts and signs in."""
        try:
            await self._client.connect()
        except aiosmtplib.SMTPAuthenticationError:
            raise Unreachable("The mail server refuses our sign-in.", "Check WAYMARK_MAIL_URL.") from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise Unreachable(
                f"The mail server at {self._to.host}:{self._to.port} cannot be used ({type(error).__name__}).",
                "Messages wait and are tried again by themselves.",
            ) from None

    async def hand_over(self, letter: Letter) -> None:
        """One letter. Raises NotNow, Lost, Refused, Unreachable."""
        if not self._client.is_connected:
            await self._open()
        made = message(letter, self._to.sender)
        try:
            await self._client.send_message(made, sender=self._to.sender, recipients=[letter.to])
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _answer(error.recipients[0].code, recipient=True) from None
        except aiosmtplib.SMTPSenderRefused:
            raise Unreachable("The mail server refuses our sender.", "Check `from` in WAYMARK_MAIL_URL.") from None
        except aiosmtplib.SMTPResponseException as error:
            raise _answer(error.code) from None
        except ValueError:  # no address that the protocol can carry
            raise Refused("The address cannot be written to.", "Check the address.", recipient=True) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            self._client.close()  # what state it is in nobody knows
            raise Lost(f"The mail server broke off ({type(error).__name__}).", "It is tried again.") from None

    async def close(self) -> None:
        """Says good-bye if there is anybody to say it to."""
        try:
            if self._client.is_connected:
                await self._client.quit()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()


def _answer(code: int, recipient: bool = False) -> WaymarkError:
    if code == 421:  # the server is closing down, whatever was asked (RFC 5321, 3.8)
        return Lost("The mail server is closing.", "It is tried again.")
    if 400 <= code < 500:
        return NotNow(f"The mail server will not take it now ({code}).", "It is tried again.")
    return Refused(f"The mail server refuses it for good ({code}).", "Check the address.", recipient)


class Files:
    """Keeps letters in a folder of home: mail is not set, or not live, and nothing leaves."""

    leaves = False

    def __init__(self, folder: Path, sender: str = f"messages@{NOWHERE}") -> None:
        self.folder, self._sender = folder, sender

    async def hand_over(self, letter: Letter) -> None:
        """Writes it whole or not at all, for its owner alone and without the address. Raises Unreachable."""
        made = bytes(message(letter, self._sender, UNDISCLOSED))
        file = self.folder / f"{letter.at:%Y%m%dT%H%M%S}-{letter.message_id}.eml"
        try:
            await anyio.to_thread.run_sync(_write, file, made)
        except OSError:
            raise Unreachable(f"{self.folder} cannot be written to.", "Make room, or make it writable.") from None

    async def close(self) -> None:
        """Nothing is open."""


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
