"""Safe contact: nobody is reached in a way, at an hour or on a day that the person has not chosen."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import BadInput, NotFound
from directory.referrals import codes, safe_contacts
from directory.referrals.loop import Loop
from directory.referrals.safe_contacts import Wish, may_contact
from directory.referrals.tables import SafeContact
from directory.referrals.working_time import LOCAL
from tests.directory.referrals.builders import PROVIDER, a_case, a_loop, ask
from tests.directory.referrals.case_builders import everything, looking

MONDAY_10 = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL)
CHANNELS = list(codes.codes("contact_channel"))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def a_contact(**changes: Any) -> SafeContact:
    facts: dict[str, Any] = {
        "channel": "phone", "from_hour": 9, "until_hour": 17, "days": "", "may_text": False, "voicemail": "never",
    }  # fmt: skip
    return SafeContact(id="c", **(facts | changes))


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.mark.parametrize(
    ("contact", "channel", "moment", "allowed"),
    [
        pytest.param(a_contact(), "phone", MONDAY_10, True, id="as they chose"),
        pytest.param(None, "phone", MONDAY_10, False, id="nothing recorded"),
        pytest.param(a_contact(channel="none"), "phone", MONDAY_10, False, id="do not contact"),
        pytest.param(a_contact(superseded_at=MONDAY_10), "phone", MONDAY_10, False, id="superseded"),
        pytest.param(a_contact(), "email", MONDAY_10, False, id="another channel"),
        pytest.param(a_contact(), "text", MONDAY_10, False, id="text not agreed"),
        pytest.param(a_contact(may_text=True), "text", MONDAY_10, True, id="text agreed"),
        pytest.param(a_contact(channel="email", may_text=True), "text", MONDAY_10, False, id="no number to text"),
        pytest.param(a_contact(), "phone", MONDAY_10.replace(hour=8, minute=59), False, id="too early"),
        pytest.param(a_contact(), "phone", MONDAY_10.replace(hour=9), True, id="first minute"),
        pytest.param(a_contact(), "phone", MONDAY_10.replace(hour=16, minute=59), True, id="last minute"),
        pytest.param(a_contact(), "phone", MONDAY_10.replace(hour=17), False, id="too late"),
        pytest.param(a_contact(days="MO|TH"), "phone", MONDAY_10, True, id="a Monday"),
        pytest.param(a_contact(days="TU|TH"), "phone", MONDAY_10, False, id="not on Mondays"),
        pytest.param(a_contact(channel="post", days="TU"), "post", MONDAY_10, True, id="a letter has no hour"),
        pytest.param(a_contact(channel="worker"), "phone", MONDAY_10, False, id="only through their worker"),
    ],
)
def test_the_guard(contact: SafeContact | None, channel: str, moment: datetime, allowed: bool) -> None:
    answer, reason = may_contact(contact, channel, moment)
    assert answer is allowed
    assert bool(reason) is not allowed


def test_hours_are_local_in_summer_too() -> None:
    at_half_past_eight = datetime(2026, 7, 6, 7, 30, tzinfo=UTC)
    assert not may_contact(a_contact(), "phone", at_half_past_eight)[0]
    assert may_contact(a_contact(), "phone", at_half_past_eight + timedelta(minutes=30))[0]


@given(channel=st.sampled_from(CHANNELS), moment=MOMENTS)
def test_do_not_contact_silences_all(channel: str, moment: datetime) -> None:
    assert not may_contact(a_contact(channel="none", may_text=True, from_hour=0, until_hour=24), channel, moment)[0]


@given(moment=MOMENTS, first=st.integers(0, 23), hours=st.integers(1, 24), days=st.sets(st.sampled_from(["MO", "SU"])))
def test_nobody_is_rung_outside_their_hours_and_days(moment: datetime, first: int, hours: int, days: set[str]) -> None:
    last = min(first + hours, 24)
    local = moment.astimezone(LOCAL)
    allowed, _ = may_contact(a_contact(from_hour=first, until_hour=last, days="|".join(sorted(days))), "phone", moment)
    day = safe_contacts.DAYS[local.weekday()]
    assert allowed == (first <= local.hour < last and (not days or day in days))


class TestSetting:
    def test_the_last_one_holds(self, loop: Loop) -> None:
        case_id = a_case(loop)
        safe_contacts.set_(loop, ask(loop), case_id, Wish("email", "quiet@home.example", who_must_not_know="Uncle"))

        with looking(loop) as session:
            now = safe_contacts.current(session, case_id)
            assert now is not None
            assert now.channel == "email"
            assert safe_contacts.opened(session, loop, now) == safe_contacts.Opened("quiet@home.example", "Uncle", "")
            rows = session.query(SafeContact).filter_by(case_id=case_id).all()
        assert [row.superseded_at is None for row in sorted(rows, key=lambda row: row.channel)] == [True, False]

    def test_do_not_contact_keeps_no_number(self, loop: Loop) -> None:
        case_id = a_case(loop)
        safe_contacts.set_(loop, ask(loop), case_id, Wish("none", "01632 960555"))
        with looking(loop) as session:
            now = safe_contacts.current(session, case_id)
            assert now is not None
            assert safe_contacts.opened(session, loop, now).value == ""

    def test_nothing_of_it_is_in_clear(self, loop: Loop) -> None:
        wish = Wish("phone", "01632 960777", note="Ask for Wombat", who_must_not_know="Quoll")
        safe_contacts.set_(loop, ask(loop, key="clear"), a_case(loop), wish)
        kept = everything(loop)
        assert not [word for word in ("960777", "Wombat", "Quoll") if word in kept]

    @pytest.mark.parametrize(
        ("wish", "field"),
        [
            pytest.param(Wish("pigeon", "x"), "channel", id="channel"),
            pytest.param(Wish("phone", "ring me"), "value", id="no number"),
            pytest.param(Wish("phone", ""), "value", id="nothing"),
            pytest.param(Wish("email", "home.example"), "value", id="no address"),
            pytest.param(Wish("post", ""), "value", id="no address to write to"),
            pytest.param(Wish("phone", "01632 960000", 17, 9), "from_hour", id="hours"),
            pytest.param(Wish("phone", "01632 960000", 9, 9), "from_hour", id="no hour at all"),
            pytest.param(Wish("phone", "01632 960000", days="Monday"), "days", id="days"),
            pytest.param(Wish("phone", "01632 960000", voicemail="sing"), "voicemail", id="voicemail"),
            pytest.param(Wish("phone", "01632 960000", note="x" * 1001), "note", id="long note"),
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, loop: Loop, wish: Wish, field: str) -> None:
        with pytest.raises(BadInput) as refused:
            safe_contacts.set_(loop, ask(loop), a_case(loop), wish)
        assert refused.value.field == field

    def test_a_provider_sets_none(self, loop: Loop) -> None:
        with pytest.raises(NotFound):
            safe_contacts.set_(loop, ask(loop, PROVIDER), a_case(loop), Wish("none"))


def test_the_rule_is_said_without_the_number() -> None:
    said = safe_contacts.words(a_contact(days="MO|TU|FR", voicemail="never"))
    assert said == "Phone, 9:00 to 17:00, Monday, Tuesday and Friday. Leave no voicemail"
    assert ", Sunday." in safe_contacts.words(a_contact(days="SU"))
    assert safe_contacts.words(a_contact(channel="none")) == "Do not contact"
    assert "No safe way" in safe_contacts.words(None)
