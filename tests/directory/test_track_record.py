"""A record of referrals is drawn to its area's mean, silent below eight, in steps of 0.05."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from directory.track_record import FLOOR, NEUTRAL, STEP, Evidence, in_words, quality, shrunk, value

shares = st.floats(0, 1)
evidence = st.builds(
    Evidence, referrals=st.integers(0, 500), replied=shares, first_contact_days=st.none() | st.floats(0, 400),
    outcomes=shares, area_mean=shares, as_of=st.just("2026-11"),
)  # fmt: skip


@given(evidence)
def test_a_share_in_steps(found: Evidence) -> None:
    assert 0 <= value(found) <= 1
    assert abs(value(found) / STEP - round(value(found) / STEP)) < 1e-9


@given(evidence.filter(lambda found: found.referrals < FLOOR))
def test_few_referrals_say_nothing(found: Evidence) -> None:
    assert value(found) == value(None) == NEUTRAL
    assert "%" not in in_words(found)


@given(evidence)
def test_between_its_own_figures_and_the_mean(found: Evidence) -> None:
    low, high = sorted((quality(found), found.area_mean))
    assert low - 1e-9 <= shrunk(found) <= high + 1e-9


@given(evidence, st.integers(1, 400))
def test_more_of_the_same_weighs_more(found: Evidence, more: int) -> None:
    larger = replace(found, referrals=found.referrals + more)
    assert abs(shrunk(larger) - found.area_mean) >= abs(shrunk(found) - found.area_mean) - 1e-9


@given(evidence, shares)
def test_answering_more_never_lowers(found: Evidence, replied: float) -> None:
    other = replace(found, replied=max(replied, found.replied))
    assert value(other) >= value(found)


@given(st.integers(FLOOR, 500), shares)
def test_as_good_as_its_area_is_neutral(referrals: int, replied: float) -> None:
    usual = Evidence(referrals, replied, 7, 0.5, 0.0, "2026-11")
    assert value(replace(usual, area_mean=quality(usual))) == NEUTRAL
