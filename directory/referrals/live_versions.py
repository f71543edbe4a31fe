"""The one writer of live settings: every change is a version, told of who and when, and can be brought back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import audit, live_settings
from directory.referrals.asking import Ask
from directory.referrals.live_settings import Setting, Values
from directory.referrals.live_settings_tables import LiveSettingVersion
from directory.referrals.loop import Answer, Loop
from directory.referrals.policy import Policy

SHOWN = 50
WHAT = "live_setting"


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that a version changed, from what to what, in words."""

    setting: Setting
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version:
    """All live settings at one moment. Number 0 is what the files say, which nobody made here."""

    number: int
    values: Values = field(default_factory=dict)
    restored: int | None = None
    made_at: datetime | None = None
    made_by: str = ""
    changes: tuple[Change, ...] = ()
    """Against the version before it."""


def change(loop: Loop, files: Policy, ask: Ask, wanted: Values) -> Answer:
    """Settings that somebody gives other values, over those that stand; `files` are the rules without live settings.

    Raises NotSafe, BadInput when nothing differs, Conflict when another version was made since `ask.version`.
    """

    def do(session: Session) -> Answer:
        now = newest(session)
        return _add(session, files, ask, now, live_settings.differing(files, {**now.values, **wanted}))

    return loop.once(ask, "settings.change", {"values": dict(wanted), "version": ask.version}, do)


def restore(loop: Loop, files: Policy, ask: Ask, number: int) -> Answer:
    """Brings an earlier version back, as a new one; 0 is what the files say. Raises as `change` does, and NotFound."""

    def do(session: Session) -> Answer:
        row = session.get(LiveSettingVersion, number) if number else None
        if number and row is None:
            raise NotFound("There is no such version.", "Look at the list of versions again.")
        values = live_settings.differing(files, row.settings if row else {})
        return _add(session, files, ask, newest(session), values, number)

    return loop.once(ask, "settings.restore", {"number": number, "version": ask.version}, do)


def newest(session: Session) -> Version:
    """The version in use."""
    row = session.scalars(select(LiveSettingVersion).order_by(LiveSettingVersion.number.desc()).limit(1)).first()
    return _version(row) if row else Version(0)


def history(loop: Loop, files: Policy, most: int = SHOWN) -> tuple[Version, ...]:
    """The versions, the newest first, each with what it changed; the last is number 0 when so few were made."""
    query = select(LiveSettingVersion).order_by(LiveSettingVersion.number.desc()).limit(most + 1)
    with loop.database.reading() as session:
        rows = [_version(row) for row in session.scalars(query)]
    rows = rows if len(rows) > most else [*rows, Version(0)]
    told = [
        Version(own.number, own.values, own.restored, own.made_at, own.made_by, changes(files, before, own.values))
        for own, before in zip(rows, [each.values for each in rows[1:]], strict=False)
    ]
    return tuple(told if len(rows) > most else [*told, rows[-1]])


def changed_last(found: tuple[Version, ...]) -> Mapping[str, Version]:
    """The newest version that changed each setting, by its key."""
    return {each.setting.key: version for version in reversed(found) for each in version.changes}


def changes(files: Policy, before: Values, after: Values) -> tuple[Change, ...]:
    """What differs between two versions' values."""
    found = []
    for key, own in live_settings.catalogue().items():
        was, is_ = before.get(key, own.of(files)), after.get(key, own.of(files))
        if was != is_:
            found.append(Change(own, own.said(was), own.said(is_)))
    return tuple(found)


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(LiveSettingVersion)) or 0


def _add(
    session: Session, files: Policy, ask: Ask, now: Version, values: dict[str, Any], restored: int | None = None
) -> Answer:
    if ask.version is not None and ask.version != now.number:
        raise _changed()
    told = changes(files, now.values, values)
    if not told:
        raise BadInput("Nothing has been changed.", "There is nothing to keep.", "settings")
    row = LiveSettingVersion(
        number=now.number + 1, settings=values, restored=restored, made_at=ask.at, made_by=ask.who.id
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise _changed() from None  # made by somebody else at the same moment
    audit.note(
        session, ask.who, ask.at, "change", WHAT, str(row.number), purpose="restore" if restored is not None else "",
        fields=[f"{each.setting.key}={_short(each.before)}>{_short(each.after)}" for each in told],
        state_from=str(now.number), state_to=str(row.number),
    )  # fmt: skip
    return {"number": row.number}


def _short(words: str) -> str:
    return words.replace("\n", ",") or "-"


def _changed() -> Conflict:
    return Conflict("Somebody changed the settings meanwhile.", "Look at how they stand now; what you typed is below.")


def _version(row: LiveSettingVersion) -> Version:
    return Version(row.number, dict(row.settings), row.restored, utc(row.made_at), row.made_by)
