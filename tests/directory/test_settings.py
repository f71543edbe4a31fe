"""Settings are read from the environment, secrets from files too, and each wrong one is named."""

from pathlib import Path

import pytest

from directory import settings
from directory.errors import BadInput

OIDC = {
    "WAYMARK_OIDC_URL": "https://a.example", "WAYMARK_OIDC_CLIENT_ID": "us", "WAYMARK_OIDC_CLIENT_SECRET": "secret"
}  # fmt: skip


def test_an_organisations_sign_in_is_read_and_its_secret_not_shown() -> None:
    read = settings.read({**OIDC, "WAYMARK_OIDC_LABEL": "Fife Council"})
    assert read.oidc == settings.Oidc("https://a.example", "us", "secret", "Fife Council")
    assert "secret'" not in repr(read)
    assert settings.read({}).oidc is None


@pytest.mark.parametrize(
    ("environ", "required"),
    [
        pytest.param({}, False, id="not live"),
        pytest.param({"WAYMARK_LIVE": "yes"}, True, id="live"),
        pytest.param({"WAYMARK_SECOND_FACTOR": "required"}, True, id="asked for"),
    ],
)
def test_a_second_factor_is_required_once_live(environ: dict[str, str], required: bool) -> None:
    assert settings.read(environ).second_factor is required


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
        pytest.param({"WAYMARK_ELASTICSEARCH_SECONDS": "nan"}, "0.1 to 60", id="a wait that is no number"),
        pytest.param({"WAYMARK_ELASTICSEARCH_SECONDS": "61"}, "0.1 to 60", id="a wait too long"),
        pytest.param({"WAYMARK_LIVE": "maybe"}, "WAYMARK_LIVE", id="neither yes nor no"),
        pytest.param({"WAYMARK_SECOND_FACTOR": "maybe"}, "WAYMARK_SECOND_FACTOR", id="neither required nor optional"),
        pytest.param(
            {"WAYMARK_SECOND_FACTOR": "optional", "WAYMARK_LIVE": "yes"}, "Once live", id="no second factor when live"
        ),
        pytest.param({"WAYMARK_OIDC_URL": "https://a.example"}, "CLIENT_SECRET", id="an issuer without a client"),
        pytest.param({**OIDC, "WAYMARK_OIDC_URL": "http://a.example"}, "https", id="an issuer in the clear"),
        pytest.param({**OIDC, "WAYMARK_OIDC_MATCH": "email"}, "WAYMARK_OIDC_MATCH", id="any address"),
        pytest.param({**OIDC, "WAYMARK_OIDC_TWO_FACTORS": "often"}, "WAYMARK_OIDC_TWO_FACTORS", id="not yes nor no"),
        pytest.param({"WAYMARK_MAIL_URL_FILE": "/nowhere"}, "WAYMARK_MAIL_URL_FILE", id="a file that is not there"),
        pytest.param(
            {"WAYMARK_MAIL_URL": "smtp://a", "WAYMARK_MAIL_URL_FILE": "/nowhere"}, "Both", id="a value and a file"
        ),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        settings.read(environ)
