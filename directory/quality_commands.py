"""`waymark quality`: how good the record is, source by source, or one service with its reasons."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from directory import records, runtime
from directory.errors import NotFound
from directory.feeds import quality as scores
from directory.feeds import sources
from directory.runtime import Runtime

LACKS_SHOWN = 4


def quality(
    source: Annotated[str, typer.Option(help="One source only.")] = "",
    service: Annotated[str, typer.Option(help="One service: its id, or what its source calls it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score the records, 0 to 100, and say what is missing; of a source the mean of its own services."""
    with runtime.opened() as waymark:
        lines, plain = _service(waymark, service) if service else _sources(waymark, source)
    typer.echo(json.dumps(plain, ensure_ascii=False) if as_json else "\n".join(lines))


def _service(waymark: Runtime, name: str) -> tuple[list[str], object]:
    with waymark.database.reading() as session:
        row = records.get_service(session, name)
        if row is None:
            raise NotFound("There is no such service in the record.", "Look it up by name.")
        leader = row.same_as_id or row.id
        found = scores.of_services(session, [leader], waymark.clock())[leader]
        said = [f"{row.name}: {found.score} of 100"]
    return [*said, *(f"    -{each.points}  {each.said}" for each in found.missing)], {"id": leader, **asdict(found)}


def _sources(waymark: Runtime, source: str) -> tuple[list[str], object]:
    with waymark.database.reading() as session:
        if source:
            sources.get(session, source)
        found = scores.of_sources(session, waymark.clock(), source)
    lines = []
    for each in found:
        lines.append(f"{each.source}: {each.mean:.0f} of 100 over {each.rows:,} services")
        lines += [f"    {rows:,} × {said}" for said, rows in each.lacks[:LACKS_SHOWN]]
    plain = [{**asdict(each), "lacks": [{"said": said, "rows": rows} for said, rows in each.lacks]} for each in found]
    return lines or ["There is no service in the record."], plain
