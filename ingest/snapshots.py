"""A draft again from what a revision keeps of it, for rows that must change without their source being read anew."""

from collections.abc import Mapping
from typing import Any

import msgspec

from directory.draft import ServiceDraft


def draft(content: Mapping[str, Any]) -> ServiceDraft:
    """The draft of a revision's content (`directory.rows.content`); facts that it is too old to have are not known.

    Raises msgspec.ValidationError for anything else.
    """
    return msgspec.convert(content, ServiceDraft)
