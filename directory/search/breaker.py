"""Stops asking a server that does not answer, so that readers are not kept waiting for it one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field

Seconds = Callable[[], float]
"""A clock that only goes forward (time.monotonic)."""


@dataclass(slots=True)
class Breaker:
    """Closed: everything passes. After `failures` in a row it opens, and lets one question through every `rest`
    seconds; the first answer closes it again."""

    now: Seconds
    failures: int = 3
    rest: float = 5.0
    _failed: int = field(default=0, init=False)
    _next_try: float = field(default=0.0, init=False)

    @property
    def is_open(self) -> bool:
        return self._failed >= self.failures

    def may_ask(self) -> bool:
        """Whether to ask now. When open, a yes is a try: the next comes after another rest."""
        if not self.is_open:
            return True
        if self.now() < self._next_try:
            return False
        self._next_try = self.now() + self.rest
        return True

    def answered(self) -> None:
        """The server answered, if only to say no."""
        self._failed = 0

    def failed(self) -> None:
        """The server could not be reached, or did not answer in time."""
        self._failed += 1
        self._next_try = self.now() + self.rest
