"""What a browser is called on its owner's page of sessions: "Firefox on Windows", never a version or an address."""

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("Chrome", "Chrome"),
            ("CriOS", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS"),
           ("Mac OS X", "a Mac"), ("Linux", "Linux"))  # fmt: skip
"""Marks in a User-Agent and what people call it; the first that is there, for each claims to be those after it."""


def device(user_agent: str) -> str:
    """In words; "Another browser" for what tells nothing."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "Another browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
