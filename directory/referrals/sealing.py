"""Seals what is personal: a copy of the record without the key file tells nothing, and erasing a key erases all.

AES-256-GCM, a random 96-bit nonce a value (NIST SP 800-38D), with table, row and column as additional data: a value
moved to another place cannot be opened. Each subject has a key of its own, wrapped by one in the key file, which is no
part of the record or its backups.
"""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from directory.errors import NotReady, UnusableFile, WaymarkError
from directory.referrals.tables import Subject

VERSION = b"\x01"
NONCE_BYTES, KEY_BYTES = 12, 32
OWN = ""
"""Subject of what is sealed under the installation's own key: mailboxes, not people."""


class Unreadable(WaymarkError):
    """A sealed value cannot be opened: it was changed, moved, or sealed under a key that is not here."""

    status = 500


class Erased(WaymarkError):
    """The subject's key is destroyed: nothing of theirs can be read again."""

    status = 410


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The key file, read: keys by id, and the id of the one that new things are sealed under."""

    current: str
    masters: Mapping[str, bytes]
    _derived: dict[tuple[str, str], bytes] = field(default_factory=dict, compare=False)

    def derived(self, purpose: str, key_id: str = "") -> bytes:
        """A key for one purpose only ("wrap", "own", "audit", "code"). Raises Unreadable for an id not in the file."""
        own = key_id or self.current
        if own not in self.masters:
            raise Unreadable("The key file does not hold the key this was sealed under.", "Restore that key file.")
        if (own, purpose) not in self._derived:
            kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"waymark {purpose}".encode())
            self._derived[own, purpose] = kdf.derive(self.masters[own])
        return self._derived[own, purpose]

    def mac(self, purpose: str, text: str, key_id: str = "") -> str:
        """HMAC-SHA-256 in hexadecimal under a key for one purpose."""
        return hmac.new(self.derived(purpose, key_id), text.encode(), sha256).hexdigest()


def open_keys(file: Path) -> Keys:
    """The key file. Raises NotReady when it is not there, UnusableFile when it is not one of ours."""
    try:
        lines = file.read_text(encoding="ascii").split("\n")
    except FileNotFoundError:
        raise NotReady(f"There is no key file at {file}.", "Run `waymark setup`, or restore it.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFile(f"The key file {file} cannot be read.", "Restore it from where you keep it.") from error
    masters: dict[str, bytes] = {}
    for line in filter(None, (line.strip() for line in lines)):
        key_id, _, text = line.partition(" ")
        try:
            masters[key_id] = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            masters[key_id] = b""
    if not masters or any(len(key) != KEY_BYTES for key in masters.values()):
        raise UnusableFile(f"{file} is no key file of Waymark.", "Restore it from where you keep it.")
    return Keys(next(reversed(masters)), masters)


def make_keys(file: Path) -> bool:
    """Makes the key file when there is none, readable by its owner alone; says whether it did."""
    line = f"k1 {base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(line)
        out.flush()
        os.fsync(out.fileno())
    return True


def new_subject_key(keys: Keys, subject_id: str) -> tuple[bytes, str]:
    """A subject's new key, wrapped, and the id of the key it is wrapped by."""
    return _sealed(keys.derived("wrap"), secrets.token_bytes(KEY_BYTES), f"subject:{subject_id}"), keys.current


@dataclass(frozen=True, slots=True, repr=False)
class Sealer:
    """Seals and opens what is one subject's."""

    key: bytes

    def seal(self, text: str, table: str, row_id: str, column: str) -> bytes | None:
        """None for an empty text: there is nothing to hide."""
        return _sealed(self.key, text.encode(), f"{table}:{row_id}:{column}") if text else None

    def open(self, value: bytes | None, table: str, row_id: str, column: str) -> str:
        """Raises Unreadable when the value was not sealed for this very place."""
        return _opened(self.key, value, f"{table}:{row_id}:{column}").decode() if value else ""


def sealer(keys: Keys, subject: Subject) -> Sealer:
    """What seals this subject's fields. Raises Erased, Unreadable."""
    if subject.wrapped_key is None:
        raise Erased("What we held about this person has been erased.", "Only codes and dates remain.")
    return Sealer(_opened(keys.derived("wrap", subject.key_id), subject.wrapped_key, f"subject:{subject.id}"))


def own_sealer(keys: Keys) -> Sealer:
    """What seals the installation's own: a provider's mailbox, a code on its way."""
    return Sealer(keys.derived("own"))


def _sealed(key: bytes, plain: bytes, place: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def _opened(key: bytes, value: bytes, place: str) -> bytes:
    nonce, sealed = value[1 : 1 + NONCE_BYTES], value[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, place.encode())
    except (InvalidTag, ValueError):
        raise Unreadable("A sealed field cannot be opened.", "Tell whoever runs this directory.") from None
