"""What is read out before somebody agrees, put into words for one service; `texts` holds the words themselves."""

from datetime import date

from directory.referrals import codes
from directory.referrals.texts import EASY_READ, REFER, Texts, Wording, shipped

__all__ = ("EASY_READ", "REFER", "Wording", "spoken", "wording")


def wording(form: str, own: str = REFER) -> Wording:
    """The shipped text for a form of list wording_format."""
    return shipped().wording(form, own)


def spoken(
    form: str,
    *,
    service: str,
    organization: str,
    categories: str,
    feedback: str,
    review_by: date,
    own: str = REFER,
    texts: Texts | None = None,
) -> str:
    """The text as it is read out for this service; `categories` are codes joined by "|", `texts` the words in use."""
    shared = [codes.label("category", code).lower() for code in categories.split("|") if code]
    return (
        (texts or shipped())
        .wording(form, own)
        .text.format(
            service=service,
            organization=organization,
            categories="; ".join(shared),
            feedback=codes.label("feedback", feedback).lower(),
            review_by=f"{review_by.day} {review_by:%B %Y}",
        )
    )
