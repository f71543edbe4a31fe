"""The gender of a parent who was harmed, by what they call themselves: "single dad", "I'm her dad", "mother of three".

Of 137 made-up enquiries by people harmed in which it is said, one was of another gender; the words around it say
little, since they tell of the child who harmed.
"""

from collections.abc import Sequence

from taxonomy.reading_facts import Fact
from taxonomy.reading_mentions import People
from taxonomy.reading_numbers import NUMBERS
from taxonomy.reading_scan import Scan

ALONE = frozenset({"single", "lone", "widowed", "divorced", "separated"})
I_AM = frozenset({"im", "am"})
WHOSE = frozenset({"his", "her", "their", "the", "a"})


def gender_by_own_words(found: Scan, known: People) -> Fact | None:
    """None where nobody calls themselves a parent, or two different ones are called so."""
    words = found.words
    said = [m for m in known.mentions if m.kind == "parent" and m.gender and _is_self(words, m.start, m.end)]
    if len({mention.gender for mention in said}) != 1:
        return None
    return Fact(said[0].gender, ((said[0].start, said[0].end),))


def _is_self(words: Sequence[str], start: int, end: int) -> bool:
    match words[max(0, start - 2) : start], words[end : end + 2]:
        case [*_, alone], _ if alone in ALONE:
            return True
        case [am, whose], _ if am in I_AM and whose in WHOSE:
            return True
        case _, ["of", number]:
            return number in NUMBERS or number.isdigit()
    return False
