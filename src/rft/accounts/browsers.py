"""Tells a person which browser it was: `Firefox on Windows`, from what the browser calls itself."""

# The first that fits counts: nearly every browser also claims to be Chrome, Safari and Mozilla.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
             ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
            ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip


def browser_in_words(user_agent: str) -> str:
    """Good enough for a person to tell two of their own browsers apart; nothing is decided by it."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " on ".join(part for part in (browser, system) if part) or "Another program"
