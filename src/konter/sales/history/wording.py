"""A sale's story in words, the same on pages and in the API."""

from datetime import datetime
from zoneinfo import ZoneInfo

from konter.platform.i18n import catalogue, text
from konter.sales.history.timeline import Event

ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def event_text(event: Event, *, locale: str, zone: str) -> str:
    """What happened, without its moment; `more` is what was done before the lines that follow it."""
    until = f"{event.until.astimezone(ZoneInfo(zone)):%H:%M:%S}" if event.until is not None else ""
    return text(f"timeline.{event.what}", locale, until=until, count=event.count)


def why_refunded(reason: str | None, *, locale: str) -> str:
    """Why money came back, in a sentence. A code that no text knows is the network's own, and is told as it is."""
    key = f"why.{reason}"
    return text(key, locale) if key in catalogue() else text("why.network", locale, code=reason or "-")


def stamp(at: datetime, zone: str) -> str:
    """`21/11/2026 10:02:11 WIB` in the outlet's zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%d/%m/%Y %H:%M:%S} {ZONE_NAMES[zone]}"
