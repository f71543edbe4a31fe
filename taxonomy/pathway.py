"""What a pathway is: frozen values, read from a domain lead's text, chosen and filled by others."""

from collections.abc import Iterable
from dataclasses import dataclass

WHEN = ("now", "this_week", "later")
WHO = (
    "child",
    "adult",
    "from16",
    "under12",
    "young",
    "grown_up",
    "self",
    "parent",
    "sibling",
    "witness",
    "now",
    "same_household",
    "partner",
    "survivor",
    "restorative",
)
"""Facts of an enquiry. child, adult, from16 and young (at most 25) hold when the age *may* be so; under12 and grown_up
(18 and over) only when it is; survivor when a grown-up tells of what was done to them as a child; restorative when the
person asked for it."""
OWN_GROUP = "own_group"
PREFERS = ("crisis", "near", OWN_GROUP)
"""What a step may prefer: services made for crisis, those of the person's own area, or those for a group the person
belongs to. Nobody else is of their group: where none is known, a step that prefers those falls away."""
FORMS = {"under_12": (0, 11), "12_15": (12, 15), "16_17": (16, 17), "adult": (18, 120)}
"""Age forms of the person harmed."""
OTHER_FORMS = {"under_12": (0, 11), "from_12": (12, 120)}
"""Age forms of the child who harmed: the law is another below 12."""

Span = tuple[int, int] | None
"""Youngest and oldest somebody may be, in whole years."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a note or a piece of a guide is for. Empty is everybody; what is not known of somebody rules nothing out."""

    forms: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()

    def includes(self, age: Span, other_age: Span, relation: str | None) -> bool:
        """Whether it is for a person of this age (None: unknown), harmed by a child of that age, with this relation."""
        return (
            _overlaps(self.forms, FORMS, age)
            and _overlaps(self.other, OTHER_FORMS, other_age)
            and (not self.relations or relation is None or relation in self.relations)
        )


def _overlaps(asked: Iterable[str], forms: dict[str, tuple[int, int]], age: Span) -> bool:
    names = tuple(asked)
    return not names or age is None or any(forms[name][0] <= age[1] and age[0] <= forms[name][1] for name in names)


@dataclass(frozen=True, slots=True)
class Choice:
    """When a pathway is taken: every list that is not empty has one that was said, and every fact of `who` holds.

    `words` are phrases of which one was said, word for word.
    """

    harms: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    harmed_by: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when, the need it answers, and which services can answer it.

    A service can when it has one of `families` and, where `needs` is given, one of those needs. The step is taken when
    every fact of `who` holds, one of `harms` and of `harmed_by` was said (where given), and the person lives in one of
    `areas` and in none of `except_areas` (names of council areas or health boards). `limit` is how many services to
    show. Where some that can answer it are what it `prefers`, it is filled with those alone. `advice` is what to do
    beside ringing somebody.
    """

    when: str
    need: str
    label: str
    families: tuple[str, ...]
    needs: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    harmed_by: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    except_areas: tuple[str, ...] = ()
    limit: int = 3
    prefers: str = ""
    """One of PREFERS, or nothing."""
    advice: str = ""
    line: int = 1
    """Where it stands in its text."""


@dataclass(frozen=True, slots=True)
class Note:
    """A legal or practical note with its source. `check` says what a lawyer must look at before it is relied on."""

    text: str
    source: str
    check: str = ""
    audience: Audience = Audience()


@dataclass(frozen=True, slots=True)
class Pathway:
    """Ordered steps for one kind of harm. `choices` empty: the general one, taken when no other is."""

    id: str
    title: str
    about: str
    priority: int
    choices: tuple[Choice, ...]
    steps: tuple[Step, ...]
    notes: tuple[Note, ...] = ()
    guides: tuple[str, ...] = ()
    sample: str = ""
    """A made-up enquiry that takes this pathway, to try an edit with."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of an enquiry decides its pathway. Codes are taxonomy codes; `who` are facts of `WHO`."""

    harms: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    harmed_by: tuple[str, ...] = ()
    relation: str | None = None
    groups: tuple[str, ...] = ()
    who: frozenset[str] = frozenset()
    text: str = ""
