"""The breaker: when it stops asking, when it tries again, what closes it."""

from directory.search.breaker import Breaker


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def failing(times: int, clock: Clock) -> Breaker:
    breaker = Breaker(clock, failures=3, rest=5.0)
    for _ in range(times):
        breaker.failed()
    return breaker


def test_a_few_failures_change_nothing() -> None:
    assert failing(2, Clock()).may_ask()


def test_it_opens_and_rests() -> None:
    clock = Clock()
    breaker = failing(3, clock)
    assert not breaker.may_ask()
    clock.at += 4.9
    assert not breaker.may_ask()


def test_one_try_after_each_rest() -> None:
    clock = Clock()
    breaker = failing(3, clock)
    clock.at += 5.0
    assert [breaker.may_ask() for _ in range(3)] == [True, False, False]
    breaker.failed()
    assert not breaker.may_ask()
    clock.at += 5.0
    assert breaker.may_ask()


def test_an_answer_closes_it() -> None:
    clock = Clock()
    breaker = failing(3, clock)
    clock.at += 5.0
    assert breaker.may_ask()
    breaker.answered()
    assert [breaker.may_ask() for _ in range(3)] == [True, True, True]
    breaker.failed()
    breaker.failed()
    assert breaker.may_ask()
