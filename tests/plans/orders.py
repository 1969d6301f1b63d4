"""Sorted lists of the desks, for every kind of scope, from the start and from the middle on."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tests.conftest import NOON

from konter.channel.directory.find import partners_by_name, search_outlets
from konter.channel.directory.model import Order, OrderBy, OutletStatus, Start
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.db import Connection
from konter.platform.ids import OutletId, PartnerId

PARTNER = Scope(partner_id=PartnerId((1000 + 345) << 8 | (345 & 255)))
SCOPES = {
    "everybody": EVERYWHERE,
    "an area": Scope(areas=("JBJB",)),
    "a branch": Scope(areas=("PLAN-B",)),
    "a partner": PARTNER,
    "field sales": Scope(partner_id=PARTNER.partner_id, areas=("PLAN-C",)),
}
MIDDLE: dict[OrderBy, Start] = {"name": ("mitra cell 1", 1), "code": ("2200300000", 1), "since": (NOON, 1)}
STATUSES: tuple[OutletStatus | None, ...] = (None, "active", "suspended")


async def listed(
    connection: Connection, _: OutletId, order: Order, scope: Scope, status: OutletStatus | None, after: Start | None
) -> Any:
    return await search_outlets(connection, order=order, scope=scope, status=status, after=after)


ORDERED: dict[str, Callable[[Connection, OutletId], Awaitable[Any]]] = {
    f"outlets by {by}{' downwards' if down else ''} for {whom}, {status or 'all'}{', on' if after else ''}": partial(
        listed, order=Order(by=by, down=down), scope=scope, status=status, after=after
    )
    for by in MIDDLE
    for down in (False, True)
    for whom, scope in SCOPES.items()
    for status in STATUSES
    for after in (None, MIDDLE[by])
}
ORDERED["partners by code"] = lambda c, _: partners_by_name(c, scope=EVERYWHERE, order=Order(by="code", down=True))
