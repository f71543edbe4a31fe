"""The replays and races of the contract tests, at their full counts: one form is one change, one version one winner."""

from pathlib import Path

import pytest

from directory.database import Database
from tests.contract import test_referral_races as races
from tests.directory.referrals.builders import a_loop_over

TIMES = 200


@pytest.mark.parametrize(
    "race",
    [
        pytest.param(races.test_a_hundred_replays_of_one_answer_are_one_change, id="100 replays"),
        pytest.param(
            races.test_of_fifty_who_accept_and_decline_at_once_one_wins_and_the_others_are_told_who_and_when,
            id="50-way race",
        ),
    ],
)
def test_again_and_again(record: Database, tmp_path: Path, race: object) -> None:
    assert callable(race)
    loop = a_loop_over(record, tmp_path / "loop")
    for _ in range(TIMES):
        race(loop)
