"""Chooses how letters leave this installation: by mail server, by GOV.UK Notify, or not at all, into files of home."""

from pathlib import Path

from directory import clock as clocks
from directory import mail
from directory.errors import BadInput
from directory.mail import Files, Postman, Smtp
from directory.referrals.sending import Outgoing
from directory.settings import Settings


def folder(chosen: Settings) -> Path:
    """Where letters are kept that must not leave."""
    return chosen.home / "mail"


def postman(chosen: Settings, clock: clocks.Clock = clocks.now) -> Postman:
    """Whoever carries letters. They really leave only when mail is set and WAYMARK_MAIL_LIVE says yes.

    Raises BadInput for settings that cannot be used, live or not, so that a mistake is found before the day.
    """
    if chosen.mail_url and chosen.notify_key:
        raise BadInput("Both WAYMARK_MAIL_URL and WAYMARK_NOTIFY_KEY are set.", "Keep one of them.")
    made: Postman | None = None
    if chosen.mail_url:
        made = Smtp(mail.server(chosen.mail_url))
    elif chosen.notify_key:
        from directory.notify import Notify  # half a second that only who uses it need wait for

        made = Notify(chosen.notify_key, chosen.notify_template, clock)
    return made if made is not None and chosen.mail_live else Files(folder(chosen))


def words(chosen: Settings) -> str:
    """In a sentence, whether and how mail leaves; no password. Raises BadInput as `postman` does."""
    carrier = postman(chosen)
    if isinstance(carrier, Smtp):
        return f"Mail leaves by {mail.server(chosen.mail_url or '').host}."
    if carrier.leaves:
        return "Mail leaves by GOV.UK Notify."
    why = "WAYMARK_MAIL_LIVE is not yes" if chosen.mail_url or chosen.notify_key else "no mail server is set"
    return f"Nothing leaves: {why}. Messages are written to files."


def carrier(chosen: Settings, clock: clocks.Clock = clocks.now) -> Outgoing:
    """What `sending.drain` is given: who carries letters, and where their links lead. Raises BadInput."""
    return Outgoing(postman(chosen, clock), chosen.public_url)
