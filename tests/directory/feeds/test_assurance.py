"""How a record stands: which word counts, until when, what ends it, and what the index is told."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from directory import records
from directory.database import Database
from directory.draft import Coverage
from directory.errors import BadInput, NotFound
from directory.feeds import assurance, assurance_words
from directory.feeds.assurance import CONFIRMED, Assured, Listing, Rhythm, State, Word
from directory.feeds.tables import Assurance
from directory.search import fold
from directory.tables import Outbox, Service
from directory.values import Confidence, Known
from tests.builders import FIFE, NOON, a_draft, a_record, a_withheld_draft, write

OWN = records.service_id("facts", "f900")
SPOC, PROVIDER, SOURCE = State.SPOC_CONFIRMED, State.PROVIDER_CONFIRMED, State.SOURCE_CHECKED
DAY = timedelta(days=1)


def said(state: State, day: str, reason: str = "", fields: Sequence[str] = (), service: str = OWN) -> Word:
    spoken = tuple(fields) or ((assurance.REASONS[reason],) if reason else ())
    return Word(service, state, datetime.fromisoformat(f"{day}T12:00+00:00"), "ann", spoken, reason)


def dead(day: str) -> Word:
    return said(State.CONTRADICTED, day, "number_dead")


UNLISTED = Listing(False, datetime(2026, 9, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("lines", "listing", "as_of", "state", "since"),
    [
        pytest.param([], Listing(), "2026-05", State.SOURCE_CHECKED, "2026-05", id="its source speaks"),
        pytest.param([], Listing(), "2024", State.STALE, "2024", id="an old page"),
        pytest.param([], Listing(), "", State.SOURCE_CHECKED, "", id="no date: not stale, not known"),
        pytest.param([said(SPOC, "2026-05-14")], Listing(), "2020", SPOC, "2026-05-14", id="confirmed"),
        pytest.param([said(SPOC, "2025-05-14")], Listing(), "2020", State.STALE, "2025-05-14", id="too long ago"),
        pytest.param([said(PROVIDER, "2026-05-14"), said(SPOC, "2026-06-01")], Listing(), "", SPOC, "2026-06-01",
                     id="the last confirmation"),
        pytest.param([said(SPOC, "2026-05-14"), said(SOURCE, "2026-10-01")], Listing(), "", SPOC, "2026-05-14",
                     id="a source outweighs nobody who confirmed"),
        pytest.param([said(SOURCE, "2026-10-01")], Listing(), "2020", SOURCE, "2026-10-01", id="a source looked anew"),
        pytest.param([said(SPOC, "2026-05-14"), dead("2026-06-01")], Listing(), "", State.CONTRADICTED, "2026-06-01",
                     id="contradicted beats confirmed"),
        pytest.param([dead("2026-05-14"), said(SPOC, "2026-06-01")], Listing(), "", SPOC, "2026-06-01",
                     id="until confirmed anew"),
        pytest.param([dead("2026-05-14"), said(SPOC, "2026-06-01", fields=["phone"])], Listing(), "2026", SOURCE,
                     "2026", id="the number alone confirmed anew"),
        pytest.param([dead("2026-05-14"), said(SPOC, "2026-06-01", fields=["url"])], Listing(), "2026",
                     State.CONTRADICTED, "2026-05-14", id="another fact confirmed"),
        pytest.param([dead("2026-05-14"), said(SOURCE, "2026-06-01")], Listing(), "", State.CONTRADICTED, "2026-05-14",
                     id="a source that says it again does not mend it"),
        pytest.param([], UNLISTED, "2026-05", State.WITHDRAWN, "2026-09-01", id="its source no longer lists it"),
        pytest.param([said(SPOC, "2026-10-01")], UNLISTED, "", SPOC, "2026-10-01", id="confirmed although unlisted"),
        pytest.param([said(SPOC, "2026-08-01")], UNLISTED, "", State.WITHDRAWN, "2026-09-01",
                     id="confirmed before it was unlisted"),
        pytest.param([said(State.WITHDRAWN, "2026-10-01")], Listing(), "2026", State.WITHDRAWN, "2026-10-01",
                     id="withdrawn by word"),
    ],
)  # fmt: skip
def test_the_last_word_of_weight_counts(
    lines: list[Word], listing: Listing, as_of: str, state: State, since: str
) -> None:
    found = assurance.state_of(lines, listing, as_of, NOON)
    assert (found.state, found.since) == (state, since)
    assert assurance.state_of(list(reversed(lines)), listing, as_of, NOON) == found


def test_the_rhythm_of_a_service_decides_when_it_is_due() -> None:
    lines = [said(SPOC, "2026-05-14"), Word(OWN, assurance.RHYTHM, NOON, "ann", ("facts",), "3")]  # type: ignore[arg-type]
    assert assurance.rhythm_of(lines) == Rhythm(facts=3, capacity=3)
    assert assurance.state_of(lines, Listing(), "", NOON).state is State.STALE
    assert assurance.standing(lines, Listing(), "").due == "2026-08-13"
    assert assurance.state_of(lines, Listing(), "", NOON, Rhythm(facts=12)).state is SPOC


def test_room_is_due_sooner_than_facts() -> None:
    assert assurance.capacity_due([], "2026-11-01", Rhythm()) == "2027-01-31"
    assert assurance.capacity_due([said(SPOC, "2026-11-20", fields=["capacity"])], "", Rhythm()) == "2027-02-19"
    assert assurance.capacity_due([said(SPOC, "2026-11-20")], "", Rhythm()) == ""


words = st.lists(
    st.builds(
        said,
        st.sampled_from(assurance.SAYABLE),
        st.dates(date(2020, 1, 1), date(2026, 11, 1)).map(date.isoformat),
        fields=st.sampled_from([(), ("phone",), ("url",)]),
    ),
    max_size=8,
)


@given(words, st.dates(date(2026, 11, 1), date(2030, 1, 1)))
def test_confirming_anew_ends_every_doubt_until_it_is_due(lines: list[Word], today: date) -> None:
    lines = [word if word.state is not State.CONTRADICTED else dead(word.at.date().isoformat()) for word in lines]
    anew = assurance.standing([*lines, said(SPOC, "2026-11-02")], UNLISTED, "2020")
    assert anew.state is SPOC
    assert anew.at(today).state is (SPOC if today.isoformat() <= anew.due else State.STALE)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    found = a_record(tmp_path)
    write(found, a_draft())
    yield found
    found.close()


def say(record: Database, state: State, at: datetime = NOON, service: str = OWN, **said: Any) -> bool:
    with record.session() as session:
        return assurance.say(session, service, state, "ann", at, **said)


def shown(record: Database, own: str = OWN) -> Any:
    with record.reading() as session:
        return fold.document(session, own)


def test_a_word_is_kept_and_the_index_told_in_one_transaction(record: Database) -> None:
    with record.session() as session:
        session.query(Outbox).delete()
    assert say(record, SPOC)
    with record.reading() as session:
        assert session.scalars(select(Outbox.key)).all() == [OWN]
        assert assurance.words(session, [OWN])[OWN] == (Word(OWN, SPOC, NOON, "ann"),)


def test_a_button_pressed_twice_is_one_word(record: Database) -> None:
    assert say(record, SPOC)
    assert not say(record, SPOC, NOON + timedelta(seconds=20))
    assert say(record, SPOC, NOON + DAY)
    with record.reading() as session:
        assert len(session.scalars(select(Assurance)).all()) == 2


@pytest.mark.parametrize(
    ("state", "about", "says"),
    [
        pytest.param(State.STALE, {}, "no such state", id="stale is worked out"),
        pytest.param(State.CONTRADICTED, {}, "Say what is wrong", id="no reason"),
        pytest.param(State.CONTRADICTED, {"reason": "ugly"}, "Say what is wrong", id="another reason"),
        pytest.param(SPOC, {"fields": ["colour"]}, "'colour'", id="no such field"),
    ],
)
def test_what_cannot_be_said(record: Database, state: State, about: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        say(record, state, **about)


def test_of_no_service_nothing_can_be_said(record: Database) -> None:
    with pytest.raises(NotFound):
        say(record, SPOC, service="none")


@pytest.mark.parametrize("months", [0, -1, 61])
def test_a_rhythm_that_cannot_be(record: Database, months: int) -> None:
    with record.session() as session, pytest.raises(BadInput, match="months"):
        assurance.set_rhythm(session, OWN, Rhythm(facts=months), "ann", NOON)


def test_a_rhythm_is_kept_once(record: Database) -> None:
    with record.session() as session:
        assert assurance.set_rhythm(session, OWN, Rhythm(6, 1), "ann", NOON)
        assert not assurance.set_rhythm(session, OWN, Rhythm(6, 1), "ann", NOON + DAY)
        assert assurance.rhythm_of(assurance.words(session, [OWN])[OWN]) == Rhythm(6, 1)


def test_a_confirmed_service_says_so_and_since_when(record: Database) -> None:
    say(record, SPOC)
    doc = shown(record)
    assert (doc.confidence, doc.as_of) == (Confidence.CONFIRMED, "2026-11-22")
    assert doc.phone_note == "Confirmed, November 2026."
    assert doc.assurance.state in CONFIRMED
    assert doc.assurance.by == ""


def test_a_dead_number_is_not_shown_until_it_is_confirmed_or_changed(record: Database) -> None:
    say(record, State.CONTRADICTED, reason="number_dead")
    doc = shown(record)
    assert doc.phone == ""
    assert "may not work" in doc.phone_note
    assert "01632" not in doc.phone_note
    write(record, a_draft(phone="01632 960002"), at=NOON + DAY)
    assert shown(record).phone == "01632 960002"
    assert shown(record).assurance == Assured()
    say(record, State.CONTRADICTED, NOON + 2 * DAY, reason="not_theirs")
    assert "belongs to somebody else" in shown(record).phone_note
    say(record, PROVIDER, NOON + 3 * DAY)
    assert shown(record).phone == "01632 960002"


def test_a_dead_number_is_dead_whoever_tells_it(record: Database) -> None:
    write(record, a_draft(source="other", source_id="o1", phone="01632960001"))
    other = records.service_id("other", "o1")
    with record.session() as session:
        records.set_same_as(session, other, OWN, NOON)
    say(record, State.CONTRADICTED, service=other, reason="number_dead")
    assert shown(record).phone == ""
    write(record, a_draft(source="third", source_id="t1", phone="01632 960003"))
    with record.session() as session:
        records.set_same_as(session, records.service_id("third", "t1"), OWN, NOON)
    assert shown(record).phone == "01632 960003"


def test_hearsay_is_shown_only_once_that_number_is_confirmed(record: Database) -> None:
    write(record, a_draft(confidence=Confidence.GENERAL_KNOWLEDGE), at=NOON)
    say(record, SPOC)
    assert shown(record).phone == ""
    say(record, SPOC, NOON + DAY, fields=["phone"])
    assert (shown(record).phone, shown(record).phone_note) == ("01632 960001", "Confirmed, November 2026.")


@pytest.mark.parametrize(
    ("reason", "field", "expected"),
    [
        pytest.param("link_broken", "url", "", id="a broken link is not shown"),
        pytest.param("closed", "status_known", Known.UNKNOWN, id="closed: ask whether it runs"),
        pytest.param("moved", "address", "", id="moved: the old address is not shown"),
        pytest.param("moved", "point", None, id="moved: nor on a map"),
    ],
)
def test_what_is_in_doubt_is_not_shown_as_true(record: Database, reason: str, field: str, expected: object) -> None:
    say(record, State.CONTRADICTED, reason=reason)
    doc = shown(record)
    assert getattr(doc, field) == expected
    assert assurance_words.doubt(doc.assurance).startswith("Somebody told us, November 2026, that ")


def test_a_service_that_no_source_lists_is_asked_of(record: Database) -> None:
    with record.session() as session:
        row = session.get_one(Service, OWN)
        row.listing, row.unlisted_at = "unlisted", NOON
    doc = shown(record)
    assert doc.status_known is Known.UNKNOWN
    assert assurance_words.caution(doc.assurance).startswith("Its source no longer lists it, since November 2026")


def test_of_a_withheld_place_no_doubt_is_told(record: Database) -> None:
    write(record, a_withheld_draft())
    hidden = records.service_id("facts", "f901")
    say(record, State.CONTRADICTED, service=hidden, reason="number_dead")
    assert shown(record, hidden).assurance == Assured()


@pytest.mark.parametrize(
    ("assured", "says"),
    [
        pytest.param(Assured(PROVIDER, "2026-05-14", due="2027-05-14"), "Checked by the service, May 2026.",
                     id="service"),
        pytest.param(Assured(SPOC, "2026-05-14", due="2027-05-14"),
                     "Checked by the single point of contact, May 2026.", id="SPOC"),
        pytest.param(Assured(SPOC, "2025-05-14", due="2026-05-14"), "Not confirmed since May 2025 (stale).",
                     id="stale"),
        pytest.param(Assured(State.CONTRADICTED, "2026-05-14", reasons=("number_dead", "closed")),
                     "Somebody told us, May 2026, that this number may not work and that it may have closed.",
                     id="contradicted"),
        pytest.param(Assured(), "", id="its source speaks"),
    ],
)  # fmt: skip
def test_the_words(assured: Assured, says: str) -> None:
    assert assurance_words.said(assured, NOON.date()) == says


def test_every_reason_has_its_words() -> None:
    assert set(assurance_words.DOUBTS) == set(assurance.REASONS)
    assert set(assurance_words.ASK) <= set(assurance.REASONS)


def test_a_change_of_the_very_fact_at_its_source_ends_a_doubt(record: Database) -> None:
    write(record, a_draft())
    with record.session() as session:
        assurance.say(session, OWN, State.CONTRADICTED, "provider", NOON, reason="area_not_served")
    for draft, doubts in ((a_draft(phone="01632 960002"), 1), (a_draft(coverage=Coverage(Known.STATED, (FIFE,))), 0)):
        write(record, draft, at=NOON + timedelta(hours=1))
        with record.reading() as session:
            assert len(assurance.doubted(assurance.words(session, [OWN])[OWN])) == doubts
