"""`waymark judge`: how good the answers are over graded enquiries, as lines to read, as JSON, or as docs/quality.md."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from directory import runtime
from directory.errors import BadInput
from directory.matching import judging
from directory.matching.judging import Judgement, Quality

REASONS = 3
OTHER_PARTS = re.compile(r"<!-- (\w+) -->.*?<!-- /\1 -->", re.DOTALL)
"""Parts of the page that other commands write: they stay."""


def judge(
    files: Annotated[list[Path], typer.Argument(help="Graded enquiries: JSONL, as in tests/judged.")],
    failures: Annotated[int, typer.Option(help="Explain this many of the worst enquiries.")] = 0,
    beside: Annotated[bool, typer.Option(help="Judge three simple orders too: slower.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the figures as a page (docs/quality.md).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print how good the answers are: nDCG@10, recall@20, wrong services in the first ten."""
    with runtime.opened() as waymark:
        found = [
            waymark.run(judging.judge, waymark, waymark.index, file, beside or write is not None) for file in files
        ]
        services = waymark.run(waymark.index.health).services
        day = waymark.clock().date()
    if as_json:
        typer.echo(json.dumps([asdict(quality) for quality in found], ensure_ascii=False, indent=2))
        return
    for quality in found:
        for line in _lines(quality, failures):
            typer.echo(line)
    if write is not None:
        try:
            before = write.read_text(encoding="utf-8") if write.is_file() else ""
            others = "".join(f"\n{part.group()}\n" for part in OTHER_PARTS.finditer(before))
            write.write_text(page(found, files, services, day) + others, encoding="utf-8")
        except OSError as error:
            raise BadInput(
                f"{write} cannot be written: {error.strerror}.", "Choose another file for --write."
            ) from error


def _lines(quality: Quality, failures: int) -> Iterator[str]:
    yield (
        f"{quality.name}: {quality.enquiries} enquiries, nDCG@10 {quality.ndcg_at_10:.3f}, "
        f"recall@20 {quality.recall_at_20:.3f}, wrong in the first ten {quality.wrong_in_first_ten}, "
        f"nothing found {quality.zero_results}, worst {quality.worst_council} {quality.worst_council_ndcg:.3f}"
    )
    for name, value in quality.beside.items():
        yield f"  {name}: nDCG@10 {value:.3f}"
    worst = sorted(quality.judgements, key=lambda one: (not one.wrong, one.ndcg))
    for one in worst[:failures]:
        yield from _explained(one)


def _explained(one: Judgement) -> Iterator[str]:
    """One enquiry: what was understood, who stands where and why, and what is missed."""
    yield f"\n  {one.id}  nDCG@10 {one.ndcg:.2f}  missed: {' '.join(one.missed) or '-'}"
    yield f"    understood: {', '.join(one.understood) or '-'}"
    for rank, placed in enumerate(one.first_ten, 1):
        grade = "WRONG" if placed.wrong else "-" if placed.grade is None else str(placed.grade)
        yield f"    {rank:>2}. {grade:>5}  {placed.source_id}  {placed.name}"
        if placed.wrong:
            yield f"               {' '.join(placed.reasons[:REASONS])}"


def page(found: Sequence[Quality], files: Sequence[Path], services: int, day: date) -> str:
    """The figures as Markdown: what stands in docs/quality.md."""
    names = list(found[0].beside) if found else []
    head = [
        "file",
        "enquiries",
        "nDCG@10",
        *names,
        "recall@20",
        "wrong in the first ten",
        "nothing found",
        "worst council",
    ]
    rows = [
        [
            quality.name,
            str(quality.enquiries),
            f"**{quality.ndcg_at_10:.3f}**",
            *(f"{quality.beside.get(name, 0):.3f}" for name in names),
            f"{quality.recall_at_20:.3f}",
            f"{quality.wrong_in_first_ten} enquiries",
            str(quality.zero_results),
            f"{quality.worst_council} {quality.worst_council_ndcg:.3f}",
        ]
        for quality in found
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])
    return f"""# Quality of the answers, measured

Made on {day:%-d %B %Y}, over {services:,} services, by
`waymark judge {" ".join(map(str, files))} --write docs/quality.md`.

{table}

nDCG@10 has gains 2^grade − 1; recall@20 is of services graded 2 or better. Beside our order stand three simple ones
over the services that would take the person: in random order, by matching words alone, and national services first.
The aims are 0.90, recall 0.95 and no wrong service on the tuned half, 0.87 and no wrong service on the half set
aside, and 0.15 above the best simple order. How the enquiries were graded: `tests/judged/README.md`.
"""
