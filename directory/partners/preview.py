"""A service of a registration as everybody would see it and as staff would, before anybody has agreed: nothing written.

It is folded as a row of the record is, so that the preview can promise no more than the pages keep.
"""

from dataclasses import dataclass, fields
from datetime import datetime

from directory import records
from directory.draft import ServiceDraft
from directory.feeds import assurance, numbers, quality, standing
from directory.feeds.assurance import Listing, State, Word
from directory.feeds.quality import Facts, Quality
from directory.search import fold
from directory.search.document import ServiceDocument
from directory.search.telling import Telling
from directory.values import Known, Visibility

SOURCE_NAME, LICENCE = "The provider itself", "Its own word"
_SHARED = frozenset(each.name for each in fields(ServiceDraft)) & frozenset(each.name for each in fields(Telling))


@dataclass(frozen=True, slots=True)
class Preview:
    """`document` as pages would show it; `quality` as staff would, with what the record lacks."""

    document: ServiceDocument
    quality: Quality


def preview(draft: ServiceDraft, at: datetime) -> Preview:
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
    return Preview(document, quality.quality(_facts(told), at.date()))


def _facts(told: Telling) -> Facts:
    age = told.age
    return Facts(
        withheld=told.premises.visibility is Visibility.UNDISCLOSED,
        area=told.coverage.known is not Known.UNKNOWN,
        ages=age.known is not Known.UNKNOWN,
        hours=told.hours.known is not Known.UNKNOWN,
        route=bool(told.referral_routes),
        words=len(told.description.split()),
        url=bool(told.url),
        text=bool(told.text_or_chat),
        phones=frozenset(filter(None, [numbers.digits(told.phone)])),
        age_limits=frozenset([(age.minimum, age.maximum)] if age.known is Known.STATED else []),
        sources=1,
        assured=assurance.standing(told.words, Listing(), told.as_of),
    )
