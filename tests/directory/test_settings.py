"""Settings are read from the environment, secrets from files too, and each wrong one is named."""

from pathlib import Path

import pytest

from directory import settings
from directory.errors import BadInput


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "database_url"
    file.write_text("postgresql://waymark:secret@postgres/waymark\n")
    assert settings.read({"WAYMARK_DATABASE_URL_FILE": str(file)}).database_url.endswith("@postgres/waymark")


def test_without_settings_everything_lies_in_home(tmp_path: Path) -> None:
    read = settings.read({"WAYMARK_HOME": str(tmp_path)})
    assert read.database_url == f"sqlite:///{tmp_path}/waymark.db"
    assert (read.elasticsearch_url, read.port, read.live) == (None, 8000, False)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        pytest.param({"WAYMARK_PORT": "http"}, "WAYMARK_PORT", id="a port that is a word"),
        pytest.param({"WAYMARK_LIVE": "maybe"}, "WAYMARK_LIVE", id="neither yes nor no"),
        pytest.param({"WAYMARK_MAIL_URL_FILE": "/nowhere"}, "WAYMARK_MAIL_URL_FILE", id="a file that is not there"),
        pytest.param(
            {"WAYMARK_MAIL_URL": "smtp://a", "WAYMARK_MAIL_URL_FILE": "/nowhere"}, "Both", id="a value and a file"
        ),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        settings.read(environ)
