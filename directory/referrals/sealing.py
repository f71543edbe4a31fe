"""Each subject has a key of its own, wrapped by one in the key file: erasing a key erases all that is sealed under it.

How a value is sealed, and the key file, are `directory.keys`, whose names stand here too.
"""

import secrets

from directory.errors import WaymarkError
from directory.keys import KEY_BYTES, Keys, Sealer, Unreadable, make_keys, open_keys, opened, own_sealer, sealed
from directory.referrals.tables import Subject

__all__ = ("OWN", "Erased", "Keys", "Sealer", "Unreadable", "make_keys", "new_subject_key", "open_keys", "own_sealer")

OWN = ""
"""Subject of what is sealed under the installation's own key: mailboxes, not people."""


class Erased(WaymarkError):
    """The subject's key is destroyed: nothing of theirs can be read again."""

    status = 410


def new_subject_key(keys: Keys, subject_id: str) -> tuple[bytes, str]:
    """A subject's new key, wrapped, and the id of the key it is wrapped by."""
    return sealed(keys.derived("wrap"), secrets.token_bytes(KEY_BYTES), f"subject:{subject_id}"), keys.current


def sealer(keys: Keys, subject: Subject) -> Sealer:
    """What seals this subject's fields. Raises Erased, Unreadable."""
    return unwrapped(keys, subject.id, subject.wrapped_key, subject.key_id)


def unwrapped(keys: Keys, subject_id: str, wrapped_key: bytes | None, key_id: str) -> Sealer:
    """The same from a subject's columns. Raises Erased, Unreadable."""
    if wrapped_key is None:
        raise Erased("What we held about this person has been erased.", "Only codes and dates remain.")
    return Sealer(opened(keys.derived("wrap", key_id), wrapped_key, f"subject:{subject_id}"))
