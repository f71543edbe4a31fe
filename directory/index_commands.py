"""`waymark index`: make the index anew, bring changes into it, compare it with the record, mend it."""

import json
from typing import Annotated

import typer

from directory import runtime
from directory.progress import counting
from directory.search import indexing
from directory.search.index import IndexHealth
from directory.search.indexing import IndexComparison, Lag

app = typer.Typer(help="The search index: a shadow of the record that can be rebuilt at any time.")


@app.command("rebuild")
def rebuild() -> None:
    """Build the index anew beside the live one, then swap; then bring what changed meanwhile."""
    with runtime.opened() as waymark, counting("services indexed") as tick:
        count = waymark.run(indexing.rebuild, waymark.database, waymark.index, waymark.clock, tick)
        waymark.run(indexing.drain, waymark.database, waymark.index, waymark.clock)
    typer.echo(f"{count:,} services are in the index.")


@app.command("drain")
def drain() -> None:
    """Bring into the index what has changed in the record."""
    with runtime.opened() as waymark:
        count = waymark.run(indexing.drain, waymark.database, waymark.index, waymark.clock)
    typer.echo(f"{count:,} changes are in the index.")


@app.command("roll-back")
def roll_back() -> None:
    """Go back to the index from before the last rebuild (Elasticsearch keeps one); then mend it from the record."""
    with runtime.opened() as waymark:
        waymark.run(waymark.index.roll_back)
        mended = waymark.run(indexing.repair, waymark.database, waymark.index, waymark.clock)
    typer.echo(f"The index from before is live; {len(mended.all):,} services were mended from the record.")


@app.command("status")
def status(
    repair: Annotated[bool, typer.Option("--repair", help="Mend every service that differs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare record and index by id and content. Exit 1 when they differ or the index cannot answer."""
    with runtime.opened() as waymark:
        health = waymark.run(waymark.index.health)
        lag = indexing.lag(waymark.database, waymark.clock())
        mended = None
        if repair and health.ready:
            mended = waymark.run(indexing.repair, waymark.database, waymark.index, waymark.clock)
        difference = waymark.run(indexing.compare, waymark.database, waymark.index) if health.ready else None
    if as_json:
        typer.echo(json.dumps(_as_json(health, lag, difference, mended)))
    else:
        for line in _lines(health, lag, difference, mended):
            typer.echo(line)
    if difference is None or not difference.is_equal:
        raise typer.Exit(1)


def _as_json(
    health: IndexHealth, lag: Lag, difference: IndexComparison | None, mended: IndexComparison | None
) -> dict[str, object]:
    return {
        "ready": health.ready,
        "engine": health.engine,
        "services": health.services,
        "message": health.message,
        "waiting": lag.lines,
        "waiting_seconds": round(lag.seconds, 1),
        "missing": sorted(difference.missing) if difference else None,
        "extra": sorted(difference.extra) if difference else None,
        "different": sorted(difference.different) if difference else None,
        "mended": sorted(mended.all) if mended else [],
    }


def _lines(
    health: IndexHealth, lag: Lag, difference: IndexComparison | None, mended: IndexComparison | None
) -> list[str]:
    lines = [f"{health.engine}: {'ready' if health.ready else 'not ready'}, {health.services:,} services."]
    if health.message:
        lines.append(health.message)
    if lag.lines:
        lines.append(f"{lag.lines:,} changes wait, the oldest for {lag.seconds:,.0f} s.")
    if mended:
        lines.append(f"Mended {len(mended.all):,}.")
    if difference:
        counts = len(difference.missing), len(difference.extra), len(difference.different)
        lines.append("Missing {:,}, extra {:,}, different {:,}.".format(*counts))
    return lines
