"""One round of what the loop does by itself: messages, timers, seals, evidence, retention. Each is claimed on its own.

`waymark work` goes round again and again; `waymark serve` does when no worker runs on this machine.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from directory.errors import NotReady, WaymarkError
from directory.referrals import audit_chain, erasing, policy, retention, sending, sweeps
from directory.referrals.loop import Loop
from directory.referrals.sending import Outgoing
from directory.referrals.tables import Notice

LOG = logging.getLogger("waymark.referrals")
LOOK_S = 1.0
"""Between two looks: somebody waits at a link for the code."""
SEAL_EVERY = timedelta(seconds=5)
HEAD_EVERY = timedelta(hours=1)
REPLAY_EVERY = timedelta(minutes=1)
RETENTION_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a round works with. `outgoing`: how letters leave here."""

    loop: Loop
    outgoing: Callable[[], Outgoing]
    home: Path
    also: tuple[Callable[[Loop], Iterator[str]], ...] = ()
    """More of a round, of packages above this one: each claims what it does, and says in a line what came of it."""

    def look(self) -> Iterator[str]:
        """Does all that is due now, and says in a line what came of it. Raises NotReady when the record is lost."""
        drained = anyio.run(self._drain)
        if drained.letters or drained.failed or drained.refused:
            yield f"{drained.letters} letters handed over, {drained.refused} not to leave, {drained.failed} failed."
        swept = sweeps.sweep(self.loop)
        if swept:
            yield f"{swept}."
        self._seal()
        yield from self._head()
        yield from self._replay()
        yield from self._retention()
        for part in self.also:
            yield from part(self.loop)

    def waits(self) -> bool:
        """Whether a letter could leave now, or a sweep is due."""
        return sweeps.is_due(self.loop) or self._letters_wait()

    async def _drain(self) -> sending.Drained:
        outgoing = self.outgoing()
        try:
            return await sending.drain(self.loop, outgoing)
        finally:
            await outgoing.postman.close()

    def _letters_wait(self) -> bool:
        waiting = (Notice.settled_at.is_(None), Notice.due_at <= self.loop.clock())
        with self.loop.database.reading() as session:
            return session.scalar(select(Notice.id).where(*waiting).limit(1)) is not None

    def _seal(self) -> None:
        with sweeps.claimed(self.loop, "seal", SEAL_EVERY) as ours:
            if ours:
                audit_chain.seal_all(self.loop)

    def _head(self) -> Iterator[str]:
        with sweeps.claimed(self.loop, "head", HEAD_EVERY) as ours:
            if not ours:
                return
            try:
                audit_chain.export_head(self.loop, self.home)
            except WaymarkError as error:  # a file that cannot be read keeps no letter waiting
                yield str(error)

    def _replay(self) -> Iterator[str]:
        with sweeps.claimed(self.loop, "replay", REPLAY_EVERY) as ours:
            if not ours:
                return
            try:
                again = erasing.replay(self.loop, self.home)
            except WaymarkError as error:
                yield str(error)
            else:
                if again:
                    yield f"{again} people were erased again: a backup had brought them back."

    def _retention(self) -> Iterator[str]:
        try:
            self.loop.policy.check(policy.TO_ERASE)
        except NotReady:  # the adopter has not agreed its schedule: nothing is erased
            return
        with sweeps.claimed(self.loop, "retention", RETENTION_EVERY) as ours:
            if not ours:
                return
            try:
                erased = retention.run(self.loop, self.home)
            except WaymarkError as error:
                yield str(error)
            else:
                if any(erased.counts.values()):
                    yield f"Kept no longer: {erased}."


@contextmanager
def beside(rounds: Callable[[], Rounds], is_alone: Callable[[], bool]) -> Iterator[None]:
    """For the length of the block, goes round whenever something waits and no worker runs."""
    over = threading.Event()

    def go() -> None:
        while not over.wait(LOOK_S):
            with suppress(WaymarkError, DBAPIError):  # the record is away or busy, or the loop is not set up yet
                if is_alone() and (own := rounds()).waits():
                    for line in own.look():
                        LOG.info("%s", line)

    thread = threading.Thread(target=go, daemon=True, name="rounds")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
