"""Decides which runs wait for a person: a feed that broke, or was tampered with, must not reach the pages by itself.

Item 26 of the threat table (security.md): more than 20 % of a source's services gone, or the contact data of more
than 5 % changed. In a small source a share says little, so that a few are always let through.
"""

from dataclasses import dataclass

UNLISTED_SHARE, CONTACT_SHARE = 0.20, 0.05
FLOOR = 5
"""Services: with fewer than these concerned (or fewer than all of a smaller source) nothing is held."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a reading would do, in services. `first`: nothing of the source was read before, but the starter."""

    drafts: int
    """Rows of the material that can be used."""
    services: int
    """Of the source, in the record."""
    listed: int
    """Of these, known to be listed."""
    missing: int
    """Of the listed, not in this material."""
    told_again: int
    """Known before, and in this material."""
    contacts: int
    """Of these, with another number, address or place."""
    whole: bool
    first: bool


def why_held(figures: Figures) -> str:
    """Why the run must wait for a person, in a sentence; "" when it need not."""
    if figures.whole and figures.services and not figures.drafts:
        return f"The source handed over no service that can be used, and it had {figures.services:,}."
    if figures.first:
        return ""
    reasons = []
    if _is_much(figures.missing, figures.listed, UNLISTED_SHARE):
        reasons.append(f"no longer lists {figures.missing:,} of its {figures.listed:,} services")
    if _is_much(figures.contacts, figures.told_again, CONTACT_SHARE):
        reasons.append(f"changes the contact data of {figures.contacts:,} of {figures.told_again:,} services")
    return f"The source {' and '.join(reasons)}." if reasons else ""


def _is_much(count: int, base: int, share: float) -> bool:
    """Of a source of one service nothing is much: a person would be asked for every change of a number."""
    return count > share * base and count >= min(FLOOR, max(base, 2))
