"""All settings, in one list, read from the environment when asked for and never at import.

WAYMARK_HOME               where all state lives: record, index, mail        (./var)
WAYMARK_DATABASE_URL       the record; SQLite in home when unset             (sqlite:///HOME/waymark.db)
WAYMARK_ELASTICSEARCH_URL  the index; tantivy in home when unset             (unset)
WAYMARK_ELASTICSEARCH_INDEX  begins the names of our indices there           (waymark)
WAYMARK_ELASTICSEARCH_CA   certificate of who signed that server's own      (unset)
WAYMARK_GEOCODER          "postcodes.io": look up services' postcodes there,  (unset)
                           never a person's; unset: nobody is asked
WAYMARK_PUBLIC_URL         how people reach the pages                        (http://localhost:PORT)
WAYMARK_MAIL_URL           how mail leaves: smtp://user:password@host:port?from=messages@spoc.example (encrypted by
                           STARTTLS), or smtps://; unset: nothing leaves     (unset)
WAYMARK_MAIL_LIVE          "yes" once mail may really leave; until then       (no)
                           messages are only written to HOME/mail
WAYMARK_NOTIFY_KEY         GOV.UK Notify's API key, instead of a mail server  (unset)
WAYMARK_NOTIFY_TEMPLATE    id of its e-mail template "((subject))", "((body))" (unset)
WAYMARK_KEY_FILE           key that encrypts personal fields                 (HOME/key)
WAYMARK_PORT               port of `waymark serve`                           (8000)
WAYMARK_DATA               folder of source files for set-up                 (unset)
WAYMARK_LIVE               "yes" once the directory has been checked: takes  (no)
                           the "example data" notice off the public pages

WAYMARK_DATABASE_URL, WAYMARK_ELASTICSEARCH_URL, WAYMARK_MAIL_URL and WAYMARK_NOTIFY_KEY may hold passwords: NAME_FILE
names a file that holds the value instead (a container's secret).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from directory.errors import BadInput


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
    )


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


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise BadInput(f"WAYMARK_PORT is {text!r}.", "Set it to a whole number from 1 to 65535.")


def _yes_no(name: str, text: str) -> bool:
    if text.casefold() in {"yes", "no"}:
        return text.casefold() == "yes"
    raise BadInput(f"{name} is {text!r}.", "Set it to yes or no.")
