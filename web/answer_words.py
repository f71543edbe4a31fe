"""What a provider's page calls each field it may show, and how it says where a referral stands."""

from collections.abc import Mapping

from directory.referrals.lifecycle import State

FIELDS: Mapping[str, str] = {
    "need": "Help wanted", "urgency": "How soon", "age_band": "Age", "relation": "Who they are", "council": "Lives in",
    "languages": "Language", "access": "Needs, to take part", "contact_kind": "To be reached by",
    "safety_flag": "Care needed to keep somebody safe", "name": "Name to use", "contact": "Contact",
    "contact_hours": "When", "contact_voicemail": "Voicemail", "notes": "Notes, in the person’s own words",
    "worker": "Worker to ask for", "sent_on": "Sent", "ended_on": "Ended", "state": "How it ended",
    "decline_reason": "Your reason", "engagement": "Did they take part", "service": "What was given",
    "need_result": "What they needed", "reference": "Reference", "organization": "For", "spoc_phone": "Our phone",
}  # fmt: skip
"""Every field of every tier (`disclosure.TIERS`) that a page shows, in words."""
_S = State
STANDING: Mapping[State, str] = {
    _S.DRAFT: "This was taken back. There is nothing for you to do.",
    _S.SENT: "Can you help this person?",
    _S.RECEIVED: "Can you help this person?",
    _S.INFO_REQUESTED: "You have asked us a question. You can still answer now.",
    _S.ACCEPTED: "You have said yes. Please make first contact.",
    _S.WAITLISTED: "They are on your waiting list.",
    _S.SCHEDULED: "First contact is fixed.",
    _S.IN_SERVICE: "You are helping them.",
    _S.PAUSED: "The person has asked to wait. Please do not contact them. We tell you when it goes on.",
    _S.NOT_REACHED: "You could not reach them. A worker is checking how they can be reached.",
    _S.DECLINED: "You have said no. If that changes, tell us.",
    _S.UNANSWERED: "No answer came in time, so we looked for other help. You can still answer.",
    _S.WITHDRAWN: "This was withdrawn. Please stop, and delete what you need not keep.",
    _S.CLOSED: "This is closed.",
    _S.VOID: "This was sent by mistake. Please delete what you need not keep.",
}
