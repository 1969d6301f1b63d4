"""Selling once more, in as little Python as will do, with prices and days written down by hand."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
GB = 1024**3
DAY = timedelta(days=1)
GUARD = timedelta(hours=24)
GRACE = timedelta(days=30)
CAP_DAYS = 365


@dataclass(frozen=True)
class Goods:
    """What a product costs the outlet, and what the customer gets: rupiah, days of active period, quotas."""

    cost_rp: int
    credit_rp: int = 0
    days: int = 0
    quotas: tuple[tuple[str, int, int], ...] = ()  # (source, amount, days)


GOODS = {
    ("PULSA5", None): Goods(5_150, 5_000, 7),
    ("PULSA50", None): Goods(49_500, 50_000, 45),
    ("PULSA200", None): Goods(197_200, 200_000, 90),
    ("PULSABEBAS", 7_000): Goods(250 + 6_923, 7_000, 7),
    ("MA30", None): Goods(11_900, days=30),
    ("D1G1", None): Goods(4_700, quotas=(("data", GB, 1),)),
    ("D16C30", None): Goods(
        62_000, quotas=(("data", 10 * GB, 30), ("data-local", 4 * GB, 30), ("data-night", 2 * GB, 30))
    ),
}


def midnight_after(moment: datetime, days: int) -> datetime:
    """The end of the day that comes so many days after the moment's, in Jakarta."""
    local = moment.astimezone(WIB).replace(hour=0, minute=0, second=0, microsecond=0)
    return local + (days + 1) * DAY


@dataclass
class Sold:
    """A sale. `at` is when it was paid, which the duplicate guard counts from; `given_at` when the customer got it, which
    days count from: in two steps the clock may move between them.
    """

    shop: int
    customer: int
    body: tuple
    goods: Goods
    at: datetime
    given_at: datetime
    reversed: bool = False


@dataclass
class Shelf:
    """One customer: what is there to spend, by quota and its end; the main balance is the quota without an end."""

    until_at_first: datetime
    left: dict[tuple[str, datetime | None], int] = field(default_factory=lambda: {("main", None): 0})

    def quotas_of(self, goods: Goods, at: datetime) -> list[tuple[tuple[str, datetime | None], int]]:
        main = [(("main", None), goods.credit_rp)] if goods.credit_rp else []
        return main + [((source, midnight_after(at, days)), amount) for source, amount, days in goods.quotas]

    def shown(self, now: datetime) -> dict[tuple[str, datetime | None], int]:
        return {k: v for k, v in self.left.items() if k[1] is None or (k[1] > now and v)}


@dataclass
class SalesModel:
    now: datetime
    wallets: list[int]
    shelves: list[Shelf]
    sold: dict[tuple[int, UUID], Sold] = field(default_factory=dict)

    def until(self, customer: int) -> datetime:
        """The active period, told from the beginning with all that was sold and not taken back."""
        until = self.shelves[customer].until_at_first
        for sale in self.sold.values():
            if sale.customer != customer or sale.reversed:
                continue
            if sale.goods.days:
                last = max(until - timedelta(microseconds=1), sale.given_at)
                until = max(until, min(midnight_after(last, sale.goods.days), midnight_after(sale.given_at, CAP_DAYS)))
            for _, _, days in sale.goods.quotas:
                until = max(until, midnight_after(sale.given_at, days))
        return until

    def sell(self, shop: int, ref: UUID, customer: int, body: tuple) -> str:
        """What should become of a request: new, replay, or the code of a refusal. `body` is (product, amount, second)."""
        if known := self.sold.get((shop, ref)):
            return "replay" if (known.customer, known.body) == (customer, body) else "REF_REUSED"
        goods = GOODS[body[:2]]
        if self.now >= self.until(customer) + GRACE:
            return "SUBSCRIBER_EXPIRED"
        if not body[2] and self.repeats(shop, customer, body[0]):
            return "DUPLICATE_SALE"
        if goods.cost_rp > self.wallets[shop]:
            return "INSUFFICIENT_BALANCE"
        self.wallets[shop] -= goods.cost_rp
        shelf = self.shelves[customer]
        for quota, amount in shelf.quotas_of(goods, self.now):
            shelf.left[quota] = shelf.left.get(quota, 0) + amount
        self.sold[(shop, ref)] = Sold(shop, customer, body, goods, at=self.now, given_at=self.now)
        return "new"

    def repeats(self, shop: int, customer: int, product: str) -> bool:
        return any(
            (s.shop, s.customer, s.body[0]) == (shop, customer, product) and s.at > self.now - GUARD and not s.reversed
            for s in self.sold.values()
        )

    def reverse(self, sale: Sold) -> str:
        if sale.reversed:
            return "ALREADY_REVERSED"
        shelf = self.shelves[sale.customer]
        there = {k: v for k, v in shelf.left.items() if k[1] is None or k[1] > self.now}
        quotas = shelf.quotas_of(sale.goods, sale.given_at)
        if any(there.get(quota, 0) < amount for quota, amount in quotas):
            return "DELIVERY_SPENT"
        for quota, amount in quotas:
            shelf.left[quota] -= amount
        self.wallets[sale.shop] += sale.goods.cost_rp
        sale.reversed = True
        return "done"
