"""Passwords: which will do, and how they are kept. argon2id, as OWASP ASVS 5.0 asks (6.2, 11.4.2).

A hash takes some 0.3 s of processor and 64 MiB, so callers that serve others run it in a thread, a few at a time.
"""

import re
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher, profiles
from argon2.exceptions import Argon2Error, InvalidHashError

from directory.errors import BadInput

LEAST, LONGEST = 12, 128
"""Characters. No rule asks for figures or signs: length is what helps (ASVS 6.2.5, NIST SP 800-63B)."""
OWN_NAME = "waymark"
PARAMETERS = profiles.RFC_9106_LOW_MEMORY
"""RFC 9106, second recommendation: 3 passes, 64 MiB, 4 lanes; above the least that ASVS takes (12 MiB at 3 passes)."""
NOBODY = "$argon2id$v={}$m={},t={},p={}${}${}".format(
    PARAMETERS.version, PARAMETERS.memory_cost, PARAMETERS.time_cost, PARAMETERS.parallelism, "A" * 22, "A" * 43
)
"""A hash that no password of anybody's gives, for a user name we do not know: it takes as long to be refused."""

_HASHER = PasswordHasher.from_parameters(PARAMETERS)
_LOOKALIKES = str.maketrans("@401!35$7", "aaoiiesst")
_RUNS = ("0123456789" * 14, "9876543210" * 14, "abcdefghijklmnopqrstuvwxyz" * 6, "zyxwvutsrqponmlkjihgfedcba" * 6)
_ROUND_IT = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_REPEATED = re.compile(r"(.{1,4}?)\1+.{0,3}", re.DOTALL)


def hashed(password: str) -> str:
    """What is kept of a password: parameters, salt and argon2id hash."""
    return _HASHER.hash(_bytes(password))


def is_right(kept: str | None, password: str) -> bool:
    """Whether a password is the one kept; takes as long when nothing is kept, and is then False."""
    try:
        return _HASHER.verify(kept or NOBODY, _bytes(password)) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def check(password: str, email: str) -> None:
    """Raises BadInput unless this will do as the password of the account `email`. Never repeats any of it."""
    if len(password) < LEAST:
        raise _refused(f"The password has {len(password)} characters.", f"Use {LEAST} or more; four words will do.")
    if len(password) > LONGEST:
        raise _refused(f"The password has {len(password):,} characters.", f"Use {LONGEST} or fewer.")
    if any(0xD800 <= ord(sign) <= 0xDFFF for sign in password):
        raise _refused("The password cannot be read.", "Use letters, figures, signs and blanks, in UTF-8.")
    folded, user_name = password.casefold(), email.casefold()
    own = user_name.partition("@")[0]
    if OWN_NAME in folded or user_name in folded or (len(own) >= 4 and own in folded):
        raise _refused(
            "The password holds the e-mail address or the name of this directory.",
            "Use words that have to do with neither.",
        )
    if _is_common(folded):
        raise _refused("The password is one that is tried first.", "Use four words that nobody would put together.")


def _is_common(folded: str) -> bool:
    bare = _ROUND_IT.sub("", folded)
    if {folded, bare, bare.translate(_LOOKALIKES), _ROUND_IT.sub("", folded.translate(_LOOKALIKES))} & _common():
        return True
    return _REPEATED.fullmatch(folded) is not None or any(folded in run for run in _RUNS)


@cache
def _common() -> frozenset[str]:
    text = files("directory.accounts").joinpath("data", "common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def _refused(message: str, advice: str) -> BadInput:
    return BadInput(message, advice, field="password")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
