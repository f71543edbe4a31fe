"""Who may do what: nobody without a role, nothing by a misspelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.accounts import policy
from directory.accounts.policy import User
from directory.errors import BadInput, Forbidden, NotSignedIn

STAFF = ("worker", "supervisor", "editor", "admin", "analyst", "auditor", "liaison")
ROLES = (*STAFF, "partner")
EXPECTED = {
    "account.own": set(ROLES),
    "partner.work": {"partner"},
    "staff.home": set(STAFF),
    "taxonomy.view": {"worker", "supervisor", "editor", "auditor"},
    "taxonomy.edit": {"editor"},
    "accounts.manage": {"admin"},
    "gaps.view": {"editor", "analyst"},
    "services.view": set(STAFF) - {"liaison"},
    "services.assure": {"worker", "supervisor", "editor"},
    "sources.view": {"supervisor", "editor", "admin", "analyst", "auditor"},
    "sources.edit": {"editor", "admin"},
    "cases.work": {"worker", "supervisor"},
    "cases.supervise": {"supervisor"},
    "mailboxes.propose": {"worker", "supervisor", "editor"},
    "mailboxes.approve": {"supervisor", "editor"},
    "mail.view": {"supervisor", "admin", "auditor"},
    "mail.stop": {"supervisor", "admin"},
    "audit.view": {"auditor"},
    "agency.work": {"liaison"},
    "retention.run": {"admin"},
    "services.edit": {"editor"},
    "services.approve": {"supervisor", "editor"},
    "lookups.view": {"supervisor", "auditor"},
    "settings.view": {"supervisor", "admin", "auditor"},
    "settings.change": {"admin"},
    "wording.approve": {"supervisor", "admin"},
    "registrations.view": {"worker", "supervisor", "editor"},
    "registrations.check": {"worker", "supervisor", "editor"},
    "registrations.approve": {"supervisor", "editor"},
}


def a_user(*roles: str) -> User:
    return User("u1", "Ann Example", frozenset(roles))


def test_the_table_has_these_roles_and_permissions() -> None:
    assert tuple(policy.roles()) == ROLES
    assert policy.permissions() == EXPECTED.keys()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("permission", EXPECTED)
def test_each_role_may_do_what_the_table_says_and_no_more(role: str, permission: str) -> None:
    user, allowed = a_user(role), role in EXPECTED[permission]
    assert policy.may(user, permission) is allowed
    if allowed:
        assert policy.check(user, permission) is user
    else:
        with pytest.raises(Forbidden):
            policy.check(user, permission)


@pytest.mark.parametrize("permission", EXPECTED)
def test_nobody_may_do_anything_before_signing_in(permission: str) -> None:
    assert not policy.may(None, permission)
    with pytest.raises(NotSignedIn):
        policy.check(None, permission)


@given(st.frozensets(st.sampled_from([*ROLES, "owner", "", "EDITOR"])), st.sampled_from(sorted(EXPECTED)))
def test_more_roles_never_take_a_permission_away_and_unknown_ones_give_none(
    roles: frozenset[str], permission: str
) -> None:
    assert policy.may(a_user(*roles), permission) is bool(roles & EXPECTED[permission])


@pytest.mark.parametrize("user", [None, a_user("admin")])
def test_a_misspelt_permission_is_a_mistake_of_ours(user: User | None) -> None:
    with pytest.raises(ValueError, match=r"taxonomy\.edits"):
        policy.may(user, "taxonomy.edits")


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        pytest.param([], "needs a role", id="none"),
        pytest.param(["boss"], "no role 'boss'", id="unknown"),
        pytest.param(["editor", ""], "no role ''", id="empty"),
        pytest.param(["Editor"], "no role 'Editor'", id="large letter"),
    ],
)
def test_roles_are_checked(roles: list[str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        policy.known_roles(roles)
