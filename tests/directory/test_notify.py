"""GOV.UK Notify is asked as its API wants to be, and each of its refusals is told apart."""

import base64
import json
from datetime import UTC, datetime

import anyio
import httpx
import pytest
import respx

from directory import http
from directory.http import Surroundings
from directory.mail import Letter, Lost, NotNow, Refused, Unreachable
from directory.notify import HOST, LIMITS, TEXT_URL, URL, Notify, token

SERVICE, SECRET = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"
TEMPLATE = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
AT = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LETTER = Letter("in@harbour.example", "A message", "Harbour Trust\n", "a" * 32, AT)


def sent(letter: Letter = LETTER) -> None:
    async def run() -> None:
        notify = Notify(f"waymark live-{SERVICE}-{SECRET}", TEMPLATE, lambda: AT, client, letter.by_text)
        try:
            await notify.hand_over(letter)
        finally:
            await notify.close()

    anyio.run(run)


def client() -> http.Client:
    return http.client([HOST], LIMITS, Surroundings(timer=lambda: 0.0))


def part(text: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


@respx.mock
def test_a_letter_is_posted_with_our_words_in_their_template() -> None:
    route = respx.post(URL).mock(httpx.Response(201, json={"id": "1"}))
    sent()
    request = route.calls[0].request
    assert json.loads(request.content) == {
        "email_address": "in@harbour.example",
        "template_id": TEMPLATE,
        "personalisation": {"subject": "A message", "body": "Harbour Trust\n"},
        "reference": "a" * 32,
    }
    head, claims, signature = request.headers["Authorization"].removeprefix("Bearer ").split(".")
    assert part(head) == {"alg": "HS256", "typ": "JWT"}
    assert part(claims) == {"iss": SERVICE, "iat": int(AT.timestamp())}
    assert token(SERVICE, SECRET, int(AT.timestamp())).endswith(signature)


TEXT = Letter("07700 900123", "", "Ring us\n", "b" * 32, AT, by_text=True)


@respx.mock
def test_a_text_is_posted_with_its_body_alone() -> None:
    route = respx.post(TEXT_URL).mock(httpx.Response(201, json={"id": "1"}))
    sent(TEXT)
    assert json.loads(route.calls[0].request.content) == {
        "phone_number": "07700 900123",
        "template_id": TEMPLATE,
        "personalisation": {"body": "Ring us\n"},
        "reference": "b" * 32,
    }


@respx.mock
def test_a_number_that_cannot_be_texted_is_refused_for_good() -> None:
    said = {"status_code": 400, "errors": [{"error": "ValidationError", "message": "phone_number Not a mobile"}]}
    respx.post(TEXT_URL).mock(httpx.Response(400, json=said))
    with pytest.raises(Refused) as failed:
        sent(TEXT)
    assert failed.value.recipient
    assert "900123" not in str(failed.value)


def test_a_token_is_signed_as_rfc_7515_has_it() -> None:
    """Against another implementation's answer (openssl dgst -sha256 -hmac over the first two parts)."""
    import hashlib
    import hmac

    head, claims, signature = token("s", "secret", 1).split(".")
    own = hmac.digest(b"secret", f"{head}.{claims}".encode(), hashlib.sha256)
    assert base64.urlsafe_b64decode(signature + "=") == own


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        pytest.param(400, {"message": "email_address Not a valid email address"}, Refused, id="no such address"),
        pytest.param(400, {"message": "Can't send to this recipient"}, Unreachable, id="team"),
        pytest.param(403, {"message": "Invalid token: signature"}, Unreachable, id="wrong key"),
        pytest.param(403, {"message": "Error: Your system clock must be accurate"}, Unreachable, id="clock"),
        pytest.param(429, {"message": "Exceeded rate limit"}, NotNow, id="too many"),
        pytest.param(500, {"message": "Exception"}, NotNow, id="their fault"),
    ],
)
@respx.mock
def test_each_refusal_is_told_apart(status: int, body: dict[str, str], error: type[Exception]) -> None:
    answer = {"status_code": status, "errors": [{"error": "Error", **body}]}
    route = respx.post(URL).mock(httpx.Response(status, json=answer))
    with pytest.raises(error) as failed:
        sent()
    assert type(failed.value) is error
    assert "harbour" not in str(failed.value)
    assert route.call_count == 1


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        pytest.param(httpx.ReadError("broken"), Lost, id="broke off"),
        pytest.param(httpx.ConnectError("none"), Unreachable, id="not there"),
        pytest.param(httpx.ReadTimeout("slow"), Unreachable, id="slow"),
    ],
)
@respx.mock
def test_a_server_that_fails_is_asked_once_and_the_letter_waits(effect: Exception, error: type[Exception]) -> None:
    route = respx.post(URL).mock(side_effect=effect)
    with pytest.raises(error):
        sent()
    assert route.call_count == 1
