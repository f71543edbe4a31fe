"""The next best doors as the matcher knows them: what a referral asks for (`referrals.next_best`), answered here.

A referral's actions are not asynchronous and run in worker threads; the matcher is, and its connections belong to one
event loop. So a question is handed to the loop that the thread belongs to; a command, which has none, gets one.
"""

import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from anyio import NoEventLoopError, from_thread
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.clock import Clock
from directory.errors import NotFound, NotReady
from directory.matching import answers, explain, gaps, situation
from directory.matching.candidate import Row
from directory.matching.eligibility_facts import Verdict, facts
from directory.matching.enquiry import Enquiry
from directory.matching.fit import FitTable
from directory.matching.results import Match, MatchResult
from directory.matching.tables import Gap
from directory.opening import day_of
from directory.referrals.next_best import Alternative, Wanted
from directory.search.columns import pack
from directory.search.document import ServiceDocument
from directory.search.index import SearchIndex
from directory.values import Visibility
from taxonomy.words import Understanding

Answer = TypeVar("Answer")
REALLY_HELPS = 0.6
"""Least fit to the need alone: a service that is good for what else was said is no next door for this need."""
REASONS = 4
AT_ONCE = 8
"""Questions that wait for the matcher at a time: each holds one of the server's 40 threads."""
WAIT_SECONDS = 5.0
OF_A_PLACE = ("phone", "text_or_chat", "url", "address", "city", "postal_code", "schools", "opening_hours")
"""What a snapshot of a withheld service never holds."""


class Asked(Protocol):
    """Whom the matcher is asked through: `runtime.Runtime`."""

    index: SearchIndex

    @property
    def clock(self) -> Clock: ...

    def enquiry(self, text: str, given: Mapping[str, object] | None = None) -> tuple[Enquiry, Understanding]: ...

    async def match(self, text: str, given: Mapping[str, object] | None = None) -> MatchResult: ...

    def run(self, ask: Callable[..., Awaitable[Answer]], *args: Any) -> Answer: ...


@dataclass(frozen=True, slots=True)
class NextDoors:
    """A `referrals.next_best.NextBest` over a running installation."""

    runtime: Asked
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    def __call__(self, wanted: Wanted, most: int = 5) -> tuple[Alternative, ...]:
        """Best first. Raises NotReady, and BadInput when nothing is known of the person."""
        given = _given(wanted)
        enquiry, _ = self.runtime.enquiry("", given)
        found, unlike = self._ask(self._matches, given, wanted.unlike)
        fits = FitTable(situation.understand(_need_alone(enquiry, wanted.need)))
        doors = [
            match
            for match in found
            if match.service.id not in wanted.without and _meets(match.service, wanted.need, fits)
        ]
        if unlike is not None and unlike.families:
            doors.sort(key=lambda match: match.service.families[:1] == unlike.families[:1])  # stable: the rank stays
        home = enquiry.residence.name if enquiry.residence else ""
        return tuple(_alternative(match, home) for match in doors[:most])

    def eligible(self, wanted: Wanted, service_id: str) -> tuple[bool, tuple[str, ...]]:
        """False with what does not fit; True with what must be asked first. Raises NotFound, NotReady, BadInput."""
        enquiry, _ = self.runtime.enquiry("", _given(wanted))
        said = facts(self._service(service_id), situation.understand(enquiry))
        against = tuple(fact.sentence for fact in said if fact.verdict is Verdict.DOES_NOT_FIT)
        unsure = tuple(fact.sentence for fact in said if fact.verdict is Verdict.NOT_STATED)
        return not against, against or unsure

    def snapshot(self, service_id: str) -> Mapping[str, Any]:
        """As JSON and match pages say it, with how the facts are known. Raises NotFound, NotReady."""
        service = self._service(service_id)
        told = answers.service_json(service)
        if service.visibility is Visibility.UNDISCLOSED:
            told = {name: value for name, value in told.items() if name not in OF_A_PLACE}
        elif service.visibility is Visibility.AREA_ONLY:
            told = {name: value for name, value in told.items() if name not in ("address", "city", "postal_code")}
        now = self.runtime.clock()
        return {**told, "freshness": explain.freshness(service, day_of(now)), "seen_at": now.isoformat()}

    def missing(self, session: Session, council: str, need: str, at: datetime) -> None:
        """One more of the week's dead ends in a council area (`matching.gaps`), in the caller's transaction."""
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        insert: Any = dialect.insert(Gap)
        keys = [Gap.council_gss, Gap.need, Gap.week]
        row = {"council_gss": council, "need": f"need/{need}", "week": gaps.week_of(at), "count": 1}
        session.execute(insert.on_conflict_do_update(index_elements=keys, set_={"count": Gap.count + 1}), [row])

    def _service(self, service_id: str) -> ServiceDocument:
        found = self._ask(self.runtime.index.get, service_id)
        if found is None:
            raise NotFound("The directory does not have this service as open.", "Choose another one.")
        return found

    async def _matches(
        self, given: Mapping[str, object], unlike: str
    ) -> tuple[tuple[Match, ...], ServiceDocument | None]:
        result = await self.runtime.match("", given)
        return result.matches, await self.runtime.index.get(unlike) if unlike else None

    def _ask(self, ask: Callable[..., Awaitable[Answer]], *args: Any) -> Answer:
        async def asked() -> Answer:
            return await ask(*args)

        try:
            from_thread.check_cancelled()
        except NoEventLoopError:  # a command
            return self.runtime.run(asked)
        with self._turn():
            return from_thread.run(asked)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Never all threads at once: answers from the record need one as well, and would wait for ever."""
        if not self._turns.acquire(timeout=WAIT_SECONDS):
            raise NotReady("The matcher has too much to do just now.", "Try again in a moment.")
        try:
            yield
        finally:
            self._turns.release()


def _given(wanted: Wanted) -> dict[str, object]:
    """The person's facts, with this need alone."""
    return {**wanted.given, "needs": [wanted.need]}


def _need_alone(enquiry: Enquiry, need: str) -> Enquiry:
    return replace(enquiry, needs=(need,), harms=(), groups=(), names=())


def _meets(service: ServiceDocument, need: str, fits: FitTable) -> bool:
    return need in service.needs or fits.of(Row(**pack(service), text=0.0)).value >= REALLY_HELPS


def _alternative(match: Match, home: str) -> Alternative:
    """What is kept of a match: no distance, and no sentence that names their home; those would tell where they live."""
    said = [reason.sentence for reason in match.reasons if reason.signal != "distance"]
    kept = tuple(sentence for sentence in said if not home or f" {home} lies" not in sentence)
    service = match.service
    return Alternative(
        service.id, service.name, service.organization, match.score, kept[:REASONS], (*match.ask_first, *match.cautions)
    )
