"""The one writer of other words for messages and agreements: one person proposes, another approves, all is kept."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import BadInput, Conflict, Forbidden, NotFound, WaymarkError
from directory.referrals import audit, texts, tier_check
from directory.referrals.asking import Ask
from directory.referrals.live_settings_tables import WordingVersion
from directory.referrals.loop import Answer, Loop
from directory.referrals.texts import Texts
from directory.referrals.tier_check import Problem

LOG = logging.getLogger("waymark.wording")
AGREEMENT = "agreement-"
"""Begins the name of what is read out: "agreement-refer"."""
WHAT = "wording"


@dataclass(frozen=True, slots=True)
class Version:
    """One text that is or was in use, or is proposed (`number` None). Number 0 came with Waymark."""

    id: str
    name: str
    number: int | None
    texts: Mapping[str, str]
    proposed_by: str = ""
    proposed_at: datetime | None = None
    settled_by: str = ""
    settled_at: datetime | None = None


class NotTier0(WaymarkError):
    """Words that cannot be used: what is wrong, by field."""

    status = 422

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__("These words cannot be used.", "Nothing was kept.")
        self.problems = tuple(problems)


def names() -> tuple[str, ...]:
    """Every text that can be given other words: messages, then what is read out."""
    shipped = texts.shipped()
    return (*shipped.messages, *(f"{AGREEMENT}{own}" for own in shipped.wordings))


def of_file(name: str) -> Version:
    """What came with Waymark. Raises NotFound."""
    shipped = texts.shipped()
    if name.startswith(AGREEMENT) and name.removeprefix(AGREEMENT) in shipped.wordings:
        forms = shipped.wordings[name.removeprefix(AGREEMENT)]
        return Version("", name, 0, {form: each.text for form, each in forms.items()})
    if name in shipped.messages:
        return Version("", name, 0, {"subject": shipped.messages[name].subject, "body": shipped.messages[name].body})
    raise NotFound("There is no such text.", "Look at the list of wordings.")


def problems(name: str, words: Mapping[str, str]) -> list[Problem]:
    """Everything against these words for a text. Raises NotFound."""
    if of_file(name).name.startswith(AGREEMENT):
        return tier_check.of_agreement(words)
    return tier_check.of_message(texts.shipped().messages[name], words["subject"], words["body"])


def propose(loop: Loop, ask: Ask, name: str, words: Mapping[str, str]) -> Answer:
    """Other words for a text; an earlier proposal for it is dropped. `ask.version`: the number in use that was seen.

    Raises NotTier0 with everything against them, BadInput when they are in use already, Conflict, NotFound.
    """
    fields = {field: words.get(field, "").replace("\r\n", "\n").strip() for field in of_file(name).texts}
    if "body" in fields:
        fields["body"] += "\n"
    if found := problems(name, fields):
        raise NotTier0(found)

    def do(session: Session) -> Answer:
        now = current(session, name)
        _check_unchanged(ask.version, now)
        if dict(now.texts) == fields:
            raise BadInput("These words are in use already.", "There is nothing to propose.", next(iter(fields)))
        for before in session.scalars(_waiting(name)):
            before.settled_at, before.settled_by = ask.at, ask.who.id
        own = str(uuid4())
        row = WordingVersion(
            id=own, name=name, after=now.number, texts=fields, proposed_at=ask.at, proposed_by=ask.who.id
        )
        session.add(row)
        audit.note(session, ask.who, ask.at, "create", WHAT, own, purpose="propose", fields=[name])
        return {"id": own}

    return loop.once(ask, "wording.propose", {"name": name, "words": fields, "version": ask.version}, do)


def approve(loop: Loop, ask: Ask, own: str) -> Answer:
    """A second person's approval: the words are in use. Raises Forbidden for whoever proposed them, Conflict when
    they were settled or others came into use meanwhile, NotTier0, NotFound."""

    def do(session: Session) -> Answer:
        row = _open(session, own)
        if row.proposed_by == ask.who.id:
            raise Forbidden("You have proposed these words yourself.", "Ask somebody else to look at them.")
        now = current(session, row.name)
        _check_unchanged(row.after, now)
        if found := problems(row.name, row.texts):
            raise NotTier0(found)
        row.number, row.settled_at, row.settled_by = (now.number or 0) + 1, ask.at, ask.who.id
        try:
            session.flush()
        except IntegrityError:
            raise Conflict("Other words came into use meanwhile.", "Look at how it stands now.") from None
        audit.note(
            session, ask.who, ask.at, "approve", WHAT, own, fields=[row.name],
            state_from=str(now.number), state_to=str(row.number),
        )  # fmt: skip
        return {"number": row.number}

    return loop.once(ask, "wording.approve", {"id": own}, do)


def drop(loop: Loop, ask: Ask, own: str) -> Answer:
    """A proposal that is not to be: by whoever made it or may approve it. Raises Conflict, NotFound."""

    def do(session: Session) -> Answer:
        row = _open(session, own)
        row.settled_at, row.settled_by = ask.at, ask.who.id
        audit.note(session, ask.who, ask.at, "change", WHAT, own, purpose="drop", fields=[row.name])
        return {"id": own}

    return loop.once(ask, "wording.drop", {"id": own}, do)


def current(session: Session, name: str) -> Version:
    """The words in use of one text. Raises NotFound."""
    own = (WordingVersion.name == name, WordingVersion.number.is_not(None))
    query = select(WordingVersion).where(*own).order_by(WordingVersion.number.desc()).limit(1)
    row = session.scalars(query).first()
    return _version(row) if row else of_file(name)


def proposed(session: Session, name: str) -> Version | None:
    """What waits for a second person, if anything does."""
    row = session.scalars(_waiting(name)).first()
    return _version(row) if row else None


def waiting(session: Session) -> list[Version]:
    """Everything that waits for a second person, the oldest first."""
    query = select(WordingVersion).where(WordingVersion.settled_at.is_(None)).order_by(WordingVersion.proposed_at)
    return [_version(row) for row in session.scalars(query)]


def history(session: Session, name: str) -> list[Version]:
    """Every text that was in use, the newest first; the last came with Waymark. Raises NotFound."""
    own = (WordingVersion.name == name, WordingVersion.number.is_not(None))
    rows = session.scalars(select(WordingVersion).where(*own).order_by(WordingVersion.number.desc()))
    return [*map(_version, rows), of_file(name)]


def count(session: Session) -> int:
    """How many approvals there were."""
    return session.scalar(select(func.count()).where(WordingVersion.number.is_not(None))) or 0


def in_use(session: Session, base: Texts) -> Texts:
    """The words in use over those of the files. Words that this Waymark would not take give way to the file's."""
    newest = (
        select(WordingVersion.name, func.max(WordingVersion.number).label("number"))
        .where(WordingVersion.number.is_not(None))
        .group_by(WordingVersion.name)
        .subquery()
    )
    join = (WordingVersion.name == newest.c.name) & (WordingVersion.number == newest.c.number)
    for row in session.scalars(select(WordingVersion).join(newest, join)):
        base = _with(base, row)
    return base


def agreement_version(name: str, number: int) -> int:
    """What an agreement's mark calls a version: those of the file count first."""
    first = texts.shipped().wordings[name.removeprefix(AGREEMENT)][texts.PLAIN].version
    return first + number


def _with(base: Texts, row: WordingVersion) -> Texts:
    try:
        against = problems(row.name, row.texts)
    except NotFound:
        against = [Problem("", "there is no such text any more")]
    if against:
        LOG.warning("wording %s: version %s cannot be used, the shipped one is", row.name, row.number)
        return base
    if row.name.startswith(AGREEMENT):
        own = row.name.removeprefix(AGREEMENT)
        return base.with_wording(own, agreement_version(row.name, row.number or 0), row.texts)
    return base.with_message(row.name, row.texts["subject"], row.texts["body"])


def _waiting(name: str) -> Select[WordingVersion]:
    return select(WordingVersion).where(WordingVersion.name == name, WordingVersion.settled_at.is_(None))


def _open(session: Session, own: str) -> WordingVersion:
    row = session.scalars(select(WordingVersion).where(WordingVersion.id == own).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such proposal.", "Look at the list of wordings.")
    if row.settled_at is not None:
        raise Conflict("This proposal was settled already.", "Look at how it stands now.")
    return row


def _check_unchanged(seen: int | None, now: Version) -> None:
    if seen is not None and seen != now.number:
        raise Conflict("Other words came into use meanwhile.", "Compare them with these, then propose again.")


def _version(row: WordingVersion) -> Version:
    settled = utc(row.settled_at) if row.settled_at else None
    return Version(
        row.id, row.name, row.number, dict(row.texts), row.proposed_by, utc(row.proposed_at), row.settled_by, settled
    )
