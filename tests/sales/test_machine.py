"""Selling, retrying, reversing, buying and waiting at random, beside a small model that tells it all from the start.

`KONTER_STEPS=long` looks further.
"""

import asyncio
import os
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.access.people import Stage
from tests.conftest import NOON, prove_books
from tests.sales.model import GOODS, SalesModel, Shelf
from tests.sales.reversing import reverse
from tests.sales.usage import use
from tests.shop import Shop, open_shop, stock

from konter.access.passwords import Passwords
from konter.platform.clock import FrozenClock
from konter.platform.db import open_pool
from konter.platform.ids import IdBlocks
from konter.platform.secrets import Keys
from konter.sales.model import SaleOutcome, Way
from konter.subscriber.model import SubscriberView

LONG = os.environ.get("KONTER_STEPS") == "long"
BOUNDS = settings(
    max_examples=150 if LONG else 12,
    stateful_step_count=50 if LONG else 25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPENING_RP = 300_000
CUSTOMERS = 2
bodies = st.tuples(st.sampled_from(sorted(GOODS, key=str)), st.booleans()).map(lambda b: (*b[0], b[1]))
wishes = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, CUSTOMERS - 1), bodies, st.integers(0, 30)), min_size=1, max_size=4
)


class Selling(RuleBasedStateMachine):
    runner: asyncio.Runner
    stage: Stage
    way: Way

    def do(self, work):
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        self.stage.clock = FrozenClock(NOON)
        self.do(self.open())
        shelves = [Shelf(NOON + timedelta(days=30)) for _ in range(CUSTOMERS)]
        self.model = SalesModel(NOON, [OPENING_RP, OPENING_RP], shelves)
        self.sale_ids: dict[tuple[int, UUID], int] = {}

    async def open(self) -> None:
        self.shops: list[Shop] = [await open_shop(self.stage, balance_rp=OPENING_RP, way=self.way) for _ in range(2)]
        self.numbers = [await self.stage.number() for _ in range(CUSTOMERS)]
        await self.stage.pool.execute("UPDATE session SET expires_at = expires_at + interval '9 years'")

    @rule(wishes=wishes)
    def sell(self, wishes) -> None:
        """A batch with new refs and refs seen before, of both outlets."""
        requests, expected = [], []
        for shop, customer, body, old in wishes:
            refs = [ref for of, ref in self.model.sold if of == shop]
            ref = refs[old] if old < len(refs) else uuid4()
            product, amount_rp, second = body
            fields = {"product": product, "amount_rp": amount_rp, "second": second, "msisdn": self.numbers[customer]}
            requests.append((shop, ref, self.shops[shop].request(client_ref=ref, **fields)))
            expected.append(self.model.sell(shop, ref, customer, body))
        outcomes: list[SaleOutcome] = self.do(self.shops[0].sell_all(*[request for _, _, request in requests]))
        assert [outcome.code for outcome in outcomes] == expected
        for (shop, ref, _), outcome in zip(requests, outcomes, strict=True):
            if outcome.sale is not None:
                assert self.sale_ids.setdefault((shop, ref), outcome.sale.id) == outcome.sale.id

    @precondition(lambda self: self.model.sold)
    @rule(pick=st.integers(0, 50))
    def reverse(self, pick: int) -> None:
        key = list(self.model.sold)[pick % len(self.model.sold)]
        assert self.do(reverse(self.stage, self.sale_ids[key])) == self.model.reverse(self.model.sold[key])

    @rule(customer=st.integers(0, CUSTOMERS - 1), pick=st.integers(0, 20), part=st.sampled_from([1, 1_000_000]))
    def use(self, customer: int, pick: int, part: int) -> None:
        """The customer uses one unit, or all that is left, of something."""
        shelf = self.model.shelves[customer]
        quota = sorted(shelf.shown(self.model.now), key=str)[pick % len(shelf.shown(self.model.now))]
        amount = min(1, shelf.left[quota]) if part == 1 else shelf.left[quota]
        if amount:
            self.do(use(self.stage, self.numbers[customer], quota, amount))
            shelf.left[quota] -= amount

    @rule(shop=st.integers(0, 1), amount_rp=st.sampled_from([1, 60_000, 250_000]))
    def buy(self, shop: int, amount_rp: int) -> None:
        self.do(self.shops[shop].buy(amount_rp))
        self.model.wallets[shop] += amount_rp

    @rule(hours=st.sampled_from([1, 13, 23, 24, 24 * 20, 24 * 55]))
    def wait(self, hours: int) -> None:
        self.model.now += timedelta(hours=hours)
        self.stage.clock.advance(timedelta(hours=hours))

    @invariant()
    def both_show_the_same(self) -> None:
        if not hasattr(self, "model"):
            return
        assert [self.do(shop.balance()) for shop in self.shops] == self.model.wallets
        for customer, number in enumerate(self.numbers):
            view: SubscriberView = self.do(self.shops[0].look(number))
            shown = {("main", None): view.balance_rp}
            shown |= {(bucket.source, bucket.expires_at): bucket.balance for bucket in view.buckets}
            assert shown == self.model.shelves[customer].shown(self.model.now)
            assert view.active_until == self.model.until(customer)

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.do(prove_books(self.stage.pool))


@pytest.mark.requirement("D-43", "D-44", "D-106", "D-107", "T-11", "G-T01", "G-D33")
def test_selling_does_what_the_model_does(own_dsn: str, keys: Keys, passwords: Passwords, way: Way) -> None:
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(own_dsn, size=2))
        try:
            stage = Stage(pool, IdBlocks(), keys, FrozenClock(NOON), passwords)
            runner.run(stage.set())
            runner.run(stock(stage))
            Selling.runner, Selling.stage, Selling.way = runner, stage, way
            run_state_machine_as_test(Selling, settings=BOUNDS)
        finally:
            runner.run(pool.close())
