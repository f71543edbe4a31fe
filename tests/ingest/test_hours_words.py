"""Opening hours as people write them; what is not wholly read stays as text."""

import pytest

from directory import opening
from ingest.hours_words import read


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
