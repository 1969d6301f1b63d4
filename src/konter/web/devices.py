"""What a browser says of itself, as a person would: `Chrome, Android 4.4`."""

import re

AGENT_CHARS_MAX = 60
# In this order, since many a browser also claims to be the ones further down.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("UCBrowser", "UC Browser"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux"))
ANDROID = re.compile(r"Android (\d+(?:\.\d+)?)")


def device_name(agent: str) -> str:
    """Browser and system, as far as they can be told; else the beginning of what was said; may be empty."""
    browser = next((name for mark, name in BROWSERS if f"{mark}/" in agent), "")
    android = ANDROID.search(agent)
    system = f"Android {android[1]}" if android else next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent[:AGENT_CHARS_MAX]
