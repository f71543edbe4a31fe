"""The `waymark` command: joins the packages' commands and orchestrates across them; no rules of its own."""

import json
import logging
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer
from anyio import to_thread
from sqlalchemy.exc import DBAPIError

from directory import (
    audit_commands,
    commands,
    database,
    gap_commands,
    index_commands,
    judging_commands,
    keys_commands,
    mail_commands,
    outgoing,
    pathway_commands,
    quality_commands,
    runtime,
    settings,
    subject_commands,
    user_commands,
    vocabulary_commands,
)
from directory.accounts import first_admin
from directory.errors import BadInput, NotReady, PlaceNotFound, WaymarkError
from directory.matching import answers, batch, understanding
from directory.matching.terminal import left_out_lines, result_lines, understanding_lines, why_lines
from directory.partners import rounds as partner_rounds
from directory.referrals import rounds, sealing
from directory.referrals.rounds import Rounds
from directory.search import indexing
from directory.search.index import SearchIndex
from ingest import background, judge_commands, pipeline
from ingest import commands as ingest_commands
from ingest.means import Means
from ingest.schedule import Schedule

app = typer.Typer(
    help="Referral and signposting directory behind a single point of contact for people harmed by a child.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(ingest_commands.app, name="ingest", help="Bring other people's lists of services into the record.")
app.add_typer(index_commands.app, name="index")
app.add_typer(commands.places_app, name="places")
app.add_typer(user_commands.app, name="user")
app.add_typer(vocabulary_commands.app, name="vocabulary")
app.add_typer(pathway_commands.app, name="pathways")
app.add_typer(mail_commands.app, name="mail")
app.add_typer(audit_commands.app, name="audit")
app.add_typer(keys_commands.app, name="keys")
app.add_typer(subject_commands.app, name="subject")
app.add_typer(subject_commands.retention_app, name="retention")
judge_app = typer.Typer(cls=judge_commands.Judge, help=judge_commands.HELP)
judge_app.command("answers")(judging_commands.judge)
judge_app.command("duplicates")(judge_commands.judge_duplicates)
app.add_typer(judge_app, name="judge")
app.command("gaps")(gap_commands.gaps)
app.command("quality")(quality_commands.quality)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> None:
    """Runs a command; an error of ours is said in a plain line, with its own exit code."""
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # we say in our own words what it warns of
    try:
        app(standalone_mode=True)
    except WaymarkError as error:
        typer.echo(f"waymark: {error}", err=True)
        if isinstance(error, PlaceNotFound) and error.suggestions and error.suggestions[0] not in str(error):
            typer.echo(f"Did you mean: {', '.join(error.suggestions)}?", err=True)
        sys.exit(error.exit_code)


@app.command()
def setup(
    data: Annotated[Path | None, typer.Option(help="Folder of source files to ingest as well.")] = None,
    no_starter: Annotated[bool, typer.Option("--no-starter", help="Leave out the starter directory.")] = False,
) -> None:
    """Make or upgrade the record, fill it, and build the index. Safe to run again: it changes only what changed."""
    chosen = settings.read()
    data = data or chosen.data
    if data is not None and not data.is_dir():
        raise BadInput(f"{data} is not a folder.", "Give the folder that holds services/ and geography/.")
    database.migrate(chosen, lambda line: typer.echo(line))
    if sealing.make_keys(chosen.key_file):
        typer.echo(f"A key file was made at {chosen.key_file}: keep a copy of it, apart from the record's backups.")
    with runtime.opened(chosen) as waymark:
        pipeline.ensure_sources(waymark.database)
        reports = [] if no_starter else [pipeline.run_starter(waymark.database, waymark.clock)]
        if data is not None:
            _load_postcodes(waymark, data)
            reports += pipeline.run_folder(waymark.database, data, waymark.clock, home=chosen.home)
        for report in reports:
            typer.echo(ingest_commands.summary(report))
        if waymark.unit_postcodes_loaded:
            typer.echo(commands.geocode(waymark, None))  # set-up asks nobody outside
        count = waymark.run(indexing.rebuild, waymark.database, waymark.index, waymark.clock)
        typer.echo(f"Ready: {count:,} services are in the index at {chosen.home}.")
        _say_how_to_begin(waymark)


def _say_how_to_begin(waymark: runtime.Runtime) -> None:
    """While there is no account: how the first administrator is made."""
    if said := first_admin.words(waymark.database, waymark.keys, waymark.settings.public_url):
        typer.echo(said)


def _load_postcodes(waymark: runtime.Runtime, data: Path) -> None:
    file = data / "geography" / "scotland_postcodes.csv.gz"
    if file.is_file() and not waymark.unit_postcodes_loaded:
        typer.echo(commands.import_units(waymark, file))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port (default: WAYMARK_PORT, 8000).")] = None,
    work_too: Annotated[
        bool, typer.Option("--work/--no-work", help="Do what waits while no worker runs on this machine.")
    ] = True,
) -> None:
    """Serve the pages."""
    from web import serving

    environ = {**os.environ, "WAYMARK_PORT": str(port)} if port else os.environ
    chosen = settings.read(environ)  # the address that the pages know themselves by follows the port
    with runtime.opened(chosen) as waymark:
        waymark.run(indexing.drain, waymark.database, waymark.index, waymark.clock)
        name = "localhost" if host == "127.0.0.1" else host
        typer.echo(f"Serving on http://{name}:{chosen.port} (Ctrl-C stops).")
        if chosen.key_file.is_file():
            _say_how_to_begin(waymark)
        with ExitStack() as beside:
            if work_too:
                beside.enter_context(background.beside(waymark.database, waymark.clock, chosen.home))
                alone = partial(background.is_alone, chosen.home)
                beside.enter_context(rounds.beside(partial(_rounds, waymark), alone))
            serving.run(waymark, host, chosen.port)


@app.command()
def work(
    once: Annotated[bool, typer.Option("--once", help="Do what waits, then stop.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between looks.")] = 5.0,
) -> None:
    """Do what is due, again and again: sources, referrals' messages and timers, and changes to bring into the index."""
    with runtime.opened() as waymark, background.working(waymark.settings.home):
        schedule = _schedule(waymark)
        if once:
            waymark.run(_work_once, waymark, schedule)
        else:
            waymark.run(_work, waymark, schedule, every)


def _rounds(waymark: runtime.Runtime) -> Rounds:
    """What the loop does by itself here. Raises NotReady without the key file."""
    chosen = waymark.settings
    return Rounds(waymark.loop, partial(outgoing.carrier, chosen, waymark.clock), chosen.home, partner_rounds.PARTS)


def _schedule(waymark: runtime.Runtime) -> Schedule:
    pipeline.ensure_sources(waymark.database)
    home, contact = waymark.settings.home, waymark.settings.public_url
    return Schedule(Means(waymark.database, waymark.clock, home, "schedule", confined=True, contact=contact))


async def _work_once(waymark: runtime.Runtime, schedule: Schedule) -> None:
    await to_thread.run_sync(_look, schedule)
    try:
        await to_thread.run_sync(_go_round, waymark)
    except NotReady as error:  # changes go into the index all the same
        typer.echo(str(error), err=True)
    await _drain(waymark)


async def _work(waymark: runtime.Runtime, schedule: Schedule, every: float) -> None:
    """All at once: a source that takes minutes keeps no letter waiting, and nobody's change out of the index."""

    async def look() -> None:
        await to_thread.run_sync(_look, schedule)

    async def drain() -> None:
        await _drain(waymark)

    async def go_round() -> None:
        await to_thread.run_sync(_go_round, waymark)

    async with anyio.create_task_group() as group:
        group.start_soon(_again_and_again, look, every)
        group.start_soon(_again_and_again, go_round, min(every, rounds.LOOK_S))
        group.start_soon(_again_and_again, drain, every)


async def _again_and_again(work: Callable[[], Awaitable[None]], every: float) -> None:
    """What it cannot do now it tries again; a trouble is said once."""
    trouble = ""
    while True:
        try:
            await work()
        except (NotReady, DBAPIError) as error:
            before, trouble = trouble, str(error) if isinstance(error, NotReady) else "The record is busy."
            if trouble != before:
                typer.echo(trouble, err=True)
        else:
            trouble = ""
        await anyio.sleep(every)


def _go_round(waymark: runtime.Runtime) -> None:
    for line in _rounds(waymark).look():
        typer.echo(line)


def _look(schedule: Schedule) -> None:
    for line in schedule.look():
        typer.echo(line)


async def _drain(waymark: runtime.Runtime) -> None:
    done = await indexing.drain(waymark.database, waymark.index, waymark.clock)
    if done:
        typer.echo(f"{done:,} changes are in the index.")


@app.command("demo")
def demo(
    home: Annotated[Path | None, typer.Option(help="An empty folder for it (default: demo in WAYMARK_HOME).")] = None,
) -> None:
    """Walk one whole journey with invented people and providers, in a home of its own: safe to show."""
    from directory import demo as walking

    given = (home or settings.read().home / "demo").expanduser().absolute()
    chosen = settings.read({"WAYMARK_HOME": str(given)})
    walking.run(chosen, typer.echo)
    typer.echo(f"Look at it: WAYMARK_HOME={given} waymark user password supervisor@spoc.example, then waymark serve.")


@app.command()
def understand(
    text: Annotated[str, typer.Argument(help="What was heard on the phone.")], as_json: AsJson = False
) -> None:
    """Show what is understood from words, and the words that gave it."""
    with runtime.words() as (gazetteer, lexicon):
        _, understood = understanding.enquiry(text, {}, lexicon, gazetteer)
    if as_json:
        _print_json(understanding.describe(understood))
    else:
        typer.echo("\n".join(understanding_lines(understood)))


@app.command()
def match(
    text: Annotated[str, typer.Argument(help="What was heard on the phone.")] = "",
    residence: Annotated[str, typer.Option(help="Where the person lives.")] = "",
    harm_place: Annotated[str, typer.Option(help="Where it happened.")] = "",
    age: Annotated[str, typer.Option(help="Age of the person who needs help.")] = "",
    relation: Annotated[str, typer.Option(help="harmed_person, parent_carer, sibling or witness.")] = "",
    gender: Annotated[str, typer.Option(help="female, male or other.")] = "",
    language: Annotated[str, typer.Option(help="ISO 639-1 code or bsl.")] = "",
    urgency: Annotated[str, typer.Option(help="now, days or weeks.")] = "",
    avoid: Annotated[list[str] | None, typer.Option(help="A place or organisation to keep away from.")] = None,
    left_out: Annotated[bool, typer.Option("--left-out", help="Say also what was left out, and why.")] = False,
    why: Annotated[str, typer.Option(help="Say also why this service (its id) stands where it does.")] = "",
    as_json: AsJson = False,
    cases: Annotated[Path | None, typer.Option(help="Many enquiries: a JSONL file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write the answers of --cases.")] = None,
) -> None:
    """From what was heard to services that can help this person here, with reasons."""
    if cases is not None or out is not None:
        _match_cases(cases, out, text)
        return
    given = {
        "residence": residence, "harm_place": harm_place, "age": age, "relation": relation, "gender": gender,
        "language": language, "urgency": urgency, "avoid": avoid or [],
    }  # fmt: skip
    with runtime.opened() as waymark:
        result = waymark.run(waymark.match, text, given)
        left = waymark.run(waymark.left_out, result) if left_out else None
        reasons = waymark.run(waymark.why, text, given, why) if why else None
    if as_json:
        whole = answers.whole(result)
        if left:
            whole["all_left_out"] = answers.left_out(left)
        if reasons:
            whole["why"] = answers.why(reasons)
        _print_json(whole)
        return
    typer.echo("\n".join(result_lines(result)))
    if left:
        typer.echo("\n".join(left_out_lines(left)))
    if reasons:
        typer.echo("\n".join(why_lines(reasons)))


def _match_cases(cases: Path | None, out: Path | None, text: str) -> None:
    if cases is None or out is None or text:
        raise BadInput("Many enquiries need both files.", "Use: waymark match --cases IN.jsonl --out OUT.jsonl")
    with runtime.opened() as waymark:
        report = waymark.run(batch.run, waymark, cases, out)
    typer.echo(f"{report.answered:,} enquiries answered, {len(report.problems):,} with a problem.")
    for problem in report.problems:
        typer.echo(problem, err=True)
    if report.failed:
        raise typer.Exit(2)


@app.command()
def bench(
    services: Annotated[list[int], typer.Option(help="How many services; give it again for more sizes.")],
    against: Annotated[str, typer.Option(help="datasette: time its page and its JSON in the same run.")] = "",
    engine: Annotated[str, typer.Option(help="embedded, or elasticsearch at WAYMARK_ELASTICSEARCH_URL.")] = "embedded",
    compare: Annotated[bool, typer.Option("--compare", help="Both engines in one run.")] = False,
    call: Annotated[bool, typer.Option("--call", help="The call page's live answer, and its size.")] = False,
    as_json: AsJson = False,
) -> None:
    """Time the whole match beside the engine's own query, over made-up services."""
    from directory import bench as benching
    from directory import bench_datasette, bench_engines
    from web.forms import MatchForm
    from web.match import answer

    if any(size < 1 for size in services):
        raise BadInput("A bench needs at least one service.", "Use: waymark bench --services 1000")
    if against not in ("", "datasette"):
        raise BadInput(f"There is nothing to set beside called {against}.", "Use: --against datasette")
    if call:
        _bench_call(services, as_json)
        return
    if against:
        bench_datasette.available()
    if engine not in bench_engines.ENGINES:
        raise BadInput(f"There is no engine called {engine}.", "Use: --engine embedded, or --engine elasticsearch")
    engines = bench_engines.ENGINES if compare else (engine,)
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as home:
        chosen = replace(settings.read({}), home=Path(home), database_url=f"sqlite:///{home}/waymark.db")
        database.migrate(chosen)
        with runtime.opened(chosen) as waymark:

            def page_over(index: SearchIndex) -> benching.Ask:
                return lambda text, given: answer(
                    replace(waymark, index=index), MatchForm({"text": text, **_texts(given)})
                )

            def match_over(index: SearchIndex) -> benching.Ask:
                return replace(waymark, index=index).match

            results = list(
                benching.run(
                    services,
                    match_over,
                    page_over,
                    datasette=bool(against),
                    engines=engines,
                    chosen=settings.read(),
                )
            )
    if as_json:
        found = [result.as_json() for result in results]
        _print_json(found[0] if len(found) == 1 else found)
    else:
        typer.echo(benching.table(results))


def _bench_call(sizes: list[int], as_json: bool) -> None:
    from web import call_bench

    results = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="waymark-bench-") as folder:
            home = Path(folder)
            chosen = replace(
                settings.read({}), home=home, database_url=f"sqlite:///{home}/waymark.db", key_file=home / "key"
            )
            database.migrate(chosen)
            with runtime.opened(chosen) as waymark:
                results.append(call_bench.run(waymark, size))
    if as_json:
        found = [result.as_json() for result in results]
        _print_json(found[0] if len(found) == 1 else found)
    else:
        typer.echo(call_bench.table(results))


def _texts(given: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in given.items() if value is not None}


@app.command()
def check() -> None:
    """Say whether settings, record, index and places are in order. Exit 1 when something is not."""
    from directory import checks

    chosen = settings.read()
    findings = checks.run(chosen)
    for finding in findings:
        typer.echo(f"{'ok     ' if finding.ok else 'PROBLEM'}  {finding.what}: {finding.said}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
