"""Batches of documents put in and taken out, at the pace the server takes; a late write never undoes a newer one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from directory.search import elastic_errors
from directory.search.elastic_client import Connection

TRIES = 8
"""Times a batch is offered to a server that has too much to do, a pause twice as long each time."""
FIRST_PAUSE = 0.25
"""Seconds."""

Pause = Callable[[float], Awaitable[None]]
Operation = tuple[dict[str, Any], dict[str, Any] | None]
"""What to do with one id, and the document when it is put in."""


def writing(service_id: str, position: int) -> dict[str, Any]:
    """Puts a document in, unless one of a later position is there."""
    return {"index": {"_id": service_id, **_versioned(position)}}


def removing(service_id: str, position: int) -> dict[str, Any]:
    """Takes a document out, unless one of a later position is there."""
    return {"delete": {"_id": service_id, **_versioned(position)}}


def _versioned(position: int) -> dict[str, Any]:
    return {"version": position, "version_type": "external_gte"} if position else {}


class Sender:
    """Sends batches to one server."""

    def __init__(self, connection: Connection, pause: Pause = asyncio.sleep) -> None:
        self._connection = connection
        self._pause = pause

    async def send(self, index: str, operations: Sequence[Operation], **options: Any) -> dict[str, str]:
        """One batch; what became of each id: created, updated, deleted, not_found, or late (a newer one is there).

        Offered again while the server has too much to do. Raises NotReady for what it does not take.
        """
        results: dict[str, str] = {}
        waiting = list(operations)
        for number in range(TRIES):
            if number:
                await self._pause(FIRST_PAUSE * 2 ** (number - 1))
            lines = [line for action, source in waiting for line in (action, source) if line is not None]
            with self._connection.asking():
                answer = await self._connection.patient.bulk(operations=lines, index=index, **options)
            busy = []
            for operation, item in zip(waiting, answer["items"], strict=True):
                said = self._result(item)
                if said == "busy":
                    busy.append(operation)
                else:
                    results[next(iter(operation[0].values()))["_id"]] = said
            waiting = busy
            if not waiting:
                return results
        raise elastic_errors.refused(self._connection.server.shown, 429)

    def _result(self, item: Mapping[str, Any]) -> str:
        (outcome,) = item.values()
        status = outcome["status"]
        kinds = elastic_errors.kinds(outcome.get("error", {}))
        if status == 409 and "version_conflict_engine_exception" in kinds:
            return "late"
        if status == 429 and "cluster_block_exception" not in kinds:
            return "busy"
        if status >= 400 and "error" in outcome:
            raise elastic_errors.refused(self._connection.server.shown, status, kinds)
        return str(outcome["result"])
