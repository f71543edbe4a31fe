"""A `MatchResult` as plain JSON values: what `waymark match --json`, the batch run and the pages' JSON give."""

from typing import Any

from directory.matching import understanding
from directory.matching.results import Match, MatchResult, Plan
from directory.search.document import ServiceDocument
from directory.values import Place


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
        "visibility": service.visibility.value,
        "status": service.status,
        "confidence": service.confidence,
        "as_of": service.as_of,
        "source": service.source_name,
        "licence": service.licence,
    }
    return {name: value for name, value in fields.items() if value not in ("", None, [])}


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
            }
            for step in plan.steps
        ],
        "gaps": list(plan.gaps),
        "notes": [{"text": note.text, "source": note.source} for note in plan.notes],
    }


def _council(place: Place | None) -> str | None:
    """The GSS code of the council that holds most of a place."""
    return place.main_council.gss if place and place.main_council else None
