"""An outlet's sales, looked at: list, totals, one sale, the wallet and the day's close. All scoped to the outlet."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from konter.catalogue.model import Catalogue
from konter.channel.model import WALLET, WALLET_ASSET
from konter.ledger import read as ledger_read
from konter.ledger.moves import balance_of, moves_by_kind, moves_of_kind
from konter.platform.clock import FIRST_DAY, LAST_DAY, day_start
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import AccountId, AdjustmentId, OutletId, ReversalId, SaleId
from konter.platform.refusal import INVALID_INPUT, Refusal
from konter.sales.codes import sale_of_code
from konter.sales.history import queries
from konter.sales.history.model import SaleFilter
from konter.sales.history.timeline import LOOK_ACTIONS, LOOKS_SHOWN, Event, Look, Looks, timeline
from konter.sales.model import Sale
from konter.sales.queries import read_sale, sale_of
from konter.sales.refusals import SALE_NOT_FOUND
from konter.subscriber.msisdn import parse_msisdn

PAGE_MAX = 100  # a caller asks for one line more than it shows, to know whether there is another page
RANGE_DAYS_MAX = 92
DEFAULT_RANGE = timedelta(days=30)
# What stands in every close, also when there was nothing of it. A refund is what came back of payments for sales that
# were not delivered; a reversal takes a delivered sale back.
REFUND = "refund"
PAYMENT = "sale"  # the only kind of transfer from a wallet that waits in transit
DAY_KINDS = (PAYMENT, REFUND, "reversal", "purchase")


class Reversed(msgspec.Struct, frozen=True, kw_only=True):
    """A complete reversal of a sale: asked for, approved and under way, or done; the sale itself stays done. `done_at`:
    when the money was back.
    """

    id: ReversalId
    state: str
    reason: str
    asked_by: int
    asked_at: datetime
    decided_at: datetime | None
    done_at: datetime | None
    refund_rp: int | None
    balance_before_rp: int | None
    balance_after_rp: int | None


class Adjusted(msgspec.Struct, frozen=True, kw_only=True):
    """An adjustment of a refunded sale that was delivered all the same; the sale itself stays refunded."""

    id: AdjustmentId
    state: str
    reason: str
    payer: str
    asked_by: int
    asked_at: datetime
    decided_at: datetime | None
    charged_rp: int | None
    written_off_rp: int | None
    balance_before_rp: int | None
    balance_after_rp: int | None


class SaleStory(msgspec.Struct, frozen=True, kw_only=True):
    """A sale with who sold it where, the looks at it while it was open, and its reversal if there is one; a
    refunded one that was delivered all the same carries its adjustment.
    """

    sale: Sale
    user_name: str
    outlet_name: str
    outlet_code: str
    zone: str
    reversal: Reversed | None
    looks: Looks = Looks()
    adjustment: Adjusted | None = None

    @property
    def reversed_at(self) -> datetime | None:
        """When the reversal was done, if it was."""
        return self.reversal.done_at if self.reversal is not None else None

    def timeline(self, now: datetime) -> list[Event]:
        """Where the money is, fact by fact. [D-43]"""
        adjusted_at = self.adjustment.decided_at if self.adjustment is not None else None
        return timeline(self.sale, self.looks, reversed_at=self.reversed_at, adjusted_at=adjusted_at, now=now)


class HistoryLine(msgspec.Struct, frozen=True):
    """A sale in the list."""

    sale: Sale
    user_name: str
    reversed_at: datetime | None


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """Done and not reversed sales of a day, a product or a user. `label` is the date, the code or the user's name."""

    label: str
    sales: int
    nominal_rp: int
    price_rp: int
    cost_rp: int

    @property
    def margin_rp(self) -> int:
        """What the outlet earned."""
        return self.price_rp - self.cost_rp


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Totals of a range, in all and three ways. [D-12]"""

    all: Total
    by_day: list[Total]
    by_product: list[Total]
    by_user: list[Total]


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    """The selling balance; `held` waits in pending sales and has already left `balance`. [D-107]"""

    account_id: AccountId
    balance_rp: int
    held_rp: int


class DayMoves(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the day's close: how many moves of a kind, and their signed sum."""

    kind: str
    moves: int
    amount_rp: int


class DayClose(msgspec.Struct, frozen=True, kw_only=True):
    """The wallet's day in the outlet's zone: opening + lines = closing, from the ledger alone."""

    day: date
    zone: str
    opening_rp: int
    lines: list[DayMoves]
    closing_rp: int


class DayLine(msgspec.Struct, frozen=True, kw_only=True):
    """One move behind a line; `reference_id` is the sale, reversal or purchase."""

    seq: int
    at: datetime
    amount_rp: int
    balance_after_rp: int
    reference_id: int


def sale_filter(
    outlet_id: OutletId,
    *,
    begin: date,
    end: date,
    zone: str,
    catalogue: Catalogue,
    q: str = "",
    product: str | None = None,
    user_id: int | None = None,
) -> SaleFilter | Refusal:
    """A filter from what a person typed: `q` is a transaction code, a customer's number or a part of a product's name.

    `end` is the last day included; days are those of the outlet's zone. Refused: a range turned round, above 92 days,
    or outside the years 2000 to 2999.
    """
    if not FIRST_DAY <= begin <= end <= LAST_DAY or (end - begin).days >= RANGE_DAYS_MAX:
        return INVALID_INPUT(field="from/to", reason=f"1-{RANGE_DAYS_MAX}")
    local = ZoneInfo(zone)
    where = SaleFilter(
        outlet_id=outlet_id,
        begin=day_start(begin, local),
        end=day_start(end + timedelta(days=1), local),
        product=product or None,
        user_id=user_id,
    )
    wanted = q.strip()
    if not wanted:
        return where
    if (msisdn := parse_msisdn(wanted)) is not None:
        return msgspec.structs.replace(where, msisdn=msisdn)
    products = _products_named(wanted, catalogue)
    # Any eight signs are a code of some sale: "Video 3 GB" names a product first.
    if not products and (sale_id := sale_of_code(wanted)) is not None:
        return msgspec.structs.replace(where, sale_id=sale_id)
    return msgspec.structs.replace(where, products=products)


def _products_named(wanted: str, catalogue: Catalogue) -> list[str]:
    part = wanted.casefold()
    return [
        product.code
        for product in catalogue.products
        if any(part in name.casefold() for name in (product.code, product.name_id, product.name_en))
    ]


async def history(
    connection: Connection, where: SaleFilter, *, before: Cursor | None = None, limit: int = 20
) -> list[HistoryLine]:
    """Sales newest first; the next page starts before the last line's (at, id). At most 100 a page. [D-12, D-44]"""
    rows = await queries.read_history(connection, where, before=before, limit=min(limit, PAGE_MAX + 1))
    return [HistoryLine(sale_of(row), row["user_name"], row["reversed_at"]) for row in rows]


async def totals(connection: Connection, where: SaleFilter, *, zone: str) -> Totals:
    """Totals of the filtered sales by day, product and user, in one statement. [D-12]"""
    rows = await queries.read_totals(connection, where, zone=zone)
    every, by_day, by_product, by_user = 0b111, 0b011, 0b101, 0b110  # bits of grouping(day, product, user_id)
    (whole,) = _totals(rows, every, "")
    return Totals(
        all=whole,
        by_day=_totals(rows, by_day, "day"),
        by_product=_totals(rows, by_product, "product"),
        by_user=_totals(rows, by_user, "user_name"),
    )


def _totals(rows: Sequence[asyncpg.Record], by: int, label: str) -> list[Total]:
    return [
        Total(
            label=str(row[label]) if label else "",
            sales=row["sales"],
            nominal_rp=row["nominal_rp"],
            price_rp=row["price_rp"],
            cost_rp=row["cost_rp"],
        )
        for row in rows
        if row["by"] == by
    ]


async def sale_story(connection: Connection, sale_id: SaleId, *, outlet_id: OutletId | None) -> SaleStory | Refusal:
    """One sale of an outlet; another outlet's is not found. `outlet_id` None: for staff and the public view."""
    row = await read_sale(connection, sale_id=sale_id, outlet_id=outlet_id)
    if row is None:
        return SALE_NOT_FOUND()
    sale = sale_of(row)
    return SaleStory(
        sale=sale,
        user_name=row["user_name"],
        outlet_name=row["outlet_name"],
        outlet_code=row["outlet_code"],
        zone=row["zone"],
        reversal=_reversal(row),
        looks=await _looks(connection, sale) if sale.route != "direct" else Looks(),
        adjustment=await _adjustment(connection, sale.id) if sale.status == "refunded" else None,
    )


async def _adjustment(connection: Connection, sale_id: SaleId) -> Adjusted | None:
    row = await queries.read_adjustment(connection, sale_id=sale_id)
    return Adjusted(**{name: row[name] for name in Adjusted.__struct_fields__}) if row is not None else None


async def _looks(connection: Connection, sale: Sale) -> Looks:
    rows = await queries.read_looks(connection, sale_id=sale.id, actions=LOOK_ACTIONS, limit=LOOKS_SHOWN)
    shown = tuple(Look(row["at"], row["action"], row["answer"]) for row in reversed(rows))
    return Looks(shown, rows[0]["looks"] - len(rows) if rows else 0)


def _reversal(row: asyncpg.Record) -> Reversed | None:
    if row["reversal_id"] is None:
        return None
    return Reversed(
        id=row["reversal_id"],
        state=row["reversal_state"],
        reason=row["reversal_reason"],
        asked_by=row["reversal_asked_by"],
        asked_at=row["asked_at"],
        decided_at=row["decided_at"],
        done_at=row["reversed_at"],
        refund_rp=row["refund_rp"],
        balance_before_rp=row["reversal_before_rp"],
        balance_after_rp=row["reversal_after_rp"],
    )


async def wallet(connection: Connection, outlet_id: OutletId) -> Wallet:
    """An outlet's selling balance."""
    found = await balance_of(connection, outlet_id, kind=WALLET, asset=WALLET_ASSET)
    return Wallet(account_id=found.account_id, balance_rp=found.balance, held_rp=found.held)


async def day_close(connection: Connection, outlet_id: OutletId, day: date, *, zone: str) -> DayClose:
    """Opening balance, sales, refunds, purchases and closing balance of a day in the outlet's zone. [D-12, D-44]"""
    account_id = (await wallet(connection, outlet_id)).account_id
    begin, end = _day(day, zone)
    moves = await moves_by_kind(connection, account_id, begin=begin, end=end)
    named = [(REFUND if each.came_back else each.kind, each) for each in moves]
    by_kind = {kind: DayMoves(kind=kind, moves=each.moves, amount_rp=each.amount) for kind, each in named}
    nothing = {kind: DayMoves(kind=kind, moves=0, amount_rp=0) for kind in DAY_KINDS}
    opening_rp = await ledger_read.balance_at(connection, account_id=account_id, at=begin)
    lines = list((nothing | by_kind).values())
    return DayClose(
        day=day,
        zone=zone,
        opening_rp=opening_rp,
        lines=lines,
        closing_rp=opening_rp + sum(line.amount_rp for line in lines),
    )


async def day_lines(
    connection: Connection,
    outlet_id: OutletId,
    day: date,
    *,
    zone: str,
    kind: str,
    before_seq: int | None = None,
    limit: int = 50,
) -> list[DayLine]:
    """The single moves behind one line of the day's close, newest first; the next page starts before `seq`."""
    account_id = (await wallet(connection, outlet_id)).account_id
    begin, end = _day(day, zone)
    moves = await moves_of_kind(
        connection,
        account_id,
        PAYMENT if kind == REFUND else kind,
        came_back=kind == REFUND,
        begin=begin,
        end=end,
        before_seq=before_seq,
        limit=min(limit, PAGE_MAX + 1),
    )
    return [
        DayLine(
            seq=each.seq,
            at=each.at,
            amount_rp=each.amount,
            balance_after_rp=each.balance_after,
            reference_id=each.reference_id,
        )
        for each in moves
    ]


async def frequent_nominals(connection: Connection, outlet_id: OutletId, *, now: datetime, limit: int = 6) -> list[str]:
    """Codes of the recharges that the outlet sold most in the last two weeks, for the home page's buttons."""
    since = now - timedelta(days=14)
    return await queries.read_frequent_nominals(connection, outlet_id=outlet_id, since=since, limit=limit)


def _day(day: date, zone: str) -> tuple[datetime, datetime]:
    local = ZoneInfo(zone)
    day = min(max(day, FIRST_DAY), LAST_DAY)
    return day_start(day, local), day_start(day + timedelta(days=1), local)
