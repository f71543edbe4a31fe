"""Installations with many referrals, each made once: a drill begins with a copy of what it would have to make anew."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from directory import database, settings
from directory.settings import Settings
from tests.builders import NOON, set_up
from tests.directory.referrals.builders import Time, a_loop_over
from tests.drills import whole
from tests.drills.dying import Shift, begin
from tests.drills.posting import a_post


@dataclass(slots=True)
class Copies:
    """On SQLite, whose file is in home, or in databases of their own of a PostgreSQL (`server`)."""

    folder: Path
    referrals: int
    server: str = ""
    kept: dict[tuple[str, ...], Settings] = field(default_factory=dict)

    def made(self, *works: str) -> Settings:
        """Many drafts, and these works of `dying` done with them, one after the other: to be copied, not worked in."""
        if works not in self.kept:
            chosen = self.copy(self.made(*works[:-1])) if works else self._drafts()
            if works:
                with a_post() as post:
                    begin(Shift(works[-1], chosen, NOON, post.port))
            self.kept[works] = chosen
        return self.kept[works]

    def copy(self, of: Settings) -> Settings:
        own = self._named(uuid4().hex[:12])
        shutil.copytree(of.home, own.home)
        if self.server:
            self._say(f"CREATE DATABASE {_name(own)} TEMPLATE {_name(of)}")
        return own

    def drop(self, chosen: Iterable[Settings]) -> None:
        for each in chosen:
            shutil.rmtree(each.home)
            if self.server:  # a worker that was killed may not have been missed there yet
                self._say(f"DROP DATABASE {_name(each)} WITH (FORCE)")

    def _drafts(self) -> Settings:
        chosen = self._named(uuid4().hex[:12])
        if self.server:
            self._say(f"CREATE DATABASE {_name(chosen)}")
        set_up(chosen)
        record = database.open_database(chosen)
        try:
            whole.many(a_loop_over(record, chosen.home, Time()), self.referrals)
        finally:
            record.close()
        return chosen

    def _named(self, name: str) -> Settings:
        said: Mapping[str, str] = {"WAYMARK_HOME": str(self.folder / name)}
        if self.server:
            url = make_url(self.server).set(database=f"waymark_{name}")
            said = {**said, "WAYMARK_DATABASE_URL": url.render_as_string(hide_password=False)}
        return settings.read(said)

    def _say(self, statement: str) -> None:
        url = make_url(self.server).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()


def _name(chosen: Settings) -> str:
    return str(make_url(chosen.database_url).database)
