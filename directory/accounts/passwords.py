"""Passwords: which will do, and how they are kept. argon2id, as OWASP ASVS 5.0 asks (6.2, 11.4.2).

A hash takes some 0.3 s of processor and 64 MiB, so callers that serve others run it in a thread, a few at a time.
"""

import re
from collections.abc import Sequence

from argon2 import PasswordHasher, profiles
from argon2.exceptions import Argon2Error, InvalidHashError

from directory.errors import BadInput

LEAST, LONGEST = 12, 128
"""Characters. No rule asks for figures or signs: length is what helps (ASVS 6.2.5, NIST SP 800-63B)."""
JUDGED = 72
"""Characters looked at for how easily a password is guessed: that takes longer and longer with more of them."""
LEAST_SCORE = 3
"""Of zxcvbn's 0 to 4: "safely unguessable", more than 10^8 guesses."""
LEAST_CORE = 2
"""The same of what stands between figures and signs."""
WEAKNESSES = {
    "passwords": "it is close to one that many people use",
    "user_inputs": "much of it is your name or your address",
    "english_wikipedia": "it is one common word, or a few of the commonest",
    "us_tv_and_film": "it is one common word, or a few of the commonest",
    "male_names": "it is mostly a name",
    "female_names": "it is mostly a name",
    "surnames": "it is mostly a name",
    "spatial": "it follows a row of keys",
    "repeat": "it says the same again and again",
    "sequence": "it counts, or goes through the alphabet",
    "regex": "it is mostly a year",
    "date": "it is mostly a date",
}
"""By zxcvbn's pattern or list of words."""
OWN_NAME = "waymark"
PARAMETERS = profiles.RFC_9106_LOW_MEMORY
"""RFC 9106, second recommendation: 3 passes, 64 MiB, 4 lanes; above the least that ASVS takes (12 MiB at 3 passes)."""
NOBODY = "$argon2id$v={}$m={},t={},p={}${}${}".format(
    PARAMETERS.version, PARAMETERS.memory_cost, PARAMETERS.time_cost, PARAMETERS.parallelism, "A" * 22, "A" * 43
)
"""A hash that no password of anybody's gives, for a user name we do not know: it takes as long to be refused."""

_HASHER = PasswordHasher.from_parameters(PARAMETERS)
_ROUND_IT = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_PARTS = re.compile(r"[^\W\d_]{3,}")


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


def check(password: str, email: str, full_name: str = "") -> None:
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
    weakness = _weakness(password, [OWN_NAME, user_name, *_PARTS.findall(f"{user_name} {full_name.casefold()}")])
    if weakness:
        raise _refused(f"The password is easy to guess: {weakness}.", "Use four words that nobody would put together.")


def _weakness(password: str, own_words: list[str]) -> str:
    """What makes a password quick to guess, in words; "" for one that is not (Wheeler, USENIX Security 2016).

    What stands between figures and signs is looked at by itself as well, where it is half or more of the whole, and
    what is left without one's own words: zxcvbn thinks well of "Summer2024!!" and "Ann Reid 1985", and guessers try
    just that.
    """
    core, left = _ROUND_IT.sub("", password), password.casefold()
    for word in own_words:
        left = left.replace(word, "")
    if len(left) < len(password) and _quick(left, (), LEAST_SCORE):
        return WEAKNESSES["user_inputs"]
    return _quick(password, own_words, LEAST_SCORE) or (
        _quick(core, own_words, LEAST_CORE) if 2 * len(core) >= len(password) else ""
    )


def _quick(text: str, own_words: Sequence[str], least: int) -> str:
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # its lists of words load for whoever sets a password

    found = zxcvbn(text[:JUDGED], user_inputs=own_words)
    if found["score"] >= least:
        return ""
    known = [part for part in found["sequence"] if part["pattern"] != "bruteforce"]
    most = max(known, key=lambda part: len(part["token"]), default={"pattern": "bruteforce"})
    return WEAKNESSES.get(most.get("dictionary_name", most["pattern"]), "it holds too little that nobody knows")


def _refused(message: str, advice: str) -> BadInput:
    return BadInput(message, advice, field="password")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
