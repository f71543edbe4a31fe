"""Hands letters to GOV.UK Notify instead of a mail server, by its API (version 2), through our guarded client.

An extra: for adopters who may use it. Its templates hold "((subject))" and "((body))" alone (a text message's only the
body): the words stay ours. Sources: the clients' authentication and errors
(github.com/alphagov/notifications-python-client), docs at docs.notifications.service.gov.uk/rest-api.html.
"""

import base64
import hmac
import json
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from hashlib import sha256

from directory import clock as clocks
from directory import http
from directory.errors import BadInput, SourceUnavailable
from directory.mail import Letter, Lost, NotNow, Refused, Unreachable

HOST = "api.notifications.service.gov.uk"
URL = f"https://{HOST}/v2/notifications/email"
TEXT_URL = f"https://{HOST}/v2/notifications/sms"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
KEY = re.compile(rf".*-({_UUID})-({_UUID})")
"""name-service-secret"""
TEMPLATE = re.compile(_UUID)
LIMITS = http.Limits(total_s=20.0, most_bytes=200_000, attempts=1)
"""One attempt a time: a POST that was lost on the way may have been taken."""


class Notify:
    """GOV.UK Notify's e-mail, or with `by_text` its text messages: one request a letter."""

    leaves = True

    def __init__(
        self,
        key: str,
        template: str,
        clock: clocks.Clock = clocks.now,
        client: Callable[[], http.Client] | None = None,
        by_text: bool = False,
    ) -> None:
        """Raises BadInput for what is no key or template of Notify's; neither is repeated."""
        found = KEY.fullmatch(key.strip())
        if found is None:
            raise BadInput("WAYMARK_NOTIFY_KEY is not a key of GOV.UK Notify.", "Copy it again, whole.")
        if not TEMPLATE.fullmatch(template):
            setting = "WAYMARK_NOTIFY_TEXT_TEMPLATE" if by_text else "WAYMARK_NOTIFY_TEMPLATE"
            raise BadInput(f"{setting} is not the id of a template.", "Copy it from GOV.UK Notify.")
        self._service, self._secret = found[1], found[2]
        self._template, self._clock, self._by_text = template, clock, by_text
        self._make = client or (lambda: http.client([HOST], LIMITS))
        self._stack = AsyncExitStack()
        self._client: http.Client | None = None

    async def hand_over(self, letter: Letter) -> None:
        """One letter. Raises NotNow, Lost, Refused, Unreachable."""
        if self._client is None:
            self._client = await self._stack.enter_async_context(self._make())
        recipient, said = "email_address", {"subject": letter.subject, "body": letter.body}
        if self._by_text:
            recipient, said = "phone_number", {"body": letter.body}
        sent = {
            recipient: letter.to,
            "template_id": self._template,
            "personalisation": said,
            "reference": letter.message_id,
        }
        url = TEXT_URL if self._by_text else URL
        headers = {"Authorization": f"Bearer {token(self._service, self._secret, int(self._clock().timestamp()))}"}
        try:
            async with http.answered(self._client, url, headers, "POST", sent) as response:
                status, body = response.status_code, await response.aread()
        except http.Interrupted as error:
            raise Lost("GOV.UK Notify broke off.", error.advice) from None
        except SourceUnavailable:
            raise Unreachable("GOV.UK Notify cannot be reached.", "Messages wait and are tried again.") from None
        if status != 201:
            raise _answer(status, body, recipient)

    async def close(self) -> None:
        """Lets the connections go."""
        self._client = None
        await self._stack.aclose()


def token(service: str, secret: str, at: int) -> str:
    """A JSON Web Token (RFC 7519) signed with HS256; Notify takes it for 30 seconds either side of `at`, in seconds."""
    head, claims = ({"alg": "HS256", "typ": "JWT"}, {"iss": service, "iat": at})
    text = f"{_part(json.dumps(head).encode())}.{_part(json.dumps(claims).encode())}"
    return f"{text}.{_part(hmac.new(secret.encode(), text.encode(), sha256).digest())}"


def _part(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def _answer(status: int, body: bytes, recipient: str) -> NotNow | Refused | Unreachable:
    """What an answer other than 201 means; its words are looked at and not repeated."""
    if status == 400 and recipient.encode() in body:
        return Refused("GOV.UK Notify refuses it for good (400).", "Check the address.", recipient=True)
    if status in (400, 401, 403, 404):
        return Unreachable(f"GOV.UK Notify refuses our requests ({status}).", "Check its key, template and limits.")
    return NotNow(f"GOV.UK Notify will not take it now ({status}).", "It is tried again.")
