"""What an edited pathway would change for one enquiry: the plan of today and the draft's, side by side."""

from dataclasses import dataclass

from directory.errors import NotReady
from directory.matching.results import Plan, PlanStep
from directory.runtime import Runtime
from taxonomy.pathway import Pathway
from taxonomy.pathways import ordered
from web import plans, public


@dataclass(frozen=True, slots=True)
class Effect:
    """Two plans for one sentence; None where there is no index to ask, or nothing to go on."""

    now: Plan | None
    then: Plan | None
    asked: bool
    """Whether the index could be asked."""

    def whens(self, plan: Plan) -> list[tuple[str, list[PlanStep]]]:
        return plans.whens(plan.steps)

    def is_new(self, step: PlanStep, service_id: str = "") -> bool:
        """Whether the draft's step, or a service in it, is not in the plan of today."""
        today = {each.label: each for each in self.now.steps} if self.now else {}
        same = today.get(step.label)
        return same is None or (bool(service_id) and service_id not in _services(same))

    @property
    def is_none(self) -> bool:
        """Whether both plans show the same."""
        return self.now == self.then

    def takes(self, pathway: Pathway) -> bool:
        """Whether the sentence leads to this pathway at all."""
        return self.then is not None and self.then.pathway == pathway.id


def _services(step: PlanStep) -> set[str]:
    return {match.service.id for match in step.matches}


async def effect(runtime: Runtime, sentence: str, draft: Pathway) -> Effect:
    """A sentence matched with the pathways in use and with the draft among them; nothing of it is kept.

    Raises BadInput for a sentence that cannot be read.
    """
    in_use = runtime.pathways()
    changed = ordered((draft, *(pathway for pathway in in_use if pathway.id != draft.id)))
    try:
        now = public.guarded(await runtime.match(sentence, pathways=in_use))
        then = public.guarded(await runtime.match(sentence, pathways=changed))
    except NotReady:
        return Effect(None, None, False)
    return Effect(now.plan, then.plan, True)
