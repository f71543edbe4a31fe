"""The key file and what is done with it: no copy of the record, with its backups, tells what is sealed under it.

AES-256-GCM, a random 96-bit nonce a value (NIST SP 800-38D), with table, row and column as additional data: a value
moved to another place cannot be opened. Keys for each purpose are derived from one in the file (HKDF, RFC 5869).
"""

import base64
import binascii
import fcntl
import hmac
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from directory.errors import NotReady, UnusableFile, WaymarkError

VERSION = b"\x01"
NONCE_BYTES, KEY_BYTES = 12, 32


class Unreadable(WaymarkError):
    """A sealed value cannot be opened: it was changed, moved, or sealed under a key that is not here."""

    status = 500


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


def add_key(file: Path) -> str:
    """Adds a new key that nothing is sealed under yet; returns its id. One that was added and waits is taken.

    The file is swapped whole: who is killed on the way leaves the old one. Raises as `open_keys`, UnusableFile.
    """
    with _held(file) as keys:
        if waiting := prepared(keys):
            return waiting
        numbers = [int(own[1:]) for own in keys.masters if re.fullmatch(r"k\d{1,6}", own)]
        own = f"k{max(numbers, default=0) + 1}"
        earlier = {key_id: key for key_id, key in keys.masters.items() if key_id != keys.current}
        new = {own: secrets.token_bytes(KEY_BYTES)}
        _write(file, {**earlier, **new, keys.current: keys.masters[keys.current]})
        return own


def use_newest(file: Path) -> Keys:
    """Makes the key that was added last the one that new things are sealed under. Raises as `add_key`."""
    with _held(file) as keys:
        if newest := prepared(keys):
            rest = {key_id: key for key_id, key in keys.masters.items() if key_id != newest}
            _write(file, {**rest, newest: keys.masters[newest]})
        return open_keys(file)


def prepared(keys: Keys) -> str:
    """A key added and not in use yet: it stands before the current one and has a higher number; "" for none."""
    numbers = {own: int(own[1:]) for own in keys.masters if re.fullmatch(r"k\d{1,6}", own)}
    newest = max(numbers, key=lambda own: numbers[own], default="")
    return newest if newest and newest != keys.current and numbers[newest] > numbers.get(keys.current, 0) else ""


@contextmanager
def _held(file: Path) -> Iterator[Keys]:
    """The keys, while no other process of this machine changes their file: a lock that a killed process lets go."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield open_keys(file)
    finally:
        os.close(folder)


def _write(file: Path, masters: Mapping[str, bytes]) -> None:
    text = "".join(f"{own} {base64.b64encode(key).decode()}\n" for own, key in masters.items())
    new = file.with_name(f"{file.name}.new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(new, file)
    except OSError as error:
        advice = "Run this where the file is kept, as its owner; then give every machine the new file."
        raise UnusableFile(f"The key file {file} cannot be written here.", advice) from error
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True, repr=False)
class Sealer:
    """Seals and opens what belongs together under one key; opens also what was sealed before a rotation."""

    key: bytes
    older: tuple[bytes, ...] = ()

    def seal(self, text: str, table: str, row_id: str, column: str) -> bytes | None:
        """None for an empty text: there is nothing to hide."""
        return sealed(self.key, text.encode(), f"{table}:{row_id}:{column}") if text else None

    def open(self, value: bytes | None, table: str, row_id: str, column: str) -> str:
        """Raises Unreadable when the value was not sealed for this very place."""
        if not value:
            return ""
        place = f"{table}:{row_id}:{column}"
        for key in (self.key, *self.older)[:-1]:
            with suppress(Unreadable):
                return opened(key, value, place).decode()
        return opened((self.key, *self.older)[-1], value, place).decode()


def own_sealer(keys: Keys) -> Sealer:
    """What seals the installation's own: a provider's mailbox, a code on its way."""
    older = [key_id for key_id in reversed(tuple(keys.masters)) if key_id != keys.current]
    return Sealer(keys.derived("own"), tuple(keys.derived("own", key_id) for key_id in older))


def sealed(key: bytes, plain: bytes, place: str) -> bytes:
    """Version, nonce and what AES-GCM makes of it, bound to a place ("table:row:column")."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def opened(key: bytes, value: bytes, place: str) -> bytes:
    """What was sealed for this place. Raises Unreadable."""
    nonce, rest = value[1 : 1 + NONCE_BYTES], value[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, place.encode())
    except (InvalidTag, ValueError):
        raise Unreadable("A sealed field cannot be opened.", "Tell whoever runs this directory.") from None
