"""Signposts: nothing leaves, and we ask how it went on the day the person chose."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.referrals import codes, exclusions, needs, signposts
from directory.referrals.loop import Loop
from directory.referrals.tables import Notice, Signpost
from tests.directory.referrals.builders import PROVIDER, SERVICE, a_case, a_loop, a_need, ask
from tests.directory.referrals.case_builders import happened, looking, need

TODAY = date(2026, 11, 22)
NEXT_WEEK = TODAY + timedelta(days=7)


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home")) as made:
        yield made


def a_signpost(loop: Loop, need_id: str, ask_on: date | None = NEXT_WEEK) -> str:
    return str(signposts.give(loop, ask(loop), need_id, SERVICE, ask_on)["id"])


def row(loop: Loop, own: str) -> Signpost:
    with looking(loop) as session:
        return session.get_one(Signpost, own)


def test_a_signpost_holds_its_need_until_we_have_asked(loop: Loop) -> None:
    need_id = a_need(loop, a_case(loop))
    own = a_signpost(loop, need_id)
    assert (row(loop, own).state, need(loop, need_id).state) == ("given", "in_hand")

    signposts.follow_up(loop, ask(loop), own, "reached")
    assert (row(loop, own).state, row(loop, own).answer) == ("followed_up", "reached")
    assert need(loop, need_id).state == "open"


def test_nothing_of_the_person_leaves(loop: Loop) -> None:
    a_signpost(loop, a_need(loop, a_case(loop)))
    with looking(loop) as session:
        assert session.query(Notice).count() == 0


def test_a_person_who_wants_no_question_is_not_asked(loop: Loop) -> None:
    need_id = a_need(loop, a_case(loop))
    own = a_signpost(loop, need_id, None)
    assert (row(loop, own).state, need(loop, need_id).state) == ("no_follow_up_wanted", "open")


def test_they_may_change_their_mind_both_ways(loop: Loop) -> None:
    need_id = a_need(loop, a_case(loop))
    own = a_signpost(loop, need_id)

    signposts.no_more(loop, ask(loop), own)
    assert (row(loop, own).state, need(loop, need_id).state) == ("no_follow_up_wanted", "open")
    signposts.ask_again(loop, ask(loop), own, NEXT_WEEK)
    assert (row(loop, own).state, need(loop, need_id).state) == ("given", "in_hand")


@pytest.mark.parametrize("said", list(codes.codes("signpost_answer")))
def test_who_did_not_get_through_brings_a_settled_need_back(loop: Loop, said: str) -> None:
    need_id = a_need(loop, a_case(loop))
    own = a_signpost(loop, need_id)
    needs.met(loop, ask(loop), need_id)

    signposts.follow_up(loop, ask(loop), own, said)

    assert need(loop, need_id).state == ("met" if said == "reached" else "open")


def test_who_will_try_again_is_asked_again(loop: Loop) -> None:
    need_id = a_need(loop, a_case(loop))
    own = a_signpost(loop, need_id)
    signposts.follow_up(loop, ask(loop), own, "did_not_try")
    signposts.ask_again(loop, ask(loop), own, NEXT_WEEK)
    assert (row(loop, own).answer, row(loop, own).ask_on) == ("", NEXT_WEEK)
    assert happened(loop, row(loop, own).case_id)[-2:] == ["signpost.ask_again", "need.refresh"]


def test_an_answer_is_taken_once(loop: Loop) -> None:
    own = a_signpost(loop, a_need(loop, a_case(loop)))
    signposts.follow_up(loop, ask(loop), own, "reached")
    with pytest.raises(Conflict, match="This signpost is followed up"):
        signposts.follow_up(loop, ask(loop), own, "reached")
    with pytest.raises(Conflict):
        signposts.no_more(loop, ask(loop, version=1), own)


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1), TODAY + timedelta(days=100)], ids=str)
def test_the_day_is_one_to_come(loop: Loop, day: date) -> None:
    with pytest.raises(BadInput) as refused:
        a_signpost(loop, a_need(loop, a_case(loop)), day)
    assert refused.value.field == "ask_on"


def test_nobody_is_sent_where_it_is_not_safe(loop: Loop) -> None:
    case_id = a_case(loop)
    exclusions.add(loop, ask(loop), case_id, service_id=SERVICE)
    with pytest.raises(Forbidden, match="unsafe"):
        a_signpost(loop, a_need(loop, case_id))


def test_what_is_not_there_is_said(loop: Loop) -> None:
    need_id = a_need(loop, a_case(loop))
    with pytest.raises(NotFound):
        signposts.give(loop, ask(loop), need_id, "nothing", None)
    with pytest.raises(NotFound):
        signposts.follow_up(loop, ask(loop), "nothing", "reached")
    with pytest.raises(NotFound):
        signposts.give(loop, ask(loop, PROVIDER), need_id, SERVICE, None)
    with pytest.raises(BadInput):
        signposts.follow_up(loop, ask(loop), a_signpost(loop, need_id), "maybe")
