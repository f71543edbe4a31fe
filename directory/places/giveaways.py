"""Finds in a text what would lead to a door or a person: postcodes, numbers, streets, points, mail and web pages."""

import re

EMAIL = re.compile(
    r"\b(?:e-?mail:?\s*)?[\w.+'-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
    r"|\b[\w.+'-]{1,64}\s?[\[(]\s?at\s?[\])]\s?[\w-]{1,63}(?:\s?(?:\.|[\[(]\s?dot\s?[\])])\s?[\w-]{1,63}){1,8}",
    re.IGNORECASE,
)
POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}\b", re.IGNORECASE)
WEB = re.compile(r"\b(?:https?://|www\.)\S+|\b[\w-]+\.(?:co|org|gov|ac)?\.?(?:uk|scot|org|com|net)\b\S*", re.IGNORECASE)
LONG_NUMBER = re.compile(r"(?<![\d.])\+?\(?\d[\d\s()/.-]{5,}\d")
COORDINATES = re.compile(r"-?\b\d{1,2}\.\d{3,}\b")
STREET = re.compile(
    r"\b(?:flat|unit|suite|room)?\s*\d+[a-z]?(?:\s*[-/]\s*\d+[a-z]?)?,?\s+(?:[\w'’]+\s+){0,3}"
    r"(?:street|st|road|rd|avenue|ave|lane|drive|dr|place|pl|terrace|crescent|court|close|square|gardens|grove"
    r"|park|way|wynd|row|view|loan|brae|gate|quay|hill|house|mains|path|bank|green|circus|walk)\b\.?",
    re.IGNORECASE,
)


def tells_a_place(text: str) -> bool:
    """Whether words hold a postcode, phone number, street address, point, e-mail or web address."""
    return any(pattern.search(text) for pattern in (POSTCODE, LONG_NUMBER, COORDINATES, STREET, EMAIL, WEB))
