"""A registration's services just as the record would keep them: what staff see, agree to, and what is then written."""

from datetime import datetime

from directory import rows
from directory.draft import ServiceDraft
from directory.editing import checking, fields, hand
from directory.errors import BadInput
from directory.partners import service_answers
from directory.partners.claims import Claimable
from directory.partners.registrations import Kept
from directory.records import SourceInfo
from directory.values import Confidence, Visibility

SOURCE = SourceInfo(
    service_answers.SOURCE_ID, "Told by the services themselves", "The organisations that provide them", "Facts",
    "Written by the organisation that provides the service, and agreed by two people of the single point of contact.",
    standing="provider",
)  # fmt: skip


def as_published(kept: Kept, claimed: Claimable | None, at: datetime) -> tuple[ServiceDraft, ...]:
    """Every service of a registration; the first is the one that it claims, where it claims one.

    All are of the organization that was checked. Of a confidential place there is nothing, also where only the record
    knew that it is. Raises BadInput for what cannot be in the record.
    """
    owns = [each.own for each in kept.answers.services]
    return tuple(
        _kept(kept, service_answers.draft(kept.answers, own, at), claimed if place == 0 else None, at)
        for place, own in enumerate(owns)
    )


def _kept(kept: Kept, draft: ServiceDraft, claimed: Claimable | None, at: datetime) -> ServiceDraft:
    who = kept.answers.organization
    content = rows.content(draft) | {
        "source": SOURCE.id, "organization": who.name, "charity_number": who.charity_number, "source_url": "",
        "same_as": "", "confidence": Confidence.CONFIRMED.value, "as_of": at.date().isoformat(),
    }  # fmt: skip
    withheld = rows.is_withheld(content) or (claimed is not None and claimed.withheld)
    if withheld:
        content |= {name: fields.default(name) for name in (*fields.OF_A_PLACE, "text_or_chat", "alert")}
        content["premises"] = fields.normal("premises", {"visibility": Visibility.UNDISCLOSED.value})
        content["hours"] = {**rows.content(draft)["hours"], "text": ""}
        content["coverage"] = {**content["coverage"], "outcodes": [], "schools": []}
    if claimed is not None and claimed.withheld:
        named = {"name": claimed.name, "organization": claimed.organization, "description": hand.CONFIDENTIAL}
        content |= named
    for name in fields.FREE_TEXT:
        checking.text(name, content[name], withheld)
    if not content["families"]:
        raise BadInput("Families of services: none is chosen.", "Send it back, and ask what it does.", "families")
    checking.whole({}, content)
    return fields.draft_of(content)
