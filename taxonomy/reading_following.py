"""Needs that stand with another: who needs a refuge needs somewhere to live, who is missing is not safe."""

from collections.abc import Mapping

from taxonomy.reading_concepts import Concepts

FOLLOWS_HARM: Mapping[str, tuple[str, ...]] = {
    "bereavement_by_crime": ("bereavement",),
    "child_to_parent": ("family_support",),
    "forced_marriage": ("safety",),
    "neglect": ("child_protection",),
}
FOLLOWS_NEED: Mapping[str, tuple[str, ...]] = {
    "suicidal": ("safety",),
    "missing": ("safety",),
    "refuge": ("housing", "safety"),
    "school_counselling": ("counselling",),
    "anonymous_report": ("reporting",),
    "reporter_referral": ("child_protection",),
    "additional_support": ("school",),
}
"""What is needed too where the first is: in this order, so that what follows can have followers."""
FOLLOWS_TOLD: Mapping[str, tuple[str, ...]] = {
    "threats": ("safety",),
    "stalking": ("safety", "emotional_support"),
    "exploitation": ("safety",),
    "trafficking": ("safety",),
    "domestic_abuse": ("emotional_support",),
    "online_harm": ("emotional_support",),
    "bereavement_by_crime": ("emotional_support",),
}
FOLLOWS_NEED_TOLD: Mapping[str, tuple[str, ...]] = {
    "suicidal": ("emotional_support",),
    "sleep": ("emotional_support",),
}
"""What follows when a whole call is told: a few words ("threats, Wick") are a search, and ask no more."""
A_CALL = 20
"""Words from which a text tells a whole call."""


def add_following(read: Concepts, words: int) -> None:
    """Add the needs that follow from a harm or a need, with the words of that one; never one that was ruled out.

    `words` is the length of the text. Harm told in a whole call of which no need is known asks for somebody's ear.
    """
    is_call = words >= A_CALL
    told = FOLLOWS_TOLD if is_call and "robbery" not in read.harms else {}
    asked = FOLLOWS_NEED_TOLD if is_call else {}
    for said, follows in (
        (read.harms, FOLLOWS_HARM),
        (read.harms, told),
        (read.needs, FOLLOWS_NEED),
        (read.needs, asked),
    ):
        for code, needs in follows.items():
            for need in needs if code in said else ():
                if need not in read.negated:
                    read.needs.setdefault(need, list(said[code][:1]))
    if is_call and read.harms and not read.needs and "emotional_support" not in read.negated:
        read.needs["emotional_support"] = next(iter(read.harms.values()))[:1]
