"""A service of a registration as pages would show it, before anybody has agreed: nothing is written.

It is folded as a row of the record is, so that the preview can promise no more than the pages keep.
"""

from dataclasses import fields
from datetime import datetime

from directory import records
from directory.draft import ServiceDraft
from directory.feeds import standing
from directory.feeds.assurance import State, Word
from directory.search import fold
from directory.search.document import ServiceDocument
from directory.search.telling import Telling

SOURCE_NAME, LICENCE = "The provider itself", "Its own word"
_SHARED = frozenset(each.name for each in fields(ServiceDraft)) & frozenset(each.name for each in fields(Telling))


def preview(draft: ServiceDraft, at: datetime) -> ServiceDocument:
    """How a service would stand if it were agreed at this moment. Raises ValueError for one that is closed."""
    own = records.service_id(draft.source, draft.source_id)
    word = Word(own, State.PROVIDER_CONFIRMED, at, "provider")
    told = Telling(
        id=own, source_name=SOURCE_NAME, licence=LICENCE, words=(word,), standing=standing.PROVIDER,
        **{name: getattr(draft, name) for name in _SHARED},
    )  # fmt: skip
    document = fold.fold([told])
    if document is None:
        raise ValueError("status: nobody finds a service that is closed")
    return document
