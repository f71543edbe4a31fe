"""What Elasticsearch is told of our fields, and a document as it is sent: strict, so that nothing slips in unseen."""

import re
from datetime import datetime
from functools import cache
from typing import Any

from directory.search import indexed
from directory.search.columns import AGE_OPEN
from directory.search.document import ServiceDocument
from directory.search.elastic_packing import FIELD, packed
from directory.search.elastic_query import AGES, PLACES, POINT
from directory.search.index import COLUMNS
from directory.values import Visibility

REFRESH = "1s"
"""How soon what others wrote is found; the writer itself waits for it."""
SCHEMA = 1
"""Raised whenever `mapping`, `settings` or `source` change."""
LONGEST_TERM = 8_000
"""Characters of one exact term: Lucene takes 32,766 bytes, four at most a character. No id or code comes near."""
_NAME = re.compile(r"(?P<alias>.+)-v(?P<version>[0-9.]+-[0-9a-f]{16})-(?P<time>\d{8}t\d{6}-\d{6})")


@cache
def version() -> str:
    """Of fields, words and vocabulary together: an index of another version is made anew."""
    return indexed.version(SCHEMA)


def index_name(alias: str, at: datetime) -> str:
    """ "waymark-v2.1.1.1-0a1b…-20261122t120000-000000": the version it was made in, and when (UTC)."""
    return f"{alias}-v{version()}-{at:%Y%m%dt%H%M%S-%f}"


def version_of(name: str) -> str:
    """The version in an index's name; empty when the name is none of ours."""
    found = _NAME.fullmatch(name)
    return found["version"] if found else ""


def made_at(name: str) -> str:
    """The moment in an index's name, as text that sorts; empty when the name is none of ours."""
    found = _NAME.fullmatch(name)
    return found["time"] if found else ""


def is_newer(other: str) -> bool:
    """Whether a version was made by a later Waymark than this one; versions of one number differ by vocabulary only."""
    return _numbers(other) > _numbers(version())


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.partition("-")[0].split(".") if part)


def settings() -> dict[str, Any]:
    """One shard: the words of all services are counted together, so scores are the embedded engine's own.

    A second node gets a copy of everything by itself.
    """
    return {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        "refresh_interval": REFRESH,
        "max_result_window": PLACES,
        "gc_deletes": "1h",  # how long a removal is remembered, so that a late write cannot undo it
        "merge.policy.expunge_deletes_allowed": 0,  # a place that is withheld from now on leaves the files too
        "mapping.total_fields.limit": 200,
    }


def mapping() -> dict[str, Any]:
    """Every field of `indexed.indexed`, ages as one range, an exact point; the document is stored whole.

    A column each, for whoever looks into the index with Elasticsearch's own tools, and all packed into one for us.
    """
    words = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
    term = {"type": "keyword", "doc_values": False, "norms": False, "ignore_above": LONGEST_TERM}
    counted = {"type": "keyword", "ignore_above": LONGEST_TERM}
    number = {"type": "long", "index": False}
    fields: dict[str, Any] = dict.fromkeys(indexed.TEXT_FIELDS, words)
    fields |= dict.fromkeys(indexed.TERM_FIELDS, term)
    fields |= dict.fromkeys(("id", "family", "delivery", "order", *indexed.COUNTED_FIELDS), counted)
    fields |= {indexed.column(name): number for name in COLUMNS}
    fields |= {
        "key": {"type": "long"},
        AGES: {"type": "integer_range"},
        POINT: {"type": "geo_point"},
        FIELD: {"type": "binary", "doc_values": True},
        "fingerprint": {"type": "keyword", "index": False},
        "stored": {"type": "keyword", "index": False, "doc_values": False},
    }
    return {
        "dynamic": "strict",
        "_source": {"includes": ["stored"]},
        "_meta": {"made_by": "waymark", "version": version()},
        "properties": fields,
    }


def source(doc: ServiceDocument) -> dict[str, Any]:
    """One document as it is sent."""
    fields: dict[str, Any] = indexed.indexed(doc)
    youngest, oldest = fields.pop("fit_min"), fields.pop("fit_max")
    ages = {"gte": youngest} if oldest == AGE_OPEN else {"gte": youngest, "lte": oldest}
    point = doc.point if doc.visibility is Visibility.EXACT else None
    stored = indexed.stored(doc)
    return {
        **fields,
        FIELD: packed(fields),
        AGES: ages,
        **({POINT: {"lat": point.lat, "lon": point.lon}} if point else {}),
        "fingerprint": ServiceDocument.from_json(stored).fingerprint,  # of what is stored: without a withheld place
        "stored": stored,
    }
