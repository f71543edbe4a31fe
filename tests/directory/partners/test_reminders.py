"""A year after the last confirmation: three rising letters, "not confirmed" for everybody to see, then a call."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from directory.feeds import assurance
from directory.feeds.assurance import Rhythm, State
from directory.matching import explain
from directory.partners import invitations, members, reminders, team
from directory.partners.tables import PartnerMember, PartnerService
from directory.referrals import letters as leaving
from directory.referrals import partner_letters, sweeps, worklist
from directory.referrals.loop import Loop
from directory.referrals.tables import Notice, Task
from directory.search import fold, telling
from directory.tables import Service
from tests.builders import a_draft, write
from tests.directory.partners.keeper import a_keeper
from tests.directory.partners.member_builders import OTHER_SERVICE, a_team, ask
from tests.directory.partners.partner_builders import MORAG, OTHER, a_partner
from tests.directory.partners.review_builders import confirm, confirmed, keeps, letters, open_tasks, rounds, tell
from tests.directory.referrals.builders import SERVICE, WORKER, Time, a_loop

BEGUN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DUE = 365
"""Days after the confirmation on `BEGUN`."""
AGAIN = DUE - 41 + DUE
"""The same when it was confirmed the day after the first letter."""
FIRST, SECOND, LAST = "partner_review_1", "partner_review_2", "partner_review_3"


@pytest.fixture
def time() -> Time:
    return Time(BEGUN)


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        confirmed(made, BEGUN)
        yield made


def on_day(loop: Loop, time: Time, day: float) -> None:
    """Days after the confirmation, with a run of the reminders on that day."""
    time.now = BEGUN + timedelta(days=day)
    reminders.remind(loop)


def shown(loop: Loop) -> str:
    """How results and the service's page say that the record is known."""
    with loop.database.reading() as session:
        document = fold.fold(telling.read(session, [SERVICE])[SERVICE])
    assert document is not None
    return explain.freshness(document, (loop.clock().date() - date(1970, 1, 1)).days)


def test_a_year_of_silence_goes_step_by_step_to_a_call(loop: Loop, time: Time) -> None:
    """42, 21 and 7 days before: a letter. The day after: not confirmed. Two weeks later: somebody of staff rings."""
    keeps(loop)
    told: list[tuple[int, list[str], str, list[str]]] = []
    for day in (DUE + each for each in (-60, -43, -42, -41, -22, -21, -8, -7, 0, 1, 13, 14, 15)):
        before = len(letters(loop)), len(open_tasks(loop))
        on_day(loop, time, day)
        if (len(letters(loop)), len(open_tasks(loop))) != before:
            told.append((day - DUE, letters(loop)[before[0] :], shown(loop)[:39], open_tasks(loop)))
    checked = "Checked by the single point of contact,"
    assert told == [
        (-42, [FIRST], checked, []),
        (-21, [SECOND], checked, []),
        (-7, [LAST], checked, []),
        (14, [], "Not confirmed since January 2026 (stale", ["review_call"]),
    ]


def test_the_call_stands_on_the_work_list_and_a_confirmation_takes_it_off(loop: Loop, time: Time) -> None:
    keeps(loop)
    for day in (DUE - 42, DUE - 21, DUE - 7, DUE + 14):
        on_day(loop, time, day)
    with loop.database.reading() as session:
        line = next(each for each in worklist.lines(session, loop.policy, time(), WORKER) if each.kind == "review_call")
    assert line.service_id == SERVICE
    assert line.words == "Ring the service: nobody has confirmed what we say of it"
    confirm(loop, a_partner(loop))
    assert open_tasks(loop) == []
    assert shown(loop).startswith("Checked by the service")


@pytest.mark.parametrize("by", ["partner", "staff"])
def test_an_answer_ends_it_for_a_year(loop: Loop, time: Time, by: str) -> None:
    keeps(loop)
    on_day(loop, time, DUE - 42)
    time.pass_(days=1)
    if by == "partner":
        confirm(loop, a_partner(loop))
    else:
        confirmed(loop, time())
    for day in (DUE - 21, DUE - 7, DUE + 14, AGAIN - 43):
        on_day(loop, time, day)
    assert letters(loop) == [FIRST]
    assert open_tasks(loop) == []
    assert [row.how for row in rounds(loop)] == ["right" if by == "partner" else "elsewhere"]
    on_day(loop, time, AGAIN - 42)
    assert letters(loop) == [FIRST, FIRST]


def test_after_a_pause_of_the_scheduler_there_is_no_burst(loop: Loop, time: Time) -> None:
    keeps(loop)
    sent = []
    for day in (DUE + each for each in (30, 31, 36, 37, 38, 43, 44, 57, 58)):
        on_day(loop, time, day)
        sent.append((day - DUE, len(letters(loop)), open_tasks(loop)))
    assert next(day for day, count, _ in sent if count == 1) == 30
    assert next(day for day, count, _ in sent if count == 2) == 37
    assert next(day for day, count, _ in sent if count == 3) == 44
    assert next(day for day, _, tasks in sent if tasks) == 58


def test_running_again_sends_nothing_twice(loop: Loop, time: Time) -> None:
    keeps(loop)
    for hour in range(5):
        on_day(loop, time, DUE - 42 + hour / 24)
    assert letters(loop) == [FIRST]


def test_one_that_is_stopped_half_way_goes_on_where_it_was(
    loop: Loop, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its letters and its mark are one transaction: what was not written whole is done again, whole."""
    keeps(loop)
    own = partner_letters.queue

    def killed(*args: object, **more: object) -> Notice:
        own(*args, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(partner_letters, "queue", killed)
    time.now = BEGUN + timedelta(days=DUE - 42)
    with pytest.raises(KeyboardInterrupt):
        reminders.remind(loop)
    assert (letters(loop), rounds(loop)) == ([], [])
    monkeypatch.undo()
    on_day(loop, time, DUE - 42)
    assert letters(loop) == [FIRST]


def test_one_process_does_it_and_once_an_hour(loop: Loop, time: Time) -> None:
    keeps(loop)
    time.now = BEGUN + timedelta(days=DUE - 42)
    with sweeps.claimed(loop, "partner_reviews", reminders.EVERY) as ours:
        assert ours
        assert list(reminders.look(loop)) == []
    time.pass_(hours=1)
    assert list(reminders.look(loop)) == ["Partners: 1 reminders of their facts, 0 calls to make."]
    assert list(reminders.look(loop)) == []


def test_a_mailbox_with_several_services_gets_one_letter(loop: Loop, time: Time) -> None:
    partner_id = keeps(loop)
    write(loop.database, second := a_draft(source_id="f901", name="Harbour Line"))
    with loop.database.session() as session:
        own = session.scalar(select(Service.id).where(Service.source_record_id == second.source_id))
        assert own
        session.add(PartnerService(partner_id=partner_id, service_id=own, how="registered", since=BEGUN))
    confirmed(loop, BEGUN, own)
    on_day(loop, time, DUE - 42)
    assert letters(loop) == [FIRST]
    assert words_of(loop)[0].count("/partners/reviews") == 1


def words_of(loop: Loop) -> list[str]:
    """Whole letters as they would leave now: subject and words."""
    with loop.database.reading() as session:
        found = session.scalars(select(Notice).where(Notice.template.like("partner_review%")).order_by(Notice.id))
        made = [leaving.letter(session, loop, [row], "one", "https://spoc.example", loop.clock()) for row in found]
        return [f"{each.to}\n{each.subject}\n{each.body}" for each in made]


def test_letters_go_to_owners_and_editors_and_say_nothing_but_an_address(loop: Loop, time: Time) -> None:
    partner_id = keeps(loop, MORAG)
    with loop.database.session() as session:
        members.put(session, loop, partner_id, OTHER, "Ada", members.ANSWERER, "", time()).joined_at = time()
    for day in (DUE - 42, DUE - 21, DUE - 7):
        on_day(loop, time, day)
    sent = words_of(loop)
    assert [each.splitlines()[0] for each in sent] == [MORAG] * 3
    assert all(f"https://spoc.example/partners/services/{SERVICE}/review" in each for each in sent)
    assert not [each for each in sent if "Harbour" in each.split("\n", 1)[1] or "Morag" in each.split("\n", 1)[1]]


def test_a_letter_that_waits_is_kept_back_once_it_is_answered(loop: Loop, time: Time) -> None:
    keeps(loop)
    on_day(loop, time, DUE - 42)
    confirm(loop, a_partner(loop))
    with loop.database.reading() as session:
        notice = session.scalars(select(Notice).where(Notice.template == FIRST)).one()
        assert leaving.refusal(session, loop, notice, time()) == "expired"


def waiting(loop: Loop) -> set[str]:
    """To whom letters may leave, codes aside."""
    with loop.database.reading() as session:
        found = session.scalars(select(Notice).where(Notice.template.like("partner_%")))
        told = [each for each in found if each.template != "partner_code"]
        may = [each for each in told if not partner_letters.refusal(session, each, loop.clock())]
        return {partner_letters.said(session, loop, each, "")["to"] for each in may}


def test_a_letter_about_several_is_kept_back_once_the_last_of_them_is_answered(loop: Loop, time: Time) -> None:
    write(loop.database, a_draft(source_id="f902", name="Second Door"))
    confirmed(loop, BEGUN, OTHER_SERVICE)
    a_keeper(loop, SERVICE, OTHER_SERVICE)
    on_day(loop, time, DUE - 42)
    assert waiting(loop) == {MORAG}
    door = a_partner(loop)
    confirm(loop, door)
    assert waiting(loop) == {MORAG}
    confirm(loop, door, OTHER_SERVICE)
    assert waiting(loop) == set()


@pytest.mark.parametrize("elsewhere", [True, False], ids=["keeps it true for another too", "for nobody else"])
def test_no_letter_leaves_to_who_has_left(loop: Loop, time: Time, elsewhere: bool) -> None:
    ours = a_team(loop)
    on_day(loop, time, DUE - 42)
    new = invitations.invite(loop, ask(loop, ours.who()), ours.partner_id, OTHER, members.EDITOR)["id"]
    owner, editor = "owner@harbour.example", "editor@harbour.example"
    assert waiting(loop) == {owner, editor, OTHER}
    if elsewhere:
        keeps(loop, editor)
    team.leave(loop, ask(loop, ours.who()), ours.members[members.EDITOR])
    left = {owner, editor} if elsewhere else {owner}
    assert waiting(loop) == {*left, OTHER}
    team.leave(loop, ask(loop, ours.who()), new)
    assert waiting(loop) == left


def test_nobody_left_to_write_to_still_leads_to_a_call(loop: Loop, time: Time) -> None:
    keeps(loop)
    with loop.database.session() as session:
        session.execute(update(PartnerMember).values(left_at=time()))
    for day in (DUE - 42, DUE - 21, DUE - 7, DUE + 14):
        on_day(loop, time, day)
    assert letters(loop) == []
    assert open_tasks(loop) == ["review_call"]


def test_somebody_elses_doubt_has_the_partner_asked_at_once_and_its_own_does_not(loop: Loop, time: Time) -> None:
    keeps(loop)
    on_day(loop, time, 100)
    assert letters(loop) == []
    with loop.database.session() as session:
        assurance.say(session, SERVICE, State.CONTRADICTED, "provider", time(), reason="age_not_served")
    on_day(loop, time, 100.5)
    assert letters(loop) == [FIRST]
    tell(loop, a_partner(loop), phone="It is another one now.")
    for day in (101, 121, 143):
        on_day(loop, time, day)
    assert letters(loop) == [FIRST]


def test_what_was_said_wrong_and_never_put_right_is_asked_again(loop: Loop, time: Time) -> None:
    keeps(loop)
    on_day(loop, time, DUE - 42)
    tell(loop, a_partner(loop), age="Up to 25 now.")
    for day in (DUE - 35, DUE - 21, DUE - 7, DUE - 1):
        on_day(loop, time, day)
    assert letters(loop) == [FIRST]
    on_day(loop, time, DUE)
    assert letters(loop) == [FIRST, FIRST]


def test_a_doubt_that_goes_away_by_itself_ends_the_round(loop: Loop, time: Time) -> None:
    keeps(loop)
    time.now = BEGUN + timedelta(days=50)
    with loop.database.session() as session:
        assurance.say(session, SERVICE, State.CONTRADICTED, "provider", time(), reason="age_not_served")
    on_day(loop, time, 50)
    time.pass_(days=1)
    with loop.database.session() as session:
        assurance.say(session, SERVICE, State.SPOC_CONFIRMED, "ann", time(), ["age"])
    on_day(loop, time, 52)
    assert [row.how for row in rounds(loop)] == ["elsewhere"]
    on_day(loop, time, 80)
    assert letters(loop) == [FIRST]


def test_a_service_with_a_rhythm_of_a_month_is_not_asked_the_day_after(loop: Loop, time: Time) -> None:
    keeps(loop)
    with loop.database.session() as session:
        assurance.set_rhythm(session, SERVICE, Rhythm(1, 3), "ann", BEGUN)
    sent = []
    for day in (1, 14, 15, 21, 22, 28, 29, 43, 44):
        on_day(loop, time, day)
        sent.append((day, len(letters(loop)), open_tasks(loop)))
    assert [min(day for day, count, _ in sent if count == each) for each in (1, 2, 3)] == [15, 22, 29]
    assert min(day for day, _, tasks in sent if tasks) == 44


def test_staffs_confirmation_ends_a_round_however_short_the_rhythm(loop: Loop, time: Time) -> None:
    keeps(loop)
    with loop.database.session() as session:
        assurance.set_rhythm(session, SERVICE, Rhythm(2, 3), "ann", BEGUN)
    on_day(loop, time, 30)
    time.pass_(days=1)
    confirmed(loop, time())
    on_day(loop, time, 40)
    assert (letters(loop), [row.how for row in rounds(loop)]) == ([FIRST], ["elsewhere"])


@pytest.mark.parametrize("over", ["closed", "not theirs any more"])
def test_of_what_is_over_nothing_is_asked(loop: Loop, time: Time, over: str) -> None:
    keeps(loop)
    if over == "closed":
        write(loop.database, replace(a_draft(), status="defunct"))
    else:
        with loop.database.session() as session:
            session.execute(update(PartnerService).values(ended_at=time()))
    on_day(loop, time, DUE + 30)
    assert (letters(loop), rounds(loop)) == ([], [])


def test_what_a_partner_wrote_is_gone_some_time_after_it_was_put_right(loop: Loop, time: Time) -> None:
    keeps(loop)
    tell(loop, a_partner(loop), age="Up to 25 now.")
    time.pass_(days=400)
    reminders.remind(loop)
    assert kept(loop)  # nobody has put it right
    confirm(loop, a_partner(loop))
    time.pass_(days=89)
    reminders.remind(loop)
    assert kept(loop)
    time.pass_(days=2)
    reminders.remind(loop)
    assert not kept(loop)


def kept(loop: Loop) -> list[bytes]:
    return [row.said_sealed for row in rounds(loop) if row.said_sealed is not None]


def test_a_call_that_came_to_nothing_is_asked_for_again(loop: Loop, time: Time) -> None:
    keeps(loop)
    for day in (DUE - 42, DUE - 21, DUE - 7, DUE + 14, DUE + 20, DUE + 60):
        on_day(loop, time, day)
    assert open_tasks(loop) == ["review_call"]
    with loop.database.session() as session:
        session.execute(update(Task).values(done_at=time()))  # ticked off without a confirmation
    on_day(loop, time, DUE + 97)
    assert open_tasks(loop) == []
    on_day(loop, time, DUE + 98)
    assert open_tasks(loop) == ["review_call"]


def test_one_mailbox_that_cannot_be_read_keeps_nobody_else_waiting(loop: Loop, time: Time) -> None:
    keeps(loop)
    write(loop.database, a_draft(source_id="f901", name="Harbour Line"))
    with loop.database.session() as session:
        own = session.scalar(select(Service.id).where(Service.source_record_id == "f901"))
        assert own
        session.execute(update(PartnerMember).values(email_sealed=b"nobody's"))
    keeps(loop, OTHER, service_id=own)
    confirmed(loop, BEGUN, own)
    on_day(loop, time, DUE - 42)
    assert letters(loop) == [FIRST]
