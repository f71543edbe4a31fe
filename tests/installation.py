"""A whole installation for tests: set up on the starter directory, in a home of its own, used through the command."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

import waymark
from directory.errors import WaymarkError


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Installation:
    """One WAYMARK_HOME; call it with the words of a command."""

    home: Path

    def __call__(self, *words: str) -> Answer:
        env = {"WAYMARK_HOME": str(self.home), "WAYMARK_DATABASE_URL": "", "WAYMARK_DATA": "", "COLUMNS": "200"}
        result = CliRunner().invoke(waymark.app, list(words), env=env)
        if isinstance(result.exception, WaymarkError):
            return Answer(result.exception.exit_code, result.stdout, f"waymark: {result.exception}")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)
