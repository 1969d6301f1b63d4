"""The points programme of the demo, by the real commands: bills, points, tiers, redemptions, codes that are burnt.

Postpaid numbers have bills of more than a year behind them, so that points of the year before have ended, too.
"""

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from konter.app import App
from konter.ledger.expire import expire
from konter.loyalty.bills.model import NewBill
from konter.loyalty.bills.record import record_issued_bills
from konter.loyalty.earning.accrue import accrue_bills, grant_all
from konter.loyalty.monthly import evaluate_month
from konter.loyalty.points.figures import roll_up_points
from konter.loyalty.rewards.merchants.burn import burn_codes
from konter.loyalty.rewards.merchants.manage import add_merchant_number
from konter.loyalty.rewards.merchants.model import BurnRequest
from konter.loyalty.rewards.redemption.figures import roll_up_rewards
from konter.loyalty.rewards.redemption.model import RedeemRequest, Redemption
from konter.loyalty.rewards.redemption.read import vouchers_of
from konter.loyalty.rewards.redemption.redeem import redeem
from konter.loyalty.tiers.figures import roll_up_tiers
from konter.loyalty.tiers.model import month_of
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB, FrozenClock, business_day
from konter.platform.db import Connection
from konter.rules.model import Rulebook
from konter.simulator.operator import model, queries
from konter.simulator.operator.people import must, new_ref
from konter.subscriber.open import NewSubscription, open_subscriptions

POSTPAID = 40  # numbers behind all others
BILL_MONTHS = 14
BILLED_ON = timedelta(days=4)  # from the first of a month
EVERY = timedelta(days=1)  # a longer wait than the promised day would stand on the clocks
AT_EIGHT = time(20, tzinfo=WIB)
REDEMPTIONS_EACH = 10
REDEEMED_FROM = timedelta(days=4)  # before that hardly anybody has enough
# What people redeem, and how often. No quotas: the books of the past are closed, and a quota would end in them.
WISHES = {"KOPI": 14, "NSP30": 6, "GAME7": 3, "EBOOK": 1}
LEAST_POINTS = 30  # pays for most of these


class Programme:
    """The programme of one operator, from the bills of the year before to the night before the demo."""

    def __init__(self, app: App, size: model.Size, *, seed: int, begin: datetime, now: datetime) -> None:
        self.app, self.size, self.begin, self.now = app, size, begin, now
        self.random = Random(f"{seed}/loyalty")  # noqa: S311 - synthetic customers, not secrets
        self.moved: set[date] = set()  # days whose figures are to be added up
        self.postpaid = [model.synthetic_msisdn(size.numbers + place) for place in range(POSTPAID)]

    async def open(self) -> None:
        """Postpaid numbers, the bills of the months before the first sale, and the numbers that burn codes."""
        size, first = self.size, month_of(business_day(self.begin), -BILL_MONTHS)
        until = self.now + timedelta(days=365)
        new = [
            NewSubscription(msisdn=each, active_until=until, brand="prima", kind="postpaid") for each in self.postpaid
        ]
        async with self.app.pool.acquire() as connection:
            rulebook, _ = await self.app.references.current(connection)
            opened_at = datetime.combine(first, time(8), WIB)
            await open_subscriptions(connection, new, now=opened_at, ids=self.app.ids)
            for later in range(1, BILL_MONTHS + 1):
                await self._month(connection, rulebook, month_of(first, later))
            for place, merchant in zip(size.merchant_places, model.MERCHANTS, strict=False):
                number = model.synthetic_msisdn(place)
                refusal = await add_merchant_number(
                    connection, merchant, number, now=self.begin, actor=SYSTEM, ids=self.app.ids
                )
                assert refusal is None, refusal

    async def _month(self, connection: Connection, rulebook: Rulebook, month: date) -> None:
        """A month begins: what is over ends, and everybody is evaluated; if it was before the sales, with its bills."""
        midnight = datetime.combine(month, time(0), WIB)
        while await expire(connection, now=midnight, ids=self.app.ids):
            pass
        night = min(midnight + timedelta(minutes=5), self.now)
        await evaluate_month(self.app.pool, month, due=night, rulebook=rulebook, ids=self.app.ids)
        self.moved.add(month)
        if month + BILLED_ON < business_day(self.begin):
            await self._bills(connection, rulebook, month)

    async def _bills(self, connection: Connection, rulebook: Rulebook, month: date) -> None:
        """The bills of the month before, issued on the fifth, and their points."""
        app, issued_at = self.app, datetime.combine(month, time(2), WIB) + BILLED_ON
        bills = []
        for place, number in enumerate(self.postpaid):
            total_rp = (60 + 25 * place % 700 + self.random.randrange(40)) * 1_000
            begin = month_of(month, -1)
            bills.append(
                NewBill(
                    msisdn=number,
                    number=f"{begin:%Y%m}{place + 1:04d}",
                    period_begin=begin,
                    period_end=month - timedelta(days=1),
                    total_rp=total_rp,
                    tax_rp=total_rp * 11 // 111,
                    issued_at=issued_at,
                )
            )
        rules = rulebook.at(issued_at)
        for each in await record_issued_bills(connection, bills, actor=SYSTEM, now=issued_at, ids=app.ids, rules=rules):
            must(each)
        await accrue_bills(connection, now=issued_at + timedelta(hours=3), rulebook=rulebook, ids=app.ids)
        self.moved.add(month + BILLED_ON)

    async def run(self) -> None:
        """The month of the sales: points are granted every evening, and some redeemed; tiers on the first, bills on
        the fifth.
        """
        app, today = self.app, business_day(self.now)
        begin = business_day(self.begin)
        async with app.pool.acquire() as connection:
            rulebook, _ = await app.references.current(connection)
            day = begin - EVERY
            while day < today:
                day += EVERY
                at = min(datetime.combine(day, AT_EIGHT), self.now) if day == today else datetime.combine(day, AT_EIGHT)
                if day == month_of(day) and day > begin:
                    await self._month(connection, rulebook, day)
                if day == month_of(day) + BILLED_ON and day < today:
                    await self._bills(connection, rulebook, month_of(day))
                await grant_all(app.pool, now=at, rulebook=rulebook, ids=app.ids)
                self.moved.add(day)
                if begin + REDEEMED_FROM <= day < today:
                    await self._redeem(connection, at + timedelta(minutes=10))
        await self._add_up(rulebook)

    async def _redeem(self, connection: Connection, at: datetime) -> None:
        """Some who have points redeem, each on a channel of their own; half of the coffee is had the same evening."""
        app = self.app
        rich = await queries.read_rich(connection, least=LEAST_POINTS, limit=20 * REDEMPTIONS_EACH)
        chosen = self.random.sample(rich, min(REDEMPTIONS_EACH, len(rich)))
        requests = [
            RedeemRequest(
                subscription_id=each,
                client_ref=new_ref(self.random),
                reward=self.random.choices(list(WISHES), list(WISHES.values()))[0],
                channel=self.random.choice(("web", "app", "ussd", "sms", "care")),
                actor=SYSTEM,
            )
            for each in chosen
        ]
        outcomes = await redeem(
            connection, requests, clock=FrozenClock(at), ids=app.ids, keys=app.keys, references=app.references
        )
        done = [
            each.redemption for each in outcomes if each.redemption is not None and each.redemption.reward == "KOPI"
        ]
        await self._burn(connection, done[::2], at + timedelta(minutes=30))

    async def _burn(self, connection: Connection, redemptions: list[Redemption], at: datetime) -> None:
        vouchers = await vouchers_of(connection, redemptions, keys=self.app.keys)
        requests = [
            BurnRequest(
                merchant=model.MERCHANTS[0],
                code=vouchers[each.id].code,
                client_ref=UUID(int=self.random.getrandbits(128), version=4),
                channel="sms",
                actor=SYSTEM,
            )
            for each in redemptions
        ]
        await burn_codes(connection, requests, clock=FrozenClock(at), ids=self.app.ids, keys=self.app.keys)

    async def _add_up(self, rulebook: Rulebook) -> None:
        """Each day that is over, as its night's job would have."""
        rules, yesterday = rulebook.at(self.now), business_day(self.now) - timedelta(days=1)
        days = (self.moved | {yesterday}) - {business_day(self.now)}  # on any other nothing moved
        async with self.app.pool.acquire() as connection:
            for day in sorted(days):
                await roll_up_points(connection, day, rules=rules)
                await roll_up_tiers(connection, day, rules=rules, standing=day == yesterday)
                await roll_up_rewards(connection, day, rules=rules)
