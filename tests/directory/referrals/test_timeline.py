"""The timeline: a case's lines and its referrals' in one order, each in words that people read."""

from collections.abc import Iterator
from typing import Any

import pytest

from directory.referrals import needs, timeline
from directory.referrals.lifecycle import Event, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, ReferralEvent
from tests.directory.referrals.builders import WORKER, Time, a_case, a_loop, a_need, a_referral, ask, referral
from tests.directory.referrals.case_builders import looking

PURPOSES = "To refer the person to this service, To hear back how it went"


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home"), Time()) as made:
        yield made


def entries(loop: Loop, case_id: str) -> tuple[timeline.Entry, ...]:
    with looking(loop) as session:
        row = session.get_one(Case, case_id)
        return timeline.entries(session, loop.sealer(session, row.subject_id), row)


def declined(loop: Loop, referral_id: str, note: str = "") -> None:
    row = referral(loop, referral_id)
    with loop.database.session() as session:
        line = ReferralEvent(
            referral_id=referral_id, seq=2, event="decline", at=loop.clock(), actor_kind="provider", state_from="sent",
            state_to="declined", details={"reason": "D1", "may_contact_again": True},
        )  # fmt: skip
        session.add(line)
        session.flush()
        seal = loop.sealer(session, row.subject_id)
        line.note_sealed = seal.seal(note, "referral_event", str(line.id), "note")


def test_everything_is_in_the_order_in_which_it_happened(loop: Loop) -> None:
    assert isinstance(loop.clock, Time)
    case_id = a_case(loop)
    need_id = a_need(loop, case_id)
    referral_id = a_referral(loop, State.SENT, case_id=case_id, need_id=need_id)
    loop.clock.pass_(hours=1)
    needs.met(loop, ask(loop), need_id)
    loop.clock.pass_(hours=1)
    declined(loop, referral_id, "Ring us in May.")

    found = entries(loop, case_id)

    assert [(entry.words, entry.service) for entry in found] == [
        ("Sent", "Harbour Counselling"),
        ("Need met: the person said so", ""),
        ("The service said no", "Harbour Counselling"),
    ]
    assert found[2].details == (("Reason", "No room now and no waiting list"), ("May contact again", "yes"))
    assert found[2].note == "Ring us in May."
    assert (found[2].by, found[1].by) == ("provider", "worker")


@pytest.mark.parametrize("event", list(Event), ids=str)
def test_every_event_of_a_referral_has_words(event: Event) -> None:
    assert timeline.words("referral", event.value) != f"Referral {event.value}".replace("_", " ")


@pytest.mark.parametrize(
    ("details", "said"),
    [
        pytest.param({"on": "2026-12-01"}, (("On", "2026-12-01"),), id="a day as it is"),
        pytest.param({"reason": "W1"}, (("Reason", "They changed their mind"),), id="why withdrawn"),
        pytest.param({"council": "S12000047"}, (("Council", "Fife"),), id="a council"),
        pytest.param({"relation": "witness"}, (("Relation", "Witness"),), id="a relation"),
        pytest.param({"lead_worker": WORKER.id, "fields": ["name"]}, (), id="ids and names of fields"),
        pytest.param({"purposes": "refer|feedback"}, (("Purposes", PURPOSES),), id="several codes"),
        pytest.param({"reason": "closed"}, (("Reason", "closed"),), id="a code no list has"),
        pytest.param({"age_band": "", "days": []}, (), id="nothing"),
        pytest.param({"attempts": 3, "engaged": False}, (("Attempts", "3"), ("Engaged", "no")), id="numbers"),
        pytest.param({"days": ["2026-11-20", "2026-11-21"]}, (("Days", "2026-11-20, 2026-11-21"),), id="days"),
    ],
)
def test_details_are_said_in_words(details: dict[str, Any], said: tuple[tuple[str, str], ...]) -> None:
    assert timeline.told(details) == said


def test_a_reason_is_said_as_what_it_happened_to_says_it() -> None:
    assert timeline.told({"reason": "duplicate"}, "need") == (("Reason", "It is on another case"),)
    assert timeline.told({"reason": "duplicate"}, "referral") == (("Reason", "It was written twice"),)
