"""How a desk's pages speak: as the outlet's, but every key is said whole."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from konter.platform.i18n import catalogue, text
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import parse_msisdn, pretty
from konter.web.desk.views import Badge
from konter.web.words import Words

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HOURS_AS_HOURS = 48  # "30 hours" says more than "1 day"


class DeskWords(Words):
    """Words of staff and partners."""

    def t(self, key: str, **data: Any) -> str:
        """A text by its whole key."""
        return text(key, self.locale, **data)

    def sentence_key(self, refusal: Refusal) -> str:
        """What says *you* to a customer speaks of the customer here, where it has such a text."""
        key = f"desk.refusal.{refusal.code}"
        return key if key in catalogue() else super().sentence_key(refusal)

    def sentence(self, refusal: Refusal) -> str:
        """As everybody reads it, a number as it is read out."""
        msisdn = parse_msisdn(str(refusal.data.get("msisdn", "")))
        if msisdn is not None:
            refusal = msgspec.structs.replace(refusal, data={**refusal.data, "msisdn": pretty(msisdn)})
        return super().sentence(refusal)

    def known(self, key: str, otherwise: str) -> str:
        """A text that may not be there: a code that code or data brought and no text names yet."""
        return text(key, self.locale) if key in catalogue() else otherwise

    def segment(self, code: str) -> str:
        """The segment of an outlet in words; one that only the operator's own data names is its code."""
        return self.known(f"desk.segment.{code}", self.t("desk.outlet.segment", code=code) if code else "")

    def span(self, length: timedelta) -> str:
        """`12 menit`, `30 jam`, `4 hari`."""
        if length < HOUR:
            return self.t("desk.span.minutes", n=max(1, length // MINUTE))
        if length < HOURS_AS_HOURS * HOUR:
            return self.t("desk.span.hours", n=length // HOUR)
        return self.t("desk.span.days", n=length // DAY)

    def ago(self, at: datetime, now: datetime) -> str:
        """`3 jam lalu`."""
        return self.t("desk.span.now") if now - at < MINUTE else self.t("desk.span.ago", span=self.span(now - at))

    def due(self, at: datetime, now: datetime) -> Badge:
        """How long until it is due, or by how much it is late."""
        if at <= now:
            return Badge(text=self.t("desk.due.late", span=self.span(now - at)), tone="error")
        left = at - now
        return Badge(text=self.t("desk.due.left", span=self.span(left)), tone="warn" if left < 4 * HOUR else "plain")

    def stamped(self, at: datetime) -> str:
        """`30 Nov 2026 10:02:11 WIB`."""
        return f"{self.date(at)} {self.clocks(at)} {self.zone_name}"

    def long(self, at: datetime) -> str:
        """`30 Nov 2026 10:02`."""
        return f"{self.date(at)} {self.clock(at)}"

    def vocabulary(self) -> dict[str, Any]:
        """What a template may call."""
        return {**super().vocabulary(), "long": self.long, "stamped": self.stamped, "ago": self.ago}
