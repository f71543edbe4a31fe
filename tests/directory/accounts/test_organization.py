"""Signing in at one's organisation: only what the issuer said of this browser is taken, and only known people."""

from collections.abc import Callable, Iterator

import anyio
import httpx
import pytest
import respx
from joserfc.jwk import OctKey

from directory.accounts import actions, signing_in
from directory.accounts.organization import NotVouched, Unreachable
from directory.accounts.sessions import new_token
from directory.accounts.signing_in import Browser, Entrance, Identity, NoAccountHere
from directory.accounts.steps import Kind
from tests.directory.accounts.conftest import ANN, Staff
from tests.directory.accounts.issuer import CLIENT_ID, HOST, ISSUER, KEYS, PUBLISHED, Issuer

Change = Callable[[Issuer], object]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with respx.mock(assert_all_called=False) as router:
        yield Issuer(router)


def signed_in(issuer: Issuer, answer: dict[str, str] | None = None, **settings: object) -> Identity:
    """Away and back in one browser; `answer` is put over what it brings back."""
    organization, secret = issuer.organization(**settings), new_token()

    async def there_and_back() -> Identity:
        back = issuer.sent(await organization.address(secret))
        return await organization.identity(secret, {**back, **(answer or {})})

    return anyio.run(there_and_back)


def test_somebody_comes_back_as_who_they_are(issuer: Issuer) -> None:
    assert signed_in(issuer) == Identity(ISSUER, "subject-1", ANN)
    assert issuer.asked["response_type"] == "code"
    assert issuer.asked["code_challenge_method"] == "S256"
    assert issuer.asked["redirect_uri"] == "http://localhost:8000/sign-in/organisation/done"
    assert len({issuer.asked[name] for name in ("state", "nonce", "code_challenge")}) == 3


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda i: i.claims.update(nonce="another"), id="wrong nonce"),
        pytest.param(lambda i: i.claims.update(nonce=None), id="no nonce"),
        pytest.param(lambda i: i.claims.update(aud="somebody-else"), id="for another client"),
        pytest.param(lambda i: i.claims.update(aud=["somebody-else", "x"]), id="for two others"),
        pytest.param(lambda i: i.claims.update(azp="somebody-else"), id="another authorized party"),
        pytest.param(lambda i: i.claims.update(aud="somebody-else", azp=CLIENT_ID), id="for another, by us"),
        pytest.param(lambda i: i.claims.update(iss=ISSUER.replace("0001", "0009")), id="another tenant"),
        pytest.param(lambda i: i.claims.update(exp=int(i.now.timestamp()) - 600), id="expired"),
        pytest.param(lambda i: i.claims.update(exp=None), id="never expires"),
        pytest.param(lambda i: i.claims.update(nbf=int(i.now.timestamp()) + 600), id="not yet valid"),
        pytest.param(lambda i: i.claims.update(sub=None), id="nobody"),
        pytest.param(lambda i: i.claims.update(sub=""), id="empty subject"),
        pytest.param(lambda i: i.claims.update(sub="s" * 300), id="endless subject"),
        pytest.param(lambda i: i.header.update(kid="k9"), id="unknown key"),
        pytest.param(lambda i: setattr(i, "key", KEYS["k2"]), id="signed by another key"),
        pytest.param(
            lambda i: (i.header.update(alg="HS256"), setattr(i, "key", OctKey.import_key("k" * 32))), id="HMAC"
        ),
        pytest.param(lambda i: i.claims.update(iat=None), id="no time"),
    ],
)
def test_what_the_issuer_did_not_say_to_us_is_refused(issuer: Issuer, change: Change) -> None:
    change(issuer)
    with pytest.raises(NotVouched):
        signed_in(issuer)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"state": "x" * 43}, id="another state"),
        pytest.param({"state": "é"}, id="no state of ours"),
        pytest.param({"code": "guessed"}, id="another code"),
        pytest.param({"code": ""}, id="no code"),
        pytest.param({"iss": "https://evil.example"}, id="another issuer's answer"),
    ],
)
def test_an_answer_that_is_not_this_browsers_is_refused(issuer: Issuer, answer: dict[str, str]) -> None:
    with pytest.raises(NotVouched):
        signed_in(issuer, answer)


def test_an_answer_meant_for_one_browser_is_nothing_in_another(issuer: Issuer) -> None:
    organization, ours, theirs = issuer.organization(), new_token(), new_token()

    async def swapped() -> None:
        await organization.address(ours)
        back = issuer.sent(await organization.address(theirs))
        await organization.identity(ours, back)

    with pytest.raises(NotVouched):
        anyio.run(swapped)
    assert not [call for call in issuer.router.calls if call.request.method == "POST"]


def test_keys_are_asked_for_anew_when_it_signs_with_one_not_known(issuer: Issuer) -> None:
    organization = issuer.organization()

    async def twice() -> None:
        for _ in range(2):
            secret = new_token()
            back = issuer.sent(await organization.address(secret))
            await organization.identity(secret, back)
            issuer.published_keys, issuer.header = ("k2",), {"alg": "ES256", "kid": "k2"}

    anyio.run(twice)
    asked = [call.request.url.path for call in issuer.router.calls]
    assert (asked.count("/discovery/v2.0/keys"), sum("well-known" in path for path in asked)) == (2, 1)


@pytest.mark.parametrize(
    "published",
    [
        pytest.param({**PUBLISHED, "issuer": "https://login.issuer.example/{tenantid}/v2.0"}, id="for every tenant"),
        pytest.param({**PUBLISHED, "token_endpoint": "http://login.issuer.example/token"}, id="not encrypted"),
        pytest.param({"issuer": ISSUER}, id="half"),
        pytest.param([], id="a list"),
    ],
)
def test_an_issuer_that_speaks_for_another_is_not_asked_on(issuer: Issuer, published: dict[str, object]) -> None:
    issuer.published = published
    with pytest.raises(Unreachable):
        signed_in(issuer)


@pytest.mark.parametrize(
    ("method", "url", "answer"),
    [
        pytest.param("GET", f"{ISSUER}/.well-known/openid-configuration", httpx.ConnectError("no"), id="not there"),
        pytest.param("GET", f"{ISSUER}/.well-known/openid-configuration", httpx.Response(500), id="broken"),
        pytest.param("POST", PUBLISHED["token_endpoint"], httpx.Response(503), id="busy"),
        pytest.param("POST", PUBLISHED["token_endpoint"], httpx.ReadTimeout("slow"), id="too slow"),
        pytest.param("GET", PUBLISHED["jwks_uri"], httpx.Response(200, text="<html>"), id="keys that are a page"),
        pytest.param("GET", PUBLISHED["jwks_uri"], httpx.Response(302, headers={"location": HOST}), id="sent on"),
    ],
)
def test_an_issuer_that_is_down_is_said(
    issuer: Issuer, method: str, url: str, answer: httpx.Response | Exception
) -> None:
    issuer.router.route(method=method, url=url).mock(
        **({"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer})  # type: ignore[arg-type]
    )
    with pytest.raises(Unreachable, match="cannot be reached"):
        signed_in(issuer)


@pytest.mark.parametrize(
    ("claims", "settings", "email"),
    [
        pytest.param({"xms_edov": None}, {}, "", id="not vouched for"),
        pytest.param({"xms_edov": "0"}, {}, "", id="not of the tenant"),
        pytest.param({"xms_edov": None, "email_verified": "true"}, {}, "", id="a word is no yes"),
        pytest.param({"xms_edov": None, "email_verified": True}, {}, ANN, id="verified"),
        pytest.param({"xms_edov": "1"}, {}, ANN, id="of the tenant"),
        pytest.param({"email": None, "preferred_username": ANN}, {}, "", id="a name that can be chosen"),
        pytest.param(
            {"xms_edov": None, "preferred_username": ANN}, {"match": "preferred_username"}, ANN, id="allowed by setting"
        ),
        pytest.param({"email": [ANN]}, {}, "", id="a list"),
    ],
)
def test_an_address_counts_only_where_the_issuer_vouches_for_it(
    issuer: Issuer, claims: dict[str, object], settings: dict[str, object], email: str
) -> None:
    issuer.claims = claims
    assert signed_in(issuer, **settings).email == email


@pytest.mark.parametrize(
    ("ways", "setting", "two"),
    [(["pwd"], False, False), (["pwd", "mfa"], False, True), (None, True, True), (None, False, False)],
    ids=["password", "two", "by setting", "not said"],
)
def test_two_factors_are_believed_where_they_are_said(
    issuer: Issuer, ways: list[str] | None, setting: bool, two: bool
) -> None:
    issuer.claims = {"amr": ways}
    assert signed_in(issuer, two_factors=setting).two_factors is two


def enter(staff: Staff, subject: str = "subject-1", email: str = ANN, two_factors: bool = False) -> Entrance:
    identity = Identity(ISSUER, subject, email, two_factors)
    return signing_in.by_organization(staff.door, identity, Browser("192.0.2.7", onward="/staff"), staff.now)


@pytest.mark.usefixtures("cheap_hashes")
class TestWhoseAccount:
    """Identities of an issuer, and the accounts here."""

    def test_the_first_time_by_address_then_by_subject(self, staff: Staff) -> None:
        owner = staff.add()
        first = staff.who(enter(staff, email="ANN@example.org").token)
        later = staff.who(enter(staff, email="renamed@example.org").token)
        assert first
        assert later
        assert (first.id, later.id) == (owner, owner)

    def test_nobody_is_made_an_account(self, staff: Staff) -> None:
        for email in ("nobody@example.org", "", "not an address"):
            with pytest.raises(NoAccountHere):
                enter(staff, email=email)
        assert actions.everyone(staff.record) == []

    def test_an_address_given_to_somebody_new_opens_nothing_of_who_had_it(self, staff: Staff) -> None:
        staff.add()
        enter(staff)
        with pytest.raises(NoAccountHere):
            enter(staff, subject="subject-2")

    def test_a_disabled_account_stays_shut(self, staff: Staff) -> None:
        staff.add()
        enter(staff)
        actions.disable(staff.record, ANN, staff.now)
        with pytest.raises(NoAccountHere):
            enter(staff)
        with pytest.raises(NoAccountHere):
            enter(staff, subject="subject-2")

    def test_the_second_factor_is_asked_unless_the_issuer_asked_two(self, staff: Staff) -> None:
        owner = staff.add()
        staff.required = True
        assert enter(staff).kind is Kind.SET_UP
        staff.with_factor(owner)
        assert enter(staff).kind is Kind.CODE
        assert enter(staff, two_factors=True).kind is None
