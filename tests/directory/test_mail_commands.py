"""`waymark mail` from a shell: what it says, what it changes, and how it ends."""

from pathlib import Path

import pytest

from tests.installation import Installation


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    made = Installation(tmp_path_factory.mktemp("mail"))
    assert made("setup", "--no-starter").code == 0
    return made


def test_mail_that_is_not_set_up_says_what_is_missing(home: Installation) -> None:
    answer = home("mail", "status")
    assert answer.code == 0
    assert "Nothing leaves: no mail server is set" in answer.out
    assert "article_6" in answer.out


def test_nothing_is_sent_before_the_adopter_has_decided(home: Installation) -> None:
    answer = home("mail", "send")
    assert answer.code == 3
    assert "0 letters" in answer.out
    assert "is not filled in" in answer.err


def test_mail_is_stopped_and_started(home: Installation) -> None:
    assert home("mail", "stop").code == 0
    assert "All mail is stopped since" in home("mail", "status").out
    assert home("mail", "start").code == 0
    assert "stopped" not in home("mail", "status").out


@pytest.mark.parametrize("content", [b"", b"Subject: hello\r\n\r\nhello"], ids=["nothing", "no report"])
def test_what_is_no_report_is_refused(home: Installation, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "report.eml").write_bytes(content)
    answer = home("mail", "bounced", str(tmp_path / "report.eml"))
    assert answer.code == 2
    assert "That is no delivery report" in answer.err


def test_a_report_that_is_not_there_is_said(home: Installation, tmp_path: Path) -> None:
    assert "cannot be read" in home("mail", "bounced", str(tmp_path / "none.eml")).err
