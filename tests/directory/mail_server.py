"""A real mail server on loopback that takes, delays, refuses or drops as a test says: `mail_server(Box())`."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email import policy as email_policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

TAKEN = "250 OK"


@dataclass(slots=True)
class Box:
    """What a server took, and what it answers: `rcpt` and `data` are used up one by one, then everything is taken.

    In `data` "drop" closes the connection after the letter, without an answer; "cut" in the middle of it.
    """

    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    """Message ids of every letter that came in whole, taken or not."""
    encrypted: bool = False
    delay_s: float = 0.0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.mail.pop(0) if self.mail else TAKEN
        envelope.mail_from = address
        return answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.rcpt.pop(0) if self.rcpt else TAKEN
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        letter = message_from_bytes(envelope.content or b"", policy=email_policy.default)
        assert isinstance(letter, EmailMessage)
        self.seen.append(str(letter["Message-ID"]))
        self.encrypted = session.ssl is not None
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        answer = self.data.pop(0) if self.data else TAKEN
        if answer == "drop":
            assert server.transport is not None
            server.transport.abort()
            return "451 gone"
        if answer == TAKEN:
            self.letters.append(letter)
        return answer

    @property
    def recipients(self) -> list[str]:
        return [str(letter["To"]) for letter in self.letters]

    @property
    def ids(self) -> list[str]:
        return [str(letter["Message-ID"]) for letter in self.letters]

    @property
    def bodies(self) -> list[str]:
        return [letter.get_content() for letter in self.letters]


class Dropping(SMTP):
    """Closes the connection while a letter is coming in, when its box says "cut"."""

    async def smtp_DATA(self, arg: str) -> None:
        box = self.event_handler
        if isinstance(box, Box) and box.data[:1] == ["cut"]:
            box.data.pop(0)
            await self.push("354 go on")
            assert self.transport is not None
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


@asynccontextmanager
async def mail_server(box: Box, tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[int]:
    """The server's port."""

    def made() -> SMTP:
        options: dict[str, Any] = {"tls_context": tls} if tls else {}
        return Dropping(box, hostname="mail.example", enable_SMTPUTF8=False, **options)

    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None
