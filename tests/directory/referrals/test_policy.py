"""An adopter's rules over the shipped ones: each mistake is named, and nothing is sent before they are filled in."""

from pathlib import Path

import pytest

from directory.errors import NotReady, UnusableFile
from directory.referrals import policy
from directory.referrals.policy import Span
from tests.directory.referrals.builders import a_policy


def read(home: Path, text: str) -> policy.Policy:
    (home / policy.FILE).write_text(text, encoding="utf-8")
    return policy.read(home)


def test_without_a_file_the_shipped_rules_hold(tmp_path: Path) -> None:
    assert policy.read(tmp_path) is policy.shipped()


def test_nothing_is_sent_or_erased_before_the_adopter_has_decided() -> None:
    with pytest.raises(NotReady, match="article_6"):
        policy.shipped().check(policy.TO_SEND)
    with pytest.raises(NotReady, match="retention_agreed"):
        policy.shipped().check(policy.TO_ERASE)
    a_policy().check(policy.NEEDED)


def test_an_adopters_own_word_stands_and_the_rest_stays(tmp_path: Path) -> None:
    own = read(
        tmp_path, '[sending]\nchasers = 2\n[timers.decide]\nurgent = "6 hours"\n[hours]\nholidays = ["2026-09-21"]\n'
    )
    assert own.number("sending", "chasers") == 2
    assert own.number("sending", "tries") == policy.shipped().number("sending", "tries")
    assert own.span("decide", urgent=True) == Span(hours=6)
    assert own.span("decide", urgent=False) == Span(days=5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[sendign]\n", r"no section \[sendign\]", id="section misspelt"),
        pytest.param("[sending]\nchaser = 2\n", "chaser is not a setting", id="setting misspelt"),
        pytest.param('[sending]\nchasers = "2"\n', "right kind", id="text for a number"),
        pytest.param("[sending]\nchasers = -1\n", "right kind", id="below nought"),
        pytest.param('[timers.decide]\nurgent = "6 weeks"\n', "pair of spans", id="span misspelt"),
        pytest.param('[timers.decide]\nsoon = "6 days"\n', "pair of spans", id="neither urgent nor routine"),
        pytest.param('[hours]\nholidays = ["21 September"]\n', "no day", id="no day"),
        pytest.param("[sending\n", "cannot be read", id="no TOML"),
        pytest.param("sending = 3\n", "no section", id="a value where a section belongs"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UnusableFile, match=said):
        read(tmp_path, text)


def test_every_timer_can_be_read() -> None:
    shipped = policy.shipped()
    for timer in shipped.sections["timers"]:
        for urgent in (True, False):
            assert shipped.span(timer, urgent) != Span()
