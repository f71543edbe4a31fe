"""Every error Waymark raises on purpose, so that a command or a page can say what is wrong and what to do.

WaymarkError                 500   exit 1
  BadInput                   422   exit 2   the person's words, options or file cannot be used
    PlaceNotFound            422            no such postcode, town or council
    UnusableFile             422            a file that is not what it claims; refused whole
  NotSignedIn                401   exit 1   a staff page, and nobody has signed in; pages lead to the sign-in
  Forbidden                  403   exit 1   signed in, but no role of theirs may do this
  NotFound                   404   exit 2   no such service, source or page
  Conflict                   409   exit 1   somebody else changed it meanwhile
  TooManyTries               429   exit 1   wait, then try again
  NotReady                   503   exit 3   not set up, or the index is missing
  SourceUnavailable          503   exit 3   another's server fails, or answers with what we must not take
"""


class WaymarkError(Exception):
    """What is wrong and what to do, in plain words: `message` is shown to people as it is.

    `advice` is a second sentence: the next thing to do. Neither may hold a person's words or a postcode.
    """

    status = 500
    exit_code = 1

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class BadInput(WaymarkError):
    """The caller can mend it. `field` names the form field or option, where there is one."""

    status = 422
    exit_code = 2

    def __init__(self, message: str, advice: str = "", field: str = "") -> None:
        super().__init__(message, advice)
        self.field = field


class PlaceNotFound(BadInput):
    """A postcode, town or council that is unknown, mistyped or no longer used; `suggestions` may help."""

    def __init__(self, message: str, advice: str = "", field: str = "", suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message, advice, field)
        self.suggestions = suggestions


class UnusableFile(BadInput):
    """Refused whole: wrong columns, not UTF-8, empty, cut short. Nothing of it was used."""


class NotSignedIn(WaymarkError):
    """Only people who have signed in may see or do this."""

    status = 401


class Forbidden(WaymarkError):
    """Signed in, but no role of theirs may see or do this."""

    status = 403


class NotFound(WaymarkError):
    """No such service, source or page."""

    status = 404
    exit_code = 2


class Conflict(WaymarkError):
    """Somebody else changed the same thing meanwhile; nothing was saved, nothing typed is lost."""

    status = 409


class TooManyTries(WaymarkError):
    """A limit on tries is reached."""

    status = 429


class NotReady(WaymarkError):
    """The record or the index is not there yet."""

    status = 503
    exit_code = 3


class SourceUnavailable(WaymarkError):
    """Another's server did not answer, or the answer or address is one we must not take. Never "nothing was found"."""

    status = 503
    exit_code = 3
