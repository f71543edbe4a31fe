"""Many enquiries at once, a JSON line each: how other programs ask, and how quality is measured."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from directory.errors import BadInput, PlaceNotFound, UnusableFile
from directory.matching import answers
from directory.matching.results import MatchResult

FIELDS = (
    "residence", "age", "relation", "gender", "language", "urgency", "avoid", "school_stage", "schools", "registered",
    "access",
)  # fmt: skip
PLACES = ("residence", "harm_place")


class Matcher(Protocol):
    """What the batch needs of a runtime."""

    async def match(self, text: str, given: Mapping[str, object] | None = None) -> MatchResult: ...


@dataclass(frozen=True, slots=True)
class BatchReport:
    """How many lines were answered; `problems` in words, a line each; `failed` lines have no results."""

    answered: int
    failed: int
    problems: tuple[str, ...]


async def run(matcher: Matcher, cases: Path, out: Path) -> BatchReport:
    """Answers every line of `cases` into `out`, in order; `out` appears whole or not at all.

    A line that cannot be used gives a line with `error` and no results. A place that is not known is left out of that
    enquiry and said in `problems`, since the rest may still help. Raises UnusableFile when `cases` cannot be read.
    """
    answered = failed = 0
    said: list[str] = []
    beside = out.with_name(f".{out.name}.part")
    lines = list(_lines(cases))
    try:
        with beside.open("w", encoding="utf-8") as file:
            for number, text in lines:
                answer = await _answer(matcher, text)
                failed += "error" in answer
                answered += "error" not in answer
                problems = [answer["error"]] if "error" in answer else answer.get("problems", [])
                said += [f"line {number}: {problem}" for problem in problems]
                file.write(json.dumps(answer, ensure_ascii=False) + "\n")
        os.replace(beside, out)
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}.", "Choose another file for --out.") from error
    finally:
        beside.unlink(missing_ok=True)
    return BatchReport(answered, failed, tuple(said))


def _lines(cases: Path) -> Iterator[tuple[int, str]]:
    try:
        text = cases.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnusableFile(f"{cases} cannot be read: {error.strerror}.", "Check the name of the file.") from error
    except UnicodeDecodeError as error:
        raise UnusableFile(f"{cases} is not UTF-8 text.", "Save it as UTF-8, one JSON object a line.") from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


async def _answer(matcher: Matcher, line: str) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return _failed(None, "The line is not JSON. Give one object a line.")
    if not isinstance(case, dict):
        return _failed(None, "The line is not an object. Give one object a line.")
    case_id = case.get("id")
    given = {name: case.get(name) for name in FIELDS}
    given["harm_place"] = case.get("harm_place") or case.get("harm")
    text = case.get("text")
    try:
        result, problems = await asked(matcher, "" if text is None else text, given)
    except BadInput as error:
        return _failed(case_id, str(error))
    answer = answers.line(case_id, result)
    return {**answer, "problems": problems} if problems else answer


async def asked(matcher: Matcher, text: str, given: Mapping[str, object]) -> tuple[MatchResult, list[str]]:
    """The answer, and in words each place that is not known: it is left out and the rest asked again.

    Raises BadInput for anything else.
    """
    known = dict(given)
    problems: list[str] = []
    while True:
        try:
            return await matcher.match(text, known), problems
        except PlaceNotFound as error:
            if error.field not in PLACES or not known.get(error.field):
                raise
            problems.append(f"{error.field}: {error}")
            known[error.field] = None


def _failed(case_id: object, reason: str) -> dict[str, Any]:
    return {
        "id": case_id, "results": [], "also": {}, "residence_council": None, "harm_council": None,
        "understood": None, "plan": None, "error": reason,
    }  # fmt: skip
