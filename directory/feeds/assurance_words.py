"""The one place for the words that say how a record is known, so that cards, service pages and notes say the same."""

from datetime import date, timedelta

from directory.feeds.assurance import UNLISTED, Assured, State

DOUBTS = {
    "number_dead": "this number may not work",
    "not_theirs": "this number may belong to somebody else",
    "link_broken": "the address of its website does not work",
    "closed": "it may have closed",
    "moved": "it has moved",
    "area_not_served": "it may not serve all of the area that it says",
    "age_not_served": "it may not take all the ages that it says",
    "need_not_served": "it may not help with all that it says",
    "relation_not_served": "it may not help everybody that it says",
    "gender_not_served": "it may not take women, or men, as it says",
    "hours_wrong": "it may be open at other hours",
    "contact_wrong": "its contact for referrals may be wrong",
    "closed_by_provider": "it has closed or changed",
}
"""Codes of `assurance.REASONS` in words, behind "somebody told us that"."""
SHORT = {
    State.SOURCE_CHECKED: "As its source says",
    State.PROVIDER_CONFIRMED: "Confirmed by the service",
    State.SPOC_CONFIRMED: "Confirmed by the single point of contact",
    State.CONTRADICTED: "Contradicted",
    State.STALE: "Stale: must be confirmed anew",
    State.WITHDRAWN: "Withdrawn",
}
"""What staff read for each state."""
ASK = {
    "closed": "Ask whether it still runs.",
    "moved": "Ask where it is now.",
    "area_not_served": "Ask whether it takes people from there.",
    "age_not_served": "Ask whether it takes somebody of this age.",
    "need_not_served": "Ask whether it helps with this.",
    "relation_not_served": "Ask whether it helps this person.",
    "gender_not_served": "Ask whether it takes this person.",
    "hours_wrong": "Ask when it is open.",
    "contact_wrong": "Ask who takes referrals.",
    "closed_by_provider": "Ask whether it still runs.",
}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def said(assured: Assured, today: date) -> str:
    """How a record stands, in a sentence; "" when only its source speaks for it (then its source's date tells)."""
    now = assured.at(today)
    when = spoken_date(now.since)
    if now.state is State.PROVIDER_CONFIRMED:
        return f"Checked by the service, {when}."
    if now.state is State.SPOC_CONFIRMED:
        return f"Checked by the single point of contact, {when}."
    if now.state is State.STALE and assured.state is not State.SOURCE_CHECKED:
        return f"Not confirmed since {when} (stale)."
    return doubt(now)


def doubt(assured: Assured) -> str:
    """What speaks against a record; "" when nothing does."""
    when = spoken_date(assured.since)
    if assured.state is State.CONTRADICTED:
        return f"Somebody told us, {when}, that {' and that '.join(DOUBTS[code] for code in assured.reasons)}."
    if assured.state is not State.WITHDRAWN:
        return ""
    if UNLISTED in assured.reasons:
        return f"Its source no longer lists it, since {when}: ask whether it still runs."
    return f"It was withdrawn, {when}: ask whether it still runs."


def caution(assured: Assured) -> str:
    """A warning that must stand beside the service wherever it is shown; "" when there is none."""
    if assured.state is State.CONTRADICTED:
        asks = [ASK[code] for code in assured.reasons if code in ASK]
        return " ".join([doubt(assured), *asks]) if asks else ""
    return doubt(assured)


def phone_doubt(reason: str, day: str) -> str:
    """The note in place of a number that somebody found to be wrong."""
    what = "belongs to somebody else" if reason == "not_theirs" else "may not work"
    return f"Somebody told us, {spoken_date(day)}, that its number {what}: it is not shown. Use the website or ask."


def spoken_date(day: str) -> str:
    """ "2024", "2024-05" or "2024-05-14" as people say it: 2024, May 2024."""
    year, _, month = day.partition("-")
    return f"{MONTHS[int(month[:2]) - 1]} {year}" if month else year


def day_of(today: int) -> date:
    """The date of a day counted from 1970."""
    return date(1970, 1, 1) + timedelta(days=today)
