"""Outlets and partners in every order, page by page."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.access.people import Stage

from konter.channel.directory.find import partners_by_name, search_outlets
from konter.channel.directory.model import Order
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.db import Connection
from konter.platform.ids import PartnerId


@pytest.fixture
async def connection(stage: Stage) -> AsyncIterator[Connection]:
    async with stage.pool.acquire() as connection:
        yield connection


ORDERS = [Order(by=by, down=down) for by in ("name", "code", "since") for down in (False, True)]


async def partner_with_outlets(stage: Stage) -> PartnerId:
    """A partner of its own with seven outlets: two of one name, two opened at one moment."""
    partner_id = PartnerId(await stage.other_partner())
    for n, name in enumerate(("Zamrud", "anggrek", "Melati", "Melati", "Kenanga", "Dahlia", "Éclair")):
        outlet_id = await stage.outlet(name=name, partner_id=partner_id)
        at = stage.now - timedelta(days=n // 2)
        await stage.pool.execute("UPDATE outlet SET opened_at = $2 WHERE id = $1", outlet_id, at)
    return partner_id


@pytest.mark.requirement("D-57")
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order.by}-{'down' if order.down else 'up'}")
async def test_it_works(stage: Stage, connection: Connection, order: Order) -> None:
    """Pages of two hold each outlet once, in order."""
    scope = Scope(partner_id=await partner_with_outlets(stage))
    every = (await search_outlets(connection, scope=scope, order=order)).outlets
    keys = [order.place(each) for each in every]
    assert keys == sorted(keys, reverse=order.down)
    paged: list[Any] = []
    after = None
    while True:
        page = await search_outlets(connection, scope=scope, order=order, after=after, limit=2)
        paged += page.outlets
        if (after := page.after) is None:
            break
    assert tuple(paged) == every
    assert len({each.id for each in every}) == 7


async def test_only_of_the_status(stage: Stage, connection: Connection) -> None:
    scope = Scope(partner_id=await partner_with_outlets(stage))
    order = Order(by="code", down=True)
    every = (await search_outlets(connection, scope=scope, order=order)).outlets
    await stage.pool.execute("UPDATE outlet SET status = 'suspended' WHERE id = $1", every[2].id)
    suspended = (await search_outlets(connection, scope=scope, order=order, status="suspended")).outlets
    assert [each.id for each in suspended] == [every[2].id]
    active = (await search_outlets(connection, scope=scope, order=order, status="active")).outlets
    assert [each.id for each in active] == [each.id for each in every if each.id != every[2].id]


@pytest.mark.requirement("D-57")
async def test_only_of_the_scope(stage: Stage, connection: Connection) -> None:
    """Another's outlets stand in no order of one's own."""
    mine = Scope(partner_id=await partner_with_outlets(stage))
    theirs = Scope(partner_id=PartnerId(await stage.other_partner()))
    for order in ORDERS:
        assert (await search_outlets(connection, scope=theirs, order=order)).outlets == ()
        nowhere = msgspec.structs.replace(mine, areas=("NOWHERE",))
        assert (await search_outlets(connection, scope=nowhere, order=order)).outlets == ()


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order.by}-{'down' if order.down else 'up'}")
async def test_partners_page_in_every_order(stage: Stage, connection: Connection, order: Order) -> None:
    for _ in range(3):
        await stage.other_partner()
    every = await partners_by_name(connection, scope=EVERYWHERE, order=order, limit=200)
    paged: list[Any] = []
    after = None
    while page := await partners_by_name(connection, scope=EVERYWHERE, order=order, after=after, limit=2):
        paged += page
        after = order.place(page[-1])
    assert [each.id for each in paged[: len(every)]] == [each.id for each in every]
