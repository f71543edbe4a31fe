"""A bare word asks for nothing by itself: "the bowling club", "took his money", "she is a social worker" name no need.

A need read only from such words stays when somebody asks near them ("is there a club", "needs money").
"""

from collections.abc import Mapping

from taxonomy.reading_concepts import Concepts
from taxonomy.reading_following import A_CALL
from taxonomy.reading_scan import Scan

BARE: Mapping[str, frozenset[str]] = {
    "youth_activities": frozenset(
        {"club", "clubs", "football", "boxing", "sport", "sports", "hobby", "hobbies", "activities", "youth", "worker",
         "after", "school", "group", "something", "for", "him", "her", "hang", "out"}
    ),
    "practical_help": frozenset(
        {"money", "food", "clothes", "lock", "locks", "taxi", "transport", "benefits", "bills", "insurance", "alarm",
         "forms", "phone", "repair"}
    ),
    "housing": frozenset({"hostel", "a", "bed", "sleeping", "on", "my", "floor"}),
    "reporting": frozenset({"police", "report", "reported", "reporting", "the", "tell", "ird", "jii"}),
    "safety": frozenset({"safe", "protection", "danger", "at", "risk"}),
    "medical_care": frozenset(
        {"bruise", "bruises", "bruised", "bruising", "stitched", "stitches", "ward", "dentist", "surgery", "injury",
         "pregnant", "operation", "in", "the", "royal", "hospital", "at", "to", "black", "eye", "eyes", "a", "and", "e"}
    ),
    "substance_use": frozenset({"drink", "drunk", "drugs", "drug"}),
    "counselling": frozenset({"counsellor", "therapist", "counselor"}),
    "court_support": frozenset({"court", "fiscal", "proof", "case", "trial"}),
    "child_protection": frozenset({"social", "worker", "workers", "work", "baby", "disclosed"}),
    "disability_support": frozenset({"adhd", "blind"}),
    "exploitation_support": frozenset({"groomed", "trafficked"}),
    "hearing_information": frozenset(
        {"grounds", "cso", "youth", "justice", "dealt", "with", "decision", "outcome", "consequences", "punishment",
         "who", "tells", "keeps", "lets", "updates", "her", "him", "them", "us", "me"}
    ),
    "missing": frozenset({"ran", "off"}),
    "restorative_justice": frozenset(
        {"face", "to", "say", "says", "said", "saying", "sorry", "sit", "sits", "sitting", "with", "her", "his", "him",
         "you", "meet", "meeting", "them", "tell", "telling", "how", "what", "it", "that", "this", "they", "he", "she",
         "the", "boy", "girl", "hear", "from", "ask", "asks", "asking", "why", "know", "understand", "did", "done",
         "letter", "write", "talk", "for", "sat", "me"}
    ),
    "advocacy": frozenset({"support", "worker"}),
    "mental_health": frozenset({"trauma", "breakdown"}),
    "family_support": frozenset({"respite", "burnt", "burned", "out", "needs", "to", "know", "how"}),
    "legal_advice": frozenset(
        {"lawyer", "lawyers", "solicitor", "solicitors", "legal", "asylum", "immigration", "rights", "slc"}
    ),
    "emotional_support": frozenset(
        {"victim", "support", "scotland", "vss", "rape", "crisis", "visitor", "broken", "company"}
    ),
    "school": frozenset({"guidance", "teacher", "exams", "stopped", "going", "want", "wants", "moved"}),
}  # fmt: skip
"""By need, the words of which it is made when nobody asks for it."""
FATAL = frozenset({"died", "death", "dead", "killed", "killing", "murder", "murdered", "dying", "victim"})
"""Words of dying that are said of much else: grief only when somebody was lost by what was done."""
TAKEN_OFF = frozenset(
    {"take", "taken", "took", "taking", "get", "getting", "it", "them", "that", "these", "down", "off", "deleted",
     "delete", "removed", "pulled"}
)  # fmt: skip
"""Said of a jacket as of a video."""
REPORTER = frozenset({"the", "scra", "childrens", "reporter", "hearing", "cso", "principal", "grounds"})
"""Words of a referral, when it is one that is wanted and not news of one."""
ASKS = frozenset(
    {"want", "wants", "wanting", "wanted", "need", "needs", "needing", "needed", "help", "looking", "asks", "asking",
     "please", "could", "how", "afford", "fund", "pay", "cant", "should", "after", "advice", "refer", "worth", "fix",
     "would", "somewhere", "assessment", "worried", "fancy"}
)  # fmt: skip
BEFORE, AFTER = 7, 4


def drop_bare_words(found: Scan, read: Concepts) -> None:
    """Take out the needs that rest on bare words nobody asks with."""
    for code, bare in BARE.items():
        spans = read.needs.get(code)
        if spans and all(_bare(found, span, bare) and not _asked(found, span) for span in spans):
            del read.needs[code]
    _drop_injuries(found, read)
    if "reporter_referral" in read.needs and all(
        _bare(found, s, REPORTER) for s in read.needs.get("hearing_information", ())
    ):
        read.needs.pop("hearing_information", None)
    taken = read.needs.get("content_removal")
    if taken and "online_harm" not in read.harms and all(_bare(found, span, TAKEN_OFF) for span in taken):
        del read.needs["content_removal"]
    grief = read.needs.get("bereavement")
    if grief and "bereavement_by_crime" not in read.harms and all(_bare(found, span, FATAL) for span in grief):
        del read.needs["bereavement"]


def _drop_injuries(found: Scan, read: Concepts) -> None:
    """In a whole call that asks for more, an injury told as part of the harm ("broke his jaw") asks for no doctor."""
    injured = read.needs.get("medical_care")
    if not injured or len(read.needs) == 1 or len(found.words) < A_CALL:
        return
    done = [span for spans in read.harms.values() for span in spans]
    if all(any(s < end and start < e for s, e in done) and not _asked(found, (start, end)) for start, end in injured):
        del read.needs["medical_care"]


def _bare(found: Scan, span: tuple[int, int], bare: frozenset[str]) -> bool:
    return bare.issuperset(found.words[span[0] : span[1]])


def _asked(found: Scan, span: tuple[int, int]) -> bool:
    """Whether a word of asking stands in the same sentence, shortly before or after."""
    start = max(found.sentence_start(span[0]), span[0] - BEFORE)
    end = found.tokens.clause_end(span[1] - 1, AFTER)
    return bool(ASKS & set(found.words[start : span[0]])) or bool(ASKS & set(found.words[span[1] : end]))
