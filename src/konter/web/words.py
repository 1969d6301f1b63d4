"""How pages speak: texts of the catalogue, money, numbers, days and times, in one language and one time zone."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from konter.messaging.model import quota
from konter.platform.i18n import Locale, catalogue, text
from konter.platform.money import rupiah, thousands
from konter.platform.refusal import Refusal
from konter.sales.history.timeline import Event
from konter.sales.history.wording import ZONE_NAMES, event_text, why_refunded
from konter.subscriber.msisdn import national, pretty
from konter.web.views import Gain


class Words:
    """Every method is a function of the templates by its own name."""

    def __init__(self, locale: Locale, zone: str) -> None:
        self.locale = locale
        self._zone = ZoneInfo(zone)
        self._months = text("outlet.months", locale).split()
        self.zone_name = ZONE_NAMES[zone]

    def t(self, key: str, **data: Any) -> str:
        """A text of the outlet's pages; `key` is without its `outlet.` in front."""
        return text(f"outlet.{key}", self.locale, **data)

    def clock(self, at: datetime) -> str:
        """`10:02`."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def clocks(self, at: datetime) -> str:
        """`10:02:11`."""
        return f"{at.astimezone(self._zone):%H:%M:%S}"

    def day(self, at: datetime | date) -> str:
        """`30 Nov`; of a moment the day in the outlet's zone."""
        day = at.astimezone(self._zone) if isinstance(at, datetime) else at
        return f"{day.day} {self._months[day.month - 1]}"

    def date(self, at: datetime | date) -> str:
        """`30 Nov 2026`."""
        day = at.astimezone(self._zone) if isinstance(at, datetime) else at
        return f"{self.day(day)} {day.year}"

    def last_day(self, end: datetime) -> str:
        """The last day before an end that is the first moment no longer valid: 1 Dec 00:00 -> `30 Nov 2026`."""
        return self.date(end - timedelta(microseconds=1))

    def last_day_short(self, end: datetime) -> str:
        """The same without the year."""
        return self.day(end - timedelta(microseconds=1))

    def sentence_key(self, refusal: Refusal) -> str:
        """The text that says a refusal to whoever reads these words."""
        return refusal.sentence_key

    def sentence(self, refusal: Refusal) -> str:
        """A refusal as people read it; moments in its data become `21 Nov 10:02 WIB`."""
        data = {
            name: f"{self.moment(value)} {self.zone_name}" if isinstance(value, datetime) else value
            for name, value in refusal.data.items()
        }
        return text(self.sentence_key(refusal), self.locale, **data)

    def moment(self, at: datetime) -> str:
        """`30 Nov 10:02`."""
        return f"{self.day(at)} {self.clock(at)}"

    def until(self, at: datetime, now: datetime) -> str:
        """`10:02` of today, `22 Nov 10:02` of another day."""
        return self.clock(at) if self.day(at) == self.day(now) else self.moment(at)

    def stamp(self, at: datetime, begin: datetime) -> str:
        """`10:02:11` on the day on which a story began, `22 Nov 10:02:11` on a later one."""
        return self.clocks(at) if self.day(at) == self.day(begin) else f"{self.day(at)} {self.clocks(at)}"

    def step(self, event: Event) -> str:
        """What happened to a sale, in a few words."""
        return event_text(event, locale=self.locale, zone=self._zone.key)

    def why(self, reason: str | None) -> str:
        """Why a sale was refunded."""
        return why_refunded(reason, locale=self.locale)

    def amount(self, gain: Gain) -> str:
        """`5 GB`, `100 SMS`, `Rp50.000`."""
        return rupiah(gain.amount) if gain.asset == "IDR" else quota(gain.asset, gain.amount, self.locale)

    def gain_name(self, gain: Gain) -> str:
        """`Pulsa`, `Kuota malam`; a source that a product added and no text names yet is shown as its code. [D-106]"""
        if gain.asset == "IDR":
            return text("outlet.gain.IDR", self.locale)
        key = f"bucket.{gain.source}"
        return text(key, self.locale) if key in catalogue() else gain.source

    def vocabulary(self) -> dict[str, Any]:
        """What a template may call."""
        return {
            "locale": self.locale,
            "zone_name": self.zone_name,
            "t": self.t,
            "rp": rupiah,
            "n": thousands,
            "clock": self.clock,
            "clocks": self.clocks,
            "day": self.day,
            "date": self.date,
            "moment": self.moment,
            "until": self.until,
            "stamp": self.stamp,
            "step": self.step,
            "why": self.why,
            "last_day": self.last_day,
            "last_day_short": self.last_day_short,
            "amount": self.amount,
            "gain_name": self.gain_name,
            "pretty": pretty,
            "national": national,
        }
