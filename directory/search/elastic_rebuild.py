"""A new index beside the live one, filled, counted and swapped in one step; the one before is kept as the way back.

    waymark                            an alias: what readers ask
    waymark-previous                   an alias: the way back
    waymark-vVERSION-TIME              the indices themselves; one with neither alias is half-made

Killed at any step, readers keep the old index or have the new one. Half-made ones of the last hours may belong to a
rebuild that still runs; older ones are swept.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from directory.errors import NotReady
from directory.search import elastic_errors, elastic_mapping
from directory.search.document import ServiceDocument
from directory.search.elastic_bulk import Pause, Sender, writing
from directory.search.elastic_client import Connection

BATCH = 500
"""Documents sent at a time: about 1 MB."""
IN_FLIGHT = 2
"""Batches the server may have before it: more only wait in its queue."""
EXPUNGE_TRIES, EXPUNGE_PAUSE = 10, 5.0
"""Seconds between; see `Generations.expunge`."""
HALF_MADE_KEPT = timedelta(hours=6)

LOG = logging.getLogger("waymark.search")


class Generations:
    """The indices of one alias."""

    def __init__(self, connection: Connection, pause: Pause = asyncio.sleep) -> None:
        self.alias = connection.server.index
        self.previous = f"{self.alias}-previous"
        self.sender = Sender(connection, pause)
        self._connection = connection
        self._pause = pause

    async def live(self) -> str:
        """The live index's name. Raises NotReady when there is none, or it is of another version of Waymark."""
        found = (await self._aliases()).get(self.alias, [])
        if len(found) != 1:
            raise elastic_errors.no_index()
        check_version(found[0])
        return found[0]

    async def rebuild(self, documents: Iterable[ServiceDocument], position: int, at: datetime) -> int:
        """All active documents into a new index, then swapped; returns how many it holds.

        Whatever `documents` raises passes through; then, and on NotReady, the half-made index is deleted.
        """
        name = elastic_mapping.index_name(self.alias, at)
        with self._connection.asking():
            await self._connection.patient.indices.create(
                index=name,
                settings={**elastic_mapping.settings(), "refresh_interval": "-1"},
                mappings=elastic_mapping.mapping(),
            )
        try:
            count = await self._fill(name, documents, position)
            await self._swap(name)
        except BaseException:
            with suppress(NotReady):
                await self._delete(name)
            raise
        await self._sweep(at)
        return count

    async def roll_back(self) -> str:
        """The one before goes live again, and the live one becomes the way back; returns the name now live.

        Raises NotReady when there is none, or it is of another version.
        """
        aliases = await self._aliases()
        live, before = aliases.get(self.alias, []), aliases.get(self.previous, [])
        if not live or not before:
            raise NotReady("No index from before is kept at the search server.", elastic_errors.REBUILD)
        check_version(before[0])
        await self._point({self.alias: (live, before[0]), self.previous: (before, live[0])})
        return before[0]

    async def drop_previous(self) -> None:
        """Gives up the way back."""
        for name in (await self._aliases()).get(self.previous, []):
            await self._delete(name)

    async def drop_all(self) -> None:
        """Takes every index of ours away, whatever it is."""
        with self._connection.asking():
            found = await self._connection.client.indices.get_alias(index=f"{self.alias}-v*")
        for name in found:
            await self._delete(name)

    async def expunge(self, name: str) -> None:
        """Clears the files of what was replaced or removed, so that no word of it can be read there.

        The server keeps such things for its copies and lets go within half a minute; then it is asked again.
        """
        for number in range(EXPUNGE_TRIES):
            if number:
                await self._pause(EXPUNGE_PAUSE)
            with self._connection.asking():
                indices = self._connection.patient.indices
                await indices.forcemerge(index=name, only_expunge_deletes=True)
                await indices.refresh(index=name)
                held = await indices.stats(index=name, metric="docs")
            if not held["_all"]["total"]["docs"]["deleted"]:
                return
        LOG.warning("%s still holds replaced documents; the next merge clears them", name)

    async def _fill(self, name: str, documents: Iterable[ServiceDocument], position: int) -> int:
        sent: set[str] = set()
        running: set[asyncio.Task[dict[str, str]]] = set()
        try:
            for batch in _batches(doc for doc in documents if doc.status == "active"):
                sent |= {doc.id for doc in batch}
                operations = [(writing(doc.id, position), elastic_mapping.source(doc)) for doc in batch]
                running.add(asyncio.create_task(self.sender.send(name, operations)))
                if len(running) >= IN_FLIGHT:
                    done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
            await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        with self._connection.asking():
            indices = self._connection.patient.indices
            await indices.put_settings(index=name, settings={"refresh_interval": elastic_mapping.REFRESH})
            await indices.forcemerge(index=name, max_num_segments=1)
            await indices.refresh(index=name)
            count = int((await self._connection.patient.count(index=name))["count"])
        if count != len(sent):
            raise NotReady(
                f"The new index holds {count:,} services of {len(sent):,}, and was given up; the one before stays.",
                "Look at the search server's log, then run `waymark index rebuild` again.",
            )
        return count

    async def _swap(self, name: str) -> None:
        aliases = await self._aliases()
        live, before = aliases.get(self.alias, []), aliases.get(self.previous, [])
        points = {self.alias: (live, name)}
        if live:
            points[self.previous] = (before, live[0])
        await self._point(points)
        for old in {*before, *live[1:]} - {name, *live[:1]}:
            with suppress(NotReady):  # the next rebuild sweeps it
                await self._delete(old)

    async def _point(self, points: Mapping[str, tuple[Sequence[str], str]]) -> None:
        """Aliases from their old indices to a new one each, all in one step."""
        actions: list[dict[str, Any]] = []
        for alias, (old, new) in points.items():
            actions += [{"remove": {"index": index, "alias": alias}} for index in old]
            actions.append({"add": {"index": new, "alias": alias}})
        with self._connection.asking():
            await self._connection.patient.indices.update_aliases(actions=actions)

    async def _sweep(self, at: datetime) -> None:
        """Deletes half-made indices that no running rebuild can still be filling."""
        oldest = elastic_mapping.index_name(self.alias, at - HALF_MADE_KEPT)
        with suppress(NotReady):
            with self._connection.asking():
                found = await self._connection.client.indices.get_alias(index=f"{self.alias}-v*")
            for name, held in found.items():
                made = elastic_mapping.made_at(name)
                if made and not held["aliases"] and made < elastic_mapping.made_at(oldest):
                    await self._delete(name)

    async def _aliases(self) -> dict[str, list[str]]:
        """Our aliases, with the indices each stands for."""
        with self._connection.asking():
            found = await self._connection.client.indices.get_alias(index=f"{self.alias}-v*")
        aliases: dict[str, list[str]] = {}
        for name, held in found.items():
            for alias in held["aliases"]:
                aliases.setdefault(alias, []).append(name)
        return aliases

    async def _delete(self, name: str) -> None:
        with self._connection.asking():
            await self._connection.patient.options(ignore_status=404).indices.delete(index=name)


def check_version(name: str) -> None:
    """Raises NotReady for an index of another version of Waymark, or of nobody we know."""
    version = elastic_mapping.version_of(name)
    if version == elastic_mapping.version():
        return
    if version and elastic_mapping.is_newer(version):
        raise NotReady(
            "The index of services was made by a newer Waymark than this one.",
            "Bring this one up to date. (`waymark index rebuild` would take the newer one's index away.)",
        )
    raise NotReady("The index of services was made by another version of Waymark.", elastic_errors.REBUILD)


def _batches(documents: Iterable[ServiceDocument]) -> Iterator[list[ServiceDocument]]:
    batch: list[ServiceDocument] = []
    for doc in documents:
        batch.append(doc)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
