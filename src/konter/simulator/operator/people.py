"""The people of the synthetic operator: customers with their numbers, partners, outlets and those who sell there."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

import msgspec

from konter.access.pins import pin_hash
from konter.app import App
from konter.channel.add_users import add_users
from konter.channel.geography.find import children_of
from konter.channel.geography.model import Region
from konter.channel.model import NewOutlet, NewPartner, NewUser, Outlet
from konter.channel.open_outlets import open_outlets
from konter.channel.partners import open_partners, set_areas
from konter.channel.territory.assign import assign_territories
from konter.platform.audit import SYSTEM
from konter.platform.clock import FrozenClock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId, PartnerId, UserId
from konter.platform.refusal import Refusal
from konter.rules.load import read_rulebook
from konter.rules.model import Rules
from konter.sales.purchase.buy import BuyRequest, buy_balance
from konter.simulator.operator import model, places
from konter.simulator.operator.model import OutletPlan, Size
from konter.simulator.operator.phases import Step
from konter.subscriber.open import NewSubscription, open_subscriptions
from konter.terms.accept import record_acceptances
from konter.terms.load import shipped_documents
from konter.terms.model import Acceptance

NUMBERS_PER_BATCH = 5_000
OUTLETS_PER_BATCH = 5_000
LOADERS = 2  # while the database writes one batch, the next is made
IDS_PER_NUMBER = 2
SALT_BYTES = 16
PIN_OF_ALL = "194207"
T = TypeVar("T")
Districts = dict[str, list[Region]]  # by regency


class Person(msgspec.Struct, frozen=True):
    """A user of an outlet."""

    user_id: UserId
    outlet_id: OutletId


async def open_numbers(app: App, size: Size, *, seed: int, begin: datetime, step: Step) -> None:
    """Put all numbers in use: first three for each outlet, then the customers'.

    Each loader has its own batches and its own ids, so that the same seed gives the same rows however they race.
    """
    starts = range(0, size.numbers, NUMBERS_PER_BATCH)

    async def load(loader: int, ids: IdBlocks) -> None:
        for start in starts[loader::LOADERS]:
            batch = _numbers(size, seed, begin, range(start, min(start + NUMBERS_PER_BATCH, size.numbers)))
            async with app.pool.acquire() as connection:
                await open_subscriptions(connection, batch, now=begin - timedelta(hours=12), ids=ids)
            step.advance(len(batch))

    ids_each = IDS_PER_NUMBER * NUMBERS_PER_BATCH * -(-len(starts) // LOADERS)
    async with app.pool.acquire() as connection:
        ids = [await app.ids.reserve(connection, ids_each) for _ in range(LOADERS)]
    await asyncio.gather(*(load(loader, own) for loader, own in enumerate(ids)))


def _numbers(size: Size, seed: int, begin: datetime, places: range) -> list[NewSubscription]:
    """A shop's own numbers stay active, and so do the customer's whom the demo names and those of a partner's people;
    others come and go. Most people read Indonesian, the first customer does.
    """
    random = Random(f"{seed}/numbers/{places.start}")  # noqa: S311 - synthetic people, not secrets

    def days(place: int) -> int:
        lapses = size.days + 365 if place < size.own_numbers else random.randint(5, size.days + 60)
        printed = range(size.own_numbers, size.merchant_places.stop)
        return size.days + 365 if place in printed else lapses

    return [
        NewSubscription(
            msisdn=model.synthetic_msisdn(place),
            active_until=begin + timedelta(days=days(place)),
            brand="nusa",
            locale="id" if random.random() < 0.97 or place == size.own_numbers else "en",  # noqa: PLR2004 - see above
        )
        for place in places
    ]


async def open_shops(app: App, size: Size, *, random: Random, begin: datetime, step: Step) -> list[Person]:
    """Partners, and outlets of two users each with a first wallet; all have taken the first steps but the very first
    user, who is the demo's newcomer. In order: two of each outlet.
    """
    at = begin - timedelta(hours=6)
    plans = model.plan_outlets(size, random)
    people: list[Person] = []
    async with app.pool.acquire() as connection:
        rules = (await read_rulebook(connection)).at(at)
        partners = [
            must(partner)
            for partner in await open_partners(
                connection,
                [NewPartner(code=code, name=name, area=area) for code, name, area in model.PARTNERS],
                actor=SYSTEM,
                now=at,
                ids=app.ids,
            )
        ]
        districts = await open_places(connection, partners, at=at, ids=app.ids)
        for start in range(0, len(plans), OUTLETS_PER_BATCH):
            part = plans[start : start + OUTLETS_PER_BATCH]
            people += await _open_part(
                app, connection, start, part, partners, districts, random=random, at=at, rules=rules
            )
            await fund(
                connection,
                sorted({person.outlet_id for person in people[2 * start :]}),
                model.WALLET_RP,
                at=at,
                ids=app.ids,
                random=random,
            )
            step.advance(len(part))
        await _agree(connection, [person.user_id for person in people[1:]], at=at)
    return people


async def _open_part(
    app: App,
    connection: Connection,
    start: int,
    plans: list[OutletPlan],
    partners: list[PartnerId],
    districts: Districts,
    *,
    random: Random,
    at: datetime,
    rules: Rules,
) -> list[Person]:
    rows = [_new_outlet(plan, partners, districts, start + place) for place, plan in enumerate(plans)]
    opened = await open_outlets(connection, rows, actor=SYSTEM, now=at, ids=app.ids, rules=rules)
    outlets = [must(outlet) for outlet in opened]
    users = [
        user
        for place, (plan, outlet) in enumerate(zip(plans, outlets, strict=True), start)
        for user in _users(app, plan, outlet, place, random)
    ]
    added = await add_users(connection, users, actor=SYSTEM, now=at, ids=app.ids, rules=rules)
    return [Person(must(user_id), user.outlet_id) for user_id, user in zip(added, users, strict=True)]


async def open_places(connection: Connection, partners: list[PartnerId], *, at: datetime, ids: IdBlocks) -> Districts:
    """The tree of areas, and whose the districts of its towns are; returns the districts by their regency."""
    for area in await set_areas(connection, places.plan_tree(partners), actor=SYSTEM, now=at, ids=ids):
        must(area)
    districts = {town.regency: await children_of(connection, town.regency) for town in places.TOWNS}
    territories = places.plan_territories(districts)
    for district in await assign_territories(connection, territories, actor=SYSTEM, now=at, ids=ids):
        must(district)
    return districts


def _new_outlet(plan: OutletPlan, partners: list[PartnerId], districts: Districts, place: int) -> NewOutlet:
    return NewOutlet(
        code=plan.code,
        name=plan.name,
        partner_id=partners[plan.town.partner],
        area=plan.town.area,
        reseller_msisdn=model.synthetic_msisdn(model.NUMBERS_PER_OUTLET * place),
        segment=plan.segment,
        address=plan.address,
        district=places.district_of(plan.town, plan.place, districts),
        position=places.position_of(plan.town, plan.place),
    )


def _users(app: App, plan: OutletPlan, outlet: Outlet, place: int, random: Random) -> Iterator[NewUser]:
    salt = random.randbytes(SALT_BYTES)
    for number, name in enumerate((plan.seller, plan.owner)):
        yield NewUser(
            outlet_id=outlet.id,
            username=f"{plan.username}.{'pemilik' if number else 'kasir'}",
            name=name,
            role="OUTLET_OWNER" if number else "FRONTLINER",
            nn_msisdn=model.synthetic_msisdn(model.NUMBERS_PER_OUTLET * place + 1 + number),
            nn_type="OWNER" if number else "FRONTLINER",
            password_initial=False,
            pin_salt=salt,
            pin_hash=pin_hash(app.keys, salt, PIN_OF_ALL),
        )


async def _agree(connection: Connection, users: list[UserId], *, at: datetime) -> None:
    documents = shipped_documents()
    for start in range(0, len(users), OUTLETS_PER_BATCH):
        await record_acceptances(
            connection,
            [
                Acceptance(user_id=user_id, code=d.code, version=d.version, way="agreed", at=at, session_id=None)
                for user_id in users[start : start + OUTLETS_PER_BATCH]
                for d in documents
            ],
        )


async def fund(
    connection: Connection, outlets: list[OutletId], amount_rp: int, *, at: datetime, ids: IdBlocks, random: Random
) -> None:
    """Every outlet buys so much selling balance."""
    for start in range(0, len(outlets), OUTLETS_PER_BATCH):
        requests = [
            BuyRequest(outlet_id=outlet, client_ref=new_ref(random), amount_rp=amount_rp, actor=SYSTEM)
            for outlet in outlets[start : start + OUTLETS_PER_BATCH]
        ]
        await buy_balance(connection, requests, clock=FrozenClock(at), ids=ids)


def new_ref(random: Random) -> UUID:
    """A client's ref, the same for the same seed."""
    return UUID(int=random.getrandbits(128), version=4)


def must(outcome: Refusal | T) -> T:
    """What the synthetic operator asks for is never refused, or the simulator is wrong."""
    assert not isinstance(outcome, Refusal), outcome
    return outcome
