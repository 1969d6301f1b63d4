"""Build the synthetic operator on an empty, migrated database, with the real commands and nothing else."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from random import Random
from typing import TypeVar
from uuid import UUID

import msgspec

from konter.access.many_sessions import open_sessions
from konter.access.model import TokenClaims
from konter.access.pins import pin_hash
from konter.access.staff.add import NewStaff, add_staff
from konter.access.step import Step
from konter.app import App
from konter.catalogue.importing import import_catalogue
from konter.channel.add_users import add_users
from konter.channel.model import NewOutlet, NewPartner, NewUser, Outlet
from konter.channel.open_outlets import open_outlets
from konter.channel.partners import open_partners, set_areas
from konter.furnish import furnish
from konter.ledger.expire import expire
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB, FrozenClock, day_start
from konter.platform.ids import Msisdn, OutletId, PartnerId, UserId
from konter.platform.refusal import Refusal
from konter.rules.load import read_rulebook
from konter.sales.model import SellRequest
from konter.sales.purchase.buy import BuyRequest, buy_balance
from konter.sales.sell import sell
from konter.simulator.operator import model
from konter.simulator.operator.model import OutletPlan, Size
from konter.subscriber.open import NewSubscription, open_subscriptions
from konter.terms.accept import record_acceptances
from konter.terms.load import shipped_documents
from konter.terms.model import Acceptance

BATCH = 5_000
SALT_BYTES = 16
PIN_OF_ALL = "194207"
STAFF = (("care1", "Rina Petugas", ("care",)), ("spv1", "Hendra Penyelia", ("supervisor",)))
WALLET_RP = 8_000_000
TOP_UP_RP = 4_000_000
T = TypeVar("T")
Progress = Callable[[str, int, int], None]


class Seller(msgspec.Struct, kw_only=True):
    """A user who sells in the simulation, with today's session and the customers of the neighbourhood."""

    user_id: UserId
    outlet_id: OutletId
    customers: list[Msisdn]
    claims: TokenClaims | None = None


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it, for the demo's first lines and for tests."""

    outlets: int
    subscribers: int
    sales: int
    refusals: dict[str, int]
    first_user: UserId
    first_number: Msisdn
    first_customer: Msisdn
    staff: tuple[str, ...]


class Builder:
    """Builds one operator. `progress` is told what is being done, how far it is and how much there is."""

    def __init__(self, app: App, *, seed: int, size: Size, now: datetime, progress: Progress) -> None:
        self.app = app
        self.size = size
        self.now = now
        self.begin = day_start((now - timedelta(days=size.days)).astimezone(WIB).date())
        self.progress = progress
        self.random = Random(seed)  # noqa: S311 - synthetic people, not secrets
        self.refusals: dict[str, int] = {}
        self.sold = 0

    async def build(self, staff_password_hash: str) -> Built:
        """Everything in order; returns what the demo prints."""
        await self._found(staff_password_hash)
        plans = model.plan_outlets(self.size, self.random)
        numbers = await self._subscribers(len(plans))
        sellers, first = await self._outlets(plans, numbers[: 3 * len(plans)])
        customers = numbers[3 * len(plans) :]
        for place, seller in enumerate(sellers):
            near = place // 2 * 160 % max(1, len(customers) - 320)
            seller.customers = customers[near : near + 320]
        await self._history(sellers)
        return Built(
            outlets=len(plans),
            subscribers=len(numbers),
            sales=self.sold,
            refusals=self.refusals,
            first_user=first,
            first_number=numbers[1],
            first_customer=customers[0],
            staff=tuple(name for name, _, _ in STAFF),
        )

    async def _found(self, staff_password_hash: str) -> None:
        """Rules, documents, areas, catalogue, staff: as an operator would load them before opening."""
        app, before = self.app, self.begin - timedelta(days=1)
        self.progress("rules", 0, 1)
        async with app.pool.acquire() as connection:
            await furnish(connection, now=before, ids=app.ids)
            await set_areas(connection, model.AREAS)
            rules = (await read_rulebook(connection)).at(before)
            catalogue = Path(str(resources.files("konter.simulator") / "data" / "catalogue.csv"))
            _must(await import_catalogue(connection, catalogue, now=before, actor=SYSTEM, ids=app.ids, rules=rules))
            staff = [
                NewStaff(username=username, name=name, roles=roles, password_hash=staff_password_hash)
                for username, name, roles in STAFF
            ]
            await add_staff(connection, staff, actor=SYSTEM, now=before, ids=app.ids)
        self.progress("rules", 1, 1)

    async def _subscribers(self, outlets: int) -> list[Msisdn]:
        """Customers, and three numbers for each outlet: its reseller number and two notification numbers."""
        count = self.size.subscribers + 3 * outlets
        numbers = [model.synthetic_msisdn(number) for number in range(count)]
        opened_at = self.begin - timedelta(hours=12)
        for start in range(0, count, BATCH):
            self.progress("subscribers", start, count)
            part = [
                NewSubscription(
                    msisdn=msisdn,
                    active_until=self._active_until(start + place < 3 * outlets),
                    brand="nusa",
                    locale="id" if self.random.random() < 0.97 else "en",  # noqa: PLR2004 - most people read Indonesian
                )
                for place, msisdn in enumerate(numbers[start : start + BATCH])
            ]
            async with self.app.pool.acquire() as connection:
                await open_subscriptions(connection, part, now=opened_at, ids=self.app.ids)
        self.progress("subscribers", count, count)
        return numbers

    def _active_until(self, shop: bool) -> datetime:  # noqa: FBT001 - a shop's own numbers stay active, others come and go
        days = self.size.days + 365 if shop else self.random.randint(5, self.size.days + 60)
        return self.begin + timedelta(days=days)

    async def _outlets(self, plans: list[OutletPlan], numbers: list[Msisdn]) -> tuple[list[Seller], UserId]:
        """Partners, outlets with two users each who have taken all first steps, and the first wallets."""
        app, at = self.app, self.begin - timedelta(hours=6)
        self.progress("outlets", 0, len(plans))
        async with app.pool.acquire() as connection:
            rules = (await read_rulebook(connection)).at(at)
            partners = [
                _must(partner)
                for partner in await open_partners(
                    connection,
                    [NewPartner(code=code, name=name, area=area) for code, name, area in model.PARTNERS],
                    actor=SYSTEM,
                    now=at,
                    ids=app.ids,
                )
            ]
            rows = [_new_outlet(plan, partners, numbers[3 * place]) for place, plan in enumerate(plans)]
            outlets = [
                _must(outlet)
                for outlet in await open_outlets(connection, rows, actor=SYSTEM, now=at, ids=app.ids, rules=rules)
            ]
            people = [
                user
                for place, (plan, outlet) in enumerate(zip(plans, outlets, strict=True))
                for user in self._users(plan, outlet, numbers[3 * place + 1 : 3 * place + 3])
            ]
            added = await add_users(connection, people, actor=SYSTEM, now=at, ids=app.ids, rules=rules)
            users = [_must(user) for user in added]
            await record_acceptances(
                connection,
                [
                    Acceptance(user_id=user_id, code=d.code, version=d.version, way="agreed", at=at, session_id=None)
                    for user_id in users[1:]  # the first one is the demo's newcomer, who has agreed to nothing yet
                    for d in shipped_documents()
                ],
            )
        await self._fund([outlet.id for outlet in outlets], WALLET_RP, at)
        self.progress("outlets", len(plans), len(plans))
        sellers = [
            Seller(user_id=user_id, outlet_id=person.outlet_id, customers=[])
            for user_id, person in zip(users, people, strict=True)
        ]
        return sellers[1:], users[0]

    def _users(self, plan: OutletPlan, outlet: Outlet, numbers: list[Msisdn]) -> Iterator[NewUser]:
        salt = self.random.randbytes(SALT_BYTES)
        for place, (name, number) in enumerate(zip((plan.seller, plan.owner), numbers, strict=True)):
            yield NewUser(
                outlet_id=outlet.id,
                username=f"{plan.username}.{'kasir' if place == 0 else 'pemilik'}",
                name=name,
                role="FRONTLINER" if place == 0 else "OUTLET_OWNER",
                nn_msisdn=number,
                nn_type="FRONTLINER" if place == 0 else "OWNER",
                password_initial=False,
                pin_salt=salt,
                pin_hash=pin_hash(self.app.keys, salt, PIN_OF_ALL),
            )

    async def _fund(self, outlets: list[OutletId], amount_rp: int, at: datetime) -> None:
        requests = [
            BuyRequest(outlet_id=outlet, client_ref=self._ref(), amount_rp=amount_rp, actor=SYSTEM)
            for outlet in outlets
        ]
        async with self.app.pool.acquire() as connection:
            await buy_balance(connection, requests, clock=FrozenClock(at), ids=self.app.ids)

    async def _history(self, sellers: list[Seller]) -> None:
        """A month of sales on a moved clock: every open hour one big batch of the real command."""
        hours = [
            self.begin + timedelta(days=day, hours=hour) for day in range(self.size.days) for hour in model.OPEN_HOURS
        ]
        hours = [hour for hour in hours if hour <= self.now]
        async with self.app.pool.acquire() as connection:
            catalogue = (await self.app.references.current(connection))[1]
        packages = [product.code for product in catalogue.products if product.kind == "package" and product.open]
        outlets = sorted({seller.outlet_id for seller in sellers})
        for place, hour in enumerate(hours):
            if hour.astimezone(WIB).hour in model.LOGIN_HOURS:
                await self._shift(sellers, outlets, hour, place)
            # What was refused (an empty wallet, an expired number) is made up for in the next hour.
            count = (place + 1) * self.size.sales // len(hours) - self.sold
            await self._sell([self._wish(self.random.choice(sellers), packages) for _ in range(count)], hour)
            self.progress("sales", self.sold, self.size.sales)

    async def _shift(self, sellers: list[Seller], outlets: list[OutletId], at: datetime, place: int) -> None:
        """What has lapsed expires, everybody logs in, and once a week wallets are filled up."""
        app = self.app
        async with app.pool.acquire() as connection:
            while await expire(connection, now=at, ids=app.ids, owners_max=2_000):
                pass
            rules = await app.rules(connection, at)
            step = Step(now=at - timedelta(minutes=1), ids=app.ids, keys=app.keys, rules=rules)
            users = [(seller.user_id, seller.outlet_id) for seller in sellers]
            opened = await open_sessions(connection, users, agent="simulator", step=step)
        for seller, claims in zip(sellers, opened, strict=True):
            seller.claims = claims
        if place and place % (7 * len(model.OPEN_HOURS)) == 0:
            await self._fund(outlets, TOP_UP_RP, at)

    def _wish(self, seller: Seller, packages: list[str]) -> SellRequest:
        assert seller.claims is not None
        if self.random.randrange(100) < model.PACKAGE_SHARE_PCT:
            product = self.random.choice(packages)
        else:
            (product,) = self.random.choices(list(model.RECHARGES), list(model.RECHARGES.values()))
        return SellRequest(
            claims=seller.claims,
            client_ref=self._ref(),
            product=product,
            msisdn=self.random.choice(seller.customers),
            pin=PIN_OF_ALL,
            second=True,
            agent="simulator",
        )

    async def _sell(self, requests: list[SellRequest], at: datetime) -> None:
        app = self.app
        async with app.pool.acquire() as connection:
            outcomes = await sell(
                connection, requests, clock=FrozenClock(at), ids=app.ids, keys=app.keys, references=app.references
            )
        for outcome in outcomes:
            if outcome.refusal is None:
                self.sold += 1
            else:
                self.refusals[outcome.refusal.code] = self.refusals.get(outcome.refusal.code, 0) + 1

    def _ref(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)


def _new_outlet(plan: OutletPlan, partners: list[PartnerId], reseller: Msisdn) -> NewOutlet:
    return NewOutlet(
        code=plan.code,
        name=plan.name,
        partner_id=partners[plan.partner],
        area=plan.area,
        reseller_msisdn=reseller,
        segment=plan.segment,
        zone=plan.zone,
        address=plan.address,
    )


def _must(outcome: Refusal | T) -> T:
    """What the synthetic operator asks for is never refused, or the simulator is wrong."""
    assert not isinstance(outcome, Refusal), outcome
    return outcome
