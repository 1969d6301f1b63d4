"""A customer's own points over HTTP: balance, tier, what moved them. [P-28, P-30, P-41]"""

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from konter.api.operations import says
from konter.api.principal import AnyRequest, app_of, customer_of
from konter.api.v1.moments import asked_cursor
from konter.loyalty.history import PAGE_MAX, HistoryLine, points_history
from konter.loyalty.points.view import PointsView, points_of
from konter.loyalty.tiers.read import tier_name
from konter.platform.cursor import CURSOR_CHARS_MAX, cursor_text
from konter.platform.i18n import locale_of


class VintageView(msgspec.Struct, frozen=True, kw_only=True):
    """Points collected in a year; `expires_at` is the first moment at which they are gone, `last_day` their last."""

    year: int
    points: int
    expires_at: datetime
    last_day: date


class TierView(msgspec.Struct, frozen=True, kw_only=True):
    """The status; `since` and `last_day` are null for the lowest one, which has no end."""

    code: str
    name: str
    since: date | None
    last_day: date | None


class PointsBalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """`points` is the balance, below zero by `debt` after a reversal of what was spent. `vintages` can be redeemed, the
    soonest to end first. `month_recharged` counts in the running month, in rupiah; points begin at `month_minimum`, 0
    for who earns by bills or not at all.
    """

    points: int
    debt: int
    vintages: list[VintageView]
    tier: TierView
    month_recharged: int
    month_minimum: int

    @classmethod
    def of(cls, seen: PointsView, locale: str) -> "PointsBalanceView":
        """What the customer is told."""
        return cls(
            points=seen.points,
            debt=seen.debt,
            vintages=[
                VintageView(year=each.year, points=each.points, expires_at=each.expires_at, last_day=each.last_day)
                for each in seen.vintages
            ],
            tier=TierView(
                code=seen.tier, name=tier_name(seen.tier, locale), since=seen.tier_since, last_day=seen.tier_last_day
            ),
            month_recharged=seen.month_rp,
            month_minimum=seen.minimum_rp,
        )


class PointsMoveView(msgspec.Struct, frozen=True, kw_only=True):
    """What moved points, signed, and why, in a sentence with the rule's version where it is a grant. `redemption` is
    the id of the redemption, where it was one; `expires_at` the first moment at which points that came are over.
    """

    at: datetime
    kind: str
    points: int
    sentence: str
    redemption: str | None
    expires_at: datetime | None

    @classmethod
    def of(cls, line: HistoryLine, locale: str) -> "PointsMoveView":
        """A line in the reader's language."""
        return cls(
            at=line.move.at,
            kind=line.move.kind,
            points=line.move.points,
            sentence=line.sentence(locale),
            redemption=str(line.redemption.id) if line.redemption is not None else None,
            expires_at=line.move.expires_at,
        )


class PointsHistoryView(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; the next page is asked for with `next` as `cursor`, null on the last one."""

    items: list[PointsMoveView]
    next: str | None


@get("/customer/points", tags=["customer"], opt=says("customer"))
async def get_points(request: AnyRequest) -> PointsBalanceView:
    """The caller's points by vintage, and the status. The same as by SMS and USSD. [P-28, P-30, P-41]"""
    app = app_of(request)
    now = app.clock.now()
    async with app.connection() as connection:
        caller = await customer_of(request, connection)
        rules = await app.rules(connection, now)
        seen = await points_of(
            connection, caller.subscription_id, kind=caller.kind, brand=caller.brand, now=now, rules=rules
        )
    return PointsBalanceView.of(seen, locale_of(request.headers.get("accept-language")))


@get("/customer/points/history", tags=["customer"], opt=says("customer"))
async def list_points_moves(
    request: AnyRequest,
    cursor: Annotated[str, QueryParameter(max_length=CURSOR_CHARS_MAX)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
) -> PointsHistoryView:
    """What moved the caller's points, newest first, each with its why. [P-30]"""
    app = app_of(request)
    now = app.clock.now()
    before = asked_cursor("cursor", cursor)
    locale = locale_of(request.headers.get("accept-language"))
    async with app.connection() as connection:
        caller = await customer_of(request, connection)
        page = await points_history(connection, caller.subscription_id, before=before, now=now, limit=limit)
    items = [PointsMoveView.of(line, locale) for line in page.lines]
    return PointsHistoryView(items=items, next=cursor_text(*page.last) if page.last is not None else None)


POINTS_ROUTES = [get_points, list_points_moves]
