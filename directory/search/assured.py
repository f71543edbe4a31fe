"""What people said of a service, brought to its document: how it stands, and which number and link may be shown."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from directory.feeds import assurance, assurance_words
from directory.feeds.assurance import Assured, Listing, State, Word
from directory.feeds.assurance_words import spoken_date
from directory.search.telling import Telling
from directory.search.weighing import said_by
from directory.values import Confidence

HEARSAY_NOTE = "No checked number is known: use the website or ask."
OF_A_PLACE = frozenset({"phone", "url", "premises"})
"""Facts that a withheld service does not show: nothing is said of them either."""


def standing(rows: Sequence[Telling], as_of: str) -> Assured:
    """How the record stands, for its document: never who said so; a source's own word has no date beside `as_of`."""
    found = whole(rows, as_of)
    return Assured() if found.state is State.SOURCE_CHECKED else replace(found, by="")


def is_active(row: Telling) -> bool:
    """Whether a row speaks for a service that runs: its source still has it, or somebody has confirmed it since."""
    gone = row.listing.unlisted_at if row.listing.dropped else None
    since = [word for word in row.words if word.state in assurance.CONFIRMED and gone and word.at > gone]
    return row.status == "active" and (gone is None or bool(since))


def is_closed(rows: Sequence[Telling]) -> bool:
    """Whether the service said itself that it has closed, and nobody has confirmed any of its rows since."""
    return assurance.is_closed_by_provider(_spoken(rows))


def whole(rows: Sequence[Telling], as_of: str) -> Assured:
    """How the record stands by what was said of any of its rows; unlisted once no source lists it."""
    hidden = any(row.is_withheld for row in rows)
    words = [word for word in _spoken(rows) if not (hidden and OF_A_PLACE & set(word.fields))]
    missed = [row.listing.unlisted_at for row in rows if not row.listing.listed]
    gone = len(missed) == len(rows)
    listing = Listing(False, max((at for at in missed if at), default=None)) if gone else Listing()
    return assurance.standing(words, listing, as_of)


def phone(rows: Sequence[Telling]) -> tuple[str, str]:
    """The number shown and the note beside it; hearsay is shown once somebody has confirmed that very number."""
    known = _undoubted([row for row in rows if row.phone], "phone", lambda row: re.sub(r"\D", "", row.phone))
    shown = [row for row in known if row.confidence is not Confidence.GENERAL_KNOWLEDGE or _confirms_number(row)]
    if shown:
        best = max(shown, key=lambda row: row.counts("phone"))
        said = assurance.confirmed_in((*_spoken(rows, whole=True), *best.words), "phone")
        told = (Confidence.CONFIRMED, said.at.date().isoformat()) if said else (best.confidence, best.as_of)
        return best.phone, f"{best.phone_note} {freshness(*told)}".strip()
    doubts = [word for word in assurance.doubted(_spoken(rows)) if "phone" in word.fields]
    if doubts:
        return "", assurance_words.phone_doubt(doubts[-1].reason, doubts[-1].at.date().isoformat())
    if known:
        return "", HEARSAY_NOTE
    return "", said_by(rows, lambda row: row.phone_note)


def url(rows: Sequence[Telling]) -> str:
    """The web address of the row whose word counts most; none that somebody found broken."""
    return said_by(_undoubted(rows, "url", lambda row: row.url), lambda row: row.url, "url")


def freshness(confidence: Confidence, as_of: str) -> str:
    """How a number is known, for people."""
    day = spoken_date(as_of)
    if confidence is Confidence.CONFIRMED:
        return f"Confirmed, {day}." if day else "Confirmed."
    if confidence is Confidence.REGISTER:
        return f"From a public register, {day}." if day else "From a public register."
    return f"Not confirmed. Read on a page of {day}." if day else "Not confirmed. Date of the page not known."


def _confirms_number(row: Telling) -> bool:
    return assurance.confirmed_in(row.words, "phone", alone=True) is not None


def _spoken(rows: Sequence[Telling], whole: bool = False) -> list[Word]:
    """All that was said of any of the rows; `whole`: of the record as a whole only."""
    return [word for row in rows for word in row.words if not (whole and word.fields)]


def _undoubted(rows: Sequence[Telling], field: str, value: Callable[[Telling], str]) -> list[Telling]:
    """The rows whose word on a field stands: neither it nor the same from another row is contradicted."""
    whole = _spoken(rows, whole=True)
    doubted = {
        value(row)
        for row in rows
        if row.words and any(field in word.fields for word in assurance.doubted((*whole, *row.words)))
    }
    return [row for row in rows if value(row) not in doubted] if doubted else list(rows)
