"""People: fields sealed under their own key; a passphrase speaks for them by phone and gives nothing away."""

from collections.abc import Iterator

import pytest

from directory.errors import BadInput, Conflict, Forbidden, NotFound, TooManyTries
from directory.referrals import people
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop
from directory.referrals.tables import Person
from tests.directory.referrals.builders import PROVIDER, WORKER, Time, a_case, a_loop, ask
from tests.directory.referrals.case_builders import audited, case, everything, happened, looking, opened

PHRASE = "Purple Otter Lighthouse"


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with a_loop(tmp_path_factory.mktemp("home"), Time()) as made:
        yield made


def fields(loop: Loop, case_id: str) -> dict[str, str]:
    subject_id = case(loop, case_id).subject_id
    with looking(loop) as session:
        return people.opened(session, loop, subject_id)


class TestFields:
    def test_they_come_back_as_they_were_told(self, loop: Loop) -> None:
        own = opened(loop)["id"]
        told = {"full_name": "Skye Zoë Example", "date_of_birth": "2012-05-30", "account": "He hit me.\nTwice."}

        people.amend(loop, ask(loop), own, told)

        assert {name: text for name, text in fields(loop, own).items() if text} == told | {"name": "Skye Example"}

    def test_an_empty_one_takes_it_away(self, loop: Loop) -> None:
        own = opened(loop, person={"school": "Leith Academy"})["id"]
        people.amend(loop, ask(loop), own, {"school": " "})
        assert fields(loop, own)["school"] == ""

    def test_audit_and_timeline_know_which_fields_not_what(self, loop: Loop) -> None:
        own = opened(loop)["id"]
        people.amend(loop, ask(loop, key="amend"), own, {"school": "Quoll Academy", "address": "1 Numbat Row"})
        assert happened(loop, own)[-1] == "person.amend"
        assert not [word for word in ("Quoll", "Numbat") if word in everything(loop)]

    def test_what_was_seen_must_still_be_so(self, loop: Loop) -> None:
        own = opened(loop)["id"]
        people.amend(loop, ask(loop, version=1), own, {"school": "One"})
        with pytest.raises(Conflict):
            people.amend(loop, ask(loop, version=1), own, {"school": "Other"})
        assert fields(loop, own)["school"] == "One"

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            pytest.param({"passphrase": "let me in"}, "passphrase", id="passphrase is no field"),
            pytest.param({"date_of_birth": "30/05/2012"}, "date_of_birth", id="date"),
            pytest.param({"account": "x" * 20_001}, "account", id="too long"),
            pytest.param({"name": "a\0b"}, "name", id="NUL"),
            pytest.param({"name": "\ud800"}, "name", id="lone surrogate"),
        ],
    )
    def test_what_cannot_be_kept_is_refused_and_not_repeated(
        self, loop: Loop, told: dict[str, str], field: str
    ) -> None:
        with pytest.raises(BadInput) as refused:
            people.amend(loop, ask(loop), opened(loop)["id"], told)
        assert refused.value.field == field
        assert next(iter(told.values())) not in str(refused.value)

    def test_a_provider_sees_no_case_to_amend(self, loop: Loop) -> None:
        with pytest.raises(NotFound):
            people.amend(loop, ask(loop, PROVIDER), opened(loop)["id"], {"name": "Me"})


class TestPassphrase:
    @pytest.fixture
    def reference(self, loop: Loop) -> str:
        answer = opened(loop)
        people.set_passphrase(loop, ask(loop), answer["id"], PHRASE)
        return str(answer["reference"])

    @pytest.mark.parametrize("said", [PHRASE, "purple otter lighthouse", "purple-otter lighthouse!"])
    def test_it_is_right_however_it_is_spelt(self, loop: Loop, reference: str, said: str) -> None:
        assert people.passphrase_is_right(loop, someone(loop), f" {reference[:4].lower()} {reference[4:]}", said)

    def test_wrong_ones_tell_nothing(self, loop: Loop, reference: str) -> None:
        without = str(opened(loop)["reference"])
        answers = [
            people.passphrase_is_right(loop, someone(loop), about, said)
            for about, said in ((reference, "wrong words"), (without, PHRASE), ("ZZ0000ZZ", PHRASE), ("", ""))
        ]
        assert answers == [False] * 4

    def test_no_case_and_a_wrong_one_read_the_same(self, loop: Loop, reference: str) -> None:
        said = set()
        for about in (reference, "ZZ0000ZZ"):
            with pytest.raises(Forbidden) as refused:
                people.check_passphrase(loop, someone(loop), about, "wrong words")
            said.add(str(refused.value))
        assert len(said) == 1

    def test_a_wrong_one_changes_nothing(self, loop: Loop, reference: str) -> None:
        before = _rows(loop)
        people.passphrase_is_right(loop, someone(loop), reference, "wrong words")
        assert _rows(loop) == before
        assert audited(loop)[-1].result == "deny"

    def test_it_is_kept_nowhere_in_clear(self, loop: Loop, reference: str) -> None:
        people.passphrase_is_right(loop, someone(loop), reference, "wrongwombat")
        kept = everything(loop)
        assert not [word for word in ("purple", "Otter", "argon2", "wombat") if word in kept]

    def test_tries_are_counted_whatever_comes_of_them(self, loop: Loop) -> None:
        asking = someone(loop)
        for _ in range(10):
            people.passphrase_is_right(loop, asking, "ZZ0000ZZ", "wrong")
        with pytest.raises(TooManyTries):
            people.passphrase_is_right(loop, asking, "ZZ0000ZZ", "wrong")
        assert not people.passphrase_is_right(loop, someone(loop), "ZZ0000ZZ", "wrong")

    def test_after_a_quarter_of_an_hour_they_may_try_again(self, loop: Loop) -> None:
        asking = someone(loop)
        for _ in range(10):
            people.passphrase_is_right(loop, asking, "ZZ0000ZZ", "wrong")
        assert isinstance(loop.clock, Time)
        loop.clock.pass_(minutes=16)
        assert not people.passphrase_is_right(loop, ask(loop, asking.who), "ZZ0000ZZ", "wrong")

    def test_one_of_a_restricted_case_is_for_its_workers(self, loop: Loop) -> None:
        answer = opened(loop, restricted=True)
        people.set_passphrase(loop, ask(loop), answer["id"], PHRASE)
        assert not people.passphrase_is_right(loop, someone(loop), answer["reference"], PHRASE)
        assert people.passphrase_is_right(loop, ask(loop, WORKER), answer["reference"], PHRASE)

    @pytest.mark.parametrize("words", ["", "otter", "!!!!!!!!!!", "x" * 129])
    def test_one_too_short_or_too_long_is_refused(self, loop: Loop, words: str) -> None:
        with pytest.raises(BadInput) as refused:
            people.set_passphrase(loop, ask(loop), a_case(loop), words)
        assert refused.value.field == "passphrase"


_NUMBERS = iter(range(1000))


def someone(loop: Loop) -> people.Ask:
    """A worker who has not tried yet."""
    return ask(loop, Who(Actor.WORKER, f"b0000000-0000-4000-8000-{next(_NUMBERS):012}"))


def _rows(loop: Loop) -> list[tuple[object, ...]]:
    with looking(loop) as session:
        rows = session.query(Person).order_by(Person.id)
        return [tuple(getattr(row, column.key) for column in Person.__table__.columns) for row in rows]
