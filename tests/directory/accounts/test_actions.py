"""Making accounts and signing in: bad input, limits on tries, and nothing told to who does not know the password."""

import logging
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update

from directory.accounts import actions, limits, passwords
from directory.accounts.actions import NewAccount
from directory.accounts.signing_in import SignInRefused
from directory.accounts.tables import Account
from directory.errors import BadInput, NotFound, TooManyTries
from tests.directory.accounts.conftest import ANN, PASSWORD, Staff


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("", id="empty"),
        pytest.param("ann", id="no @"),
        pytest.param("ann@localhost", id="no dot in the host"),
        pytest.param("ann@@example.org", id="two @"),
        pytest.param("@example.org", id="nobody"),
        pytest.param("ann reid@example.org", id="a blank"),
        pytest.param("ann@example.org\n", id="a line end is cut off, so this one will do"),
        pytest.param("ann@exa\nmple.org", id="a line end inside"),
        pytest.param("ann@example.org, bea@example.org", id="two addresses"),
        pytest.param("Ann <ann@example.org>", id="with a name"),
        pytest.param("аnn@example.org", id="Cyrillic a"),
        pytest.param("ann@example..org", id="two dots"),
        pytest.param("ann@-example.org", id="hyphen first"),
        pytest.param("a" * 250 + "@example.org", id="too long"),
        pytest.param("ann@example.org\0", id="NUL"),
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    if email == "ann@example.org\n":
        assert actions.checked_email(email) == ANN
        return
    with pytest.raises(BadInput, match="not an e-mail address") as caught:
        NewAccount.checked(email, "Ann", ["editor"])
    assert caught.value.field == "email"


@given(st.text(max_size=300))
def test_an_address_is_taken_or_refused_and_is_then_its_own_user_name(typed: str) -> None:
    try:
        email = actions.checked_email(typed)
    except BadInput:
        return
    assert actions.checked_email(email.upper()) == email
    assert email.isascii()


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "Ann\u202eReid", "Ann\0Reid"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        NewAccount.checked(ANN, name, ["editor"])
    assert caught.value.field == "name"


def test_an_address_has_one_account_however_it_is_written(staff: Staff) -> None:
    staff.add()
    with pytest.raises(BadInput, match="There is an account with this address"):
        staff.add(" ANN@Example.org ")
    with pytest.raises(BadInput, match="There is an account with this address"):
        actions.check_free(staff.record, ANN)
    actions.check_free(staff.record, "bea@example.org")
    assert len(actions.everyone(staff.record)) == 1


def test_a_password_is_kept_nowhere(staff: Staff) -> None:
    staff.add()
    with staff.record.reading() as session:
        assert PASSWORD not in str(session.execute(text("SELECT * FROM account")).all())


def test_signing_in_takes_the_address_as_people_write_it(staff: Staff) -> None:
    owner = staff.add()
    user = staff.who(staff.sign_in(" Ann@EXAMPLE.org "))
    assert user
    assert user.id == owner


def test_every_sign_in_has_a_new_id_and_ends_the_one_before(staff: Staff) -> None:
    staff.add()
    first = staff.sign_in()
    second = staff.sign_in(old=first)
    assert first != second
    assert staff.who(first) is None
    assert staff.who(second)


def test_an_id_planted_before_is_never_taken_up(staff: Staff) -> None:
    staff.add()
    planted = "P" * 43
    assert staff.sign_in(old=planted) != planted
    assert staff.who(planted) is None


def test_every_refusal_reads_the_same(staff: Staff) -> None:
    staff.add()
    staff.add("bea@example.org")
    actions.disable(staff.record, "bea@example.org", staff.now)
    said = set()
    for email, password in [
        (ANN, "wrong password here"),
        ("nobody@example.org", PASSWORD),
        ("bea@example.org", PASSWORD),
        ("bea@example.org", "wrong password here"),
        ("not an address", PASSWORD),
        (ANN, "x" * 200_000),
        ("\udcff", "\udcff"),
    ]:
        with pytest.raises(SignInRefused) as caught:
            staff.sign_in(email, password, address="")
        said.add(str(caught.value))
    assert len(said) == 1


def test_an_unknown_account_costs_a_hash_too(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []
    real = passwords.is_right

    def noting(kept: str | None, password: str) -> bool:
        asked.append(kept)
        return real(kept, password)

    monkeypatch.setattr(passwords, "is_right", noting)
    with pytest.raises(SignInRefused):
        staff.sign_in("nobody@example.org")
    assert asked == [None]


def test_an_account_enabled_again_signs_in_and_old_sessions_stay_shut(staff: Staff) -> None:
    staff.add()
    old = staff.sign_in()
    actions.disable(staff.record, ANN, staff.now)
    with pytest.raises(SignInRefused):
        staff.sign_in()
    actions.enable(staff.record, ANN)
    assert staff.who(old) is None
    assert staff.who(staff.sign_in())


def test_after_another_password_only_that_one_opens(staff: Staff) -> None:
    staff.add()
    actions.set_password(staff.record, ANN, "five owls are better", staff.now)
    with pytest.raises(SignInRefused):
        staff.sign_in()
    assert staff.sign_in(password="five owls are better")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: actions.disable(s.record, ANN, s.now), id="disabled"),
        pytest.param(lambda s: actions.set_password(s.record, ANN, "five owls are better", s.now), id="other password"),
    ],
)
def test_a_change_while_the_password_is_looked_at_wins(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, change: Callable[[Staff], None]
) -> None:
    staff.add()
    real = passwords.is_right

    def slow(kept: str | None, password: str) -> bool:
        change(staff)
        return real(kept, password)

    monkeypatch.setattr(passwords, "is_right", slow)
    with pytest.raises(SignInRefused):
        staff.sign_in()


def test_an_old_hash_is_renewed_when_its_owner_signs_in(staff: Staff) -> None:
    import argon2

    staff.add()
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with staff.record.session() as session:
        session.execute(update(Account).values(password_hash=cheap))
    staff.sign_in()
    kept = actions.find(staff.record, ANN).password_hash
    assert not passwords.is_outdated(kept)
    assert passwords.is_right(kept, PASSWORD)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: actions.disable(s.record, "x@example.org", s.now), id="disable"),
        pytest.param(lambda s: actions.enable(s.record, "x@example.org"), id="enable"),
        pytest.param(lambda s: actions.set_roles(s.record, "x@example.org", ["editor"]), id="roles"),
        pytest.param(lambda s: actions.set_password(s.record, "x@example.org", PASSWORD, s.now), id="password"),
        pytest.param(lambda s: actions.find(s.record, "x@example.org"), id="find"),
    ],
)
def test_an_account_that_is_not_there_is_said(staff: Staff, change: Callable[[Staff], None]) -> None:
    staff.add()
    with pytest.raises(NotFound, match="waymark user list"):
        change(staff)


def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only counting is tested: the price of each hash is not paid a hundred times."""
    monkeypatch.setattr(passwords, "is_right", lambda kept, password: kept is not None and password == PASSWORD)


def fail(staff: Staff, times: int, **by: str) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            staff.sign_in(password="wrong password here", **by)


@pytest.mark.parametrize("email", [ANN, "nobody@example.org"], ids=["known", "unknown"])
def test_the_eleventh_try_at_an_account_is_refused_even_when_right(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    cheap(monkeypatch)
    staff.add()
    for number in range(10):
        fail(staff, 1, email=email.upper() if number % 2 else email, address=f"192.0.2.{number}")
    with pytest.raises(TooManyTries, match="Wait 5 minutes"):
        staff.sign_in(email, address="192.0.2.99")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="IPv4"),
        pytest.param("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", id="one subscriber's IPv6"),
        pytest.param("192.0.2.7", "::ffff:192.0.2.7", id="IPv4 in IPv6"),
        pytest.param("", "not an address", id="unknown"),
    ],
)
def test_the_eleventh_try_from_an_address_is_refused(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, first: str, then: str
) -> None:
    cheap(monkeypatch)
    staff.add()
    for number in range(10):
        fail(staff, 1, email=f"n{number}@example.org", address=first)
    with pytest.raises(TooManyTries):
        staff.sign_in(address=then)
    assert staff.sign_in(address="198.51.100.1")
    assert staff.sign_in(address="2001:db8:1:3::1")


def test_the_limit_passes_after_five_minutes_and_trying_does_not_lengthen_it(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap(monkeypatch)
    staff.add()
    fail(staff, 10)
    for _ in range(29):
        staff.later(seconds=10)
        with pytest.raises(TooManyTries):
            staff.sign_in()
    assert staff.later(seconds=10).sign_in()


def test_signing_in_rightly_is_not_counted_and_forgives_nothing(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap(monkeypatch)
    staff.add()
    for _ in range(25):
        staff.sign_in()
    fail(staff, 9)
    staff.sign_in()
    fail(staff, 1)
    with pytest.raises(TooManyTries):
        staff.sign_in()


def test_fifty_tries_at_once_count_as_fifty(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap(monkeypatch)
    staff.add()
    outcomes: Counter[str] = Counter()

    def attempt(number: int) -> None:
        try:
            staff.sign_in(password="wrong password here", address=f"10.0.0.{number}")
        except BadInput as error:
            outcomes[type(error).__name__] += 1
        except TooManyTries:
            outcomes["TooManyTries"] += 1

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes.values()) == 50
    assert 0 < outcomes["SignInRefused"] <= limits.MOST


def test_the_log_names_accounts_by_id_only(staff: Staff, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "waymark"):
        owner = staff.add()
        token = staff.sign_in()
        fail(staff, 1)
        fail(staff, 1, email="nobody@example.org")
        actions.set_roles(staff.record, ANN, ["worker"])
        actions.set_password(staff.record, ANN, "five owls are better", staff.now)
        actions.disable(staff.record, ANN, staff.now)
    log = "\n".join(record.getMessage() for record in caplog.records)
    assert f"account {owner} signed in" in log
    assert "sign-in refused: no such account" in log
    for secret in (PASSWORD, "five owls", "wrong password", token, "example.org", "Ann", "192.0.2"):
        assert secret not in log
