"""How strongly each sign speaks for or against two rows telling of one service, with the reason.

Weights are logits: +2.2 makes the odds nine times better. They were set by hand on the tuned half of the labelled pairs
(tests/judged/duplicates_tuned.jsonl).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: its name in `WEIGHTS`, and what it says in words for people, with nothing of a place in them."""

    name: str
    said: str

    @property
    def weight(self) -> float:
        return WEIGHTS[self.name]


WEIGHTS: Mapping[str, float] = {
    "start": -5.0,  # of rows that share any key at all, few tell of one service
    "name_equal": 5.5,  # equal but for legal forms and what the regulator adds
    "name_same": 4.5,  # no word is left over on either side once legal forms and kinds of service are taken off
    "name_project": 1.5,  # one provider gives a name to one project in a council
    "name_longer": 2.0,  # all of one name is in the other, which says a word more
    "name_as_provider": 1.5,  # one row is the provider as a whole, the other one of its services
    "name_crossed": -3.0,  # both have words that the other has not: two projects of one body
    "name_other": -3.5,  # not one telling word in common
    "name_hidden": -3.5,  # all that may be said of a withheld service is its kind: that is no name
    "other_people": -4.2,  # "young people" on one side only: a project of its own
    "other_work": -4.2,  # a centre and its befriending
    "branch": -7.0,  # Branch 2 and Branch 4, North and South: what registers number apart is apart
    "other_area": -7.0,  # no council area in common
    "part_of_nation": -1.0,  # one is for all of Scotland, the other for a council
    "area_equal": 0.5,
    "same_area": 0.3,
    "provider_same": 1.5,
    "council_same": 0.5,  # a council runs hundreds
    "provider_other": -2.5,  # "Fife Support Service" is two charities' name
    "phone_same": 2.5,  # often a switchboard: never enough by itself
    "phone_near": 1.5,  # one digit typed wrong
    "phone_other": -1.0,  # lists are years apart: numbers change
    "postcode_same": 2.0,
    "postcode_near": 1.0,
    "door_same": 0.7,
    "postcode_other": -0.7,
    "line": 1.2,  # a list's row and a registration of the same sort print one phone: no switchboard of unlike services
    "seat": 1.0,  # … at one address
    "site": 1.4,  # … at one address, with another phone
    "host_same": 0.7,
    "charity_same": 0.7,
    "charity_other": -3.0,
    "cites": 6.0,  # a row that prints the other's number in its register
    "cites_another": -4.0,
    "kind_other": -3.0,  # a school and what meets in it
    "twin": -0.5,  # two rows of one list: lists seldom print a service twice
}
