"""Live settings: what may be, what goes together, and how versions lie over the files."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.referrals import live_settings, policy
from directory.referrals.live_settings import NotSafe, catalogue
from directory.referrals.policy import Policy

FILES = policy.shipped()


def problems(typed: dict[str, str]) -> dict[str, str]:
    try:
        live_settings.differing(FILES, live_settings.read(typed))
    except NotSafe as error:
        return dict(error.problems)
    return {}


@pytest.mark.parametrize("key", catalogue())
def test_what_is_shipped_is_allowed_and_reads_as_it_is_said(key: str) -> None:
    own = catalogue()[key]
    now = own.of(FILES)
    assert live_settings.read({own.field: own.said(now)}) == {key: now}


def test_the_floor_of_track_records_is_never_below_eight() -> None:
    assert int(catalogue()["evidence.floor"].least) == 8


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        pytest.param({"sending-hold_minutes": "-1"}, "sending-hold_minutes", id="less than none"),
        pytest.param({"sending-hold_minutes": "1.5"}, "sending-hold_minutes", id="no whole number"),
        pytest.param({"sending-chasers": "9"}, "sending-chasers", id="more reminders than are allowed"),
        pytest.param({"sending-hold_minutes": "٣"}, "sending-hold_minutes", id="another script's figure"),
        pytest.param({"timers-lapse-urgent": "0 days"}, "timers-lapse-urgent", id="no time at all"),
        pytest.param({"timers-decide-routine": "1 hour"}, "timers-decide-routine", id="shorter than is safe"),
        pytest.param({"timers-decide-routine": "9 days"}, "timers-lapse_warning-routine", id="after what follows it"),
        pytest.param({"hours-holidays": "25 December"}, "hours-holidays", id="no day"),
        pytest.param({"hours-holidays": "2026-13-01"}, "hours-holidays", id="no month"),
        pytest.param({"hours-first": "11", "hours-last": "13", "sending-digest_hour": "12"}, "hours-last", id="no day"),
        pytest.param({"hours-last": "22"}, "timers-lapse_warning-urgent", id="hours beside a longer day"),
        pytest.param({"hours-first": "11"}, "hours-first", id="the daily message before work"),
        pytest.param(
            {"hours-holidays": "2026-11-30", "hours-not_holidays": "2026-11-30"}, "hours-not_holidays", id="both lists"
        ),
    ],
)
def test_what_is_not_safe_is_named_at_its_field(typed: dict[str, str], field: str) -> None:
    assert field in problems(typed)


def test_every_mistake_is_told_at_once() -> None:
    assert set(problems({"sending-chasers": "0", "cases-listed": "x"})) == {"sending-chasers", "cases-listed"}


def test_what_the_files_say_already_is_no_difference() -> None:
    values = live_settings.read({"sending-hold_minutes": "10", "sending-chasers": "2"})
    assert live_settings.differing(FILES, values) == {"sending.chasers": 2}


def test_values_lie_over_the_files_and_leave_the_rest() -> None:
    own = live_settings.over(FILES, {"timers.decide.urgent": "2 days", "timers.lapse_warning.urgent": "2 days"})
    assert own.span("decide", urgent=True).days == 2
    assert own.span("decide", urgent=False) == FILES.span("decide", urgent=False)
    assert own.text("adopter", "name") == FILES.text("adopter", "name")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"adopter.phone": "01632 960999"}, id="what is no live setting"),
        pytest.param({"sending.hold_minutes": 9_999}, id="out of bounds since"),
        pytest.param({"timers.lapse.routine": "1 days"}, id="what does not go together any more"),
        pytest.param({"hours.holidays": 7}, id="of another kind"),
    ],
)
def test_a_version_that_this_waymark_would_not_take_gives_way_to_the_files(values: dict[str, Any]) -> None:
    assert live_settings.over(FILES, values).sections == FILES.sections


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from([own.field for own in catalogue().values()]), st.text(max_size=30), max_size=6))
def test_whatever_is_typed_is_taken_whole_or_refused_by_field(typed: dict[str, str]) -> None:
    try:
        values = live_settings.differing(FILES, live_settings.read(typed))
    except NotSafe:
        return
    found = live_settings.over(FILES, values)
    assert isinstance(found, Policy)
    assert {key: catalogue()[key].of(found) for key in values} == values
