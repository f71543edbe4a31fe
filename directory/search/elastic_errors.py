"""Elasticsearch's failures in our own words: what is wrong, what to do, and no person's words."""

from elasticsearch import ApiError, SerializationError, TransportError, UnsupportedProductError
from elasticsearch import ConnectionError as NoConnection
from elasticsearch import ConnectionTimeout as TimedOut

from directory.errors import NotReady

MAJOR = 9
"""The Elasticsearch whose requests we speak."""
REBUILD = "Run `waymark index rebuild`."
SETTING = "WAYMARK_ELASTICSEARCH_URL"
DOWN = frozenset({502, 503, 504})
"""Answers of a server, or of a proxy before it, that is not there."""


class Refused(NotReady):
    """The server does not take what we ask: most often because the index is in another shape."""


def is_down(error: Exception) -> bool:
    """Whether asking again at once is of no use: nobody there, no answer in time, or one that is none."""
    if isinstance(error, ApiError):
        return error.status_code in DOWN
    return True


def ours(at: str, error: Exception) -> NotReady:
    """An error of the client as ours. `at` is the server's address as it may be shown."""
    if isinstance(error, TimedOut):
        return unreachable(at, "did not answer in time")
    if isinstance(error, NoConnection):
        return _no_connection(at, error)
    if isinstance(error, UnsupportedProductError | SerializationError):
        return not_elasticsearch(at)
    if isinstance(error, ApiError):
        return refused(at, error.status_code, kinds(error.body))
    if isinstance(error, TransportError):
        return unreachable(at, "cannot be reached")
    raise error


def refused(at: str, status: int, said: str = "") -> NotReady:
    """An answer that is an error, by its status and the kinds of error in it."""
    if status == 401:
        return NotReady(
            f"The search server at {at} does not accept our user and password.",
            f"Check them in {SETTING}: https://user:password@…",
        )
    if "cluster_block_exception" in said:
        return NotReady(
            f"The search server at {at} takes no changes: its disk is full, or the index was made read-only.",
            "Free space on it. Nothing is lost: changes wait in the record and go in by themselves.",
        )
    if status == 403:
        return NotReady(
            f"Our user at the search server {at} may not do this.",
            "Give it the privilege monitor, and all privileges on our indices (see docs/deploy.md).",
        )
    if status == 406 or "media_type_header_exception" in said:
        return NotReady(
            f"The server at {at} does not speak as Elasticsearch {MAJOR} does.",
            f"Set {SETTING} to an Elasticsearch {MAJOR}.",
        )
    if status == 404:
        if "index_not_found_exception" in said or "alias" in said:
            return no_index()
        return not_elasticsearch(at)
    if status == 429:
        return NotReady(f"The search server at {at} has too much to do.", "Try again in a minute.")
    if status in DOWN:
        return NotReady(
            f"The search server at {at} cannot answer: part of it is down or still starting.",
            "Look at its log; we ask again by ourselves.",
        )
    return Refused(f"The search server at {at} refused what we asked ({status} {said}).".replace(" )", ")"), REBUILD)


def no_index() -> NotReady:
    return NotReady("There is no index of services at the search server yet.", REBUILD)


def unreachable(at: str, what: str) -> NotReady:
    return NotReady(f"The search server at {at} {what}.", f"Check that it runs, and that {SETTING} is right.")


def not_elasticsearch(at: str) -> NotReady:
    return NotReady(
        f"What answers at {at} is not Elasticsearch.",
        f"Set {SETTING} to an Elasticsearch {MAJOR}; OpenSearch and others cannot be used.",
    )


def another_version(at: str, version: str) -> NotReady:
    told = f"Elasticsearch {version}" if version else "an Elasticsearch that does not tell its version"
    return NotReady(
        f"The search server at {at} is {told}, and Waymark speaks to {MAJOR}.",
        f"Upgrade it to Elasticsearch {MAJOR}, or set {SETTING} to one.",
    )


def kinds(body: object) -> str:
    """The kinds of error in an answer, outermost first: what a message may say."""
    found: list[str] = []

    def look(at: object) -> None:
        if isinstance(at, dict):
            kind = at.get("type")
            if isinstance(kind, str) and kind not in found:
                found.append(kind)
            for part in at.values():
                look(part)
        elif isinstance(at, list):
            for part in at:
                look(part)

    look(body)
    return " ".join(found)


def _no_connection(at: str, error: NoConnection) -> NotReady:
    said = f"{error} {error.errors}".casefold()
    if "certificate has expired" in said:
        return NotReady(f"The certificate of the search server at {at} has expired.", "Renew it and try again.")
    if "certificate" in said or "ssl" in said:
        return NotReady(
            f"The search server at {at} and we cannot agree on a certificate.",
            "Give the file of who signed it in WAYMARK_ELASTICSEARCH_CA, and use the name it was made for.",
        )
    return unreachable(at, "cannot be reached")
