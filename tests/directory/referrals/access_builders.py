"""Members of staff with accounts of their own: `staff(loop, "supervisor")` is a `Who`."""

from dataclasses import replace
from uuid import uuid4

from directory.accounts import policy
from directory.accounts.tables import Account, AccountRole
from directory.referrals import case_access, case_blocks
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop
from tests.directory.referrals.builders import ask


def staff(loop: Loop, role: str = "worker", disabled: bool = False) -> Who:
    """Somebody new, signed in."""
    own, at = str(uuid4()), loop.clock()
    with loop.database.session() as session:
        session.add(
            Account(
                id=own, email=f"{own}@example.org", full_name=f"Ann {own[:4]}", password_hash="none",
                password_set_at=at, created_at=at, disabled_at=at if disabled else None,
            )
        )  # fmt: skip
        session.flush()
        session.add(AccountRole(account_id=own, role=role))
    supervises = policy.may(policy.User(own, "", frozenset({role})), "cases.supervise")
    return Who(Actor.SUPERVISOR if supervises else Actor.WORKER, own, frozenset({role}), session=own.replace("-", ""))


def again(who: Who) -> Who:
    """The same person in another session."""
    return replace(who, session=str(uuid4()))


def kept_from(loop: Loop, case_id: str, who: Who, by: Who) -> str:
    """A case kept from somebody; the block's id."""
    return str(case_blocks.block(loop, ask(loop, by), case_id, who.id, "neighbour")["id"])


def looked(loop: Loop, case_id: str, who: Who, purpose: str = "cover", line: str = "") -> None:
    """Somebody who is not on a case said why they open it."""
    case_access.say_why(loop, ask(loop, who), case_id, purpose, line)
