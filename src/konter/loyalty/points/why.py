"""Why somebody has so many points: each grant in a sentence, and everything that moved them. [P-28]"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from konter.loyalty.points import queries
from konter.loyalty.tiers.read import tier_name
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.i18n import text
from konter.platform.ids import GrantId, SubscriptionId

MOVES_MAX = 100


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A change of what a month or a bill has earned: `points` more or fewer, so that it is `worth` now, and all that
    went in. Of `month` and `bill_number` one is set. `rule` names ruleset and version.
    """

    id: GrantId
    month: date | None
    bill_number: str | None
    cause: str
    points: int
    worth: int
    basis_rp: int
    steps: int
    step_rp: int
    per_step: int
    multiplier: int
    tier: str
    brand: str
    vintage: int
    rule: str
    caused_at: datetime
    due_at: datetime | None
    at: datetime

    def sentence(self, locale: str) -> str:
        """`12 poin: 12 kali Rp5.000 penuh dari isi ulang November 2026 Rp62.000, 1 poin tiap Rp5.000 (aturan …).`"""
        return text("points.why.by_rule", locale, why=self.plain(locale).removesuffix("."), rule=self.rule)

    def plain(self, locale: str) -> str:
        """The same for customers, to whom a rule's name says nothing."""
        what = (
            text(
                "points.why.month", locale, month=text(f"points.month.{self.month.month}", locale), year=self.month.year
            )
            if self.month is not None
            else text("points.why.bill", locale, number=self.bill_number)
        )
        times = (
            text("points.why.times", locale, multiplier=self.multiplier, tier=tier_name(self.tier, locale))
            if self.multiplier > 1
            else ""
        )
        key = (
            "points.why.taken_back"
            if self.points < 0
            else "points.why.granted"
            if self.worth == self.points
            else "points.why.more"
        )
        return text(
            key,
            locale,
            points=abs(self.points),
            worth=self.worth,
            what=what,
            basis=self.basis_rp,
            steps=self.steps,
            step=self.step_rp,
            per_step=self.per_step,
            times=times,
        )


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What moved a customer's points, in one transfer or several that are linked: `kind` of transfer, signed; `id` of
    the link; `reference_id` is the grant or the redemption. Of points that came `expires_at` is the first moment at
    which they are over; None for those that repaid a debt.
    """

    at: datetime
    id: int
    kind: str
    state: str
    points: int
    reference_id: int
    expires_at: datetime | None


async def grants_by_id(connection: Connection, subscription_id: SubscriptionId, ids: Sequence[int]) -> dict[int, Grant]:
    """Some grants of a subscription."""
    rows = await queries.read_grants(connection, subscription_id, ids=ids)
    return {row["id"]: Grant(**{field: row[field] for field in Grant.__struct_fields__}) for row in rows}


async def moves_of(
    connection: Connection, subscription_id: SubscriptionId, *, before: Cursor | None = None, limit: int = MOVES_MAX
) -> list[Move]:
    """Moves of a subscription's points, the newest first, at most 100; the next page begins behind the last one's
    (at, id).
    """
    rows = await queries.read_moves(connection, subscription_id, before=before, limit=min(limit, MOVES_MAX))
    return [Move(**{field: row[field] for field in Move.__struct_fields__}) for row in rows]
