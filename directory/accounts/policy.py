"""Who may do what: the one function that every staff page asks, over the table data/roles.csv."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from directory.errors import BadInput, Forbidden, NotSignedIn
from taxonomy import committed

PARTNER = "partner"
"""The role of a partner's people: never beside a role of staff, never without a second factor."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role of data/roles.csv."""

    code: str
    label: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class User:
    """Who is signed in."""

    id: str
    full_name: str
    roles: frozenset[str]
    single_keys: bool = True
    """Whether single letters do things on staff pages (WCAG 2.1.4: they can be switched off)."""


@cache
def roles() -> Mapping[str, Role]:
    """Every role by its code, in the table's order."""
    return {
        row["role"]: Role(row["role"], row["label"], frozenset(row["permissions"].split()))
        for row in committed.rows("directory.accounts", "roles.csv")
    }


@cache
def permissions() -> frozenset[str]:
    """Every permission that some role gives."""
    return frozenset().union(*(role.permissions for role in roles().values()))


@cache
def said(permission: str) -> str:
    """What a permission lets people do, in words (data/permissions.csv); the permission itself when none are known."""
    rows = committed.rows("directory.accounts", "permissions.csv")
    return next((row["label"] for row in rows if row["permission"] == permission), permission)


def may(user: User | None, permission: str) -> bool:
    """Whether this person may do this; nobody may do anything before signing in.

    A role the table no longer knows gives nothing. Raises ValueError for a permission that no role gives: a misspelt
    one would otherwise lock a page for ever without a word.
    """
    if permission not in permissions():
        raise ValueError(f"no role in data/roles.csv gives {permission!r}")
    if user is None:
        return False
    return any(permission in roles()[code].permissions for code in user.roles if code in roles())


def check(user: User | None, permission: str) -> User:
    """The user, when they may do this. Raises NotSignedIn, Forbidden."""
    allowed = may(user, permission)
    if user is None:
        raise NotSignedIn("This page is for staff.", "Sign in to see it.")
    if not allowed:
        raise Forbidden("Your role does not allow this.", "Ask an administrator of this directory if you need it.")
    return user


def known_roles(codes: Iterable[str]) -> frozenset[str]:
    """These roles, each checked. Raises BadInput for none at all, and for one that is not in the table."""
    chosen = frozenset(codes)
    choices = f"Choose from: {', '.join(roles())}."
    if not chosen:
        raise BadInput("An account needs a role.", choices, field="role")
    unknown = sorted(chosen - roles().keys())
    if unknown:
        raise BadInput(f"There is no role {unknown[0]!r}.", choices, field="role")
    if PARTNER in chosen and len(chosen) > 1:
        raise BadInput("A partner’s account holds no other role.", "They need another account for that.", field="role")
    return chosen


def check_apart(before: Iterable[str], after: Iterable[str]) -> None:
    """Raises BadInput when a partner's account would become one of staff, or one of staff a partner's: what the one
    was let into must not come to the other."""
    if before and (PARTNER in before) is not (PARTNER in after):
        raise BadInput("A partner’s account and one of staff stay apart.", "They need another account.", field="role")


def needs_factor(roles: Iterable[str]) -> bool:
    """Whether who holds these must have a second factor, whatever is asked of others."""
    return PARTNER in roles
