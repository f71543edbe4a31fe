"""Which of the partners' tables a new master key must reach: those that the installation's own key seals."""

from directory.partners.review_tables import ServiceReview
from directory.partners.tables import PartnerMember, PartnerSession, Registration
from directory.tables import Base

OWN: tuple[type[Base], ...] = (PartnerMember, PartnerSession, Registration, ServiceReview)
"""Their columns named `*_sealed`."""
