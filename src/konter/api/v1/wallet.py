"""The selling balance and the day's close."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from konter.api.operations import says
from konter.api.principal import AnyRequest, app_of, outlet_of, principal
from konter.api.v1.moments import day_of
from konter.sales.history import read


class BalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """`held` waits in sales whose outcome is not yet known and has already left `balance`."""

    asset: str
    balance: int
    held: int
    expires_at: datetime | None


class WalletView(msgspec.Struct, frozen=True):
    """The outlet's balances; the selling balance is asset IDR."""

    balances: list[BalanceView]


class DayLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the close; `link` leads to the moves behind it."""

    kind: str
    moves: int
    amount: int
    link: str


class DayView(msgspec.Struct, frozen=True, kw_only=True):
    """The wallet's day in the outlet's zone: opening and lines add up to closing."""

    day: date
    zone: str
    opening: int
    lines: list[DayLineView]
    closing: int


class MoveView(msgspec.Struct, frozen=True, kw_only=True):
    """One move with the balance after it; `reference` is the sale or the purchase."""

    seq: int
    at: datetime
    amount: int
    balance_after: int
    reference: str


class MovesView(msgspec.Struct, frozen=True, kw_only=True):
    """Moves newest first; `next` is the `before` of the following page."""

    items: list[MoveView]
    next: int | None


@get("/wallet", tags=["wallet"], opt=says("outlet"))
async def get_wallet(request: AnyRequest) -> WalletView:
    """The outlet's selling balance. [D-107]"""
    app = app_of(request)
    outlet_id = outlet_of(await principal(request))
    async with app.connection() as connection:
        wallet = await read.wallet(connection, outlet_id)
    return WalletView([BalanceView(asset="IDR", balance=wallet.balance_rp, held=wallet.held_rp, expires_at=None)])


@get("/wallet/days/{day:date}", tags=["wallet"], opt=says("outlet", module="day_close"))
async def get_day(day: FromPath[date], request: AnyRequest) -> DayView:
    """The day's close: opening balance, sales, refunds, purchases, closing balance. [D-12, D-44]"""
    app = app_of(request)
    caller = await principal(request)
    outlet_id = outlet_of(caller)
    async with app.connection() as connection:
        close = await read.day_close(connection, outlet_id, day_of("day", day), zone=caller.zone)
    return DayView(
        day=close.day,
        zone=close.zone,
        opening=close.opening_rp,
        lines=[
            DayLineView(
                kind=line.kind,
                moves=line.moves,
                amount=line.amount_rp,
                link=f"/api/v1/wallet/days/{day}/moves?kind={line.kind}",
            )
            for line in close.lines
        ],
        closing=close.closing_rp,
    )


@get("/wallet/days/{day:date}/moves", tags=["wallet"], opt=says("outlet", module="day_close"))
async def list_moves(
    day: FromPath[date],
    request: AnyRequest,
    kind: FromQuery[Literal["sale", "refund", "reversal", "purchase", "adjustment"]],
    before: Annotated[int | None, QueryParameter(ge=1, le=1 << 62)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=read.PAGE_MAX)] = 50,
) -> MovesView:
    """The moves behind one line of the day's close. [D-44]"""
    app = app_of(request)
    caller = await principal(request)
    outlet_id = outlet_of(caller)
    async with app.connection() as connection:
        lines = await read.day_lines(
            connection, outlet_id, day_of("day", day), zone=caller.zone, kind=kind, before_seq=before, limit=limit + 1
        )
    items = [
        MoveView(
            seq=line.seq,
            at=line.at,
            amount=line.amount_rp,
            balance_after=line.balance_after_rp,
            reference=str(line.reference_id),
        )
        for line in lines[:limit]
    ]
    return MovesView(items=items, next=items[-1].seq if len(lines) > limit else None)


WALLET_ROUTES = [get_wallet, get_day, list_moves]
