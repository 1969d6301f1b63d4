"""What moved a customer's points, each move in a sentence with its why, for every channel. [P-28, P-30]"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from konter.loyalty.points.forfeit import FORFEIT
from konter.loyalty.points.model import GRANT, REDEMPTION, TAKE_BACK
from konter.loyalty.points.why import Grant, Move, grants_by_id, moves_of
from konter.loyalty.rewards.catalogue.model import Offer
from konter.loyalty.rewards.catalogue.read import offers_by_reward
from konter.loyalty.rewards.redemption.model import Redemption
from konter.loyalty.rewards.redemption.read import redemptions_by_id
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.i18n import text
from konter.platform.ids import SubscriptionId

PAGE_MAX = 50
_SAID = {FORFEIT: "forfeited", "expiry": "expired", GRANT: "granted", TAKE_BACK: "taken_back"}


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """A move of points with what made it: a grant, or a redemption of a reward as it is called now."""

    move: Move
    grant: Grant | None
    redemption: Redemption | None
    offer: Offer | None

    def sentence(self, locale: str) -> str:
        """`Ditukar dengan Data 100 MB (nomor …).`, `12 poin: 12 kali Rp5.000 penuh dari …`."""
        if self.grant is not None:
            return self.grant.sentence(locale)
        if self.redemption is not None:
            name = self.what(locale)
            key = f"points.history.{self.redemption.status}"
            return text(key, locale, name=name, code=self.redemption.code, points=self.redemption.points)
        key = f"points.history.{_SAID.get(self.move.kind, 'moved')}"
        return text(key, locale, points=abs(self.move.points))

    def what(self, locale: str) -> str:
        """What was redeemed, as it is called now; empty for other moves."""
        if self.redemption is None:
            return ""
        return self.offer.name(locale) if self.offer is not None else self.redemption.reward


class HistoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. The next page begins behind `last`; None on the last one."""

    lines: list[HistoryLine]
    last: Cursor | None


async def points_history(
    connection: Connection, subscription_id: SubscriptionId, *, before: Cursor | None = None, now: datetime, limit: int
) -> HistoryPage:
    """`limit` moves, at most 50, from the newest or behind another page. At most four queries."""
    limit = min(limit, PAGE_MAX)
    found = await moves_of(connection, subscription_id, before=before, limit=limit + 1)
    page = found[:limit]
    granted = [move.reference_id for move in page if move.kind in (GRANT, TAKE_BACK)]
    grants = await grants_by_id(connection, subscription_id, granted)
    spent = [move.reference_id for move in page if move.kind == REDEMPTION]
    redemptions = await redemptions_by_id(connection, spent)
    offers = await offers_by_reward(connection, (each.reward for each in redemptions.values()), now=now)
    lines = [_line(move, grants, redemptions, offers) for move in page]
    return HistoryPage(lines=lines, last=(page[-1].at, page[-1].id) if len(found) > limit else None)


def _line(
    move: Move, grants: Mapping[int, Grant], redemptions: Mapping[int, Redemption], offers: Mapping[str, Offer]
) -> HistoryLine:
    redemption = redemptions.get(move.reference_id) if move.kind == REDEMPTION else None
    return HistoryLine(
        move=move,
        grant=grants.get(move.reference_id) if move.kind in (GRANT, TAKE_BACK) else None,
        redemption=redemption,
        offer=offers.get(redemption.reward) if redemption is not None else None,
    )
