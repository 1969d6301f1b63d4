"""Two years of recharges, bills, reversals, redemptions and migrations, beside a naive model. `KONTER_STEPS=long` looks
further.
"""

import asyncio
import os
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from tests.conftest import clone, drop, prove_books
from tests.loyalty.model import DAY, Customer, local, next_first
from tests.loyalty.people import People, shipped_rulebook
from tests.loyalty.rewards.conftest import REWARD_COLUMNS, WORDS, sheet

from konter.furnish import furnish
from konter.ledger.expire import expire
from konter.loyalty.bills.record import cancel_bills, record_bill_payments
from konter.loyalty.monthly import evaluate_month
from konter.loyalty.points.view import points_of
from konter.loyalty.rewards.catalogue.importing import ImportedRewards, import_rewards
from konter.loyalty.rewards.redemption.model import RedeemRequest
from konter.loyalty.rewards.redemption.redeem import redeem
from konter.loyalty.tiers.migrate import migrate_members
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB, FrozenClock
from konter.platform.db import Pool, open_pool
from konter.platform.embedded import EmbeddedServer
from konter.platform.ids import IdBlocks, SubscriptionId
from konter.platform.secrets import Keys
from konter.rules.load import read_rulebook
from konter.sales.references import References
from konter.subscriber.plans import Plan

LONG = os.environ.get("KONTER_STEPS") == "long"
BOUNDS = settings(
    max_examples=150 if LONG else 20,
    stateful_step_count=80 if LONG else 50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
BEGIN = datetime(2026, 1, 5, 8, tzinfo=WIB)
PRICES = (1, 5, 12, 48, 400)
AMOUNTS = st.sampled_from([5_000, 10_000, 24_000, 49_999, 50_000, 75_000, 150_000, 400_000, 2_000_000])
CUSTOMERS = 2
who = st.integers(0, CUSTOMERS - 1)


class Programme(RuleBasedStateMachine):
    """Each rule does the same to the system and to the model; each run compares them."""

    runner: asyncio.Runner
    server: EmbeddedServer
    template: str
    keys: Keys
    changes_on: date

    @initialize()
    def open(self) -> None:
        """A database of its own: runs look at everybody, and remember how far they came."""
        self.now, self.name = BEGIN, f"points_{os.getpid()}"
        self.runner.run(clone(self.server, self.template, self.name))
        self.pool: Pool = self.runner.run(open_pool(self.server.url_of(self.name), size=2))
        since = datetime(self.changes_on.year, self.changes_on.month, 1, tzinfo=WIB)
        book = shipped_rulebook("id-2014", "id-2026", since=since) if self.changes_on < date.max else None
        self.people = People(self.pool, IdBlocks(), book)
        self.ids = self.do(self.people.open(at=BEGIN, count=CUSTOMERS - 1))
        self.msisdns = self.people.msisdns
        self.ids += self.do(self.people.open(at=BEGIN, brand="prima", kind="postpaid"))
        self.msisdns += self.people.msisdns
        self.models = [Customer(opened=local(BEGIN), changes_on=self.changes_on) for _ in self.ids]
        self.models[-1].postpaid = True
        self.sales: list[tuple[int, int, int]] = []
        self.migrated = [local(BEGIN) - 40 * DAY] * CUSTOMERS

    def do(self, work: Any) -> Any:
        self.now += timedelta(minutes=1)
        return self.runner.run(work)

    @rule(who=who, amount=AMOUNTS)
    def recharge(self, who: int, amount: int) -> None:
        reference = self.do(self.people.recharge(self.ids[who], amount, at=self.now))
        self.sales.append((who, reference, amount))
        if not self.models[who].postpaid:
            self.models[who].recharges[reference] = (self.now - timedelta(minutes=1), amount)

    @precondition(lambda self: self.sales)
    @rule(pick=st.integers(0, 1_000))
    def reverse(self, pick: int) -> None:
        who, reference, amount = self.sales.pop(pick % len(self.sales))
        self.do(self.people.reverse(self.ids[who], reference, amount, at=self.now))
        self.models[who].recharges.pop(reference, None)

    @rule(who=who, amount=AMOUNTS)
    def bill(self, who: int, amount: int) -> None:
        model, end = self.models[who], local(self.now) - DAY
        begin = end - 29 * DAY
        if not model.postpaid or max(self.migrated[who], local(BEGIN)) >= end:
            return
        number = f"B-{len(model.bills)}"
        said = {"period_begin": begin, "period_end": end, "issued_at": self.now, "now": self.now}
        self.do(self.people.bill(self.msisdns[who], number, amount, **said))
        issued = self.now - timedelta(minutes=1)
        model.bills[number] = {"rp": amount, "begin": begin, "end": end, "issued": issued, "paid": None}
        model.bills[number] |= {"cancelled": False, "new": True}

    def a_bill(self, pick: int) -> tuple[int, str] | None:
        bills = [
            (who, number)
            for who, model in enumerate(self.models)
            for number, bill in model.bills.items()
            if not bill["cancelled"]
        ]
        return bills[pick % len(bills)] if bills else None

    @rule(pick=st.integers(0, 1_000))
    def pay(self, pick: int) -> None:
        if (chosen := self.a_bill(pick)) is None or self.models[chosen[0]].bills[chosen[1]]["paid"]:
            return
        who, number = chosen
        self.models[who].bills[number] |= {"paid": self.now, "new": True}
        self.do(self.with_connection(record_bill_payments, [(self.msisdns[who], number, self.now)]))

    @rule(pick=st.integers(0, 1_000))
    def cancel(self, pick: int) -> None:
        if (chosen := self.a_bill(pick)) is None:
            return
        who, number = chosen
        self.models[who].bills[number]["cancelled"] = True
        self.do(self.with_connection(cancel_bills, [(self.msisdns[who], number)]))

    async def with_connection(self, verb: Any, what: list[Any]) -> None:
        async with self.pool.acquire() as connection:
            await verb(connection, what, actor=SYSTEM, now=self.now, ids=self.people.ids)

    @rule(who=who, points=st.sampled_from(PRICES))
    def redeem(self, who: int, points: int) -> None:
        expected = self.models[who].spend(points, self.now)
        assert self.do(self.ask(self.ids[who], points)) == expected

    @rule(who=who)
    def redeem_all(self, who: int) -> None:
        """As much as the balance gives, the dearest first: a reversal that comes then leaves a debt."""
        for points in sorted(PRICES, reverse=True):
            while points <= self.models[who].points(self.now):
                self.redeem(who=who, points=points)

    @precondition(lambda self: self.sales)
    @rule()
    def regret(self) -> None:
        """Take back the newest recharge, granted and spent as it may be."""
        self.run()
        self.redeem_all(who=self.sales[-1][0])
        self.reverse(pick=len(self.sales) - 1)
        self.run()

    async def ask(self, subscription: int, points: int) -> bool:
        """Whether the reward of so many points was given."""
        request = RedeemRequest(
            subscription_id=SubscriptionId(subscription),
            client_ref=uuid.uuid4(),
            reward=f"HADIAH{points}",
            channel="web",
            actor=SYSTEM,
        )
        async with self.pool.acquire() as connection:
            clock, references = FrozenClock(self.now), References()
            (outcome,) = await redeem(
                connection, [request], clock=clock, ids=self.people.ids, keys=self.keys, references=references
            )
        assert outcome.redemption or outcome.code in ("INSUFFICIENT_POINTS", "POINTS_IN_DEBT"), outcome
        return outcome.redemption is not None

    @rule(who=who)
    def migrate(self, who: int) -> None:
        if local(self.now) - self.migrated[who] < 5 * DAY:
            return
        self.run()
        self.models[who].migrate(local(self.now))
        self.migrated[who] = local(self.now)
        plan = Plan("prima", "postpaid") if self.models[who].postpaid else Plan("nusa", "prepaid")
        self.do(self.move(self.ids[who], plan))

    async def move(self, subscription: int, plan: Plan) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            rules = self.people.rulebook.at(self.now)
            await migrate_members(connection, [(subscription, plan)], now=self.now, ids=self.people.ids, rules=rules)

    @rule()
    def run(self) -> None:
        for model in self.models:
            model.run(self.now)
        self.do(self.grant(self.now))
        self.compare()

    @rule(days=st.integers(1, 45))
    def wait(self, days: int) -> None:
        until = self.now + days * DAY
        while next_first(self.now) <= until:
            self.now = next_first(self.now)
            for model in self.models:
                model.run(self.now)
                model.evaluate(local(self.now))
            self.do(self.grant(self.now, evaluate=local(self.now)))
            self.compare()
        self.now = max(self.now, until)

    async def grant(self, now: datetime, *, evaluate: date | None = None) -> None:
        async with self.pool.acquire() as connection:
            while await expire(connection, now=now, ids=self.people.ids):
                pass
        if evaluate is None:
            await self.people.accrue(now)
        else:
            given = {"rulebook": self.people.rulebook, "ids": self.people.ids}
            await evaluate_month(self.pool, evaluate, due=now, **given)

    def compare(self) -> None:
        for subscription, model in zip(self.ids, self.models, strict=True):
            seen = self.runner.run(self.look(subscription))
            vintages = {each.year: each.points for each in seen.vintages}
            assert vintages == {year: model.vintages[year] for year in model.live(self.now) if model.vintages[year]}
            assert seen.debt == model.debt
            last = model.until - DAY if model.until else None
            assert (seen.tier, seen.tier_last_day) == (model.tier, last)

    async def look(self, subscription: int) -> Any:
        async with self.pool.acquire() as connection:
            rules = self.people.rulebook.at(self.now)
            return await points_of(connection, subscription, kind="prepaid", brand="nusa", now=self.now, rules=rules)

    def teardown(self) -> None:
        if hasattr(self, "ids"):
            self.run()
            assert self.runner.run(self.people.accrue(self.now, since=BEGIN)) == 0
            self.runner.run(prove_books(self.pool))
            self.runner.run(self.pool.close())
            self.runner.run(drop(self.server, self.name))


@pytest.mark.parametrize("changes_on", [date.max, date(2026, 7, 1)], ids=["2014", "2014 then 2026"])
@pytest.mark.requirement("P-16", "P-17", "P-20", "P-36", "P-38", "G-P07", "G-P17", "G-P19")
def test_two_years_agree_with_the_model(
    server: EmbeddedServer, template: str, keys: Keys, changes_on: date, tmp_path: Path
) -> None:
    with asyncio.Runner() as runner:
        name = f"rewards_{os.getpid()}"
        runner.run(with_rewards(server, template, name, tmp_path))
        Programme.runner, Programme.changes_on, Programme.keys = runner, changes_on, keys
        Programme.server, Programme.template = server, name
        try:
            run_state_machine_as_test(Programme, settings=BOUNDS)
        finally:
            runner.run(drop(server, name))


async def with_rewards(server: EmbeddedServer, template: str, name: str, folder: Path) -> None:
    """A database with a reward for each price, that gives a megabyte."""
    await clone(server, template, name)
    async with await open_pool(server.url_of(name), size=1) as pool, pool.acquire() as connection:
        ids = IdBlocks()
        await furnish(connection, now=BEGIN - DAY, ids=ids)
        row = {
            "row": "reward",
            "kind": "telco",
            "valid_from": "2014-03-01",
            "source": "data",
            "quantity": "1 MB",
            "days": 1,
        }
        rows = [{**WORDS, **row, "code": f"HADIAH{points}", "points": points} for points in PRICES]
        report = await import_rewards(
            connection,
            sheet(folder, REWARD_COLUMNS, *rows),
            clock=FrozenClock(BEGIN - DAY),
            actor=SYSTEM,
            ids=ids,
            rules=(await read_rulebook(connection)).at(BEGIN),
        )
        assert isinstance(report, ImportedRewards), report
