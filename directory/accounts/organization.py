"""Signing in where one's organisation does: OpenID Connect's code flow with PKCE, as Microsoft Entra ID speaks it.

The parts are authlib's, the requests go through `directory.http`. State, nonce and verifier are made from the cookie of
the browser that began, so that an answer in any other browser is refused. Nothing an issuer says is logged.
Source: OpenID Connect Core 1.0, 3.1; Discovery 1.0, 4.3; RFC 7636; RFC 9700, 4.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]  # authlib has no types
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]  # the same
    prepare_grant_uri,
    prepare_token_request,
)
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # the same
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # the same
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from directory import http
from directory.accounts.signing_in import Identity
from directory.clock import Clock
from directory.errors import BadInput, SourceUnavailable
from directory.settings import Oidc

RETURN_PATH = "/sign-in/organisation/done"
ALGORITHMS = ("RS256", "PS256", "ES256")
"""With a public key alone: what a secret could have signed is never taken (RFC 8725, 3.1)."""
LEEWAY_S = 120
LIMITS = http.Limits(total_s=10.0, most_bytes=1_000_000, per_second=100.0, attempts=1)
"""Somebody waits for the page."""
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "fpt", "face", "sc"})
"""Of `amr`, what is more than a password (RFC 8176)."""
Client = Callable[[frozenset[str]], http.Client]


class NotVouched(BadInput):
    """The issuer refused, or what came back is not what it would say: nobody is signed in."""

    def __init__(self, label: str) -> None:
        super().__init__(
            f"Signing in with {label} did not work.",
            "Try again, or sign in with your e-mail address and password.",
            field="email",
        )


class Unreachable(SourceUnavailable):
    """The issuer does not answer."""

    def __init__(self, label: str) -> None:
        super().__init__(
            f"Signing in with {label} does not work now: it cannot be reached.",
            "Sign in with your e-mail address and password, or try again later.",
        )


def _client(hosts: frozenset[str]) -> http.Client:
    return http.client(hosts, LIMITS)


@dataclass(slots=True)
class Organization:
    """One issuer. What it publishes of itself is asked for once; its keys anew when it signs with one not known."""

    settings: Oidc
    public_url: str
    clock: Clock
    client: Client = _client
    _published: Mapping[str, Any] | None = field(default=None, init=False)
    _keys: KeySet | None = field(default=None, init=False)

    async def address(self, secret: str, anew: bool = False) -> str:
        """Where to send a browser whose step has this cookie; `anew`: it is to ask who they are, whatever it knows.

        Raises Unreachable, NotVouched.
        """
        published = await self._asked_once()
        uri: str = prepare_grant_uri(
            published["authorization_endpoint"],
            self.settings.client_id,
            "code",
            self.public_url + RETURN_PATH,
            "openid email profile",
            _derived(secret, "state"),
            nonce=_derived(secret, "nonce"),
            code_challenge=create_s256_code_challenge(_derived(secret, "verifier")),
            code_challenge_method="S256",
            **({"prompt": "login", "max_age": "0"} if anew else {}),
        )
        return uri

    async def identity(self, secret: str, answer: Mapping[str, str]) -> Identity:
        """Who came back with this answer to the browser with this cookie. Raises NotVouched, Unreachable."""
        state, code = answer.get("state", ""), answer.get("code", "")
        if not hmac.compare_digest(state.encode(), _derived(secret, "state").encode()) or not code:
            raise NotVouched(self.settings.label)
        published = await self._asked_once()
        if answer.get("iss", published["issuer"]) != published["issuer"]:  # RFC 9207: another issuer's answer
            raise NotVouched(self.settings.label)
        token = await self._exchanged(published, code, _derived(secret, "verifier"))
        try:
            claims = await self._claims(published, token, _derived(secret, "nonce"))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise NotVouched(self.settings.label) from None
        return self._read(claims)

    async def _exchanged(self, published: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        uri, headers, body = self._token_request(published, code, verifier)
        found = await self._asked(uri, headers, dict(parse_qsl(body, keep_blank_values=True)))
        if not isinstance(found.get("id_token"), str):
            raise NotVouched(self.settings.label)
        return found

    def _token_request(self, published: Mapping[str, Any], code: str, verifier: str) -> tuple[str, dict[str, str], str]:
        offered = published.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_post" if "client_secret_basic" not in offered else "client_secret_basic"
        body = prepare_token_request(
            "authorization_code", "", self.public_url + RETURN_PATH, code=code, code_verifier=verifier
        )
        auth = ClientAuth(self.settings.client_id, self.settings.client_secret, method)
        prepared: tuple[str, dict[str, str], str] = auth.prepare("POST", published["token_endpoint"], {}, body)
        return prepared

    async def _claims(self, published: Mapping[str, Any], token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        text = token["id_token"]
        try:
            read = jwt.decode(text, await self._key_set(published), algorithms=ALGORITHMS)
        except InvalidKeyIdError:  # it has changed its keys since
            read = jwt.decode(text, await self._key_set(published, anew=True), algorithms=ALGORITHMS)
        expected = {
            "iss": {"essential": True, "value": published["issuer"]},
            "aud": {"essential": True, "value": self.settings.client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
        }
        known = {"nonce": nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(read.claims, read.header, expected, known)
        claims.validate(now=int(self.clock().timestamp()), leeway=LEEWAY_S)
        if not isinstance(claims["sub"], str) or not claims["sub"] or len(claims["sub"]) > 255:
            raise ValueError("no subject")
        found: Mapping[str, Any] = claims
        return found

    def _read(self, claims: Mapping[str, Any]) -> Identity:
        """The address counts only where the issuer says that it has verified it: in Entra ID a person may write any
        into their own entry. `xms_edov` says there that its domain belongs to the tenant."""
        if self.settings.match == "preferred_username":
            email = claims.get("preferred_username")
        else:
            vouched = claims.get("email_verified") is True or claims.get("xms_edov") in (True, 1, "1", "true")
            email = claims.get("email") if vouched else ""
        ways = claims.get("amr") or ()
        two = self.settings.two_factors or bool(SECOND_FACTORS & {str(way) for way in ways})
        own = (str(claims["iss"]), str(claims["sub"]), email if isinstance(email, str) else "", two)
        return Identity(*own, _moment(claims.get("auth_time")))

    async def _asked_once(self) -> Mapping[str, Any]:
        """What the issuer publishes of itself. Raises Unreachable, also when it speaks for another issuer."""
        if self._published is None:
            found = await self._asked(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            whole = all(isinstance(found.get(name), str) and found[name].startswith("https://") for name in needed)
            if not whole or found.get("issuer") != self.settings.issuer:
                raise Unreachable(self.settings.label)
            self._published = found
        return self._published

    async def _key_set(self, published: Mapping[str, Any], anew: bool = False) -> KeySet:
        if self._keys is None or anew:
            self._keys = KeySet.import_key_set(dict(await self._asked(published["jwks_uri"])))  # type: ignore[arg-type]
        return self._keys

    async def _asked(
        self, url: str, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """A JSON object of the issuer's. Raises Unreachable; NotVouched when it refuses a form."""
        try:
            async with self.client(frozenset({urlsplit(url).netloc})) as client:
                method = "POST" if form is not None else "GET"
                async with http.answered(client, url, headers, method, form=form) as response:
                    status, body = response.status_code, await response.aread()
        except (SourceUnavailable, BadInput):
            raise Unreachable(self.settings.label) from None
        if form is not None and 400 <= status < 500:
            raise NotVouched(self.settings.label)
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if status != 200 or not isinstance(found, dict):
            raise Unreachable(self.settings.label)
        return found


def _moment(seconds: Any) -> datetime | None:
    """None also for what is no moment of any calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _derived(secret: str, purpose: str) -> str:
    """43 signs that only the browser's cookie gives."""
    made = hmac.new(secret.encode("ascii", "replace"), purpose.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
