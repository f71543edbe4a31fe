"""`waymark judge duplicates`: how good the duplicate finder is over labelled pairs: lines to read, JSON, or a page."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from directory import clock, settings
from directory.errors import BadInput
from ingest import duplicates_judging
from ingest.duplicates_judging import Counts, Figures

HELP = "How good the answers are (`waymark judge FILES`), or the duplicate finder (`waymark judge duplicates`)."
ANSWERS = "answers"
PAIRS = tuple(Path(f"tests/judged/duplicates_{name}.jsonl") for name in ("tuned", "more", "held"))
OPEN = ("tuned", "more")
"""Of these files a wrong pair may be named; of the half set aside only figures are told."""
DATA = Path("../shared/data")
BEGIN, END = "<!-- duplicates -->", "<!-- /duplicates -->"


class Judge(TyperGroup):
    """`waymark judge FILES` judges answers, as it always did; `waymark judge duplicates` the duplicate finder."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Words that name no command of the group are files."""
        named = args and (args[0] in self.commands or args[0] in {"--help", "-h"})
        return super().parse_args(ctx, args if named or not args else [ANSWERS, *args])


def judge_duplicates(
    files: Annotated[list[Path] | None, typer.Argument(help="Labelled pairs: JSONL, as in tests/judged.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of source files (default: WAYMARK_DATA).")] = None,
    by_source: Annotated[bool, typer.Option("--by-source", help="Say it of each pair of sources too.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="Name the pairs of a tuned file that went wrong.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the figures into their part of this page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print how good the duplicate finder is: precision, recall, and how many pairs a person must look at."""
    folder = data or settings.read(os.environ).data or DATA
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder.", "Give the folder that holds services/ with --data.")
    found = [duplicates_judging.judge(file, folder) for file in files or PAIRS]
    if as_json:
        typer.echo(json.dumps([each.to_json() for each in found], indent=2))
    else:
        for figures in found:
            for line in _lines(figures, by_source, wrong):
                typer.echo(line)
    if write is not None:
        _write(write, found, clock.now().date())


def _lines(figures: Figures, by_source: bool, wrong: bool) -> Iterator[str]:
    yield f"{figures.name}: {_said(figures.all)}" + (f"; {figures.absent} rows absent" if figures.absent else "")
    if by_source:
        for name, counts in figures.by_sources.items():
            yield f"    {name}: {_said(counts)}"
    if wrong and figures.name.endswith(OPEN):
        for each in figures.wrong:
            signs = " ".join(f"{sign.name}{sign.weight:+g}" for sign in each.likeness.signs)
            yield f"    {each.label}, found {each.likeness.verdict.value} ({each.likeness.score}): "
            yield f"        {' '.join(each.one)} and {' '.join(each.other)}: {signs}"


def _said(counts: Counts) -> str:
    return (
        f"{counts.pairs} pairs; same: {counts.labelled('same')}, precision {counts.precision('same'):.3f}, recall "
        f"{counts.recall('same'):.3f}; group: {counts.labelled('group')}, precision {counts.precision('group'):.3f}, "
        f"recall {counts.recall('group'):.3f}; to the review page {counts.to_review}"
    )


def part(found: Sequence[Figures], day: date) -> str:
    """The figures as Markdown, between marks by which the next writing finds them."""
    head = (
        "pairs of", "pairs", "same", "precision", "recall", "group", "precision", "recall", "to the review page",
    )  # fmt: skip
    rows = [head, ("---",) * len(head)]
    for figures in found:
        rows.append((f"**{figures.name}**", *_cells(figures.all)))
        told = (
            (name, counts) for name, counts in figures.by_sources.items() if counts.labelled("distinct") < counts.pairs
        )
        rows += [(name, *_cells(counts)) for name, counts in told]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"""{BEGIN}
## Quality of the duplicate finder, measured

Made on {day:%-d %B %Y} by `waymark judge duplicates --write docs/quality.md` over pairs of rows of the real files,
judged by reading both rows; the labeller of the two halves, tuned and held, had not read the finder. Four second
readers judged all of the held half blind: kappa 0.94 for "same or not", 0.70 for all four labels; of six pairs that
differed in "same" five were changed by two of three readers (before: precision 0.981, recall 0.855).

{table}

*Same*: two rows of one service, joined without asking. *Group*: records of their own, shown together and never merged.
Precision is the share of what the finder joined (grouped) that is labelled so, recall the share of what is labelled so
that it found by itself; a pair left to a person counts as not found. Pairs labelled *maybe* count neither way. The aims
are precision 0.98 and recall 0.89, the best published. Weights were set on the tuned half. Of the half set aside no
pair was looked at, but its figures were, some twenty-one times, while rules were chosen: they are hopeful. The pairs of
*more* have no row of the half set aside; their labeller had read the finder, they hold hardly a pair that is the same,
and they guard its precision alone. Pairs of sources with nothing but distinct services are left out of the table.
{END}
"""


def _cells(counts: Counts) -> tuple[str, ...]:
    figures = [
        (f"{counts.precision(label):.3f}", f"{counts.recall(label):.3f}") if counts.labelled(label) else ("–", "–")
        for label in ("same", "group")
    ]
    return (
        str(counts.pairs), str(counts.labelled("same")), *figures[0], str(counts.labelled("group")), *figures[1],
        str(counts.to_review),
    )  # fmt: skip


def _write(page: Path, found: Sequence[Figures], day: date) -> None:
    """Puts the part into the page, where an earlier one stands or else at its end; the rest of the page stays."""
    try:
        before = page.read_text(encoding="utf-8") if page.is_file() else ""
        kept = re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}\n?", "", before, flags=re.DOTALL).rstrip("\n")
        page.write_text(f"{kept}\n\n{part(found, day)}".lstrip("\n"), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{page} cannot be written: {error.strerror}.", "Choose another file for --write.") from error
