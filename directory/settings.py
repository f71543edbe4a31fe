"""All settings, in one list, read from the environment when asked for and never at import.

WAYMARK_HOME               where all state lives: record, index, mail        (./var)
WAYMARK_DATABASE_URL       the record; SQLite in home when unset             (sqlite:///HOME/waymark.db)
WAYMARK_ELASTICSEARCH_URL  the index; tantivy in home when unset             (unset)
WAYMARK_ELASTICSEARCH_INDEX  begins the names of our indices there           (waymark)
WAYMARK_ELASTICSEARCH_CA   certificate of who signed that server's own      (unset)
WAYMARK_ELASTICSEARCH_SECONDS  longest wait for one answer to a reader      (2)
WAYMARK_GEOCODER          "postcodes.io": look up services' postcodes there,  (unset)
                           never a person's; unset: nobody is asked
WAYMARK_PUBLIC_URL         how people reach the pages                        (http://localhost:PORT)
WAYMARK_MAIL_URL           how mail leaves: smtp://user:password@host:port?from=messages@spoc.example (encrypted by
                           STARTTLS), or smtps://; unset: nothing leaves     (unset)
WAYMARK_MAIL_LIVE          "yes" once mail may really leave; until then       (no)
                           messages are only written to HOME/mail
WAYMARK_NOTIFY_KEY         GOV.UK Notify's API key, instead of a mail server  (unset)
WAYMARK_NOTIFY_TEMPLATE    id of its e-mail template "((subject))", "((body))" (unset)
WAYMARK_NOTIFY_TEXT_TEMPLATE  id of its text message template "((body))":     (unset)
                           people may then be texted; unset: nobody is
WAYMARK_KEY_FILE           key that encrypts personal fields                 (HOME/key)
WAYMARK_SECOND_FACTOR      "required": staff sign in with a one-time code     (optional;
                           beside their password; always so once live        required when live)
WAYMARK_OIDC_URL           issuer that staff may sign in with (OpenID Connect), (unset)
                           as https://login.microsoftonline.com/TENANT-ID/v2.0
WAYMARK_OIDC_CLIENT_ID     what that issuer calls us                         (unset)
WAYMARK_OIDC_CLIENT_SECRET what we prove that with                           (unset)
WAYMARK_OIDC_LABEL         what people call it, on the sign-in page          (your organisation)
WAYMARK_OIDC_MATCH         whose account it is, the first time: "verified":  (verified)
                           by an e-mail address the issuer has verified, and
                           no other; "preferred_username": by that claim, only
                           for a tenant without guests that gives names itself
WAYMARK_OIDC_TWO_FACTORS   "yes" when the issuer always asks a second factor (no)
WAYMARK_PORT               port of `waymark serve`                           (8000)
WAYMARK_DATA               folder of source files for set-up                 (unset)
WAYMARK_LIVE               "yes" once the directory has been checked: takes  (no)
                           the "example data" notice off the public pages

WAYMARK_DATABASE_URL, WAYMARK_ELASTICSEARCH_URL, WAYMARK_MAIL_URL, WAYMARK_NOTIFY_KEY and WAYMARK_OIDC_CLIENT_SECRET
may hold passwords: NAME_FILE names a file that holds the value instead (a container's secret).
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from directory.errors import BadInput

MATCHES = ("verified", "preferred_username")


@dataclass(frozen=True, slots=True)
class Oidc:
    """Where an organisation signs its own people in."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str
    match: str = MATCHES[0]
    two_factors: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Typed settings of one installation."""

    home: Path
    database_url: str
    elasticsearch_url: str | None
    elasticsearch_index: str
    elasticsearch_ca: Path | None
    public_url: str
    mail_url: str | None
    key_file: Path
    port: int
    geocoder: str | None
    data: Path | None
    live: bool
    mail_live: bool = False
    notify_key: str | None = field(default=None, repr=False)
    notify_template: str = ""
    notify_text_template: str = ""
    second_factor: bool = False
    """Whether staff must have one; `live` asks for it too."""
    oidc: Oidc | None = None
    elasticsearch_seconds: float | None = None
    """None: what the client of Elasticsearch takes by itself."""

    @property
    def index_dir(self) -> Path:
        """Where the embedded index lives."""
        return self.home / "index"


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (the process's own when None).

    Raises BadInput naming the setting when one cannot be used.
    """
    env = os.environ if environ is None else environ
    home = Path(env.get("WAYMARK_HOME") or "var").expanduser().absolute()
    port = _port(env.get("WAYMARK_PORT") or "8000")
    data = env.get("WAYMARK_DATA")
    ca = env.get("WAYMARK_ELASTICSEARCH_CA")
    return Settings(
        home=home,
        database_url=_secret(env, "WAYMARK_DATABASE_URL") or f"sqlite:///{home / 'waymark.db'}",
        elasticsearch_url=_secret(env, "WAYMARK_ELASTICSEARCH_URL"),
        elasticsearch_index=env.get("WAYMARK_ELASTICSEARCH_INDEX") or "waymark",
        elasticsearch_ca=Path(ca).expanduser().absolute() if ca else None,
        public_url=(env.get("WAYMARK_PUBLIC_URL") or f"http://localhost:{port}").rstrip("/"),
        mail_url=_secret(env, "WAYMARK_MAIL_URL"),
        key_file=Path(env.get("WAYMARK_KEY_FILE") or home / "key"),
        port=port,
        geocoder=env.get("WAYMARK_GEOCODER") or None,
        data=Path(data).expanduser().absolute() if data else None,
        live=_yes_no("WAYMARK_LIVE", env.get("WAYMARK_LIVE") or "no"),
        mail_live=_yes_no("WAYMARK_MAIL_LIVE", env.get("WAYMARK_MAIL_LIVE") or "no"),
        notify_key=_secret(env, "WAYMARK_NOTIFY_KEY"),
        notify_template=env.get("WAYMARK_NOTIFY_TEMPLATE") or "",
        notify_text_template=env.get("WAYMARK_NOTIFY_TEXT_TEMPLATE") or "",
        second_factor=_second_factor(env),
        oidc=_oidc(env),
        elasticsearch_seconds=_seconds(env.get("WAYMARK_ELASTICSEARCH_SECONDS")),
    )


def _second_factor(env: Mapping[str, str]) -> bool:
    live = (env.get("WAYMARK_LIVE") or "no").casefold() == "yes"
    said = (env.get("WAYMARK_SECOND_FACTOR") or ("required" if live else "optional")).casefold()
    if said not in {"required", "optional"}:
        raise BadInput(f"WAYMARK_SECOND_FACTOR is {said!r}.", "Set it to required or optional.")
    if live and said == "optional":
        raise BadInput("WAYMARK_SECOND_FACTOR is optional and WAYMARK_LIVE is yes.", "Once live it is required.")
    return said == "required"


def _oidc(env: Mapping[str, str]) -> Oidc | None:
    issuer = env.get("WAYMARK_OIDC_URL")
    if not issuer:
        return None
    client_id, secret = env.get("WAYMARK_OIDC_CLIENT_ID"), _secret(env, "WAYMARK_OIDC_CLIENT_SECRET")
    if not client_id or not secret:
        raise BadInput(
            "WAYMARK_OIDC_URL is set without WAYMARK_OIDC_CLIENT_ID and WAYMARK_OIDC_CLIENT_SECRET.",
            "Set all three; the secret may stand in a file (WAYMARK_OIDC_CLIENT_SECRET_FILE).",
        )
    if not issuer.startswith("https://"):
        raise BadInput("WAYMARK_OIDC_URL does not start with https.", "Give the issuer's address.")
    match = env.get("WAYMARK_OIDC_MATCH") or MATCHES[0]
    if match not in MATCHES:
        raise BadInput(f"WAYMARK_OIDC_MATCH is {match!r}.", f"Set it to {' or '.join(MATCHES)}.")
    label = env.get("WAYMARK_OIDC_LABEL") or "your organisation"
    two = _yes_no("WAYMARK_OIDC_TWO_FACTORS", env.get("WAYMARK_OIDC_TWO_FACTORS") or "no")
    return Oidc(issuer.removesuffix("/.well-known/openid-configuration"), client_id, secret, label, match, two)


def _secret(env: Mapping[str, str], name: str) -> str | None:
    """A setting, or what the file named by NAME_FILE holds."""
    value, file = env.get(name), env.get(f"{name}_FILE")
    if not file:
        return value or None
    if value:
        raise BadInput(f"Both {name} and {name}_FILE are set.", "Keep one of them.")
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{name}_FILE names {file}, which cannot be read.", "Name a file this process may read."
        ) from error


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    with suppress(ValueError):
        if 0.1 <= (seconds := float(text)) <= 60:
            return seconds
    raise BadInput(f"WAYMARK_ELASTICSEARCH_SECONDS is {text!r}.", "Set it to seconds, from 0.1 to 60.")


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise BadInput(f"WAYMARK_PORT is {text!r}.", "Set it to a whole number from 1 to 65535.")


def _yes_no(name: str, text: str) -> bool:
    if text.casefold() in {"yes", "no"}:
        return text.casefold() == "yes"
    raise BadInput(f"{name} is {text!r}.", "Set it to yes or no.")
