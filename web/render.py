"""The one place where templates become pages: the environment, the filters, and the headers a page needs."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup
from starlette.responses import HTMLResponse

from directory.referrals import codes
from directory.referrals.working_time import LOCAL
from directory.values import Reason
from web import wording

STATIC = files("web").joinpath("static")
PERSON_PAGE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
"""Headers of a page that shows something a person told us."""
QUIET_SIGNALS = frozenset({"assurance", "text", "availability", "graders"})
"""Signals that rank and say little: they stand under "All reasons" only."""


@cache
def environment() -> Environment:
    """The templates, with the GOV.UK macros under their own prefix. Undefined stays lenient: the macros need it."""
    env = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("web", "templates"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja", "templates")}),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["tel"] = telephone_href
    env.filters["web_href"] = web_href
    env.filters["miles"] = wording.miles
    env.filters["why"] = best_reasons
    env.filters["linked"] = linked_numbers
    env.filters["number"] = lambda value: f"{value:,}"
    env.filters["utc"] = utc
    env.filters["date"] = lambda day: f"{day.day} {day:%B %Y}" if day else ""
    env.filters["day"] = lambda moment: f"{utc(moment).day} {utc(moment):%B %Y}"
    env.filters["time"] = lambda moment: f"{utc(moment):%H:%M}"
    env.filters["local"] = local
    env.filters["moment"] = lambda moment: f"{utc(moment):%Y-%m-%dT%H:%MZ}"
    env.globals.update(
        asset=asset, term=wording.term, ages=wording.ages, serves=wording.serves, code_label=codes.label,
    )  # fmt: skip
    return env


def utc(moment: datetime) -> datetime:
    """A moment of the record in UTC: SQLite keeps no time zone, PostgreSQL gives its own."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def local(moment: datetime) -> str:
    """A moment for people here: "23 November 2026 14:05"."""
    found = utc(moment).astimezone(LOCAL)
    return f"{found.day} {found:%B %Y %H:%M}"


@cache
def asset(name: str) -> str:
    """Address of a static file, with a mark of its content so that browsers may keep it for good."""
    digest = hashlib.sha256(STATIC.joinpath(name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


@cache
def warm() -> None:
    """Compile every template, ours and the macros they call, so that no first reader waits for it."""
    env = environment()
    for name in env.list_templates(filter_func=lambda name: not name.startswith("govuk_frontend_jinja/")):
        env.get_template(name)
    env.get_template("warm.html").render()


def page(
    template: str, context: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """A rendered page. One with a form sends Referrer-Policy same-origin: with no-referrer, browsers would send
    `Origin: null` on our own forms (security.md)."""
    html = _blank_lines.sub("\n", environment().get_template(template).render(context))
    own = {"Referrer-Policy": "same-origin" if "<form" in html else "no-referrer"}
    return HTMLResponse(html, status_code=status, headers={**own, **(headers or {})})


_blank_lines = re.compile(r"\n(?:[ \t]*\n)+(?=[ \t]*<)")
"""The macros leave many; none stands inside what a person typed, where a line does not begin with a tag."""


def best_reasons(reasons: Sequence[Reason]) -> list[Reason]:
    """The three that say most; how fresh the facts are stands in a line of its own."""
    return [reason for reason in reasons if reason.value > 0 and reason.signal not in QUIET_SIGNALS][:3]


def telephone_href(number: str) -> str:
    """`tel:` address of a number as written; empty when what is written is not one number."""
    digits = re.sub(r"[\s()\-.]", "", number)
    return f"tel:{digits}" if re.fullmatch(r"\+?[0-9]{3,15}", digits) else ""


_NUMBERS = re.compile(r"(?<!\w)0[0-9]{2,4}(?: ?[0-9]{2,6}){1,3}(?!\w)")


def linked_numbers(text: str) -> Markup:
    """Words with the phone numbers among them made into links."""
    found, end = Markup(""), 0
    for number in _NUMBERS.finditer(text):
        link = Markup('<a href="{}">{}</a>').format(telephone_href(number[0]), number[0])
        found += Markup("{}{}").format(text[end : number.start()], link)
        end = number.end()
    return found + Markup("{}").format(text[end:])


def web_href(address: str) -> str:
    """The address when it is a plain web address; empty for any other scheme, so that no source can plant a script."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return address.strip() if parts.scheme in {"http", "https"} and parts.hostname and not parts.username else ""
