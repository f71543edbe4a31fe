"""What partners' part of a round does by itself (`referrals.rounds`), in order; each part is claimed on its own."""

from collections.abc import Callable, Iterator

from directory.partners import forgetting, hidden_places, reminders
from directory.referrals.loop import Loop

PARTS: tuple[Callable[[Loop], Iterator[str]], ...] = (reminders.look, forgetting.look, hidden_places.look)
