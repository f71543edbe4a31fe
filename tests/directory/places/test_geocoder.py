"""Services' postcodes at postcodes.io: found, unknown, no longer used, or not answered, and never mixed up."""

import json
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import respx
from geopy.exc import (
    GeocoderParseError,
    GeocoderQueryError,
    GeocoderRateLimited,
    GeocoderServiceError,
    GeocoderTimedOut,
    GeocoderUnavailable,
)

from directory import http
from directory.draft import Premises
from directory.errors import BadInput, SourceUnavailable
from directory.places import geocoder
from directory.places.geocoder import Geocoded, PostcodeEnded, PostcodesIO, ServiceGeocoder
from directory.values import Point, Visibility

BATCH = "https://api.postcodes.io/postcodes"
LEITH = f"{BATCH}/EH6%206QQ"
EDINBURGH, FIFE, GLASGOW = "S12000036", "S12000047", "S12000049"
UNKNOWN = {"status": 404, "error": "Postcode not found"}
ENDED = {
    **UNKNOWN,
    "terminated": {"postcode": "AB1 0AA", "year_terminated": 1996, "month_terminated": 6,
                   "longitude": -2.2, "latitude": 57.1},
}  # fmt: skip


def known(postcode: str = "EH6 6QQ", gss: str | None = EDINBURGH, **changes: Any) -> dict[str, Any]:
    """What postcodes.io knows of one postcode; the point is made up."""
    result = {"postcode": postcode, "country": "Scotland", "latitude": 55.9, "longitude": -3.1}
    return {**result, "codes": {"admin_district": gss}, **changes}


def answer(**changes: Any) -> dict[str, Any]:
    return {"status": 200, "result": known(**changes)}


def batch(*lines: tuple[str, dict[str, Any] | None]) -> dict[str, Any]:
    return {"status": 200, "result": [{"query": asked, "result": result} for asked, result in lines]}


def a_place(postcode: str, visibility: Visibility = Visibility.EXACT) -> Premises:
    return Premises(visibility=visibility, postal_code=postcode)


async def at_once(seconds: float) -> None:
    """Waiting that takes no time."""


def run(work: Callable[[PostcodesIO], Coroutine[Any, Any, Any]]) -> Any:
    """What becomes of this work with a geocoder that does not wait."""

    async def worked() -> Any:
        async with http.client({geocoder.HOST}, geocoder.LIMITS, http.Surroundings(sleep=at_once)) as client:
            return await work(PostcodesIO(client=client))

    return anyio.run(worked)


def geocode(text: str = "EH6 6QQ", **options: Any) -> Any:
    return run(lambda source: source.geocode(text, **options))


def geocode_batch(*texts: str) -> Any:
    return run(lambda source: source.geocode_batch(texts))


def locate(*places: Premises) -> Any:
    return run(lambda source: ServiceGeocoder(source, min_delay_s=0).locate(places))


@pytest.fixture
def server() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


def test_a_postcode_becomes_a_location_with_its_council(server: respx.MockRouter) -> None:
    server.get(LEITH).respond(json=answer())
    location = geocode("eh66qq")
    assert (location.address, location.latitude, location.longitude) == ("EH6 6QQ", 55.9, -3.1)
    assert location.raw["council_gss"] == EDINBURGH
    assert location.raw["codes"] == {"admin_district": EDINBURGH}
    assert server.calls.last.request.headers["user-agent"].startswith("Waymark/")


def test_several_are_a_list_of_one(server: respx.MockRouter) -> None:
    server.get(LEITH).respond(json=answer())
    assert [found.address for found in geocode(exactly_one=False)] == ["EH6 6QQ"]


@pytest.mark.parametrize(
    ("code", "today"),
    [
        pytest.param(EDINBURGH, EDINBURGH, id="today's"),
        pytest.param("S12000015", FIFE, id="Fife before 2018"),
        pytest.param("S12000046", GLASGOW, id="Glasgow before 2019"),
        pytest.param("S12000043", GLASGOW, id="Glasgow before that"),
        pytest.param("S12000044", "S12000050", id="North Lanarkshire before 2019"),
        pytest.param("S12999999", "", id="a code we do not know"),
        pytest.param("E07000121", "", id="Lancaster"),
        pytest.param(None, "", id="none"),
    ],
)
def test_a_former_council_code_becomes_todays(server: respx.MockRouter, code: str | None, today: str) -> None:
    server.get(LEITH).respond(json=answer(gss=code))
    assert geocode().raw["council_gss"] == today


@pytest.mark.parametrize("said", ["Postcode not found", "Invalid postcode"])
def test_an_unknown_postcode_is_none(server: respx.MockRouter, said: str) -> None:
    server.get(LEITH).respond(404, json={"status": 404, "error": said})
    assert geocode() is None


def test_a_postcode_that_ended_says_when_and_where_it_was(server: respx.MockRouter) -> None:
    server.get(f"{BATCH}/AB1%200AA").respond(404, json=ENDED)
    with pytest.raises(PostcodeEnded) as ended:
        geocode("AB1 0AA")
    assert ended.value.last == Geocoded("AB1 0AA", Point(57.1, -2.2), ended="1996-06")


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        pytest.param({"status_code": 404, "json": {"error": "Resource not found"}}, GeocoderServiceError, id="moved"),
        pytest.param({"status_code": 404, "html": "<h1>404</h1>"}, GeocoderParseError, id="another server's 404"),
        pytest.param({"status_code": 404, "json": []}, GeocoderServiceError, id="a list for a 404"),
        pytest.param({"status_code": 500}, GeocoderServiceError, id="broken"),
        pytest.param({"status_code": 503}, GeocoderTimedOut, id="busy for good, in geopy's words"),
        pytest.param({"status_code": 302, "headers": {"Location": "/"}}, GeocoderServiceError, id="redirected"),
        pytest.param({"text": "<html>"}, GeocoderParseError, id="not JSON"),
        pytest.param({"text": ""}, GeocoderParseError, id="nothing"),
        pytest.param({"text": "[" * 100_000}, GeocoderParseError, id="nested for ever"),
        pytest.param({"json": []}, GeocoderParseError, id="a list"),
        pytest.param({"json": {"status": 200, "result": None}}, GeocoderParseError, id="no result"),
        pytest.param({"json": answer(postcode="EH6 6QR")}, GeocoderParseError, id="another postcode"),
        pytest.param({"json": answer(latitude=None, longitude=None)}, GeocoderParseError, id="no point"),
        pytest.param({"json": answer(latitude="55.9")}, GeocoderParseError, id="a point in words"),
        pytest.param({"json": answer(latitude=558.0)}, GeocoderParseError, id="a point off Earth"),
        pytest.param({"content": b'{"a": "' + b"x" * 2_100_000 + b'"}'}, GeocoderServiceError, id="too large"),
    ],
)
def test_what_is_no_answer_is_an_error(server: respx.MockRouter, broken: dict[str, Any], error: type) -> None:
    server.get(LEITH).respond(**broken)
    with pytest.raises(error) as raised:
        geocode()
    assert not isinstance(raised.value, PostcodeEnded)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        pytest.param(httpx.ReadTimeout("slow"), GeocoderTimedOut, id="slow"),
        pytest.param(httpx.ConnectTimeout("slow"), GeocoderTimedOut, id="slow to connect"),
        pytest.param(httpx.ConnectError("no"), GeocoderUnavailable, id="no connection"),
        pytest.param(httpx.RemoteProtocolError("cut"), GeocoderUnavailable, id="cut off"),
    ],
)
def test_a_failure_is_geopys(server: respx.MockRouter, failure: Exception, error: type) -> None:
    server.get(LEITH).mock(side_effect=failure)
    server.post(BATCH).mock(side_effect=failure)
    with pytest.raises(error):
        geocode()
    with pytest.raises(error):
        geocode_batch("EH6 6QQ")


def test_too_many_questions_say_how_long_to_wait(server: respx.MockRouter) -> None:
    server.get(LEITH).respond(429, headers={"Retry-After": "120"})
    with pytest.raises(GeocoderRateLimited) as limited:
        geocode()
    assert limited.value.retry_after == 120


@pytest.mark.parametrize("text", ["EH6", "EH6 6", "Leith", "", "12 Harbour Row EH6 6QQ", "../secrets", "EH6 6QQ?x=1"])
def test_only_whole_postcodes_are_asked(server: respx.MockRouter, text: str) -> None:
    with pytest.raises(GeocoderQueryError) as refused:
        geocode(text)
    assert not server.calls
    assert not text or text not in str(refused.value)


def test_the_wait_is_not_geopys_single_second(server: respx.MockRouter) -> None:
    server.get(LEITH).respond(json=answer())
    geocode()
    assert server.calls.last.request.extensions["timeout"]["read"] == geocoder.TIMEOUT_S
    geocode(timeout=3)
    assert server.calls.last.request.extensions["timeout"]["read"] == 3
    geocode(timeout=None)
    assert server.calls.last.request.extensions["timeout"]["read"] == geocoder.LIMITS.read_s


def test_a_batch_is_one_question(server: respx.MockRouter) -> None:
    lines = ("EH6 6QQ", known()), ("KY8 4AB", known("KY8 4AB", "S12000015")), ("ZZ9 9ZZ", None)
    server.post(BATCH).respond(json=batch(*lines))
    found = geocode_batch("eh6 6qq", "KY84AB", "EH66QQ", "ZZ9 9ZZ")
    assert json.loads(server.calls.last.request.content) == {"postcodes": ["EH6 6QQ", "KY8 4AB", "ZZ9 9ZZ"]}
    assert found["eh6 6qq"] == found["EH66QQ"] == Geocoded("EH6 6QQ", Point(55.9, -3.1), EDINBURGH, "Scotland")
    assert found["KY84AB"].council_gss == FIFE
    assert found["ZZ9 9ZZ"] is None


def test_a_batch_is_asked_again_when_they_are_busy(server: respx.MockRouter) -> None:
    server.post(BATCH).side_effect = [httpx.Response(503), httpx.Response(200, json=batch(("EH6 6QQ", known())))]
    assert geocode_batch("EH6 6QQ")["EH6 6QQ"].council_gss == EDINBURGH


def test_a_batch_may_hold_a_postcode_without_a_point(server: respx.MockRouter) -> None:
    server.post(BATCH).respond(json=batch(("EH6 6QQ", known(latitude=None, longitude=None))))
    assert geocode_batch("EH6 6QQ")["EH6 6QQ"] == Geocoded("EH6 6QQ", None, EDINBURGH, "Scotland")


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        pytest.param({"json": batch()}, GeocoderParseError, id="a line is missing"),
        pytest.param({"json": batch(("EH6 6QR", None))}, GeocoderParseError, id="the line of another"),
        pytest.param({"json": {"result": ["EH6 6QQ"]}}, GeocoderParseError, id="lines of text"),
        pytest.param({"json": {"result": None}}, GeocoderParseError, id="no lines"),
        pytest.param({"status_code": 404, "json": UNKNOWN}, GeocoderServiceError, id="a 404"),
        pytest.param({"status_code": 400, "json": {"error": "Bad"}}, GeocoderQueryError, id="refused"),
        pytest.param({"status_code": 429}, GeocoderRateLimited, id="too many questions"),
    ],
)
def test_what_is_no_answer_to_a_batch_is_an_error(
    server: respx.MockRouter, broken: dict[str, Any], error: type
) -> None:
    server.post(BATCH).respond(**broken)
    with pytest.raises(error):
        geocode_batch("EH6 6QQ")


def test_a_batch_is_no_larger_than_they_take(server: respx.MockRouter) -> None:
    with pytest.raises(GeocoderQueryError, match="At most 100"):
        geocode_batch(*["EH6 6QQ"] * 101)
    assert geocode_batch() == {}
    assert not server.calls


def test_services_addresses_are_asked_a_hundred_at_a_time(server: respx.MockRouter) -> None:
    def answered(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["postcodes"]
        sizes.append(len(asked))
        return httpx.Response(200, json=batch(*((text, known(text)) for text in asked)))

    sizes: list[int] = []
    server.post(BATCH).mock(side_effect=answered)
    codes = [f"EH{district} {unit}QQ" for district in range(1, 26) for unit in range(10)]
    found = locate(*map(a_place, codes), a_place("EH1 0QQ"))
    assert sizes == [100, 100, 50]
    assert list(found) == codes
    assert all(found.values())


def test_each_address_is_found_ended_or_unknown(server: respx.MockRouter) -> None:
    lines = ("EH6 6QQ", known()), ("AB1 0AA", None), ("ZZ9 9ZZ", None)
    server.post(BATCH).respond(json=batch(*lines))
    server.get(f"{BATCH}/AB1%200AA").respond(404, json=ENDED)
    server.get(f"{BATCH}/ZZ9%209ZZ").respond(404, json=UNKNOWN)
    found = locate(*map(a_place, ("EH6 6QQ", "AB1 0AA", "ZZ9 9ZZ", "not a postcode", "")))
    assert found["EH6 6QQ"].council_gss == EDINBURGH
    assert found["AB1 0AA"].ended == "1996-06"
    assert [found[text] for text in ("ZZ9 9ZZ", "not a postcode", "")] == [None] * 3


@pytest.mark.parametrize("visibility", [Visibility.UNDISCLOSED, Visibility.AREA_ONLY])
def test_a_place_that_is_not_published_is_sent_to_nobody(server: respx.MockRouter, visibility: Visibility) -> None:
    with pytest.raises(BadInput, match="never sent") as refused:
        locate(a_place("EH6 6QQ"), a_place("EH6 6QR", visibility))
    assert not server.calls
    assert "EH6" not in str(refused.value)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        pytest.param({"status_code": 503}, "status 503", id="busy"),
        pytest.param({"status_code": 429, "headers": {"Retry-After": "90"}}, "in 90 seconds", id="too many questions"),
        pytest.param({"status_code": 429}, "Try again later", id="too many, no time told"),
        pytest.param({"text": "<html>"}, "not JSON", id="not JSON"),
    ],
)
def test_an_outage_is_never_no_such_postcode(
    server: respx.MockRouter, caplog: pytest.LogCaptureFixture, broken: dict[str, Any], said: str
) -> None:
    server.post(BATCH).respond(**broken)
    with caplog.at_level("WARNING"), pytest.raises(SourceUnavailable, match=said):
        locate(a_place("EH6 6QQ"))
    assert not caplog.records, "geopy's limiter writes what was asked to the log when it tries again"


def test_an_outage_in_the_second_question_is_told_too(server: respx.MockRouter) -> None:
    server.post(BATCH).respond(json=batch(("EH6 6QQ", None)))
    server.get(LEITH).respond(500)
    with pytest.raises(SourceUnavailable):
        locate(a_place("EH6 6QQ"))


@pytest.mark.parametrize(("name", "made"), [(None, False), ("", False), ("postcodes.io", True)])
def test_it_is_made_only_when_the_setting_says_so(name: str | None, made: bool) -> None:
    async def opened() -> bool:
        async with geocoder.opened(name) as found:
            return isinstance(found, ServiceGeocoder)

    assert anyio.run(opened) is made


def test_another_name_is_refused_and_names_the_setting() -> None:
    async def opened() -> None:
        async with geocoder.opened("google"):
            pass

    with pytest.raises(BadInput, match="WAYMARK_GEOCODER is 'google'"):
        anyio.run(opened)


def test_nothing_loads_it_at_start() -> None:
    late = {"geopy", "directory.http", "directory.places.geocoder"}
    code = f"import sys, waymark, web.app, directory.runtime; print(sorted({late} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


@pytest.mark.shared_data
def test_every_documented_answer_is_read(server: respx.MockRouter, shared_data: Path) -> None:
    samples = sorted(shared_data.joinpath("responses", "postcodes_io").glob("constructed_*_200.json"))
    assert len(samples) == 12
    for sample in samples:
        given = json.loads(sample.read_text("utf-8"))
        plain = given["result"]["postcode"]
        server.get(f"{BATCH}/{plain.replace(' ', '%20')}").respond(json=given)
        location = geocode(plain)
        assert location.address == plain
        assert location.raw["council_gss"].startswith("S12")


@pytest.mark.shared_data
def test_their_documented_batch_and_ended_postcode_are_read(server: respx.MockRouter, shared_data: Path) -> None:
    folder = shared_data.joinpath("responses", "postcodes_io")
    given = json.loads(folder.joinpath("bulk_response_200.json").read_text("utf-8"))
    server.post(BATCH).respond(json=given)
    found = geocode_batch(*(line["query"] for line in given["result"]))
    assert len(found) == 3
    assert {place.country for place in found.values()} == {"England"}
    assert {place.council_gss for place in found.values()} == {""}
    server.get(f"{BATCH}/AB1%200AA").respond(404, text=folder.joinpath("postcode_404_terminated.json").read_text())
    with pytest.raises(PostcodeEnded) as ended:
        geocode("AB1 0AA")
    assert ended.value.last.ended == "1996-06"
    for name in ("postcode_404.json", "postcode_invalid_404.json"):
        server.get(LEITH).respond(404, text=folder.joinpath(name).read_text())
        assert geocode() is None
    server.get(LEITH).respond(404, text=folder.joinpath("resource_not_found_404.json").read_text())
    with pytest.raises(GeocoderServiceError):
        geocode()
