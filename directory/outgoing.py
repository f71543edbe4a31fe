"""Chooses how letters leave this installation: by mail server, by GOV.UK Notify, or not at all, into files of home.

Text messages leave by GOV.UK Notify alone; beside a mail server its key then serves for those and nothing else.
"""

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
    by_notify = chosen.notify_key and (chosen.notify_template or not chosen.notify_text_template)
    if chosen.mail_url and by_notify:
        raise BadInput("Both WAYMARK_MAIL_URL and WAYMARK_NOTIFY_KEY are set.", "Keep one of them.")
    made: Postman | None = None
    if chosen.mail_url:
        made = Smtp(mail.server(chosen.mail_url))
    elif chosen.notify_key and by_notify:
        from directory.notify import Notify  # half a second that only who uses it need wait for

        made = Notify(chosen.notify_key, chosen.notify_template, clock)
    return made if made is not None and chosen.mail_live else Files(folder(chosen))


def texter(chosen: Settings, clock: clocks.Clock = clocks.now) -> Postman | None:
    """Whoever carries text messages; None: they are not set up. Raises BadInput for settings that cannot be used."""
    if not chosen.notify_text_template:
        return None
    if not chosen.notify_key:
        raise BadInput("WAYMARK_NOTIFY_TEXT_TEMPLATE is set without WAYMARK_NOTIFY_KEY.", "Set both, or neither.")
    from directory.notify import Notify

    made = Notify(chosen.notify_key, chosen.notify_text_template, clock, by_text=True)
    return made if chosen.mail_live else Files(folder(chosen))


def words(chosen: Settings) -> str:
    """In a sentence, whether and how mail leaves; no password. Raises BadInput as `postman` does."""
    carrier, by_text = postman(chosen), texter(chosen)
    texts = " Text messages leave by GOV.UK Notify." if by_text is not None and by_text.leaves else ""
    if isinstance(carrier, Smtp):
        return f"Mail leaves by {mail.server(chosen.mail_url or '').host}.{texts}"
    if carrier.leaves:
        return f"Mail leaves by GOV.UK Notify.{texts}"
    why = "WAYMARK_MAIL_LIVE is not yes" if chosen.mail_url or chosen.notify_key else "no mail server is set"
    return f"Nothing leaves: {why}. Messages are written to files.{texts}"


def carrier(chosen: Settings, clock: clocks.Clock = clocks.now) -> Outgoing:
    """What `sending.drain` is given: who carries letters, and where their links lead. Raises BadInput."""
    return Outgoing(postman(chosen, clock), chosen.public_url, texter(chosen, clock))
