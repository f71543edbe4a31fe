"""Whole conversations with a source's server: what is asked, what is kept, and what is said when it goes wrong."""

import io
import logging
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import respx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from directory.database import Database
from directory.errors import SourceUnavailable
from directory.feeds import runs
from directory.feeds.runs import State
from directory.feeds.tables import Fetched
from ingest.fetch_pages import Bounds
from ingest.kinds import Getter, Kind
from ingest.material import Feed, Part
from tests.ingest.feed_server import FEED, FILE, QUICK, Runs, no_rows, page

Answer = Callable[[httpx.Request], httpx.Response]
LAST = 12


class Server:
    """A feed of 12 pages. `answers` says what becomes of a page's next questions; the pages asked are kept."""

    def __init__(self, router: respx.MockRouter, last: int = LAST) -> None:
        self.last = last
        self.asked: list[int] = []
        self.conditional: list[int] = []
        self.answers: dict[int, list[Answer | httpx.Response | Exception]] = {}
        self.words: dict[int, str] = {}
        self.marks = True
        router.get(url__startswith=FEED).mock(side_effect=self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        self.asked.append(number)
        if waiting := self.answers.get(number):
            answer = waiting.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer if isinstance(answer, httpx.Response) else answer(request)
        mark = f'"{number}{self.words.get(number, "")}"'
        if "if-none-match" in request.headers:
            self.conditional.append(number)
            if request.headers["if-none-match"] == mark:
                return httpx.Response(304, headers={"ETag": mark})
        return httpx.Response(200, content=self.page(number), headers={"ETag": mark} if self.marks else {})

    def page(self, number: int) -> bytes:
        return page(number, self.last, self.words.get(number, ""))

    def took(self) -> list[int]:
        """Pages asked since this was last called."""
        taken, self.asked = self.asked, []
        return taken


@pytest.fixture
def server() -> Iterator[Server]:
    with respx.mock(assert_all_called=False) as router:
        yield Server(router)


@pytest.fixture
def source(record: Database, tmp_path: Path) -> Runs:
    return Runs.of(record, tmp_path)


def cut() -> httpx.Response:
    """Half a page, and then nothing."""

    async def half() -> AsyncIterator[bytes]:
        yield page(7)[:20]
        raise httpx.RemoteProtocolError("peer closed connection")

    return httpx.Response(200, content=half())


def refused(source: Runs, match: str, **how: object) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable, match=match) as error:
        source.fetch(**how)  # type: ignore[arg-type]  # fields by name
    assert error.value.advice
    return error.value


def pages_of(source: Runs) -> list[str]:
    """Names of what the latest run noted as its material."""
    with source.record.reading() as session:
        return [part.name for part in runs.get(session, source.run_id).material]


ALL = list(range(1, LAST + 1))


def test_every_page_is_asked_once_and_kept_in_order(source: Runs, server: Server) -> None:
    fetched = source.fetch()
    assert server.asked == ALL
    assert [part.data() for part in fetched.parts] == [server.page(number) for number in ALL]
    assert (fetched.unchanged, fetched.asked, fetched.reused) == (False, LAST, 0)
    assert pages_of(source) == [f"page {number}" for number in ALL]


def test_a_source_that_has_not_changed_sends_nothing(source: Runs, server: Server) -> None:
    first = source.fetch()
    for _ in range(2):
        again = source.fetch()
        assert (again.unchanged, again.asked, again.parts) == (True, LAST, first.parts)
    assert server.conditional == ALL + ALL


def test_pages_that_changed_are_sent_and_the_others_are_not(source: Runs, server: Server) -> None:
    source.fetch()
    server.words[5] = " moved"
    again = source.fetch()
    assert not again.unchanged
    assert b"Service 5 moved" in again.parts[4].data()


def test_without_marks_the_bytes_tell_that_nothing_changed(source: Runs, server: Server) -> None:
    server.marks = False
    source.fetch()
    assert source.fetch().unchanged
    assert server.conditional == []


def test_a_feed_that_lost_its_last_page_has_changed(source: Runs, server: Server) -> None:
    two = httpx.Response(200, content=page(1, 2)), httpx.Response(200, content=page(2, 2))
    server.answers = {1: [two[0], httpx.Response(200, content=page(1, 1))], 2: [two[1]]}
    source.fetch()
    assert not source.fetch().unchanged


def test_a_date_serves_as_mark(source: Runs) -> None:
    modified = "Sun, 22 Nov 2026 08:00:00 GMT"
    with respx.mock() as router:
        route = router.get("https://feeds.example/list.csv")
        route.side_effect = [
            httpx.Response(200, text="id,name\n1,A\n", headers={"Last-Modified": modified, "Content-Type": "text/csv"}),
            httpx.Response(304),
        ]
        for unchanged in (False, True):
            assert source.fetch(FILE, "https://feeds.example/list.csv").unchanged is unchanged
        assert route.calls.last.request.headers["if-modified-since"] == modified


def test_only_done_runs_are_compared_with(source: Runs, server: Server) -> None:
    """What a held or failed run received is not what the record was made of."""
    source.begin()
    source.fetch()
    source.end(State.DONE)
    with source.record.session() as session:
        session.query(runs.IngestRun).update({"state": State.HELD})
    assert not source.fetch().unchanged
    assert server.conditional == []


def test_what_is_damaged_on_disk_is_fetched_again(source: Runs, server: Server) -> None:
    fetched = source.fetch()
    fetched.parts[2].path.write_bytes(b"\x1f\x8b broken")
    again = source.fetch()
    assert again.unchanged
    assert 3 not in server.conditional
    assert again.parts[2].data() == server.page(3)


def test_not_changed_without_having_asked_is_refused(source: Runs, server: Server) -> None:
    server.answers[1] = [httpx.Response(304)]
    refused(source, "page 1: .* nobody asked")


def test_nor_is_it_taken_for_a_page_that_came_without_a_mark(source: Runs, server: Server) -> None:
    server.marks = False
    source.fetch()
    server.answers[1] = [httpx.Response(304)]
    refused(source, "page 1: .* nobody asked")


@pytest.mark.parametrize(
    ("answer", "waited"),
    [
        pytest.param(httpx.Response(429, headers={"Retry-After": "7"}), [7.0], id="429 with Retry-After"),
        pytest.param(httpx.Response(503, headers={"Retry-After": "Sun, 22 Nov 2026 12:00:09 GMT"}), [9.0], id="a date"),
        pytest.param(httpx.Response(500), [0.5], id="500 then 200"),
        pytest.param(httpx.Response(502), [0.5], id="502 then 200"),
        pytest.param(httpx.ConnectError("no"), [0.5], id="no connection"),
        pytest.param(cut(), [0.5], id="cut"),
        pytest.param(httpx.ReadError("reset"), [0.5], id="reset"),
    ],
)
def test_what_passes_is_waited_for(source: Runs, server: Server, answer: httpx.Response, waited: list[float]) -> None:
    server.answers[7] = [answer]
    assert len(source.fetch().parts) == LAST
    assert source.waiting.waited == waited
    assert server.asked == sorted([*ALL, 7])


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        pytest.param(500, {}, r"failed \(status 500\)", id="broken"),
        pytest.param(503, {}, "too busy", id="busy"),
        pytest.param(429, {"Retry-After": "86400"}, "too busy", id="come back tomorrow"),
        pytest.param(401, {}, "does not let us in", id="a key is wanted"),
        pytest.param(404, {}, "no such page", id="gone"),
        pytest.param(204, {}, "cannot use", id="nothing"),
        pytest.param(206, {}, "cannot use", id="a piece"),
        pytest.param(302, {}, "cannot use", id="moved nowhere"),
        pytest.param(418, {}, "cannot use", id="a teapot"),
    ],
)
def test_a_page_that_cannot_be_had_ends_the_run(
    source: Runs, server: Server, status: int, headers: dict[str, str], said: str
) -> None:
    server.answers[7] = [httpx.Response(status, headers=headers)] * 3
    refused(source, f"page 7: .*{said}")


def test_a_cut_in_page_7_of_12_is_taken_up_by_the_next_run(source: Runs, server: Server) -> None:
    """Only page 6 is asked twice: that it is the same shows that no service has moved over a page's end."""
    server.answers[7] = [cut(), cut(), cut()]
    refused(source, "page 7: .*broke off")
    assert server.took() == [1, 2, 3, 4, 5, 6, 7, 7, 7]
    fetched = source.fetch()
    assert server.took() == [6, 7, 8, 9, 10, 11, 12]
    assert (fetched.asked, fetched.reused) == (7, 5)
    assert [part.data() for part in fetched.parts] == [server.page(number) for number in ALL]
    assert source.fetch().unchanged


def test_what_was_taken_up_twice_is_still_there(source: Runs, server: Server) -> None:
    for broken in (4, 9):
        server.answers[broken] = [httpx.Response(404)]
        refused(source, f"page {broken}")
    server.took()
    assert source.fetch().reused == 7
    assert server.took() == [8, 9, 10, 11, 12]


def test_a_server_that_is_away_in_between_costs_nothing(source: Runs, server: Server) -> None:
    server.answers[7] = [httpx.Response(404)]
    refused(source, "page 7")
    server.answers = {number: [httpx.ConnectError("no")] * 3 for number in (1, 6)}
    server.answers[6] += [httpx.ConnectError("no")] * 3
    server.took()
    refused(source, "page 1: .*cannot be reached")
    server.answers = {}
    server.took()
    assert source.fetch().reused == 5


def test_nothing_is_taken_up_when_paging_has_moved(source: Runs, server: Server) -> None:
    server.answers[7] = [httpx.Response(404)]
    refused(source, "page 7")
    server.words = dict.fromkeys(range(3, LAST + 1), " one further")
    server.took()
    fetched = source.fetch()
    assert server.took() == [6, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]
    assert [part.data() for part in fetched.parts] == [server.page(number) for number in ALL]
    assert fetched.reused == 0


def test_nothing_is_taken_up_when_its_last_page_is_gone(source: Runs, server: Server) -> None:
    server.answers[7] = [httpx.Response(404)]
    refused(source, "page 7")
    server.answers = {1: [httpx.Response(200, content=page(1, 1))], 6: [httpx.Response(404)]}
    assert len(source.fetch().parts) == 1


@pytest.mark.parametrize(("hours", "reused"), [(23, 5), (25, 0)])
def test_what_broke_off_is_taken_up_within_a_day(source: Runs, server: Server, hours: int, reused: int) -> None:
    server.answers[7] = [httpx.Response(404)]
    refused(source, "page 7")
    source.waiting.seconds += hours * 3600
    assert source.fetch().reused == reused


def test_nothing_of_a_done_run_is_reused_unasked(source: Runs, server: Server) -> None:
    server.answers[7] = [httpx.Response(404)]
    refused(source, "page 7")
    source.fetch()
    server.took()
    assert source.fetch().reused == 0
    assert server.took() == ALL


@pytest.mark.parametrize(
    ("state", "why", "reused"),
    [
        pytest.param(State.RUNNING, "", LAST - 1, id="killed, and nobody has noticed"),
        pytest.param(State.FAILED, runs.DIED, LAST - 1, id="killed while it was read"),
        pytest.param(State.FAILED, "Row 3 makes no sense.", 0, id="failed over what it received"),
    ],
)
def test_a_run_that_had_everything_is_taken_up_only_if_killed(
    source: Runs, server: Server, state: State, why: str, reused: int
) -> None:
    source.fetch()
    with source.record.session() as session:
        session.query(runs.IngestRun).update({"state": state, "why": why})
    assert source.fetch().reused == reused


def test_pages_of_which_the_bytes_are_gone_are_asked_again(source: Runs, server: Server) -> None:
    server.answers[7] = [httpx.Response(404)]
    refused(source, "page 7")
    with source.record.reading() as session:
        gone = session.scalars(select(Fetched.digest).where(Fetched.url.endswith("page=3"))).one()
    source.raw.path(gone).unlink()
    server.took()
    assert source.fetch().reused == 4
    assert server.took() == [6, 3, 7, 8, 9, 10, 11, 12]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(breaks=st.lists(st.integers(1, 4), max_size=3), name=st.uuids())
def test_however_often_it_breaks_off_the_feed_comes_whole(
    record: Database, tmp_path: Path, breaks: list[int], name: object
) -> None:
    source = Runs.of(record, tmp_path, f"feed-{name}")
    with respx.mock(assert_all_called=False) as router:
        server = Server(router, last=4)
        for number in breaks:
            server.answers = {number: [httpx.Response(410)] * 2}
            with suppress(SourceUnavailable):  # a page that was had before is not asked
                source.fetch()
        server.answers = {}
        fetched = source.fetch()
        assert [part.data() for part in fetched.parts] == [server.page(number) for number in range(1, 5)]


LISTED = "https://other.example/services"


def moved(to: str) -> httpx.Response:
    return httpx.Response(302, headers={"Location": to})


@pytest.mark.parametrize(
    ("to", "said"),
    [
        pytest.param("https://169.254.169.254/latest/meta-data/", "not on the list", id="metadata"),
        pytest.param("http://169.254.169.254/latest/meta-data/", "https", id="metadata over http"),
        pytest.param("https://elsewhere.example/", "not on the list", id="a host that is not listed"),
        pytest.param("https://feeds.example:8443/services", "not on the list", id="another port"),
        pytest.param("http://feeds.example/services", "https", id="from https to http"),
        pytest.param("https://me:secret@feeds.example/", "not on the list", id="credentials"),
        pytest.param("file:///etc/passwd", "https", id="a file"),
        pytest.param("https://[::ffff:169.254.169.254]/", "not on the list", id="metadata in v6"),
        pytest.param("https://:99999/", "not on the list", id="no address"),
    ],
)
def test_a_redirect_leads_to_listed_hosts_only(source: Runs, server: Server, to: str, said: str) -> None:
    server.answers[2] = [moved(to)] * 3
    error = refused(source, f"page 2: .*({said})", hosts=["other.example"])
    assert "secret" not in str(error)


def test_a_redirect_to_a_listed_host_is_followed(source: Runs) -> None:
    with respx.mock() as router:
        router.get(FEED).mock(return_value=moved(LISTED))
        router.get(LISTED).respond(text="id,name\n1,A\n")
        fetched = source.fetch(FILE, hosts=["other.example"])
    assert fetched.parts[0].data() == b"id,name\n1,A\n"


def test_a_redirect_in_a_circle_ends(source: Runs) -> None:
    with respx.mock() as router:
        route = router.get(FEED).mock(return_value=moved(FEED))
        refused(source, "sends us on and on", kind=FILE)
        assert route.call_count == 4


def test_three_redirects_and_no_more(source: Runs) -> None:
    with respx.mock(assert_all_called=False) as router:
        for number in range(5):
            router.get(f"{FEED}/{number}").mock(return_value=moved(f"{FEED}/{number + 1}"))
        router.get(f"{FEED}/5").respond(text="id,name\n1,A\n")
        refused(source, "sends us on and on", kind=FILE, url=f"{FEED}/0")
        assert source.fetch(FILE, f"{FEED}/2").parts


def endless(piece: bytes) -> httpx.Response:
    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield piece

    return httpx.Response(200, content=parts())


def test_a_body_without_end_is_cut_off_and_not_kept(source: Runs, server: Server) -> None:
    server.answers[1] = [endless(b'{"a": ' + b" " * 9_994)]
    refused(source, "page 1: .*larger than 1 MB", bounds=Bounds(http=replace(QUICK, most_bytes=1_000_000)))
    assert not [file for file in source.raw.root.rglob("*") if file.is_file()]


@pytest.mark.parametrize("packing", ["gzip", "br", "deflate, gzip"])
def test_a_packed_answer_is_refused_unread(source: Runs, server: Server, packing: str) -> None:
    body = httpx.ByteStream(b"\x1f\x8b")
    server.answers[1] = [httpx.Response(200, headers={"Content-Encoding": packing}, stream=body)]
    refused(source, "page 1: .*packed")


HTML = "<!DOCTYPE html><html><body>Our site is being mended.</body></html>"


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        pytest.param("text/html", HTML, "web page instead of data", id="a page for people"),
        pytest.param("application/json", HTML, "web page instead of data", id="a page that says it is JSON"),
        pytest.param("text/csv", "id,name\n1,A\n", "else than JSON: it calls it text/csv", id="a table"),
        pytest.param("application/pdf", '{"totalPages": 1}', "else than JSON", id="called PDF"),
        pytest.param("application/xml", "<feed/>", "else than JSON", id="XML"),
        pytest.param("text/plain", "Too many connections", "else than JSON", id="a word"),
        pytest.param("<script>/x", "no", r"else than JSON\.", id="a type that is none is not repeated"),
        pytest.param("application/json", "", "empty", id="nothing"),
        pytest.param("application/json", " \n", "empty", id="blanks"),
    ],
)
def test_the_wrong_sort_of_content_is_refused(
    source: Runs, server: Server, content_type: str, body: str, said: str
) -> None:
    server.answers[3] = [httpx.Response(200, content=body, headers={"Content-Type": content_type})]
    refused(source, f"page 3: .*{said}")


class TestCountsThatLie:
    """A server's word on how many pages there are is never trusted to end the asking."""

    def always(self, server: Server, body: Callable[[int], bytes]) -> None:
        answer = lambda request: httpx.Response(200, content=body(int(request.url.params["page"])))  # noqa: E731
        server.answers = {number: [answer] for number in range(1, 200)}

    def test_the_last_page_again_and_again(self, source: Runs, server: Server) -> None:
        self.always(server, lambda number: page(min(number, 3), 1000))
        refused(source, "page 4: .*same as the one before")
        assert server.asked == [1, 2, 3, 4]

    def test_a_page_number_that_is_not_heeded(self, source: Runs, server: Server) -> None:
        self.always(server, lambda number: page(1, 1000))
        refused(source, "page 2: .*same as the one before")

    def test_from_the_beginning_again(self, source: Runs, server: Server) -> None:
        self.always(server, lambda number: page((number - 1) % 3 + 1, 1000, " " * 600))
        refused(source, "page 4: .*same as an earlier one")

    def test_always_one_more(self, source: Runs, server: Server) -> None:
        self.always(server, lambda number: page(number, number + 1))
        refused(source, "page 21: .*more than 20 pages", bounds=Bounds(http=QUICK, most_pages=20))

    def test_more_than_there_are(self, source: Runs, server: Server) -> None:
        server.answers = {13: [httpx.Response(404)], 12: [httpx.Response(200, content=page(12, 40))]}
        refused(source, "page 13: .*no such page")
        source.fetch()

    def test_a_next_page_that_was_read(self, source: Runs, server: Server) -> None:
        async def following(feed: Feed, get: Getter) -> AsyncIterator[Part]:
            number = 1
            while True:
                yield await get(feed.url, f"page {number}", {"page": str(number)})
                number = number % 3 + 1

        refused(source, "page 1: .*circle", kind=Kind("next", "Next", no_rows, following))
        assert server.asked == [1, 2, 3]


def test_an_adapter_that_asks_nothing_and_never_ends_is_stopped(source: Runs, server: Server) -> None:
    async def spinning(feed: Feed, get: Getter) -> AsyncIterator[Part]:
        part = await get(feed.url, "page 1", {"page": "1"})
        while True:
            yield part

    kind = Kind("spinning", "Spinning", no_rows, spinning)
    refused(source, "more than 20 pages", kind=kind, bounds=Bounds(http=QUICK, most_pages=20))


def test_a_feed_without_a_page_is_refused(source: Runs, server: Server) -> None:
    async def nothing(feed: Feed, get: Getter) -> AsyncIterator[Part]:
        for part in ():
            yield part

    refused(source, "no page at all", kind=Kind("nothing", "Nothing", no_rows, nothing))


def test_the_whole_run_has_its_bytes(source: Runs, server: Server) -> None:
    refused(source, "page 4: .*together", bounds=Bounds(http=QUICK, most_bytes=3 * len(page(1)) + 1))
    source.fetch()


def test_the_whole_run_has_its_time_and_goes_on_in_the_next(source: Runs, server: Server) -> None:
    bounds = Bounds(http=replace(QUICK, per_second=1 / 60), total=timedelta(minutes=5))
    refused(source, "page 8: .*longer than 5 minutes", bounds=bounds)
    assert source.fetch(bounds=replace(bounds, total=timedelta(hours=1))).reused == 6


def test_a_host_is_asked_five_times_a_second_at_most(source: Runs, server: Server) -> None:
    source.fetch(bounds=Bounds())
    assert source.waiting.waited == [0.2] * (LAST - 1)


@pytest.mark.parametrize("name", ["api_key", "apikey", "key", "access_token", "subscription-key", "TOKEN", "sig"])
def test_a_key_in_an_address_is_refused(source: Runs, server: Server, name: str) -> None:
    error = refused(source, "holds a key", url=f"{FEED}?a=1&{name}=s3cret")
    assert "s3cret" not in str(error)
    assert server.asked == []


class TestKeys:
    """A key is sent in a header, to its own host alone, and stands nowhere else."""

    @pytest.fixture
    def keyed(self, source: Runs, tmp_path: Path) -> Runs:
        file = tmp_path / "key"
        file.write_text("feeds.example X-Api-Key Bearer s3cret\n")
        source.environ = {"WAYMARK_FEED_KEY_COUNCIL_FILE": str(file)}
        return source

    def test_it_is_sent(self, keyed: Runs, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        with respx.mock() as router:
            route = router.get(FEED).respond(text="id,name\n1,A\n")
            keyed.fetch(FILE, key="COUNCIL")
            assert route.calls.last.request.headers["x-api-key"] == "Bearer s3cret"
        with keyed.record.reading() as session:
            rows = [vars(row) for row in session.scalars(select(Fetched))]
        assert "s3cret" not in f"{rows} {caplog.text}"

    def test_it_is_not_carried_to_another_host(self, keyed: Runs) -> None:
        with respx.mock() as router:
            router.get(FEED).mock(return_value=moved(LISTED))
            there = router.get(LISTED).respond(text="id,name\n1,A\n")
            keyed.fetch(FILE, key="COUNCIL", hosts=["other.example"])
            assert "x-api-key" not in there.calls.last.request.headers

    def test_who_names_it_for_another_source_gets_nothing(self, keyed: Runs) -> None:
        with respx.mock() as router:
            there = router.get(LISTED).respond(text="id,name\n1,A\n")
            keyed.fetch(FILE, LISTED, key="COUNCIL")
            assert "x-api-key" not in there.calls.last.request.headers

    @pytest.mark.parametrize("name", ["OTHER", "../../key", "council", 7, "A" * 50])
    def test_a_key_that_is_not_there_is_missed(self, keyed: Runs, server: Server, name: object) -> None:
        refused(keyed, "key", key=name)
        assert server.asked == []

    @pytest.mark.parametrize("line", ["", "s3cret", "feeds.example s3cret", "feeds.example X:Y s3cret"])
    def test_a_line_that_is_no_key_is_refused_and_not_repeated(self, keyed: Runs, server: Server, line: str) -> None:
        Path(keyed.environ["WAYMARK_FEED_KEY_COUNCIL_FILE"]).write_text(line)
        assert "s3cret" not in str(refused(keyed, "cannot be used", key="COUNCIL"))


PACKAGE = "https://feeds.example/package.zip"


def packed(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), f"id,name\n1,{name}\n")  # of no time: the same bytes each time
    return made.getvalue()


class TestFiles:
    """A source that is one file, packed or not."""

    def test_a_packed_file_becomes_its_tables_each_time(self, source: Runs) -> None:
        with respx.mock() as router:
            route = router.get(PACKAGE)
            route.side_effect = [
                httpx.Response(200, content=packed("a.csv", "b.csv"), headers={"ETag": '"1"'}),
                httpx.Response(304),
            ]
            first, again = source.fetch(FILE, PACKAGE), source.fetch(FILE, PACKAGE)
        assert [part.name for part in first.parts] == pages_of(source) == ["a.csv", "b.csv"]
        assert (again.parts, again.unchanged) == (first.parts, True)

    def test_what_was_received_is_kept_as_it_came(self, source: Runs) -> None:
        sent = packed("a.csv")
        with respx.mock() as router:
            router.get(PACKAGE).respond(content=sent)
            source.fetch(FILE, PACKAGE)
        with source.record.reading() as session:
            kept = session.scalars(select(Fetched)).one()
        assert source.raw.read(kept.digest) == sent
        assert (kept.url, kept.size) == (PACKAGE, len(sent))

    def test_excel_is_no_archive(self, source: Runs) -> None:
        kind = replace(FILE, expects="xlsx")
        with respx.mock() as router:
            router.get(PACKAGE).respond(content=packed("xl/sheet.xml"), content_type="application/vnd.ms-excel")
            assert source.fetch(kind, PACKAGE).parts[0].data() == packed("xl/sheet.xml")

    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("https://feeds.example/lists/services.csv?v=2", "services.csv"),
            ("https://feeds.example/services%20(new).csv", "services (new).csv"),
            ("https://feeds.example/%2e%2e%2fpasswd", "passwd"),
            ("https://feeds.example/a%0ab", "feed"),
            ("https://feeds.example/", "feed"),
            ("https://feeds.example", "feed"),
        ],
    )
    def test_it_is_called_by_the_end_of_its_address(self, source: Runs, url: str, name: str) -> None:
        with respx.mock() as router:
            router.route(host="feeds.example").respond(text="id,name\n1,A\n")
            assert source.fetch(FILE, url).parts[0].name == name

    @pytest.mark.parametrize("url", ["", "feeds.example", "https://", "https://[::1", "https://feeds.example:x/"])
    def test_a_source_without_an_address_is_refused(self, source: Runs, url: str) -> None:
        refused(source, "no web address|not the name of a host", kind=FILE, url=url)

    @pytest.mark.parametrize("hosts", ["other.example", [7], ["https://other.example"], ["other.example/x"], 3])
    def test_a_list_of_hosts_that_is_none_is_refused(self, source: Runs, server: Server, hosts: object) -> None:
        refused(source, "list of further hosts|not the name of a host", hosts=hosts)
        assert server.asked == []

    @pytest.mark.parametrize("mark", ['"é"', "x" * 501, ""])
    def test_a_mark_that_cannot_be_sent_back_is_none(self, source: Runs, mark: str) -> None:
        with respx.mock() as router:
            headers = [(b"ETag", mark.encode("latin-1")), (b"Last-Modified", b"d" * 41)]
            route = router.get(FEED).mock(return_value=httpx.Response(200, text="id,name\n1,A\n", headers=headers))
            assert [source.fetch(FILE).unchanged for _ in range(2)] == [False, True]
            assert not {"if-none-match", "if-modified-since"} & set(route.calls.last.request.headers)
