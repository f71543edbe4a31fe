"""What the fact tables' own words are in our vocabulary: two tables, two vocabularies, one set of terms."""

from collections.abc import Mapping

from directory.values import Boundary

HARMS: Mapping[str, str] = {
    "sexual_violence": "sexual_harm",
    "child_sexual_abuse": "child_sexual_abuse",
    "violence": "physical_harm",
    "hate_crime": "hate",
    "domestic_abuse": "domestic_abuse",
    "forced_marriage": "forced_marriage",
    "stalking": "stalking",
    "trafficking": "trafficking",
    "exploitation": "exploitation",
    "bullying": "bullying",
    "online_harm": "online_harm",
    "bereavement_by_crime": "bereavement_by_crime",
    "in_care_abuse": "in_care_abuse",
}
ANY_HARM = "any"
HARMS_THAT_ARE_NEEDS: Mapping[str, str] = {
    "homelessness": "housing",
    "mental_health": "mental_health",
    "school": "school",
}
"""The tables list these under harms; to us they are what a person needs, not what was done to them."""
HARM_WORDS: Mapping[str, str] = {**HARMS, ANY_HARM: "", **dict.fromkeys(HARMS_THAT_ARE_NEEDS, "")}
"""Every word of the column: "" is no harm of ours."""

ROUTES: Mapping[str, str] = {
    "self": "self",
    "family": "family",
    "parent": "family",
    "professional": "professional",
    "police": "police",
    "gp": "gp",
    "school": "school",
    "social_work": "social_work",
    "childrens_reporter": "childrens_reporter",
    "procurator_fiscal": "procurator_fiscal",
    "council": "council",
    "health": "health",
    "interagency_referral_discussion": "interagency",
    "child_interview": "interagency",
}
STATUSES: Mapping[str, tuple[str, bool]] = {
    "active": ("active", True),
    "unknown": ("active", False),
    "waiting_list_closed": ("active", True),
    "closed": ("defunct", True),
    "ended": ("defunct", True),
}
"""The tables' status → HSDS status, and whether it is stated."""

CRISIS = frozenset({"crisis", "immediate"})
URGENCIES = CRISIS | {"urgent", "standard", ""}
LANGUAGE_WORDS = frozenset({"bsl", "interpreter", "many"})

FAMILY_HARMS: Mapping[str, tuple[str, ...]] = {
    "rape_crisis": ("sexual_harm", "child_sexual_abuse"),
    "domestic_abuse": ("domestic_abuse",),
}
"""The first table names no harms: what these families are for is plain; for the rest see `fact_overrides.csv`."""

FAMILY_NEEDS: Mapping[str, tuple[str, ...]] = {
    "victim_support": ("emotional_support", "practical_help", "advocacy"),
    "rape_crisis": ("emotional_support", "counselling", "advocacy"),
    "domestic_abuse": ("safety", "emotional_support", "advocacy", "practical_help"),
    "restorative_justice": ("restorative_justice",),
    "counselling": ("counselling", "emotional_support"),
    "housing": ("housing", "practical_help"),
    "youth": ("youth_activities", "emotional_support"),
    "education": ("school",),
    "legal_rights": ("legal_advice",),
    "exploitation": ("exploitation_support", "emotional_support", "safety"),
    "online_harm": ("content_removal",),
    "hate_crime": ("reporting", "emotional_support", "advocacy"),
    "disability": ("disability_support",),
    "family_support": ("family_support",),
    "safety": ("safety",),
}
"""Needs a family meets unless `fact_needs.csv` says otherwise for a row."""

BOUNDARIES: Mapping[str, Boundary] = {
    "restorative_justice": Boundary.HARM_PLACE,
    "rape_crisis": Boundary.EITHER,
    "safety": Boundary.EITHER,
}
"""Which place decides (grading.md, "National and local"): restorative justice goes by where the harm was; rape crisis
and forensic care may be used at either; anything national, wherever in Scotland harm
or home is; else the home."""
