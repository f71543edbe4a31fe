"""What a plan says of a step that nobody near home can fill, in a sentence that leads on to the nearest there is."""

from collections.abc import Sequence

from directory.matching.enquiry import Enquiry
from directory.search.document import ServiceDocument
from taxonomy import terms
from taxonomy.pathway import Step


def sentence(step: Step, found: Sequence[ServiceDocument], enquiry: Enquiry) -> str:
    """ "No fitting counselling service for under-12s covers Orkney Islands; nearest by phone: Childline." """
    home = enquiry.residence
    place = home.main_council.name if home and home.main_council else home.name if home else "Scotland as a whole"
    said = f"No fitting {_kind(step)}{_for_whom(step, enquiry)} covers {place}"
    if not found:
        return f"{said}."
    nearest = next(filter(_by_phone, found), found[0])
    return f"{said}; {_how(nearest)}: {nearest.name}."


def _kind(step: Step) -> str:
    """What a step looks for: "counselling service", or “legal advice” where one need narrows a family."""
    if len(step.families) > 1 or len(step.needs) == 1:
        return f"service for “{terms.load()['need'].label(step.need).lower()}”"
    return f"{terms.load()['family'].label(step.families[0]).lower()} service"


def _for_whom(step: Step, enquiry: Enquiry) -> str:
    age = enquiry.age
    if age is None or step.need == "family_support":  # the age is the child's, the help the parents'
        return ""
    if age.maximum < 12:
        return " for under-12s"
    return f" for somebody of {age.minimum}" if age.minimum == age.maximum else ""


def _by_phone(service: ServiceDocument) -> bool:
    return bool(service.phone) or "phone" in service.delivery


def _how(service: ServiceDocument) -> str:
    if _by_phone(service):
        return "nearest by phone"
    return "nearest online" if "online" in service.delivery else "for all of Scotland"
