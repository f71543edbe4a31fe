"""Reads how an HSDS service is reached: numbers, hours, languages, access. Persons named as contacts never enter."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache

from directory import opening
from directory.draft import Access, Hours, Opening
from directory.places.reading import fold
from directory.values import Known
from ingest import cells, hours_words, phones
from ingest.json_values import Fields, iso_day
from ingest.phones import PhoneNumber
from ingest.reading import own_table

KINDS = {"text": "text", "sms": "text", "whatsapp": "text", "textphone": "textphone", "tty": "textphone",
         "minicom": "textphone"}  # fmt: skip
"""HSDS types of a phone → the word that `ingest.phones` reads before a number."""
SILENT = frozenset({"fax", "pager", "modem", "video"})
CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
CLOCK_12 = re.compile(r"(1[0-2]|0?[1-9])(?:[:.]([0-5]\d))?\s*([ap])\.?m\.?", re.IGNORECASE)
WEEKDAYS = {name.casefold(): day for name, day in zip(opening.NAMES, opening.DAYS, strict=True)}
BYDAY = re.compile(r"(?:MO|TU|WE|TH|FR|SA|SU)")
NEGATED = re.compile(r"\b(?:no|not|none|without|un\w*able|partial|limited|cannot)\b", re.IGNORECASE)
LANGUAGE = re.compile(r"[a-z]{2}")
MOST_HOURS = 2_000


def numbers(service: Fields, organization: Fields) -> tuple[PhoneNumber, ...]:
    """Numbers of the service, nearest first: its own, its contacts', its places', its provider's."""
    found: list[PhoneNumber] = []
    unread = False
    for given in _phones(service, organization):
        kind = given.text("type", "number_type").casefold()
        if kind in SILENT:
            continue
        said = given.text("number")
        read = [each for each in _numbers(f"{KINDS.get(kind, '')} {said}".strip()) if _is_written(each.number, said)]
        unread = unread or bool(said and not read)
        extension = given.text("extension")
        for each in read:
            found.append(PhoneNumber(each.number, each.kind, each.extension or _extension(extension), each.note))
    if unread:
        service.notes.leave_out("phones", "not a number that can be rung in the UK")
    return tuple({each.number: each for each in reversed(found)}.values())[::-1]


@lru_cache(maxsize=1_000)
def _numbers(said: str) -> tuple[PhoneNumber, ...]:
    """A provider's number comes again with each of its services."""
    return phones.numbers(said)


def _is_written(number: str, said: str) -> bool:
    """Whether a number stands in its field with its 0 or +44: "(312) 938-2106" is not 0312 938 2106, but Chicago."""
    digits, written = (re.sub(r"\D", "", text) for text in (number, said))
    return digits in written or (digits.startswith("0") and f"44{digits[1:]}" in written.replace("440", "44"))


def _extension(said: str) -> str:
    return said if said.isdigit() and len(said) <= 6 else ""


def _phones(service: Fields, organization: Fields) -> Iterator[Fields]:
    yield from service.objects("phones")
    yield from _contact_phones(service)
    for link in service.objects("service_at_locations"):
        yield from link.objects("phones")
        yield from _contact_phones(link)
        if link.values.get("location") is not None:
            yield from link.object("location").objects("phones")
    yield from organization.objects("phones")
    yield from _contact_phones(organization)


def _contact_phones(holder: Fields) -> Iterator[Fields]:
    """Of a contact with a person's name only landlines: a mobile may be the person's own."""
    for contact in holder.objects("contacts"):
        named = bool(contact.text("name"))
        for phone in contact.objects("phones"):
            if not named or not any(each.number.startswith("07") for each in _numbers(phone.text("number"))):
                yield phone


def in_words(found: tuple[PhoneNumber, ...]) -> tuple[str, str, str]:
    """The number to ring, the note beside it, and what is to be texted; "" for each there is none of."""
    voices = [each for each in found if each.kind == phones.VOICE]
    first = voices[0].number if voices else ""
    notes = [f"Extension {voices[0].extension}." if voices and voices[0].extension else ""]
    if len(voices) > 1:
        notes.append(f"Also {', '.join(each.number for each in voices[1:4])}.")
    textphone = next((each.number for each in found if each.kind == phones.TEXTPHONE), "")
    notes.append(f"Textphone {textphone}." if textphone else "")
    text = next((each for each in found if each.kind == phones.TEXT), None)
    texted = (
        f"Text {text.note} to {text.number}" if text and text.note.isupper() else f"Text {text.number}" if text else ""
    )
    return first, " ".join(note for note in notes if note), texted


def hours(service: Fields, today: str) -> Hours:
    """Weekly hours; text when any of it is more than a week's rows can say."""
    given = list(service.objects("schedules", "regular_schedules"))
    links = list(service.objects("service_at_locations"))
    if not given and len(links) == 1:
        location = links[0].object("location") if links[0].values.get("location") is not None else links[0]
        given = [
            *links[0].objects("schedules", "regular_schedules"),
            *location.objects("schedules", "regular_schedules"),
        ]
    current = [row for row in given if not _is_over(row, today)]
    rows: dict[tuple[str, str], list[str]] = {}
    unread = False
    for row in current:
        read = _weekly(row)
        unread = unread or read is None
        for day, opens, closes in read or ():
            rows.setdefault((opens, closes), []).append(day)
    if unread:
        return _as_text(current, service)
    found = tuple(Opening(",".join(day for day in opening.DAYS if day in days), *times) for times, days in rows.items())
    return Hours(Known.STATED, found) if found else Hours()


def _is_over(row: Fields, today: str) -> bool:
    """Whether a schedule ended, or does not begin yet."""
    until, begins = (iso_day(row.text(name)) for name in ("valid_to", "valid_from"))
    return bool(today and ((until and until < today) or (begins and begins > today)))


def _weekly(row: Fields) -> list[tuple[str, str, str]] | None:
    """(day, opens, closes) of one schedule; empty for a day that is closed, None when it is not a plain week."""
    days = _days(row)
    opens, closes = clock(row.text("opens_at")), clock(row.text("closes_at"))
    if not row.text("opens_at") and not row.text("closes_at") and not row.text("description"):
        return []
    rare = (row.number("interval") or 1) > 1 or (bool(row.text("bymonthday")) and row.text("freq") != "WEEKLY")
    if not days or not opens or not closes or rare or row.text("freq").upper() not in {"", "WEEKLY", "DAILY"}:
        return None
    closes = "24:00" if closes == "00:00" else closes
    if opens < closes:
        return [(day, opens, closes) for day in days]
    if opens == closes:
        return None
    order = opening.DAYS
    after = [order[(order.index(day) + 1) % 7] for day in days]
    return [(day, opens, "24:00") for day in days] + [(day, "00:00", closes) for day in after]


def _days(row: Fields) -> list[str]:
    if row.text("freq").upper() == "DAILY":
        return list(opening.DAYS)
    said = row.text("byday", "weekday")
    if day := WEEKDAYS.get(said.casefold()):
        return [day]
    parts = [part.strip().upper() for part in said.split(",") if part.strip()]
    if parts:
        return parts if all(BYDAY.fullmatch(part) for part in parts) else []
    begins = iso_day(row.text("dtstart"))
    return [opening.DAYS[date.fromisoformat(begins).weekday()]] if begins and row.text("freq") else []


def clock(said: str) -> str:
    """ "09:00" of "9:00", "09:00:00Z" or "9am"; "" for what is no time."""
    if found := CLOCK.fullmatch(said):
        return f"{int(found[1]):02d}:{found[2]}" if found[1] != "24" or found[2] == "00" else ""
    if found := CLOCK_12.fullmatch(said):
        hour = int(found[1]) % 12 + (12 if found[3].casefold() == "p" else 0)
        return f"{hour:02d}:{found[2] or '00'}"
    return ""


def _as_text(rows: list[Fields], service: Fields) -> Hours:
    said = cells.unique(*(row.words("description") for row in rows))
    if not said:
        service.notes.leave_out("schedules", "hours that could not be read")
        return Hours()
    return hours_words.read("; ".join(said)[:MOST_HOURS])


def languages(service: Fields) -> tuple[str, ...]:
    """ISO codes, and "bsl"; of what is no language that we know nothing."""
    found: list[str] = []
    for row in service.objects("languages"):
        said = row.text("code", "language", "name").casefold()
        code = (
            said
            if LANGUAGE.fullmatch(said)
            else _languages().get(fold(said)) or _languages().get(fold(row.text("name", "language")), "")
        )
        if said and not code:
            service.notes.leave_out("languages", "a language we have no code for")
        found.append(code)
    return cells.unique(*found)


@cache
def _languages() -> Mapping[str, str]:
    return {fold(row["name"]): row["code"] for row in own_table("languages.csv")}


def access(service: Fields, offered: tuple[str, ...]) -> Access:
    """What the service and its places say that they offer or lack, besides what its categories say."""
    told = [service.text("interpretation_services")]
    for link in service.objects("service_at_locations"):
        location = link.object("location") if link.values.get("location") is not None else link
        for row in location.objects("accessibility", "accessibility_for_disabilities"):
            told += [row.text("description", "accessibility"), row.text("details")]
    offers: set[str] = set(offered)
    lacks: set[str] = set()
    for clause in (part for text in told for part in re.split(r"[.;,\n]|\bbut\b", text)):
        words = f" {fold(clause)} "
        found = {code for said, code in _access_words().items() if f" {said} " in words}
        (lacks if NEGATED.search(clause) else offers).update(found)
    if re.search(r"interpret|translat", told[0], re.IGNORECASE) and not NEGATED.search(told[0]):
        offers.add("interpreter")
    return Access(tuple(sorted(offers - lacks)), tuple(sorted(lacks - set(offered))) if _is_plain_no(told) else ())


def _is_plain_no(told: list[str]) -> bool:
    """ "Partial" or "limited" access is neither offered nor lacked."""
    return not re.search(r"\b(?:partial|limited)\b", " ".join(told), re.IGNORECASE)


@cache
def _access_words() -> Mapping[str, str]:
    return {fold(row["said"]): row["code"] for row in own_table("access_words.csv")}
