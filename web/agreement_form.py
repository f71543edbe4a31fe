"""The form in which an agreement is written down, and the words that are read out before."""

from collections.abc import Mapping
from datetime import timedelta

from directory.referrals import wording
from directory.referrals.agreement_rules import AgreementSaid
from directory.referrals.loop import Loop
from directory.referrals.tables import Agreement, Case
from directory.referrals.working_time import today
from web.loop_forms import day, items

CATEGORIES = "identity|contact|need|access|risk_flag|notes"
START: Mapping[str, str] = {
    "given_by": "self",
    "how": "phone",
    "wording_format": "plain",
    "purposes": "refer|feedback",
    "categories": CATEGORIES,
    "feedback": "outcome",
    "language": "en",
}
AS_BEFORE = ("given_by", "capacity_basis", "evidence_seen", "wording_format", "language")
"""Of the person's last agreement: how they agree is not asked again, what to is."""
PRESUMED = {"12_15": "presumed_12_over", "16_17": "presumed_12_over", "18_25": "adult", "26_over": "adult"}
"""Why somebody's own word counts when nothing speaks against it, by age band; under 12 it is looked at each time."""
SPOKEN_AS = {"easy_read": "easy_read", "bsl": "bsl", "interpreter": "interpreter"}
"""Access need → list wording_format."""
LISTS = (
    "given_by", "capacity_basis", "evidence", "child_view", "how", "wording_format", "purpose", "category", "feedback",
    "beside_parent",
)  # fmt: skip
MONTH_DAYS = 30


def start(case: Case, before: Agreement | None) -> dict[str, str]:
    """What the form begins with, from what the case and the person's last agreement say already."""
    if before is not None:
        return {**START, **{name: getattr(before, name) for name in AS_BEFORE}}
    formats = [SPOKEN_AS[code] for code in case.access.split("|") if code in SPOKEN_AS]
    found = {
        "capacity_basis": PRESUMED.get(case.age_band, ""),
        "wording_format": formats[0] if formats else START["wording_format"],
        "language": case.languages.split("|")[0] or START["language"],
    }
    return {**START, **found}


def said(form: Mapping[str, str], service_id: str) -> AgreementSaid:
    """What a worker wrote down; `agreement_rules` judges it. Raises BadInput for a day that is none."""
    version = form.get("wording_version", "")
    return AgreementSaid(
        service_id=service_id,
        given_by=form.get("given_by", ""),
        capacity_basis=form.get("capacity_basis", ""),
        evidence_seen=form.get("evidence_seen", ""),
        child_view=form.get("child_view", ""),
        how=form.get("how", ""),
        wording_format=form.get("wording_format", ""),
        language=form.get("language", "") or "en",
        purposes=form.get("purposes", ""),
        categories=form.get("categories", ""),
        feedback=form.get("feedback", ""),
        share_back=form.get("share_back") == "yes",
        review_by=day(form.get("review_by", ""), "review_by", needed=False),
        parent_of_both=form.get("parent_of_both") == "yes",
        beside_parent=form.get("beside_parent", ""),
        wording_version=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None,
    )


def spoken(loop: Loop, service: str, organization: str, form: Mapping[str, str]) -> str:
    """The words to read out for this service, in the form that was chosen."""
    until = today(loop.clock()) + timedelta(days=MONTH_DAYS * loop.policy.number("law", "agreement_months"))
    return wording.spoken(
        form.get("wording_format") or "plain",
        service=service,
        organization=organization,
        categories=form.get("categories") or CATEGORIES,
        feedback=form.get("feedback") or "outcome",
        review_by=until,
        texts=loop.texts,
    )


def lists() -> dict[str, list[dict[str, str]]]:
    """Every closed list of the form, as options."""
    return {name: items(name) for name in LISTS}
