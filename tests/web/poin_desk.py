"""Customers and merchants on the pages of points, on a database of their own: the catalogue shows all there is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.access.people import Stage
from tests.loyalty.rewards.conftest import Counter as Rewards
from tests.web.phone import Phone
from tests.web.test_me import come_in

from konter.app import App
from konter.loyalty.rewards.merchants.manage import add_merchant_number
from konter.platform.audit import SYSTEM
from konter.subscriber.model import Subscription

Phones = Callable[[], Awaitable[Phone]]


@dataclass
class Desk:
    """Rewards, and phones that are logged in."""

    stage: Stage
    shop: App
    rewards: Rewards
    phones: Phones

    async def comes(self, points: int = 100, **others: int) -> tuple[Phone, Subscription]:
        """A customer with points who has logged in."""
        customer, phone = await self.rewards.customer(points, **others), await self.phones()
        await come_in(self.stage, phone, customer.msisdn)
        assert phone.path == "/saya", phone.text
        return phone, customer

    async def merchant(self) -> tuple[Phone, str]:
        """A merchant whose number has logged in, and its code."""
        merchant = await self.rewards.merchant()
        phone, customer = await self.comes(0)
        async with self.stage.pool.acquire() as connection:
            refused = await add_merchant_number(
                connection, merchant, customer.msisdn, now=self.stage.now, actor=SYSTEM, ids=self.stage.ids
            )
        assert refused is None, refused
        return phone, merchant

    async def redeemed(self) -> int:
        """How many redemptions stand."""
        count: int = await self.stage.pool.fetchval("SELECT count(*) FROM redemption")
        return count

    async def redeems(self, phone: Phone, reward: str) -> str:
        """By the pages; the transaction code."""
        await phone.get(f"/poin/{reward}")
        await phone.get(f"/poin/{reward}/tukar")
        await phone.submit(f"/poin/{reward}/tukar")
        assert phone.path.startswith("/saya/penukaran/"), phone.text
        return phone.path.rpartition("/")[2]
