"""A `MatchResult` as plain JSON values: what `waymark match --json`, the batch run and the pages' JSON give."""

from typing import Any

from directory import capacity, opening
from directory.feeds.assurance import State
from directory.matching import understanding
from directory.matching.left_out import LeftOutReport
from directory.matching.results import Match, MatchResult, Plan
from directory.matching.why import Why
from directory.search.document import ServiceDocument
from directory.values import Known, Place


def line(case_id: object, result: MatchResult) -> dict[str, Any]:
    """One line of the batch run: source ids only, best first; ids of merged rows under `also` by their leader."""
    services = [match.service for match in result.matches]
    return {
        "id": case_id,
        "results": [service.source_id for service in services],
        "also": {service.source_id: list(service.also) for service in services if service.also},
        "residence_council": _council(result.enquiry.residence),
        "harm_council": _council(result.enquiry.harm_place),
        "understood": understanding.describe(result.understood),
        "plan": _plan_ids(result.plan),
    }


def whole(result: MatchResult) -> dict[str, Any]:
    """The whole answer with every reason."""
    return {
        "understood": understanding.describe(result.understood),
        "residence_council": _council(result.enquiry.residence),
        "harm_council": _council(result.enquiry.harm_place),
        "notices": list(result.notices),
        "safety": [
            {"name": line.name, "number": line.number, "when": line.when, "source": line.source}
            for line in result.safety
        ],
        "results": [match_json(match) for match in result.matches],
        "plan": _plan_whole(result.plan),
        "facets": {facet.field: dict(facet.counts) for facet in result.facets},
        "left_out": [
            {"reason": group.reason, "count": group.count, "names": list(group.names)} for group in result.left_out
        ],
        "ladder": [
            {
                "concerns": list(step.concerns),
                "rungs": list(step.rungs),
                "sentence": step.sentence,
                "dead_end": step.is_dead_end,
            }
            for step in result.ladder
        ],
        "nearby": [match_json(match) for match in result.nearby],
        "hand_over": [{"reason": one.reason, "to": one.to} for one in result.hand_over],
    }


def left_out(report: LeftOutReport) -> dict[str, Any]:
    """What was left out and why; a withheld service by name alone."""
    return {
        "count": report.count,
        "looked_at": report.looked_at,
        "of": report.total,
        "groups": [
            {
                "reason": group.reason,
                "count": group.count,
                "services": [
                    {"id": one.id, "name": one.name, **({"fact": one.fact} if one.fact else {})}
                    for one in group.services
                ],
            }
            for group in report.groups
        ],
    }


def why(found: Why) -> dict[str, Any]:
    """Why one service stands where it does, and what would change that."""
    return {
        "service": service_json(found.service),
        "place": found.place,
        "of": found.of,
        "left_out": found.left_out or None,
        "match": match_json(found.match) if found.match else None,
        "facts": [
            {
                "name": fact.name,
                "verdict": fact.verdict.value,
                "about_whom": fact.about_whom,
                "sentence": fact.sentence,
            }
            for fact in found.facts
        ],
        "beside": list(found.beside),
        "changes": [{"sentence": change.sentence, "place": change.place} for change in found.changes],
    }


def match_json(match: Match) -> dict[str, Any]:
    """One match with its reasons; the service's public fields only."""
    return {
        **service_json(match.service),
        "score": match.score,
        "distance_m": round(match.distance_m) if match.distance_m is not None else None,
        "reasons": [
            {"signal": reason.signal, "value": reason.value, "weight": reason.weight, "sentence": reason.sentence}
            for reason in match.reasons
        ],
        "ask_first": list(match.ask_first),
        "cautions": list(match.cautions),
        "freshness": match.freshness,
    }


def service_json(service: ServiceDocument) -> dict[str, Any]:
    """What anybody may see of a service. Facts not known are left out rather than null or empty."""
    fields: dict[str, Any] = {
        "id": service.id,
        "source_id": service.source_id,
        "also": list(service.also),
        "name": service.name,
        "organization": service.organization,
        "description": service.description,
        "kind": service.kind,
        "families": list(service.families),
        "phone": service.phone,
        "phone_note": service.phone_note,
        "text_or_chat": service.text_or_chat,
        "url": service.url,
        "address": service.address,
        "city": service.city,
        "postal_code": service.postal_code,
        "delivery": list(service.delivery),
        "referral_routes": list(service.referral_routes),
        "languages": list(service.languages),
        "minimum_age": service.age.minimum,
        "maximum_age": service.age.maximum,
        "age_known": service.age.known.value,
        "age_about": service.age.about,
        "gender_known": service.gender.known.value,
        "gender_rule": service.gender.rule,
        "coverage_known": service.coverage.known.value,
        "areas": list(service.coverage.areas),
        "boundary": service.coverage.boundary.value,
        "divisions": list(service.coverage.divisions),
        "schools": list(service.coverage.schools),
        "over_wide": service.over_wide or None,
        "stages_known": _if_known(service.stages.known),
        "school_stages": list(service.stages.stages),
        "registration_known": _if_known(service.registration.known),
        "registration": list(service.registration.places),
        "opening_hours": opening.to_cell(service.hours),
        "opening_hours_as_of": service.hours_as_of,
        "capacity": capacity.to_cell(service.capacity),
        "access_offers": list(service.access.offers),
        "access_lacks": list(service.access.lacks),
        "visibility": service.visibility.value,
        "status": service.status,
        "confidence": service.confidence,
        "assurance": "" if service.assurance.state is State.SOURCE_CHECKED else service.assurance.state.value,
        "as_of": service.as_of,
        "source": service.source_name,
        "licence": service.licence,
    }
    return {name: value for name, value in fields.items() if value not in ("", None, [])}


def _if_known(known: Known) -> str:
    return "" if known is Known.UNKNOWN else known.value


def _plan_ids(plan: Plan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "pathway": plan.pathway,
        "steps": [
            {"when": step.when, "need": step.need, "services": [match.service.source_id for match in step.matches]}
            for step in plan.steps
        ],
        "gaps": list(plan.gaps),
    }


def _plan_whole(plan: Plan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "pathway": plan.pathway,
        "title": plan.title,
        "steps": [
            {
                "when": step.when,
                "need": step.need,
                "label": step.label,
                "services": [match.service.source_id for match in step.matches],
                "gap": step.gap or None,
                "advice": step.advice or None,
                "again": step.again or None,
            }
            for step in plan.steps
        ],
        "gaps": list(plan.gaps),
        "notes": [{"text": note.text, "source": note.source, "check": note.check or None} for note in plan.notes],
        "guides": list(plan.guides),
    }


def _council(place: Place | None) -> str | None:
    """The GSS code of the council that holds most of a place."""
    return place.main_council.gss if place and place.main_council else None
