"""What a person types of a source, as it was typed: `feeds.sources` checks it, and every mistake is shown again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from directory.errors import BadInput
from directory.feeds import sources
from directory.feeds.sources import SourceSettings
from directory.places import areas

KINDS: Mapping[str, str] = {
    "oruk": "Open Referral UK 3.0 feed",
    "oruk-1": "Open Referral UK 1.x feed",
    "hsds-package": "HSDS data package (CSV in a ZIP file)",
    "hsds-json": "HSDS 3 JSON file",
    "aliss": "ALISS search (v4.1)",
    "aliss-import": "ALISS import (v5)",
}
"""Kinds that can be added by an address, named as in `ingest.kinds` (a test compares); tables have their own pages."""
RHYTHMS: Mapping[str, str] = {
    "": "Only when somebody asks",
    "6": "Every 6 hours",
    "24": "Every day",
    "168": "Every week",
    "672": "Every 4 weeks",
}
RESERVED = frozenset({"add", "links", "spreadsheets", "duplicates"})
"""Addresses under /staff/sources that are no source's."""
TEXTS = ("id", "name", "kind", "url", "publisher", "licence", "attribution", "standing", "every_hours", "council")
COUNCIL = "council"
"""Option of a source: GSS code of the council area that its "city wide" means."""


@dataclass(frozen=True, slots=True)
class SourceForm:
    """What was typed, exactly. `seen` marks the settings that the person had before them."""

    values: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    seen: str = ""

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


def of_settings(settings: SourceSettings) -> SourceForm:
    """The form that shows a source's settings."""
    every = settings.every_hours
    values = {name: str(getattr(settings, name)) for name in TEXTS if hasattr(settings, name)}
    values |= {"every_hours": str(every) if every else "", "council": str(settings.options.get(COUNCIL, ""))}
    return SourceForm(values, settings.active, mark(settings))


def read(form: FormData) -> SourceForm:
    """What came from a page."""
    said = {name: value for name, value in form.items() if isinstance(value, str)}
    values = {name: said.get(name, "").replace("\0", "") for name in TEXTS}
    return SourceForm(values, said.get("active") == "yes", said.get("seen", ""))


def added(form: SourceForm) -> SourceSettings:
    """The source to add. Raises BadInput with the first mistake, naming its field."""
    if form["id"].strip() in RESERVED:
        raise BadInput("That short name is taken by a page of ours.", "Choose another.", "id")
    if form["kind"] not in KINDS:
        raise BadInput("Choose what kind of feed it is.", "Whoever publishes it can say.", "kind")
    if not form["url"].strip():
        raise BadInput("The address is missing.", "Write it like https://feeds.example/services.", "url")
    new = SourceSettings(
        id=form["id"], name=form["name"], publisher=form["publisher"], licence=form["licence"],
        attribution=form["attribution"], kind=form["kind"], url=form["url"], standing=form["standing"] or "feed",
        every_hours=_hours(form["every_hours"]), options=_options({}, form["council"]),
    )  # fmt: skip
    return sources.checked(new)


def amended(form: SourceForm, kept: SourceSettings) -> SourceSettings:
    """The settings with what was typed; of a source that came with Waymark only what a person may set."""
    new = replace(
        kept,
        url=form["url"].strip(),
        every_hours=_hours(form["every_hours"]),
        active=form.active,
        options=_options(kept.options, form["council"]),
    )
    if not kept.shipped:
        new = replace(
            new, name=form["name"], publisher=form["publisher"], licence=form["licence"],
            attribution=form["attribution"], standing=form["standing"],
        )  # fmt: skip
    return new


def mark(settings: SourceSettings) -> str:
    """A mark that changes when a person's settings do: the next run's time is no setting."""
    return hashlib.sha256(repr(replace(settings, next_run_at=None)).encode()).hexdigest()[:16]


def _hours(text: str) -> int | None:
    if not text.strip():
        return None
    if text.isascii() and text.isdigit() and len(text) < 6:
        return int(text)
    raise BadInput("The hours between two runs are not a whole number.", "Choose from the list.", "every_hours")


def _options(kept: Mapping[str, object], council: str) -> Mapping[str, object]:
    rest = {name: value for name, value in kept.items() if name != COUNCIL}
    if not council:
        return rest
    if council not in {area.gss for area in areas.councils()}:
        raise BadInput("There is no such council area.", "Choose from the list.", "council")
    return {**rest, COUNCIL: council}
