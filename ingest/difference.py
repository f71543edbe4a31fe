"""What a run would change, in figures and examples for the person who says yes or no; nothing of a withheld place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from directory import rows
from directory.prepared import Prepared

CONTACT = ("phone", "url", "text_or_chat")
PLACE = ("address_1", "address_2", "city", "postal_code", "visibility")


@dataclass(slots=True)
class Difference:
    """Counts of all, and the first few of each as examples."""

    MOST: ClassVar[int] = 50
    """Examples kept of each."""
    figures: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("made", "changed", "contacts", "unlisted"), 0)
    )
    examples: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in ("made", "changed", "contacts", "unlisted")}
    )

    @property
    def contacts(self) -> int:
        """Services whose number, address or place would be another."""
        return self.figures["contacts"]

    def made(self, new: Prepared) -> None:
        """A service that is not in the record yet."""
        self._note("made", {"id": new.id, "name": new.plain["name"]})

    def changed(self, new: Prepared, before: Mapping[str, Any], counted: bool = True) -> None:
        """A service that is, with its content as the record has it; `counted`: its contact data counts as changed."""
        silent = rows.is_withheld(new.plain) or rows.is_withheld(before)
        found = list(rows.changed_fields(before, new.plain))
        contact = [change for change in found if is_contact(change[0])]
        named = {"id": new.id, "name": new.plain["name"]}
        self._note("changed", {**named, "fields": [name for name, _, _ in found]})
        if contact and counted:
            told = [_told(name, "" if silent else old, "" if silent else now) for name, old, now in contact]
            self._note("contacts", {**named, "changes": told})

    def unlisted(self, names: Mapping[str, str], count: int) -> None:
        """The services that the source does not list any more: `count` of them, some with names."""
        self.figures["unlisted"] = count
        self.examples["unlisted"] = [{"id": own, "name": name} for own, name in names.items()]

    def to_json(self) -> dict[str, Any]:
        """{"figures": {"made": 3, …}, "examples": {"made": [{"id", "name"}], "changed": [{"id", "name", "fields"}],
        "contacts": [{"id", "name", "changes": [{"field", "before", "after"}]}], "unlisted": [{"id", "name"}]}}"""
        return {"figures": self.figures, "examples": self.examples}

    def _note(self, what: str, example: dict[str, Any]) -> None:
        self.figures[what] += 1
        if len(self.examples[what]) < self.MOST:
            self.examples[what].append(example)


def is_contact(name: str) -> bool:
    """Whether a field, named as in `rows.changed_fields`, says how or where people reach a service."""
    outer, _, inner = name.partition(".")
    return name in CONTACT or (outer == "premises" and inner in PLACE)


def _told(name: str, before: str, after: str) -> dict[str, str]:
    return {"field": name, "before": before, "after": after}
