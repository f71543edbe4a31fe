"""The work list as an address: its lists by name, what narrows them, in codes alone, and what an empty list teaches."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from directory.errors import BadInput
from directory.referrals import work_lists, working_time
from directory.referrals.policy import Policy
from directory.referrals.work_lists import LISTS, SORTS
from directory.referrals.worklist import Line
from taxonomy import terms
from web.loop_forms import ID_LENGTH, local

MINE, ALL, NOBODY = "mine", "all", "nobody"
PAGE = 50


@dataclass(frozen=True, slots=True)
class ListWords:
    """A list for people: its name, what stands in it, and what is said when nothing does."""

    name: str
    about: str
    empty: str
    advice: str


WORDS: Mapping[str, ListWords] = {
    work_lists.OVERDUE: ListWords(
        "Overdue",
        "What should have happened by now, whoever should have done it.",
        "Nothing is overdue.",
        "When a service stays silent it will stand here the day its answer was due; so will what is put off too long.",
    ),
    work_lists.DUE: ListWords(
        "Due today",
        "What falls due before the end of today.",
        "Nothing more is due today.",
        "Days on which you said you would ask, and answers due from services, stand here when their day comes.",
    ),
    work_lists.REPLIES: ListWords(
        "Replies in",
        "A service accepted, asked, put on a waiting list or told how it goes, and nobody has looked yet.",
        "Every reply has been looked at.",
        "When a service answers by its link, it stands here until you tick it as seen or act on it.",
    ),
    work_lists.DISPOSE: ListWords(
        "Declined or silent",
        "A service said no, or never answered: the person needs another door.",
        "No referral waits for another door.",
        "When a service says no or all reminders are spent, it stands here with the next best services one press away.",
    ),
    work_lists.FAILED: ListWords(
        "Messages that failed",
        "A message did not arrive: ring the service.",
        "Every message that left has arrived, as far as we know.",
        "When a mail server refuses a message or sends it back, it stands here within the hour.",
    ),
    work_lists.HAND_INS: ListWords(
        "Handed in",
        "People whom an agency, a school or they themselves brought to us.",
        "Nobody waits to be taken up.",
        "Write down what an agency tells you under Handed in; it stands here until a case is opened from it.",
    ),
    work_lists.UNASSIGNED: ListWords(
        "Nobody’s yet",
        "Cases that nobody leads, and needs that nobody looks after.",
        "Every case has its worker, and every need somebody who looks after it.",
        "A case stands here when its worker leaves; a need, the day its last referral ends with no day to look again.",
    ),
    work_lists.DRAFTS: ListWords(
        "Drafts not sent",
        "Referrals being written: nothing has left.",
        "No referral lies half written.",
        "A referral that you begin and do not send stands here, so that nobody waits for what never left.",
    ),
    work_lists.SUPERVISOR: ListWords(
        "For a supervisor",
        "What a supervisor must know of, decide or approve.",
        "Nothing waits for a supervisor.",
        "A child at risk, a refusal left too long and an address to approve stand here.",
    ),
    work_lists.RESTING: ListWords(
        "Resting",
        "Needs and referrals that rest at the person’s wish, with the day to ask again.",
        "Nothing rests.",
        "When a person says “not now”, choose a day with them: it waits here until then.",
    ),
    work_lists.LATER: ListWords(
        "Still to come",
        "What is under way and not due yet.",
        "Nothing is under way.",
        "A referral that you send stands here until an answer is due.",
    ),
}
SORT_WORDS = {"due": "First due first", "oldest": "Longest waiting first"}


@dataclass(frozen=True, slots=True)
class WorkForm:
    """Which list is shown, and how narrowed. `name` "": the day as a whole; `whose`: mine, all, nobody, or an
    account's id."""

    name: str = ""
    whose: str = MINE
    need: str = ""
    urgent: bool = False
    sort: str = "due"
    page: int = 1

    @classmethod
    def read(cls, params: QueryParams) -> "WorkForm":
        """Raises BadInput for what is no code of ours."""
        name, sort, need = (params.get(each) or "" for each in ("list", "sort", "need"))
        page, whose = params.get("page") or "1", params.get("whose") or MINE
        known = terms.load()["need"]
        right = (
            name in ("", *LISTS)
            and sort in ("", *SORTS)
            and (not need or need in known)
            and (page.isascii() and page.isdigit() and 0 < len(page) < 6)
            and (whose in (MINE, ALL, NOBODY) or (len(whose) == ID_LENGTH and whose.isascii() and whose.isprintable()))
        )
        if not right:
            raise BadInput("There is no such list.", "Begin at My work, and choose one of its lists.")
        return cls(name, whose, need, params.get("urgent") == "yes", sort or "due", max(int(page), 1))

    def but(self, **changes: Any) -> "WorkForm":
        """The same with something else; from its first page, unless the page is what changes."""
        return replace(self, **{"page": 1, **changes})

    def url(self, path: str = "/staff/work") -> str:
        """Its address, with only what was chosen, always in the same order."""
        said = [
            ("list", self.name), ("whose", self.whose if self.whose != MINE else ""), ("need", self.need),
            ("urgent", "yes" if self.urgent else ""), ("sort", self.sort if self.sort != "due" else ""),
            ("page", str(self.page) if self.page > 1 else ""),
        ]  # fmt: skip
        query = urlencode([(name, value) for name, value in said if value])
        return f"{path}?{query}" if query else path


def over_words(policy: Policy, line: Line, now: datetime) -> str:
    """ "1 day 3 hours overdue", "in 2 days": in working days and hours, but of a concern by the clock."""
    first, last = (line.due_at, now) if line.is_overdue else (now, line.due_at)
    if line.by_clock:
        days, rest = divmod(last - first, timedelta(days=1))
        hours = rest // timedelta(hours=1)
    else:
        days, hours = working_time.worked(policy, first, last)
    said = [
        f"{number} {word}{'' if number == 1 else 's'}" for number, word in ((days, "day"), (hours, "hour")) if number
    ]
    words = " ".join(said) or "less than an hour"
    return f"{words} overdue" if line.is_overdue else f"in {words}"


def due_words(line: Line, now: datetime) -> str:
    """ "today 15:00", or the day and the hour."""
    words = local(line.due_at)
    return f"today {words.rpartition(' ')[2]}" if working_time.today(line.due_at) == working_time.today(now) else words
