"""An issuer of OpenID Connect in the shape of Microsoft Entra ID, played by respx: what it publishes and signs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import respx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from directory import http
from directory.accounts import organization
from directory.accounts.organization import Organization
from directory.http import Surroundings
from directory.settings import Oidc
from tests.builders import NOON

HOST = "https://login.issuer.example"
ISSUER = f"{HOST}/0b5a2c1e-0000-4000-8000-000000000001/v2.0"
CLIENT_ID, CLIENT_SECRET = "0c11e000-0000-4000-8000-000000000002", "issuer secret"
PUBLIC_URL = "http://localhost:8000"
SETTINGS = Oidc(ISSUER, CLIENT_ID, CLIENT_SECRET, "Fife Council")
PUBLISHED = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{HOST}/oauth2/v2.0/authorize",
    "token_endpoint": f"{HOST}/oauth2/v2.0/token",
    "jwks_uri": f"{HOST}/discovery/v2.0/keys",
    "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
}
KEYS = {kid: ECKey.generate_key("P-256", {"kid": kid, "use": "sig"}, auto_kid=False) for kid in ("k1", "k2")}
"""Elliptic curves: RSA keys take long to make."""


def client(hosts: frozenset[str]) -> http.Client:
    return http.client(hosts, organization.LIMITS, Surroundings(timer=lambda: 0.0))


@dataclass(slots=True)
class Issuer:
    """Somebody `sub` signs in there; what differs from a right answer is put into the fields by a test."""

    router: respx.MockRouter
    now: datetime = NOON
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "ES256", "kid": "k1"})
    key: ECKey | RSAKey | OctKey | None = None
    published_keys: tuple[str, ...] = ("k1",)
    published: dict[str, Any] = field(default_factory=lambda: dict(PUBLISHED))
    asked: dict[str, str] = field(default_factory=dict)
    """The parameters that a browser was sent with."""

    def __post_init__(self) -> None:
        self.router.get(f"{ISSUER}/.well-known/openid-configuration").mock(
            side_effect=lambda _: httpx.Response(200, json=self.published)
        )
        self.router.get(PUBLISHED["jwks_uri"]).mock(side_effect=self._keys)
        self.router.post(PUBLISHED["token_endpoint"]).mock(side_effect=self._token)

    def organization(self, **changes: Any) -> Organization:
        settings = Oidc(**{**{name: getattr(SETTINGS, name) for name in Oidc.__slots__}, **changes})
        return Organization(settings, PUBLIC_URL, lambda: self.now, client)

    def sent(self, address: str) -> dict[str, str]:
        """Somebody comes with this address and signs in: what their browser brings back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return {"code": "the-code", "state": self.asked["state"]}

    def _keys(self, _: httpx.Request) -> httpx.Response:
        keys = [KEYS[kid].as_dict(private=False) for kid in self.published_keys]
        return httpx.Response(200, json={"keys": keys})

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode()))
        right = form.get("code") == "the-code" and form.get("redirect_uri") == self.asked["redirect_uri"]
        proof = create_s256_code_challenge(form.get("code_verifier", "")) == self.asked["code_challenge"]
        if not right or not proof or not request.headers.get("authorization", "").startswith("Basic "):
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token()})

    def id_token(self) -> str:
        now = int(self.now.timestamp())
        right = {
            "iss": ISSUER, "aud": CLIENT_ID, "sub": "subject-1", "nonce": self.asked["nonce"], "iat": now,
            "nbf": now, "exp": now + 3600, "email": "ann@example.org", "xms_edov": True, "ver": "2.0",
        }  # fmt: skip
        claims = {name: value for name, value in {**right, **self.claims}.items() if value is not None}
        key = self.key or KEYS.get(str(self.header.get("kid")), KEYS["k1"])
        return jwt.encode(self.header, claims, key, algorithms=["ES256", "HS256", "none"])
