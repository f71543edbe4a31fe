"""What of a service a column of somebody's table may go into, with the names that columns commonly have for it.

Names are HSDS 3's where HSDS has one. A person's e-mail address or name has no field: neither is kept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from directory.places.reading import fold
from taxonomy import terms


class Shape(StrEnum):
    """How the cells of a field are read."""

    TEXT = "text"
    CODES = "codes"
    """Words of one of our taxonomies, one or several."""
    YES = "yes"
    """Yes or no; any other word is taken for yes."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `headers` finds it in a folded column name; `taxonomy` is that of a coded one."""

    name: str
    label: str
    about: str
    headers: str
    shape: Shape = Shape.TEXT
    taxonomy: str = ""
    joined: str = " "
    """What stands between the cells of several columns."""
    example: str = ""

    def suits(self, column: str) -> bool:
        """Whether a column of this name probably holds it."""
        folded = fold(column)
        return folded == fold(self.label) or bool(re.search(rf"^(?:{self.headers})$", folded))

    @property
    def takes_several(self) -> bool:
        """Whether several columns may go into it."""
        return self.joined != " "


NAME, FAMILY, AREA, PLACE_HIDDEN = "name", "family", "service_area", "confidential_place"
FIELDS: tuple[Field, ...] = (
    Field(
        "id", "Reference", "The list’s own number or code for the service, if it has one.",
        r"(?:service |import |record |unique )?(?:id|identifier|reference|ref|ref no|urn)|cs ?number", example="A12",
    ),
    Field(
        NAME, "Name of the service", "Needed. What people know it by.",
        r"(?:service |project |group |centre |provider |school |club )?(?:name|title)"
        r"|service|name of (?:the )?(?:service|project|group)",
        example="Example Young People’s Project",
    ),
    Field(
        "organization", "Organisation", "Who runs it. Left blank, it is the service’s own name.",
        r"(?:name of |lead |parent |provider )?organi[sz]ation(?: name)?|provider(?: name)?|charity(?: name)?|agency"
        r"|run by|service ?provider",
        example="Example Trust",
    ),
    Field(
        "description", "Description", "What it does. Names and e-mail addresses of people are taken out.",
        r"(?:service |short |long )?(?:description|summary|details|information)|about(?: the service)?"
        r"|services? (?:provided|offered)|what (?:we|they|it) do(?:es)?|(?:key )?activities"
        r"|more information|other details",
        joined="\n", example="Mentoring and group work for young people who were hurt.",
    ),
    Field("kind", "What it calls itself", "In plain words, like Housing support service.", r"kind(?: of service)?"),
    Field(
        FAMILY, "Family of services", "Needed. Which family of our vocabulary it belongs to.",
        r"family(?: of services)?|categor(?:y|ies)|service (?:type|category|taxonom(?:y|ies))|type(?: of service)?"
        r"|sector",
        Shape.CODES, "family", joined="; ", example="Youth work",
    ),
    Field(
        "need", "Needs it meets", "Needs of our vocabulary. Left blank, those of its family.",
        r"needs?(?: it meets| met)?|helps with|support (?:type|offered)", Shape.CODES, "need", joined="; ",
        example="Things to do, a youth worker; Emotional support",
    ),
    Field(
        "harm", "Harms it is for", "Harms of our vocabulary; “any harm” when it is open to all.",
        r"harms?(?: it is for)?|types? of harm", Shape.CODES, "harm", joined="; ", example="Any harm",
    ),
    Field(
        AREA, "Area served", "Needed, or said to be not known. Where people may come from, not where its door is.",
        r"(?:service |geographic(?:al)? |catchment )?areas?(?: (?:served|covered|of (?:service|operation|benefit)))?"
        r"|coverage|(?:geographical )?(?:coverage|catchment)(?: area)?|catchment|where is this service available"
        r"|locations? served|regions? served",
        joined=", ", example="Fife and Clackmannanshire",
    ),
    Field(
        "address_1", "Address", "Street and number, in one column or several.",
        r"(?:street |full |postal |location )?address(?: ?(?:line)? ?[1-4])?|location address [1-4]|street|venue"
        r"|premises",
        joined=", ", example="1 Example Street",
    ),
    Field("city", "Town", "", r"(?:location |post |service )?(?:city|town)(?: or area)?", example="Anytown"),
    Field(
        "postal_code", "Postcode", "", r"(?:location |service )?(?:postcode|post code|postal code|zip(?: code)?)",
        example="EH99 1ZZ",
    ),
    Field("latitude", "Latitude", "In degrees.", r"(?:location )?lat(?:itude)?|y", example=""),
    Field("longitude", "Longitude", "In degrees.", r"(?:location )?(?:lon|lng|long|longitude)|x", example=""),
    Field(
        "point", "Latitude and longitude in one cell", "Like 55.95, -3.19.",
        r"location|geo ?location|coordinates|lat ?lon(?:g)?|map location|point",
    ),
    Field(
        PLACE_HIDDEN, "The place is confidential",
        "Yes keeps that row’s address, phone and links out of the directory altogether. Any word but no counts as yes.",
        r"(?:place |address )?(?:is )?(?:confidential|hidden|withheld|secret)(?: (?:place|address|location))?"
        r"|mask (?:exact )?address|hide address",
        Shape.YES, example="no",
    ),
    Field(
        "phone", "Phone", "One number or several.",
        r"(?:contact |public |main |service |office )?(?:tele)?phone(?: ?(?:no|number|numbers|1|2))?"
        r"|tel(?: ?(?:no|number))?|contact (?:no|number)|helpline(?: number)?|mobile(?: number)?",
        joined="; ", example="01632 960123",
    ),
    Field(
        "text_or_chat", "Text or chat", "A number to text, or where to chat.", r"text(?: number)?|sms|web ?chat|chat",
        example="",
    ),
    Field(
        "url", "Web address", "",
        r"(?:service |organi[sz]ation )?(?:web ?site|web ?page|url|web ?address|link|web|homepage)(?: address| url)?"
        r"|programme",
        example="https://project.example",
    ),
    Field(
        "schedule", "Opening hours", "",
        r"(?:opening |office |service )?(?:hours|times|schedule)|days and times|opening|when", joined=". ",
        example="Mon-Fri, 9am-5pm",
    ),
    Field(
        "age", "Ages, in words", "Like 12-18, under 16 or all ages.",
        r"ages?(?: ?(?:range|group|groups|limits?|s))?(?: served)?|eligib(?:le|ility)(?: ages?)?|clients?|client group"
        r"|who is it for|target (?:group|audience)",
        joined="; ", example="12-18",
    ),
    Field("minimum_age", "Lowest age", "In years.", r"(?:min(?:imum)?|lowest|from|youngest) ?age|age (?:from|min)"),
    Field("maximum_age", "Highest age", "In years.", r"(?:max(?:imum)?|highest|to|oldest) ?age|age (?:to|max)"),
    Field(
        "gender", "Gender", "Women, men or anybody.", r"genders?(?: served)?|sex", Shape.CODES, "gender", joined="; ",
        example="anybody",
    ),
    Field(
        "delivery", "How help is given", "In person, by phone, online, outreach or residential.",
        r"delivery|how (?:it is )?delivered|how help is given", Shape.CODES, "delivery", joined="; ",
        example="In person",
    ),
    Field(
        "referral_route", "Who may refer", "Words of our vocabulary.",
        r"referral(?: ?(?:routes?|method|process))?|who (?:may|can) refer|how to access(?: directly)?",
        Shape.CODES, "route", joined="; ", example="The person themselves; School",
    ),
    Field(
        "charity_number", "Scottish charity number", "",
        r"(?:scottish )?charity(?: ?(?:no|number|reg(?:istration)?))+|oscr",
        example="SC099999",
    ),
    Field(
        "status", "Whether it still runs", "A word like closed or ended takes it out of the answers.",
        r"status|state|still running|active", example="active",
    ),
    Field(
        "as_of", "When this was true", "A year or month.",
        r"as of|last (?:updated|checked|reviewed|modified)|updated",
    ),
)  # fmt: skip
BY_NAME: Mapping[str, Field] = {each.name: each for each in FIELDS}
GENDERS: Mapping[str, tuple[str, ...]] = {
    "female": ("women", "woman", "girls", "women only", "girls only", "women and girls", "f"),
    "male": ("men", "man", "boys", "men only", "boys only", "men and boys", "m"),
    "any": ("anyone", "anybody", "everyone", "everybody", "all", "both", "mixed", "all genders", "any gender"),
}


@cache
def code(taxonomy: str, said: str) -> str:
    """The code that a word stands for: the code itself, the term's label or its plain label; "" for no term of ours."""
    return _codes(taxonomy).get(fold(said.replace("_", " ")), "")


@cache
def choices(taxonomy: str) -> tuple[tuple[str, str], ...]:
    """The codes a person may choose from, with their labels: broad terms in use, "any" for gender."""
    if taxonomy == "gender":
        return (("female", "Women and girls only"), ("male", "Men and boys only"), ("any", "Anybody"))
    found = terms.load()[taxonomy].terms.values()
    return tuple((each.code, each.label) for each in found if each.is_current and not each.parent)


@cache
def _codes(taxonomy: str) -> Mapping[str, str]:
    if taxonomy == "gender":
        return {fold(word): code for code, words in GENDERS.items() for word in (code, *words)}
    found: dict[str, str] = {}
    vocabulary = terms.load()[taxonomy]
    for term in vocabulary.terms.values():
        if term.is_current:
            for name in (term.code.replace("_", " "), term.label, term.plain_label):
                found.setdefault(fold(name), term.code)
    return found
