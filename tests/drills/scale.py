"""How large the drills are: small with every test run, full by `make drills` (WAYMARK_DRILLS=full)."""

import os
from collections.abc import Sequence
from typing import Any

FULL = os.environ.get("WAYMARK_DRILLS") == "full"


def count(small: int, full: int) -> int:
    """How many of something this run drills with."""
    return full if FULL else small


def in_full(*cases: Any) -> Sequence[Any]:
    """Further cases of a table, for the full run only: no skips stand in the small one's report."""
    return cases if FULL else ()
