"""Build the synthetic operator on an empty, migrated database, with the real commands and nothing else."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from random import Random

import msgspec

from konter.access.staff.add import NewStaff, add_staff
from konter.app import App
from konter.catalogue.importing import import_catalogue
from konter.channel.offices.load import import_offices
from konter.channel.partners import set_areas
from konter.furnish import furnish
from konter.loyalty.rewards.catalogue.importing import import_rewards
from konter.loyalty.rewards.catalogue.model import GivesCode
from konter.loyalty.rewards.catalogue.read import rewards_for
from konter.loyalty.rewards.codes.importing import take_codes
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB, FrozenClock, day_start
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, UserId
from konter.rules.load import read_rulebook
from konter.rules.model import Rules
from konter.sales.codes import ALPHABET
from konter.simulator.operator import model
from konter.simulator.operator.fieldwork import ADMIN, FIELD_SALES, staff_the_partner, visit_for_a_week
from konter.simulator.operator.loyalty import POSTPAID, Programme
from konter.simulator.operator.model import Size
from konter.simulator.operator.month import districts, sell_for_a_month
from konter.simulator.operator.people import Person, must, open_numbers, open_shops
from konter.simulator.operator.phases import Step, Watcher, phase

CODES_EACH = 200  # vouchers of each reward that gives them
CODE_SIGNS = 10
STAFF = (
    ("care1", "Rina Petugas", ("care",)),
    ("spv1", "Hendra Penyelia", ("supervisor",)),
    ("cabang1", "Wulan Cabang", ("branch",)),
    ("admin1", "Agus Admin", ("admin",)),
    ("patuh1", "Maya Kepatuhan", ("compliance",)),
)


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it, for the demo's first lines and for tests. `size` is what was asked for."""

    size: Size = Size()  # what a folder of the first days has, which does not say so
    outlets: int
    subscribers: int
    sales: int
    refusals: dict[str, int]
    first_user: UserId
    first_number: Msisdn
    first_customer: Msisdn
    staff: tuple[str, ...]
    partner_admin: str = ""  # of the first partner; none where nobody is left to be it
    partner_number: Msisdn = Msisdn(0)
    field_sales: str = ""  # of the same partner
    field_sales_number: Msisdn = Msisdn(0)
    points_number: Msisdn = Msisdn(0)  # postpaid, with points of bills; none in a folder of the first days
    merchant_number: Msisdn = Msisdn(0)  # burns codes by SMS


class Builder:
    """Builds one operator. `analyze` refreshes the planner's statistics, which only the tables' owner may do."""

    def __init__(
        self,
        app: App,
        *,
        seed: int,
        size: Size,
        now: datetime,
        watcher: Watcher,
        analyze: Callable[[], Awaitable[None]],
    ) -> None:
        self.app = app
        self.seed = seed
        self.now = now
        self.size = size
        self.begin = day_start((now - timedelta(days=size.days)).astimezone(WIB).date())
        self.hours = model.open_hours(self.begin, size.days, now)
        self.watcher = watcher
        self.analyze = analyze

    async def build(self, staff_password_hash: str) -> Built:
        """Everything in order; returns what the demo prints."""
        app, size, random = self.app, self.size, Random(self.seed)  # noqa: S311 - synthetic people, not secrets
        async with self._phase("rules", 1) as step:
            await self._found(staff_password_hash)
            step.advance(1)
        async with self._phase("subscribers", size.numbers) as step:
            await open_numbers(app, size, seed=self.seed, begin=self.begin, step=step)
        async with self._phase("outlets", size.outlets) as step:
            people = await open_shops(app, size, random=random, begin=self.begin, step=step)
            if size.partner_people_fit:
                before = self.begin - timedelta(hours=6)
                partner = await staff_the_partner(app, size, password_hash=staff_password_hash, at=before)
                await visit_for_a_week(app, *partner, seed=self.seed, now=self.now)
        programme = Programme(app, size, seed=self.seed, begin=self.begin, now=self.now)
        await programme.open()
        async with self._phase("sales", size.sales) as step:
            refusals = await self._month(people, step)
        await programme.run()
        return Built(
            size=size,
            outlets=size.outlets,
            subscribers=size.numbers,
            sales=step.done,
            refusals=dict(refusals),
            first_user=people[0].user_id,
            first_number=model.synthetic_msisdn(1),
            first_customer=model.synthetic_msisdn(size.own_numbers),
            staff=tuple(name for name, _, _ in STAFF),
            partner_admin=ADMIN[0] if size.partner_people_fit else "",
            partner_number=model.synthetic_msisdn(size.partner_place),
            points_number=model.synthetic_msisdn(size.numbers + POSTPAID - 1),
            merchant_number=next(map(model.synthetic_msisdn, size.merchant_places), Msisdn(0)),
            field_sales=FIELD_SALES[0] if size.partner_people_fit else "",
            field_sales_number=model.synthetic_msisdn(size.partner_place + 1),
        )

    def _phase(self, name: str, total: int) -> AbstractAsyncContextManager[Step]:
        return phase(self.app.pool, self.watcher, name, total)

    async def _found(self, staff_password_hash: str) -> None:
        """Rules, documents, areas, catalogue, staff: as an operator would load them before opening."""
        app, before = self.app, self.begin - timedelta(days=1)
        async with app.pool.acquire() as connection:
            await furnish(connection, now=before, ids=app.ids)
            await set_areas(connection, model.AREAS, actor=SYSTEM, now=before, ids=app.ids)
            rules = (await read_rulebook(connection)).at(before)
            data = Path(str(resources.files("konter.simulator") / "data"))
            catalogue, offices = data / "catalogue.csv", data / "offices.csv"
            must(await import_catalogue(connection, catalogue, now=before, actor=SYSTEM, ids=app.ids, rules=rules))
            must(await import_offices(connection, offices, actor=SYSTEM, now=before, ids=app.ids))
            await self._fill_rewards(connection, data / "rewards.csv", rules, before)
            staff = [
                NewStaff(
                    username=username, name=name, roles=roles, password_hash=staff_password_hash, totp_required=False
                )
                for username, name, roles in STAFF
            ]
            await add_staff(connection, staff, actor=SYSTEM, now=before, ids=app.ids)

    async def _fill_rewards(self, connection: Connection, file: Path, rules: Rules, before: datetime) -> None:
        """Rewards, and a stock of codes for each that gives one: the same in every demo of a seed."""
        app, random = self.app, Random(self.seed)  # noqa: S311 - synthetic vouchers, not secrets
        must(await import_rewards(connection, file, clock=FrozenClock(before), actor=SYSTEM, ids=app.ids, rules=rules))
        for line in await rewards_for(connection, None, now=before, rules=rules):
            if not isinstance(line.offer.gives, GivesCode):
                continue
            reward = line.offer.reward
            codes = ["".join(random.choices(ALPHABET, k=CODE_SIGNS)) for _ in range(CODES_EACH)]
            raw = "\n".join(["code", *dict.fromkeys(codes)]).encode()
            taken = await take_codes(
                connection,
                raw,
                f"{reward}.csv",
                reward,
                clock=FrozenClock(before),
                actor=SYSTEM,
                ids=app.ids,
                keys=app.keys,
            )
            must(taken)

    async def _month(self, people: list[Person], step: Step) -> Counter[str]:
        """Sell; returns what was refused. A planner that has seen no statistics reads whole tables for a few rows."""
        await self.analyze()
        async with self.app.pool.acquire() as connection:
            _, catalogue = await self.app.references.current(connection)
        packages = [product.code for product in catalogue.products if product.kind == "package" and product.open]
        parts = districts(self.app, self.size, people, seed=self.seed, packages=packages)
        await sell_for_a_month(self.app, parts, self.hours, step)
        return sum((part.refusals for part in parts), Counter())
