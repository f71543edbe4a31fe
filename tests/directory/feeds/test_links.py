"""Whether links still answer: what counts as broken, who is never asked, where we are not led, and what staff see."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.abc
import pytest
from sqlalchemy import select

from directory import records
from directory.database import Database
from directory.errors import SourceUnavailable
from directory.feeds import assurance, links, numbers
from directory.feeds.assurance import State
from directory.feeds.links import Answer, Checked
from directory.feeds.tables import LinkCheck
from directory.feeds.troubles import troubles
from directory.http import Surroundings
from tests.builders import NOON, a_draft, a_record, a_withheld_draft, write

DAY = timedelta(days=1)
OWN = records.service_id("facts", "f900")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    found = a_record(tmp_path)
    yield found
    found.close()


def drafts(record: Database, *urls: str) -> None:
    write(record, *(a_draft(source_id=f"f{900 + number}", url=url) for number, url in enumerate(urls)))


@asynccontextmanager
async def site(answers: Mapping[str, str]) -> AsyncIterator[tuple[int, list[str]]]:
    """A server on loopback that answers paths by status lines ("301 Moved|/there"); the requests it was sent."""
    heard: list[str] = []

    async def serve(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            line = (await stream.receive()).decode("latin-1").splitlines()[0]
            heard.append(line.removesuffix(" HTTP/1.1"))
            method, path, _ = line.split(" ")
            status, _, onward = answers.get(f"{method} {path}", answers.get(path, "404 Not Found")).partition("|")
            place = f"Location: {onward}\r\n" if onward else ""
            await stream.send(f"HTTP/1.1 {status}\r\n{place}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        yield listener.extra(anyio.abc.SocketAttribute.local_port), heard
        tasks.cancel_scope.cancel()


def around() -> Surroundings:
    """Every name leads to this machine, which may be reached; nobody waits."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        if host.startswith("gone."):
            raise OSError
        return ["127.0.0.1"]

    async def sleep(seconds: float) -> None:
        await anyio.lowlevel.checkpoint()

    return Surroundings(resolve=resolve, may_reach=lambda address: True, sleep=sleep, chance=lambda: 0.0)


def asked(
    record: Database, answers: Mapping[str, str], paths: Sequence[str] = (), days: int = 1, most: int = 500,
    fill: Callable[[int], None] | None = None,
) -> tuple[Checked, list[str]]:  # fmt: skip
    """What `days` rounds, a day apart, come to, over services with these paths on one site."""

    async def rounds() -> tuple[Checked, list[str]]:
        async with site(answers) as (port, heard):
            if paths:
                drafts(record, *(f"http://service.example:{port}{path}" for path in paths))
            if fill:
                fill(port)
            for day in range(days):
                done = await links.check(record, NOON + day * DAY, most, around())
            return done, heard

    return anyio.run(rounds)


def kept(record: Database) -> list[tuple[int, int, str]]:
    with record.reading() as session:
        rows = session.scalars(select(LinkCheck).order_by(LinkCheck.url))
        return [(row.status, row.failures, row.said) for row in rows]


@pytest.mark.parametrize(
    ("answers", "status", "failures", "said"),
    [
        pytest.param({"/": "200 OK"}, 200, 0, "", id="it answers"),
        pytest.param({"HEAD /": "405 No", "GET /": "200 OK"}, 405, 0, "it answers people only", id="no HEAD"),
        pytest.param({"HEAD /": "500 Broken", "GET /": "200 OK"}, 200, 0, "", id="HEAD fails, GET does not"),
        pytest.param({"/": "403 Forbidden"}, 403, 0, "it answers people only", id="it refuses programs"),
        pytest.param({"/": "429 Slow"}, 429, 0, "it answers people only", id="it is asked too often"),
        pytest.param({}, 404, 1, "there is no such page", id="no such page"),
        pytest.param({"/": "410 Gone"}, 410, 1, "the page was taken away", id="gone"),
        pytest.param({"/": "500 Broken"}, 500, 1, "its server failed (status 500)", id="a broken server"),
        pytest.param({"/": "301 Moved|/there", "/there": "200 OK"}, 200, 0, "", id="led on"),
        pytest.param({"/": "301 Moved|/there"}, 404, 1, "there is no such page", id="led on to nothing"),
        pytest.param({"/": "302 Found|/"}, 302, 1, "it leads on and on", id="round and round"),
        pytest.param({"/": "302 Found|http://[x"}, 0, 1, "it leads to what is no web address", id="no address"),
        pytest.param({"/": "302 Found|http://169.254.169.254/"}, 302, 0, "it leads to another site", id="metadata"),
        pytest.param({"/": "302 Found|https://elsewhere.example/"}, 302, 0, "it leads to another site", id="another"),
        pytest.param({"/": "302 Found|file:///etc/passwd"}, 302, 0, "it leads to another site", id="a file"),
    ],
)
def test_what_an_answer_means(
    record: Database, answers: Mapping[str, str], status: int, failures: int, said: str
) -> None:
    asked(record, answers, ["/"])
    assert kept(record) == [(status, failures, said)]


def test_another_host_is_never_asked(record: Database) -> None:
    def fill(port: int) -> None:
        drafts(record, f"http://service.example:{port}/")

    _, heard = asked(record, {"/": "302 Found|http://elsewhere.example/"}, fill=fill)
    assert heard == ["HEAD /"]


def test_two_failures_on_different_days_make_a_link_broken(record: Database) -> None:
    assert asked(record, {}, ["/"])[0] == Checked(1, 1, 0)
    anyio.run(links.check, record, NOON + timedelta(hours=2), 5, around())
    assert kept(record)[0][1] == 1
    anyio.run(links.check, record, NOON + DAY, 5, around())
    assert kept(record)[0][1] == 2
    with record.reading() as session:
        (found,) = troubles(session)
    assert (found.service_id, found.what, found.at) == (OWN, "link", NOON + DAY)
    assert found.said.startswith("its server cannot be reached")


def test_an_answer_or_another_address_begins_anew(record: Database) -> None:
    asked(record, {}, ["/"], days=3)
    assert kept(record)[0][1] == 3
    asked(record, {"/new": "200 OK"}, ["/new"])
    assert kept(record) == [(200, 0, "")]
    asked(record, {}, ["/other"])
    assert kept(record)[0][1] == 1


def test_withheld_and_closed_services_are_never_asked(record: Database) -> None:
    def fill(port: int) -> None:
        drafts(record, f"http://service.example:{port}/a")
        write(record, a_withheld_draft())
        write(record, a_draft(source="other", source_id="o1", url=f"http://service.example:{port}/secret"))
        write(record, a_draft(source="third", source_id="t1", url=f"http://x.example:{port}/shut", status="defunct"))
        with record.session() as session:
            hidden = records.service_id("facts", "f901")
            records.set_same_as(session, records.service_id("other", "o1"), hidden, NOON)

    _, heard = asked(record, {"/a": "200 OK"}, fill=fill)
    assert heard == ["HEAD /a"]


def test_those_asked_longest_ago_come_first_and_one_address_is_asked_once(record: Database) -> None:
    _, heard = asked(record, {"/a": "200 OK", "/b": "200 OK"}, ["/a", "/b", "/a"], days=3, most=1)
    assert heard == ["HEAD /a", "HEAD /b", "HEAD /a"]
    assert len(kept(record)) == 3


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://a.example/", "http://", "http://nodot/", "http://a:b@a.example/", "http://[x",
            "http://a.example:99999/", "http://höst.example/"],
)  # fmt: skip
def test_what_is_no_web_address_is_not_asked(record: Database, url: str) -> None:
    drafts(record, url)
    assert anyio.run(links.check, record, NOON, 5, around()) == Checked(0, 0, 0)


def test_when_nobody_answers_at_all_it_is_our_own_connection(record: Database) -> None:
    drafts(record, *(f"http://gone.{name}.example/" for name in "abc"))
    with pytest.raises(SourceUnavailable, match="connected to the internet"):
        anyio.run(links.check, record, NOON, 5, around())
    assert kept(record) == []


def test_an_inward_address_is_not_connected_to(record: Database) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["10.0.0.1"]

    drafts(record, "http://service.example/")
    anyio.run(links.check, record, NOON, 5, Surroundings(resolve=resolve))
    (found,) = kept(record)
    assert found[0] == 0
    assert "private network" in found[2]


def test_dead_numbers_are_listed_with_the_links(record: Database) -> None:
    write(record, a_draft(source_id="f910", name="A", phone="0131 000"), a_draft(source_id="f911", name="B"))
    write(record, a_withheld_draft())
    with record.session() as session:
        own = records.service_id("facts", "f911")
        assurance.say(session, own, State.CONTRADICTED, "ann", NOON, reason="number_dead")
    with record.reading() as session:
        found = [(each.name, each.what, each.said) for each in troubles(session)]
    assert found == [("A", "number", "no such number can exist"), ("B", "number", "somebody said so")]


@pytest.mark.parametrize(
    ("number", "exists"),
    [
        ("0131 551 9204", True), ("999", True), ("116 123", True), ("18001 0131 551 9204", True),
        ("01632 960001", True), ("0808 2000 247", True), ("+44 131 551 9204", True), ("0131 000", False),
        ("00000 000000", False), ("hello", False), ("", False), ("07", False),
    ],
)  # fmt: skip
def test_which_numbers_can_exist(number: str, exists: bool) -> None:
    assert numbers.can_exist(number) is exists


def test_an_answer_says_how_it_was() -> None:
    assert Answer(True, 200) == Answer(True, 200, "")
