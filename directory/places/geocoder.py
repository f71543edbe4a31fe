"""Looks up the postcodes of services' addresses at postcodes.io, when an adopter has switched it on.

For published addresses of services only. A person's postcode is never sent to anybody: it is read from our own tables
(`gazetteer.py`). Nor is the postcode of a place that is withheld: `ServiceGeocoder` takes premises, not texts, and
refuses those. Off unless WAYMARK_GEOCODER says so; geopy and httpx are loaded with this module, which nothing loads at
start.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import UnionType
from typing import Any
from urllib.parse import quote

import httpx
from geopy.adapters import AdapterHTTPError, BaseAsyncAdapter
from geopy.exc import (
    GeocoderParseError,
    GeocoderQueryError,
    GeocoderRateLimited,
    GeocoderServiceError,
    GeocoderTimedOut,
    GeocoderUnavailable,
)
from geopy.extra.rate_limiter import AsyncRateLimiter
from geopy.geocoders.base import DEFAULT_SENTINEL, NONE_RESULT, Geocoder
from geopy.location import Location

from directory import http
from directory.draft import Premises
from directory.errors import BadInput, SourceUnavailable
from directory.places import areas, postcode
from directory.places.postcode import PostcodeKind
from directory.values import Point, Visibility

NAME = "postcodes.io"
"""What WAYMARK_GEOCODER says to switch it on."""
HOST = "api.postcodes.io"
LIMITS = http.Limits(most_bytes=2_000_000, total_s=30.0, per_second=5.0)
"""A batch of 100 is about 250 kB."""
TIMEOUT_S = 10.0
"""geopy's own is one second, too short for a batch."""
MIN_DELAY_S = 0.2
BATCH = 100
"""Postcodes postcodes.io takes at once."""
NO_SUCH_POSTCODE = frozenset({"Postcode not found", "Invalid postcode"})
"""What it says with 404; any other 404 means that it has moved, not that a postcode is unknown."""


@dataclass(frozen=True, slots=True)
class Geocoded:
    """What postcodes.io knows of one postcode.

    `council_gss` is today's code, empty outside Scotland or when we do not know the code. `ended` is the month after
    which a postcode was no longer used ("1996-06"), empty while it is in use; its point is where it was.
    """

    postcode: str
    point: Point | None
    council_gss: str = ""
    country: str = ""
    ended: str = ""


class PostcodeEnded(GeocoderQueryError):  # type: ignore[misc]  # geopy has no types
    """The postcode is no longer used; `last` says where it was and until when."""

    def __init__(self, last: Geocoded) -> None:
        super().__init__("The postcode is no longer used.")
        self.last = last


class HTTPXAdapter(BaseAsyncAdapter):  # type: ignore[misc]  # geopy has no types
    """geopy's requests over one of our guarded clients; the client is closed by whoever made it."""

    def __init__(self, *, proxies: Any, ssl_context: Any, client: httpx.AsyncClient) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._client = client

    async def get_text(self, url: str, *, timeout: float | None, headers: Mapping[str, str]) -> str:
        return await self._sent("GET", url, timeout=timeout, headers=headers)

    async def get_json(self, url: str, *, timeout: float | None, headers: Mapping[str, str]) -> Any:
        return _read(await self.get_text(url, timeout=timeout, headers=headers))

    async def post_json(self, url: str, body: object, *, timeout: float | None, headers: Mapping[str, str]) -> Any:
        """geopy knows only GET; a POST that asks is ours. The same errors."""
        sent = await self._sent("POST", url, timeout=timeout, headers=headers, json=body, extensions=http.REPEATABLE)
        return _read(sent)

    async def _sent(self, method: str, url: str, *, timeout: float | None, **more: Any) -> str:
        waits = httpx.USE_CLIENT_DEFAULT if timeout is None else timeout
        try:
            answer = await self._client.request(method, url, timeout=waits, **more)
        except httpx.TimeoutException as error:
            raise GeocoderTimedOut("postcodes.io took too long.") from error
        except httpx.TransportError as error:
            raise GeocoderUnavailable("postcodes.io could not be reached.") from error
        except (httpx.HTTPError, SourceUnavailable) as error:
            raise GeocoderServiceError(str(error)) from error
        if not answer.is_success:
            said = f"postcodes.io answered with status {answer.status_code}."
            raise AdapterHTTPError(said, status_code=answer.status_code, headers=answer.headers, text=answer.text)
        return answer.text


class PostcodesIO(Geocoder):  # type: ignore[misc]  # geopy has no types
    """postcodes.io as a geopy geocoder. Errors are geopy's; None means that there is no such postcode."""

    def __init__(
        self, *, client: httpx.AsyncClient, domain: str = HOST, scheme: str = "https", timeout: float = TIMEOUT_S
    ) -> None:
        super().__init__(
            scheme=scheme,
            timeout=timeout,
            proxies={},
            user_agent=client.headers["User-Agent"],
            adapter_factory=partial(HTTPXAdapter, client=client),
        )
        self._url = f"{self.scheme}://{domain}/postcodes"

    async def geocode(self, query: str, *, exactly_one: bool = True, timeout: Any = DEFAULT_SENTINEL) -> Any:
        """The geopy Location of a whole postcode, whose `raw["council_gss"]` is today's council code; None: no such.

        Raises PostcodeEnded, GeocoderQueryError for what is no postcode, GeocoderRateLimited with `retry_after`, and
        geopy's other errors.
        """
        asked = _whole(query)
        location = await self._call_geocoder(f"{self._url}/{quote(asked)}", partial(_location, asked), timeout=timeout)
        return location if exactly_one or location is None else [location]

    async def geocode_batch(self, postcodes: Sequence[str]) -> dict[str, Geocoded | None]:
        """At most 100 postcodes in one request, by the text asked. None: unknown, or no longer used."""
        if len(postcodes) > BATCH:
            raise GeocoderQueryError(f"At most {BATCH} postcodes at a time.")
        asked = {text: _whole(text) for text in postcodes}
        if not asked:
            return {}
        try:
            body = {"postcodes": list(dict.fromkeys(asked.values()))}
            answer = await self.adapter.post_json(self._url, body, timeout=self.timeout, headers=self.headers)
            found = dict(map(_answered, _part(answer, "result", list)))
            return {text: found[plain] for text, plain in asked.items()}
        except KeyError:
            raise GeocoderParseError("postcodes.io did not answer for every postcode asked.") from None
        except AdapterHTTPError as error:
            self._adapter_error_handler(error)
            raise GeocoderServiceError(str(error)) from error  # "no such postcode" is no answer to a batch

    def _geocoder_exception_handler(self, error: Exception) -> Any:
        """Tells "no such postcode" and "no longer used" from every other 404."""
        if not isinstance(error, AdapterHTTPError) or error.status_code != httpx.codes.NOT_FOUND:
            return None
        answer = _read(error.text)
        ended = answer.get("terminated") if isinstance(answer, dict) else None
        if ended:
            raise PostcodeEnded(_last(ended)) from error
        known = isinstance(answer, dict) and answer.get("error") in NO_SUCH_POSTCODE
        return NONE_RESULT if known else None


class ServiceGeocoder:
    """Geocodes the published addresses of services. An outage raises SourceUnavailable, never "no such postcode"."""

    def __init__(self, source: PostcodesIO, min_delay_s: float = MIN_DELAY_S) -> None:
        # One request in its turn, once: the client has tried again already, and the limiter would swallow errors and
        # write what was asked to the log.
        paced = partial(
            AsyncRateLimiter,
            min_delay_seconds=min_delay_s,
            max_retries=0,
            error_wait_seconds=min_delay_s,
            swallow_exceptions=False,
        )
        self._geocode, self._geocode_batch = paced(source.geocode), paced(source.geocode_batch)

    async def locate(self, premises: Iterable[Premises]) -> dict[str, Geocoded | None]:
        """Each address's postcode, as written there, and what is known of it; None: no such postcode.

        Raises BadInput when the place of any is not published, SourceUnavailable when postcodes.io fails.
        """
        texts = list(dict.fromkeys(_published(place) for place in premises))
        found: dict[str, Geocoded | None] = dict.fromkeys(texts)
        readable = [text for text in texts if _is_whole(text)]
        try:
            for start in range(0, len(readable), BATCH):
                found |= await self._geocode_batch(readable[start : start + BATCH])
            for text in readable:
                if found[text] is None:  # a batch does not tell ended from unknown
                    found[text] = await self._ended(text)
        except GeocoderRateLimited as error:
            wait = f"in {error.retry_after:.0f} seconds" if error.retry_after else "later"
            raise SourceUnavailable("postcodes.io has had enough of our questions.", f"Try again {wait}.") from error
        except GeocoderServiceError as error:
            raise SourceUnavailable(str(error), "Try again later, or leave the point empty.") from error
        return found

    async def _ended(self, text: str) -> Geocoded | None:
        try:
            location = await self._geocode(text)
        except PostcodeEnded as error:
            return error.last
        return None if location is None else _geocoded(location.raw)


@asynccontextmanager
async def opened(
    name: str | None, contact: str = "", surroundings: http.Surroundings | None = None
) -> AsyncIterator[ServiceGeocoder | None]:
    """The geocoder that WAYMARK_GEOCODER names, for as long as it is needed; None when it names none.

    `contact` is a web address for postcodes.io's people. Raises BadInput for another name.
    """
    if not name:
        yield None
        return
    if name != NAME:
        raise BadInput(f"WAYMARK_GEOCODER is {name!r}.", f"Set it to {NAME}, or leave it out: then nothing is asked.")
    async with http.client({HOST}, LIMITS, surroundings, contact) as client:
        yield ServiceGeocoder(PostcodesIO(client=client))


def _published(place: Premises) -> str:
    if place.visibility is not Visibility.EXACT:
        raise BadInput("A service's place that is not published is never sent to a geocoder.", "Leave its point empty.")
    return place.postal_code


def _whole(text: str) -> str:
    """The postcode, normalised. The text is not repeated in the error: it might be anything."""
    parsed = postcode.parse(text)
    if parsed is None or parsed.kind is not PostcodeKind.POSTCODE:
        raise GeocoderQueryError("Not a whole postcode.")
    return parsed.value


def _is_whole(text: str) -> bool:
    parsed = postcode.parse(text)
    return parsed is not None and parsed.kind is PostcodeKind.POSTCODE


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise GeocoderParseError("postcodes.io answered with something that is not JSON.") from None


def _part(answer: Any, key: str, kind: type | UnionType) -> Any:
    """One part of an answer, which must be there and of this kind."""
    part = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(part, kind):
        raise GeocoderParseError(f"postcodes.io answered without a usable {key!r}.")
    return part


def _location(asked: str, answer: Any) -> Location:
    result = _part(answer, "result", dict)
    found = _geocoded(result)
    if found.postcode != asked or found.point is None:
        raise GeocoderParseError("postcodes.io answered with another postcode, or without a point.")
    return Location(found.postcode, (found.point.lat, found.point.lon), {**result, "council_gss": found.council_gss})


def _answered(item: Any) -> tuple[str, Geocoded | None]:
    """One line of a batch: the postcode asked and what is known of it."""
    asked = _whole(_part(item, "query", str))
    return asked, None if item.get("result") is None else _geocoded(_part(item, "result", dict))


def _geocoded(result: Mapping[str, Any]) -> Geocoded:
    codes, country = result.get("codes"), result.get("country")
    code = str(codes.get("admin_district")) if isinstance(codes, dict) else ""
    try:
        council = areas.council(code).gss if code.startswith("S12") else ""
    except KeyError:
        council = ""
    return Geocoded(_whole(_part(result, "postcode", str)), _point(result), council, str(country or ""))


def _last(result: Any) -> Geocoded:
    """What it says of a postcode that is no longer used."""
    year, month = _part(result, "year_terminated", int), _part(result, "month_terminated", int)
    return Geocoded(_whole(_part(result, "postcode", str)), _point(result), ended=f"{year:04}-{month:02}")


def _point(result: Mapping[str, Any]) -> Point | None:
    """WGS 84; None where it says that it has none."""
    if result.get("latitude") is None and result.get("longitude") is None:
        return None
    point = Point(float(_part(result, "latitude", int | float)), float(_part(result, "longitude", int | float)))
    if not (abs(point.lat) <= 90 and abs(point.lon) <= 180):
        raise GeocoderParseError("postcodes.io answered with a point that is not on Earth.")
    return point
