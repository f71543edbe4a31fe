"""Opening hours as people write them; what is not wholly read stays as text."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import opening
from directory.draft import Hours
from directory.values import Known
from ingest.hours_words import LONGEST, read

WEEKDAYS, EVERY_DAY = "MO,TU,WE,TH,FR", "MO,TU,WE,TH,FR,SA,SU"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("Mon-Fri, 8am-8pm", "MO,TU,WE,TH,FR 08:00-20:00", id="weekdays"),
        pytest.param("Mon-Thur, 9-5pm. Fri, 9-3:30pm", "MO,TU,WE,TH 09:00-17:00; FR 09:00-15:30", id="bare mornings"),
        pytest.param("Tue, Wed and Thu 6pm-9pm", "TU,WE,TH 18:00-21:00", id="days in a row"),
        pytest.param("Sun, 9:15am-12pm, 1pm-3pm", "SU 09:15-12:00; SU 13:00-15:00", id="twice a day"),
        pytest.param("24 hours", "24h", id="always"),
        pytest.param("Mon-Fri, 8am-9pm. Sat, varies", "Mon-Fri, 8am-9pm. Sat, varies", id="not wholly read"),
        pytest.param("See programme", "See programme", id="no hours"),
        pytest.param("Mon-Fri 9pm-5am", "Mon-Fri 9pm-5am", id="past midnight"),
        pytest.param("Tue", "Tue", id="a day alone"),
    ],
)
def test_read(text: str, cell: str) -> None:
    assert opening.to_cell(read(text)) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("Tuesdays and Wednesdays 9.30am - 3.30pm", "TU,WE 09:30-15:30", id="days in full"),
        pytest.param("Mon-Fri, 8.45am-3.40pm\nFri, 8.45am-1230pm",
                     "MO,TU,WE,TH 08:45-15:40; FR 08:45-12:30", id="a day that is different"),
        pytest.param("Mon-Fri, 9-12, 1-5. Fri, 9-12.30pm",
                     "MO,TU,WE,TH 09:00-12:00; MO,TU,WE,TH 13:00-17:00; FR 09:00-12:30", id="a day that ends early"),
        pytest.param("Mon-Thu, 8am-4pm. Tue, 6pm-9pm", "MO,TU,WE,TH 08:00-16:00; TU 18:00-21:00", id="evenings"),
        pytest.param("9-5 weekdays", f"{WEEKDAYS} 09:00-17:00", id="times first"),
        pytest.param("9am - 18.00pm Mon - Thurs, 9am - 2pm Fridays", "MO,TU,WE,TH 09:00-18:00; FR 09:00-14:00",
                     id="times first, twice"),
        pytest.param("Mon-Fri 09:00-17:30", f"{WEEKDAYS} 09:00-17:30", id="24-hour clock"),
        pytest.param("M-F 0900-1730", f"{WEEKDAYS} 09:00-17:30", id="24-hour clock without a sign"),
        pytest.param("Every day 7.30am till 6.30pm", f"{EVERY_DAY} 07:30-18:30", id="every day"),
        pytest.param("7 days a week: 10am-4pm", f"{EVERY_DAY} 10:00-16:00", id="seven days"),
        pytest.param("Weekends 10 a.m. to 4 p.m.", "SA,SU 10:00-16:00", id="weekends"),
        pytest.param("Mon/Wed/Fri: 10am-noon", "MO,WE,FR 10:00-12:00", id="strokes and noon"),
        pytest.param("Mon-Fri between 9am and 5pm", f"{WEEKDAYS} 09:00-17:00", id="between"),
        pytest.param("Fri 6pm-midnight", "FR 18:00-24:00", id="midnight"),
        pytest.param("Mon-Sun 9-5, closed Wednesday", "MO,TU,TH,FR,SA,SU 09:00-17:00", id="closed on a day"),
        pytest.param("Mon-Fri 9am-5pm; Sat: closed", f"{WEEKDAYS} 09:00-17:00", id="a day: closed"),
        pytest.param("Mon 6-8pm", "MO 18:00-20:00", id="an evening, said once"),
        pytest.param("Sat 2-4", "SA 14:00-16:00", id="an afternoon, not said"),
        pytest.param("Fri, 9.05am-13.00pm", "FR 09:05-13:00", id="pm past noon"),
        pytest.param("24/7", "24h", id="24/7"),
        pytest.param("Open 24 hours a day, 365 days a year", "24h", id="all year"),
        pytest.param("Mon-Sun 00:00-23:59", "24h", id="to the last minute"),
        pytest.param("By appointment only.", "none", id="by appointment"),
    ],
)  # fmt: skip
def test_more_ways_to_write_hours(text: str, cell: str) -> None:
    assert opening.to_cell(read(text)) == cell


@pytest.mark.parametrize(
    "text",
    ["1st and 3rd Saturday", "1st and 3rd Saturday 10am-2pm", "First Saturday of the month, 10am-2pm", "Every day",
     "09:00-17:00", "Mon 6-8", "Mon 9-10pm", "Mon-Fri 9-5, Mon-Fri 10-4", "Fri-Mon 9am-5pm", "Mon 10am and 2pm",
     "Mon-Fri 9-5 term time", "weekends by arrangement", "Mon 25:00-26:00", "Mon 9am", "Closed", "Mon 2019-2020",
     "Nursery: Mon-Fri 9am-3pm", "Mon-Fri 9am-5pm. See programme for evenings", "Daily service"],
)  # fmt: skip
def test_what_may_mean_more_than_one_thing_stays_text(text: str) -> None:
    assert read(text) == Hours(Known.STATED, (), text)


@given(st.text(alphabet="MonTueFri 0123456789-:.,apm&and", max_size=60) | st.text(max_size=LONGEST + 10))
def test_any_text_is_read(text: str) -> None:
    hours = read(text)
    opening.check(hours)
    assert hours.openings or hours.known is not Known.STATED or hours.text == " ".join(text.split())


@given(st.sampled_from(opening.NAMES), st.integers(0, 22), st.integers(0, 59), st.integers(1, 59))
def test_the_24_hour_clock_is_taken_at_its_word(day: str, hour: int, minute: int, more: int) -> None:
    at, end = f"{hour:02d}:{minute:02d}", f"{hour + 1:02d}:{more:02d}"
    hours = read(f"{day} {at}-{end}")
    assert not hours.openings or (hours.openings[0].opens_at, hours.openings[0].closes_at) in {(at, end), (at, "24:00")}


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("file", "column", "least"),
    [
        ("edinburgh_community_centres.csv", "Opening Hours", 27),
        ("edinburgh_day_services.csv", "Days and times", 33),
        ("edinburgh_special_schools.csv", "Opening hours", 9),
    ],
)
def test_share_of_real_hours_that_are_read(shared_data: Path, file: str, column: str, least: int) -> None:
    """Of 32, 38 and 10 cells with a time in them; the others have words that no weekly row can hold."""
    with (shared_data / "services" / "raw_feeds" / file).open(
        encoding="utf-8-sig", errors="replace", newline=""
    ) as lines:
        said = [row[column] for row in csv.DictReader(lines) if re.search(r"\d", row[column] or "")]
    assert sum(bool(read(cell).openings) for cell in said) >= least
