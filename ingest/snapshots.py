"""A draft again from what a revision keeps of it, for rows that must change without their source being read anew."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from directory.draft import AgeLimit, Coverage, GenderRule, Premises, ServiceDraft
from directory.values import Boundary, Confidence, Known, Point, Visibility


def draft(content: Mapping[str, Any]) -> ServiceDraft:
    """The draft of a revision's content (`directory.rows.content`)."""
    plain = {field.name: content[field.name] for field in fields(ServiceDraft) if field.name in content}
    age, gender, cover, place = (dict(plain[name]) for name in ("age", "gender", "coverage", "premises"))
    plain |= {
        "age": AgeLimit(**age | {"known": Known(age["known"])}),
        "gender": GenderRule(**gender | {"known": Known(gender["known"])}),
        "coverage": Coverage(
            Known(cover["known"]), tuple(cover["areas"]), tuple(cover["outcodes"]), Boundary(cover["boundary"])
        ),
        "premises": Premises(
            **place
            | {
                "visibility": Visibility(place["visibility"]),
                "point": Point(**place["point"]) if place.get("point") else None,
            }
        ),
        "status_known": Known(plain["status_known"]),
        "confidence": Confidence(plain["confidence"]),
    }
    lists = {name: tuple(value) for name, value in plain.items() if isinstance(value, list)}
    return ServiceDraft(**plain | lists)
