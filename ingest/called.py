"""How two rows are called: whether word for word alike, but for whose they are, and who is only said to provide them.

Lists put a provider's name before or behind a service's, in its name or beside it, and where they know of none they
often write the service's name once more.
"""

import re
from dataclasses import replace
from functools import lru_cache

from directory.places.reading import fold
from ingest import name_words, names
from ingest.told import Told

SERVICES = re.compile(r"\bservices\b", re.IGNORECASE)
"""What registers add (`names.REGISTERED_AS`) they add in the singular; lists write either."""


def without_own(one: Told, other: Told) -> tuple[Told, Told]:
    """The two rows, a list's without its provider where that is the service's name again and the other has another.

    "Anchor House" of Anchor House, told of elsewhere as Anchor House of the Anchor Trust, is not two providers'.
    """
    of = {names.key(told.organization) for told in (one, other)} - {""}
    own = _is_its_own(one), _is_its_own(other)
    if len(of) < 2 or own[0] == own[1]:
        return one, other
    return (replace(one, organization=""), other) if own[0] else (one, replace(other, organization=""))


def _is_its_own(told: Told) -> bool:
    """A register knows who provides; a service may be a body of its own there."""
    return not told.official and names.key(told.organization) == names.key(told.name)


def is_one_provider(one: Told, other: Told) -> bool:
    """Whether the providers' names are equal but for brackets and legal forms, whatever their words say."""
    return bool(one.organization) and names.key(one.organization) == names.key(other.organization)


def is_one_name(one: Told, other: Told) -> bool:
    """Whether the names are equal but for legal forms and what registers add, or one was the other's."""
    keys = names.key(one.name), names.key(other.name)
    if _run_together(keys[0]) == _run_together(keys[1]):
        return True
    return keys[0] in _former(other.name) or keys[1] in _former(one.name)


def is_one_part(one: Told, other: Told) -> bool:
    """Whether a list's row is called as another row word for word, areas and plain words too, but for their providers.

    "Anchor Trust - Fife Supported Living" and "Fife Supported Living Service" of that trust. It takes one provider, or
    one phone or postcode: of some 750 names that areas and plain words make in a council and kind of the register of
    2026 six are two providers'.
    """
    if one.official and other.official:
        return False
    of = {names.stem(word) for told in (one, other) for word in names.tokens(told.organization)}
    said = _words(one.name) - of
    return bool(said) and said == _words(other.name) - of


@lru_cache(maxsize=names.KEPT)
def _words(name: str) -> frozenset[str]:
    said = map(names.stem, names.tokens(SERVICES.sub("service", name)))
    return frozenset(said) - name_words.SMALL - {"service"}


@lru_cache(maxsize=names.KEPT)
def _run_together(key: str) -> str:
    return "".join(map(names.stem, key.split()))


@lru_cache(maxsize=names.KEPT)
def _former(name: str) -> frozenset[str]:
    """Keys of both names of "Anchor (formerly Rowan House)"; none of a name that tells only one."""
    parts = [names.key(part) for part in names.TRADING.split(fold(name))]
    return frozenset(filter(None, parts)) if len(parts) > 1 else frozenset()
