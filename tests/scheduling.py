"""Which worker runs which tests: a module's stay together, for they share fixtures that take long to make.

By name, not by xdist's own groups: since pytest 9.2 their marks change no node id, and every test went its own way.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist has no types

TOGETHER = {
    "tests/ingest/test_pipeline.py": "real data",
    "tests/ingest/test_reconcile.py": "real data",
    "tests/ingest/test_withheld.py": "real data",
    "tests/directory/search/test_elastic_rebuild.py": "elasticsearch",
}
"""Modules that share more than a module's fixtures: all real sources read once (`loaded`), one server."""
APART = ("tests/contract/test_referral_machine.py",)
"""Modules of a few long tests that share nothing: each may go to another worker."""
LONG = (*APART, "real data", "elasticsearch", "tests/drills/")
"""Beginnings of what takes longer than its number of tests tells: handed out first, or it ends when all else has."""


class Together(LoadScopeScheduling):  # type: ignore[misc]  # the same: its class is Any
    """Hands out whole modules: the long ones, then those with most tests."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        first = next((unit for unit in self.workqueue if unit.startswith(LONG)), None)
        if first is not None:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def unit_of(nodeid: str) -> str:
    """What is handed out as one: a module, several that share more, or all that ask the tests' one search server."""
    module = nodeid.partition("::")[0]
    if "elasticsearch" in nodeid:
        return "elasticsearch"
    return nodeid if module in APART else TOGETHER.get(module, module)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Asked by xdist where there are several workers."""
    return Together(config, log)
