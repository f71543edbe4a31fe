"""The next best doors: what a referral asks for without knowing the matcher (architecture.md, decision 4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Alternative:
    """A service that may help instead, and why, as the matcher said it at the time."""

    service_id: str
    name: str
    organization: str
    score: float
    reasons: tuple[str, ...] = ()
    ask_first: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "service_id": self.service_id,
            "name": self.name,
            "organization": self.organization,
            "score": round(self.score, 2),
            "reasons": list(self.reasons),
            "ask_first": list(self.ask_first),
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked: a case's facts as the matcher takes them (no words, no name), for one need; and who is out."""

    given: Mapping[str, Any]
    need: str
    without: frozenset[str] = field(default_factory=frozenset)
    """Ids of services and organizations that must not be among them."""
    unlike: str = ""
    """Id of a service that said another kind of help fits better: those of another main family come first."""


class NextBest(Protocol):
    """Supplied by `runtime` from the matcher; a test gives its own."""

    def __call__(self, wanted: Wanted, most: int = 5) -> tuple[Alternative, ...]:
        """Best first; empty when the matcher knows none. Raises NotReady when it cannot be asked now."""
        ...

    def eligible(self, wanted: Wanted, service_id: str) -> tuple[bool, tuple[str, ...]]:
        """Whether the service takes this person, and the reasons against, in words. Raises NotReady, NotFound."""
        ...

    def snapshot(self, service_id: str) -> Mapping[str, Any]:
        """The service as it is shown now, to be frozen in a referral. Raises NotFound, NotReady."""
        ...

    def missing(self, session: Session, council: str, need: str, at: datetime) -> None:
        """Counts, in the caller's transaction, that a need (its code) could not be met in a council area."""
        ...


def without(found: Collection[Alternative], excluded: Collection[str]) -> tuple[Alternative, ...]:
    """Those that are not excluded: asked again whenever kept ones are shown, for exclusions come later too."""
    return tuple(each for each in found if each.service_id not in excluded)
