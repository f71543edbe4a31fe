"""The doors kept beside a referral: as ranked when asked, and filtered whenever they are read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from directory import records
from directory.accounts.tables import utc
from directory.errors import BadInput, NotFound, NotReady
from directory.feeds import assurance
from directory.referrals import alternatives, exclusions
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.next_best import Alternative, Wanted
from directory.referrals.tables import Referral
from directory.tables import Service
from tests.builders import NOON, a_draft, a_withheld_draft, write
from tests.directory.referrals.builders import SERVICE, Doors, a_case, a_loop, a_referral, ask, referral


class Engine(Doors):
    """Doors that can be shut, and that remember what they were asked."""

    def __init__(self) -> None:
        super().__init__(["second", "third", "refuge"])
        self.error: Exception | None = None
        self.asked: list[Wanted] = []

    def __call__(self, wanted: Wanted, most: int = 5) -> tuple[Alternative, ...]:
        self.asked.append(wanted)
        if self.error:
            raise self.error
        return super().__call__(wanted, most)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def loop(tmp_path: Path, engine: Engine) -> Iterator[Loop]:
    with a_loop(tmp_path, doors=engine) as opened:
        write(
            opened.database,
            a_draft(source_id="second", name="Second Door", organization="Second Trust"),
            a_draft(source_id="third", name="Third Door", organization="Third Trust"),
            a_withheld_draft(source_id="refuge"),
        )
        yield opened


def service(name: str) -> str:
    return records.service_id("facts", name)


def shown(loop: Loop, own: str) -> list[str]:
    with loop.database.reading() as session:
        return [each.name for each in alternatives.shown(session, loop, session.get_one(Referral, own))]


def kept(loop: Loop, **changes: object) -> str:
    own = a_referral(loop, State.SENT, **changes)
    assert alternatives.keep(loop, own, NOON)
    return own


def test_what_was_ranked_is_kept_with_its_reasons_and_its_moment(loop: Loop, engine: Engine) -> None:
    own = kept(loop)
    row = referral(loop, own)
    assert row.alternatives_at is not None
    assert utc(row.alternatives_at) == NOON
    assert row.alternatives[0]["reasons"] == ["It fits."]
    assert row.version == 1  # nothing that anybody looked at has changed
    assert shown(loop, own) == ["second", "third", "refuge"]


def test_the_matcher_is_asked_with_the_cases_facts_and_no_words(loop: Loop, engine: Engine) -> None:
    case_id = a_case(loop, name="Skye Example")
    kept(loop, case_id=case_id)
    (asked,) = engine.asked
    assert asked.need == "counselling"
    assert SERVICE in asked.without
    assert asked.given["residence"] == "Fife"
    assert asked.given["age"] == {"min": 12, "max": 15}
    assert asked.given["harms"] == ["physical_harm"]
    assert "Skye" not in str(asked)


def test_the_matcher_is_asked_outside_any_transaction(loop: Loop, engine: Engine) -> None:
    """A writer of SQLite would wait for it: were one open, this write inside would be locked out."""
    own = a_referral(loop, State.SENT)

    class Writing(Doors):
        def __call__(self, wanted: Wanted, most: int = 5) -> tuple[Alternative, ...]:
            with loop.database.session() as session:
                session.get_one(Referral, own).urgency = "days"
            return super().__call__(wanted, most)

    assert alternatives.keep(replace(loop, next_best=Writing(["second"])), own, NOON)
    assert shown(loop, own) == ["second"]


@pytest.mark.parametrize(
    ("error", "asked", "left"),
    [
        pytest.param(NotReady("No index."), False, ["second", "third", "refuge"], id="no engine: the old ones stay"),
        pytest.param(BadInput("Nothing to match."), True, [], id="nothing known of the person"),
    ],
)
def test_a_matcher_that_cannot_answer(
    loop: Loop, engine: Engine, error: Exception, asked: bool, left: list[str]
) -> None:
    own = kept(loop)
    engine.error = error
    assert alternatives.keep(loop, own, NOON) is asked
    assert shown(loop, own) == left


def test_there_is_no_such_referral(loop: Loop) -> None:
    with pytest.raises(NotFound):
        alternatives.keep(loop, "none", NOON)


def test_whom_the_person_names_later_is_not_shown_again(loop: Loop) -> None:
    own = kept(loop)
    exclusions.add(loop, ask(loop), referral(loop, own).case_id, service_id=service("second"))
    assert shown(loop, own) == ["third", "refuge"]


def test_nor_any_service_of_an_organization_that_they_name(loop: Loop) -> None:
    own = kept(loop)
    with loop.database.reading() as session:
        organization = session.get_one(Service, service("third")).organization_id
    exclusions.add(loop, ask(loop), referral(loop, own).case_id, organization_id=organization)
    assert shown(loop, own) == ["second", "refuge"]


@pytest.mark.parametrize(
    ("state", "left"),
    [
        pytest.param(State.ACCEPTED, ["third", "refuge"], id="has it already"),
        pytest.param(State.DECLINED, ["third", "refuge"], id="has said no"),
        pytest.param(State.UNANSWERED, ["third", "refuge"], id="never answered"),
        pytest.param(State.DRAFT, ["second", "third", "refuge"], id="only thought of"),
        pytest.param(State.CLOSED, ["second", "third", "refuge"], id="helped once before"),
    ],
)
def test_a_service_tried_for_this_need_is_no_next_door(loop: Loop, state: State, left: list[str]) -> None:
    own = kept(loop)
    row = referral(loop, own)
    a_referral(loop, state, service("second"), case_id=row.case_id, need_id=row.need_id)
    assert shown(loop, own) == left


def test_a_service_that_closed_since_is_not_shown(loop: Loop) -> None:
    own = kept(loop)
    with loop.database.session() as session:
        session.get_one(Service, service("second")).status = "defunct"
        assurance.say(
            session, service("third"), assurance.State.CONTRADICTED, "provider", NOON, reason="closed_by_provider"
        )
    assert shown(loop, own) == ["refuge"]


def test_nothing_is_written_about_somebody_erased(loop: Loop) -> None:
    own = a_referral(loop, State.SENT)
    with loop.database.session() as session:
        session.get_one(Referral, own).erased_at = NOON + timedelta(days=1)
    alternatives.keep(loop, own, NOON)
    assert referral(loop, own).alternatives == []
