"""What only the index can say of a pathway: a step that no service in the whole directory could ever fill."""

from collections.abc import Iterable
from dataclasses import replace

from directory.search.index import SearchIndex
from directory.search.query import ServiceQuery
from taxonomy.pathway import Pathway, Step
from taxonomy.pathway_lines import Problem

PAGE, PAGES = 100, 20
"""Services looked at for one step, a page at a time, before it is taken that one of the rest will do."""


def changed(draft: Pathway, in_use: Pathway) -> tuple[Step, ...]:
    """The steps of a draft that are not as they stand in the text in use."""
    today = {replace(step, line=1) for step in in_use.steps}
    return tuple(step for step in draft.steps if replace(step, line=1) not in today)


async def unfillable(steps: Iterable[Step], index: SearchIndex) -> tuple[Problem, ...]:
    """A problem for every step that nobody could fill, wherever the person lives. Raises NotReady."""
    found = []
    for step in steps:
        if not await _can_be_filled(step, index):
            needs = f" and one of the needs {', '.join(step.needs)}" if step.needs else ""
            found.append(
                Problem(
                    step.line,
                    f"Nobody can fill the step “{step.label}”: no service of the directory is of a family "
                    f"{', '.join(step.families)}{needs}.",
                )
            )
    return tuple(found)


async def _can_be_filled(step: Step, index: SearchIndex) -> bool:
    for number in range(1, PAGES + 1):
        page = await index.search(ServiceQuery(families=step.families, page=number, page_size=PAGE))
        if not page.hits:
            return False
        if not step.needs or any(set(step.needs) & set(hit.service.needs) for hit in page.hits):
            return True
        if number >= page.pages:
            return False
    return True
