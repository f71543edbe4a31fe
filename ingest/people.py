"""Takes persons out of other people's words: their names and their mailboxes are counted and never kept.

A name is believed to be a person's where a word asks for somebody ("contact Jane Example"), a title stands before it,
or a given name stands beside a role or in brackets. Names of groups and of places stay.
"""

import re
from dataclasses import dataclass
from functools import cache

from email_validator import EmailNotValidError, validate_email

from directory.places import names as place_names
from directory.places.giveaways import EMAIL
from directory.places.reading import fold
from ingest.html_words import tidy_lines
from ingest.reading import own_table

AT = re.compile(r"(?P<before>[^\s@]{0,200})(?P<gap>\s?)@+\s?(?P<after>[^\s@]{0,200})")
"""What is left with an "@": a mailbox that was mistyped, a name on a social network, or a group's sign for "at"."""
AT_SIGNS = str.maketrans({"\uff20": "@", "\ufe6b": "@"})
SOCIAL = re.compile(
    r"\b(?:twitter|x|instagram|insta|facebook|fb|tiktok|snapchat|threads|follow(?: us)?)\W*(?:on|at|us)?\W*$",
    re.IGNORECASE,
)
NEAR = 80
"""Characters around a name that tell what it is."""
MAILBOX = re.compile(r"[._\d]|gmail|mail$|yahoo|outlook|btinternet|icloud|^aol$", re.IGNORECASE)
_WORD = r"(?:(?:Mc|Mac|O['’])?[A-Z][a-zà-ÿ]+(?:[-'’][A-Z]?[a-zà-ÿ]+)?)"
_NAME = rf"(?:{_WORD}[ \t]+(?:[A-Z]\.?[ \t]+)?{_WORD})"
_INITIAL = rf"[A-Z]\.?[ \t]+{_WORD}"
_ANY_NAME = rf"(?:(?P<name>{_NAME})(?P<third>[ \t]+{_WORD})?|(?P<short>{_INITIAL}|{_WORD}))"
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Dr|Rev|Prof|Cllr)\.?"
_END = r"(?=[\s,.;:)/]|$)"
ROLE = (
    r"manager|(?:co-?)?ordinator|head ?teacher|chair(?:person|man|woman)?|secretary|treasurer|organi[sz]er|leader"
    r"|director|administrator|worker|officer|minister"
)
ASKED_FOR = re.compile(
    r"\b(?:(?<![Tt]he )(?<!our )(?<! a )(?i:please )?(?i:contact(?: name| person)?|ask for|speak (?:to|with)|talk to"
    rf"|telephone|phone|call|ring|tel|text|write to|attn|fao|c/o|care of|run by|led by)|(?i:{ROLE}))"
    rf"(?:\s*(?i:[:,-]|\bis\b|\bto\b)\s*|[ \t]+)(?P<title>{_TITLE}\s+)?{_ANY_NAME}{_END}"
)
TITLED = re.compile(rf"\b(?P<title>{_TITLE})\s+{_ANY_NAME}{_END}")
IN_BRACKETS = re.compile(rf"\((?P<name>{_NAME})\)")
BESIDE_ROLE = re.compile(rf"\b(?P<name>{_NAME})(?=\s*[,(–-]\s*(?i:(?:[a-z]+ ){{0,2}}(?:{ROLE})\b))")
AND_ANOTHER = re.compile(rf"(?:\b(?:and|or)|&|/)\s*(?P<name>{_NAME}){_END}")
"""A second person after one that was taken out ("contact Jane Example or Bob Example")."""
ROLE_NEXT = re.compile(rf"\s+(?:[a-z]+ ){{0,2}}(?:{ROLE})\b", re.IGNORECASE)
NEXT_WORD = re.compile(r"\s+([A-Z][\w'’]*)")
GROUPS = frozenset(
    fold("""
    aberlour about academy action advice advocacy after agency aid alliance anonymous april area association
    august barnardos before board bureau campaign campus care carers centre charity child childline children
    childrens church citizens city clinic club co college committee communities community company connect
    council counselling court crisis december department desk development direct disability domestic drop
    education emergency enquiries families family february federation first for forum foundation fraud freephone
    friday gate gp group groups hall health help helpline homeless homelessness hospital house housing hub in
    incorporated information initiative institute january july june justice law learning library life limited
    line link living ltd march medical mental mind mobile monday national network nhs november october office on
    online our outreach parent parents parish park partnership people planning plus point police practice
    primary programme project quarriers rape reception referral referrals relay rescue resource room safe safety
    saheliya samaritans saturday school scotland scottish september service services shelter social society
    space sport sports squad st staff street sunday support surgery survivors team text textphone the them this
    thursday trading training trust tuesday union unit university us victim victims village volunteer
    volunteering wednesday welfare women womens work workers working young your youth
    """).split()
)
"""Words of groups' names and of sentences: a name that has one of them is no person's."""
_ROLES = """
    info information enquiries enquiry inquiries inquiry admin administration administrator office contact contactus us
    hello help helpline support mail email post reception referrals referral services service team general advice
    adviceline housing homeless homelessness youth young outreach counselling bookings booking volunteering volunteer
    volunteers training customer customerservice customerservices customercare care duty intake safeguarding secretary
    manager centre center hub project group school welcome ask talk connect membership events
"""
ROLES = frozenset(_ROLES.split())
"""Words of mailboxes that belong to a role and not to a person."""
_PERSONAL_HOSTS = """
    gmail.com googlemail.com hotmail.com hotmail.co.uk outlook.com live.com live.co.uk msn.com yahoo.com yahoo.co.uk
    ymail.com aol.com icloud.com me.com mac.com btinternet.com btconnect.com btopenworld.com talktalk.net sky.com
    virginmedia.com virgin.net tiscali.co.uk ntlworld.com blueyonder.co.uk protonmail.com proton.me mail.com gmx.com
    fsmail.net lineone.net supanet.com
"""
PERSONAL_HOSTS = frozenset(_PERSONAL_HOSTS.split())
"""Hosts where anybody can have a mailbox: whatever stands before the sign, it may be a person's own."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text without persons, and how many were taken out: names, and e-mail addresses of any kind."""

    text: str
    persons: int
    emails: int


def taken_out(text: str) -> Cleaned:
    """The text without e-mail addresses and without names of persons to ask for; it never holds an "@". Lines stay.

    Addresses of roles go too: where one is wanted, `role_mailbox` reads it from its own cell. An "@" that only stands
    for "at" in a group's name becomes that word.
    """
    kept, emails = EMAIL.subn("", text.translate(AT_SIGNS))
    persons = 0

    def without_mailbox(found: re.Match[str]) -> str:
        nonlocal emails
        if not _is_mailbox(found):
            return f"{found['before']} at {found['after']}"
        emails += 1
        return ""

    def without_person(found: re.Match[str]) -> str:
        nonlocal persons
        stays, person = _stays(found)
        persons += person
        return stays

    if "@" in kept:
        kept = AT.sub(without_mailbox, kept)
    for pattern in (ASKED_FOR, TITLED, IN_BRACKETS, BESIDE_ROLE):
        kept = pattern.sub(without_person, kept)
    if persons:
        kept = AND_ANOTHER.sub(without_person, kept)
    return Cleaned(tidy_lines(kept), persons, emails)


def role_mailbox(text: str) -> str:
    """The address, when it is a role's mailbox at an organisation's own host ("info@club.example"); else ""."""
    try:
        valid = validate_email(text.strip().removeprefix("mailto:"), check_deliverability=False)
    except EmailNotValidError:
        return ""
    host, local = valid.domain.casefold(), valid.local_part.casefold()
    if host in PERSONAL_HOSTS:
        return ""
    words = [word for word in re.split(r"[._+\d-]+", local) if word]
    first = host.partition(".")[0]
    own = local.replace("-", "") == first.replace("-", "") and local not in _first_names()
    role = any(word in ROLES for word in words) and all(word in ROLES or _is_place(word) for word in words)
    return f"{valid.local_part}@{valid.domain}" if own or role else ""


def _is_mailbox(found: re.Match[str]) -> bool:
    """Whether an "@" belongs to a mistyped mailbox or a name on a social network, and does not mean "at"."""
    before, after = found["before"], found["after"]
    if not before or found["gap"]:
        return bool(after and SOCIAL.search(found.string, max(0, found.end("before") - NEAR), found.end("before")))
    return bool(MAILBOX.search(before) or MAILBOX.search(after))


def _stays(found: re.Match[str]) -> tuple[str, bool]:
    """What stays of words with a name, and whether it is a person's: then only a role that follows stays."""
    said = found.groupdict()
    name, third, titled = said.get("name") or said.get("short") or "", said.get("third") or "", bool(said.get("title"))
    words = [fold(word) for word in name.split()]
    behind = third + found.string[found.end() : found.end() + NEAR]
    following = NEXT_WORD.match(behind)
    of_group = following is not None and fold(following[1]) in GROUPS and not ROLE_NEXT.match(behind)
    if of_group or any(word in GROUPS for word in words):
        return found[0], False
    asked_for = found.re in {ASKED_FOR, TITLED}
    if words[0] in _first_names():
        person = len(words) > 1 or (asked_for and not following)
    else:
        person = asked_for and (len(words) > 1 or titled) and not any(map(_is_place, (*words, " ".join(words))))
    if not person:
        return found[0], False
    return third if ROLE_NEXT.match(behind) else "", True


def _is_place(word: str) -> bool:
    return fold(word) in place_names.display_names() and fold(word) not in place_names.common_words()


@cache
def _first_names() -> frozenset[str]:
    return frozenset(fold(row["name"]) for row in own_table("first_names.csv"))
