"""What people call the fields of a record, wherever a change names them."""

FIELDS = {
    "phone": "phone number", "url": "web address", "premises": "address", "status": "whether it runs",
    "coverage": "area it serves", "age": "ages", "hours": "opening hours", "source_id": "the source’s own id",
    "as_of": "date of the facts", "needs": "what it helps with", "relations": "whom it helps",
    "referral_contact": "contact for referrals", "referral_routes": "who can refer",
    "source_url": "page it was read on",
}  # fmt: skip
"""What people call a field of a draft, where its own name is not plain."""


def field_words(name: str) -> str:
    """A field of a draft ("age.minimum") as people call it."""
    first, _, rest = name.partition(".")
    return FIELDS.get(first, first.replace("_", " ")) + (f" ({rest.replace('_', ' ')})" if rest else "")
