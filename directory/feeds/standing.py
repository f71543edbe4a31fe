"""Whose word counts before whose, of those that tell of one service (docs/adr/0012-whose-word-counts.md)."""

from directory.values import Confidence

PROVIDER, SPOC, REGISTER, FEED = "provider", "spoc", "register", "feed"
PAGE = "page"
"""A fact that we read on the service's own page: its provider's word, at second hand and of some date."""
RANKS = {PROVIDER: 4, SPOC: 3, PAGE: 2, REGISTER: 2, FEED: 1}
READ = frozenset({Confidence.PAGE_READ.value, Confidence.SEVERAL_PAGES.value})


def of(standing: str, confidence: str) -> str:
    """How a row stands: as its source does, but a row that staff confirmed or that was read on a page stands so."""
    if standing == PROVIDER:
        return PROVIDER
    if standing == SPOC or confidence == Confidence.CONFIRMED.value:
        return SPOC
    if standing == FEED and confidence in READ:
        return PAGE
    return standing if standing in RANKS else FEED


def rank(standing: str, confidence: str) -> int:
    """The higher counts before the lower. A page and a register are level: between them the later date counts."""
    return RANKS[of(standing, confidence)]
