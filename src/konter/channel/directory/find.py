"""Find and show outlets and partners, for pages: one query each. What is outside the scope does not exist."""

import msgspec

from konter.channel.directory import queries
from konter.channel.directory.model import (
    BY_NAME,
    Order,
    OutletCard,
    OutletFound,
    OutletPerson,
    OutletStatus,
    PartnerCard,
    PartnerFound,
    ProvinceCount,
    Start,
    Wanted,
    id_of,
    prefix_of,
    wanted_of,
)
from konter.channel.partner_users.refusals import PARTNER_NOT_FOUND
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.channel.scope import Scope, reach_of
from konter.platform.db import Connection
from konter.platform.ids import OutletId, PartnerId
from konter.platform.refusal import Refusal

PAGE_MAX = 200


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A page of outlets; `after` begins the next one, None on the last."""

    outlets: tuple[OutletFound, ...]
    after: Start | None


async def search_outlets(
    connection: Connection,
    typed: str = "",
    *,
    scope: Scope,
    status: OutletStatus | None = None,
    order: Order = BY_NAME,
    after: Start | None = None,
    limit: int = 50,
) -> Results:
    """Outlets of the scope: the one with exactly this code, id, or number in whatever role, then by name those whose
    name begins so; all of them in the `order` asked for where nothing is typed. Three queries at most. [D-57, D-58]
    """
    wanted, most = wanted_of(typed), min(limit, PAGE_MAX)
    exact: list[OutletFound] = []
    if after is None and wanted.is_exact:
        exact = await queries.read_exact(connection, wanted, scope=scope, status=status or "", limit=most)
    if wanted.prefix is None:
        return Results(outlets=tuple(exact), after=None)
    reach, order = await reach_of(connection, scope), BY_NAME if wanted.prefix else order
    if order == BY_NAME:
        named = await queries.read_by_name(
            connection, prefix=wanted.prefix, reach=reach, status=status or "", after=after, limit=most + 1
        )
    else:
        named = await queries.read_in_order(
            connection, order=order, reach=reach, status=status or "", after=after or order.start, limit=most + 1
        )
    known = {outlet.id for outlet in exact}
    following = order.place(named[most - 1]) if len(named) > most else None
    return Results(outlets=(*exact, *(each for each in named[:most] if each.id not in known)), after=following)


async def outlet_card(connection: Connection, outlet_id: OutletId, *, scope: Scope) -> OutletCard | Refusal:
    """One outlet. OUTLET_NOT_FOUND, for one outside the scope as for one that does not exist."""
    return await queries.read_card(connection, outlet_id=outlet_id, scope=scope) or OUTLET_NOT_FOUND()


async def outlet_of_code(connection: Connection, code: str, *, scope: Scope) -> OutletId | Refusal:
    """The outlet that people call by a code, in capitals or not. OUTLET_NOT_FOUND, also for one outside the scope."""
    wanted = wanted_of(code)
    if wanted.code is None:
        return OUTLET_NOT_FOUND()
    found = await queries.read_exact(connection, Wanted(code=wanted.code), scope=scope, status="", limit=1)
    return found[0].id if found else OUTLET_NOT_FOUND()


async def outlet_people(connection: Connection, outlet_id: OutletId) -> list[OutletPerson]:
    """Everybody whom an outlet has or had as a user; at most 200."""
    return await queries.read_people(connection, outlet_id=outlet_id)


async def partners_by_name(
    connection: Connection,
    *,
    scope: Scope,
    text: str = "",
    status: str = "",
    order: Order = BY_NAME,
    after: Start | None = None,
    limit: int = 50,
) -> list[PartnerFound]:
    """Partners of the scope, those whose name begins with a text of three letters or more if one is given, by name or
    in another order. The next page starts after the last line's `order.place`. One query.
    """
    prefix = prefix_of(text) if text.strip() else ""
    if prefix is None:
        return []
    return await queries.read_partners(
        connection,
        prefix=prefix,
        scope=scope,
        status=status,
        order=order,
        after=after or order.start,
        limit=min(limit, PAGE_MAX),
    )


async def partner_card(connection: Connection, wanted: str | PartnerId, *, scope: Scope) -> PartnerCard | Refusal:
    """One partner by its code or id. PARTNER_NOT_FOUND, for one outside the scope as for one that does not exist."""
    text = str(wanted).strip()
    if not text.isprintable():
        return PARTNER_NOT_FOUND()
    found = await queries.read_partner(connection, code=text, partner_id=id_of(text), scope=scope)
    return found or PARTNER_NOT_FOUND()


async def outlets_by_province(connection: Connection, *, scope: Scope) -> list[ProvinceCount]:
    """How many outlets stand in each of the provinces, by status; those without a district are in none."""
    counted: dict[str, dict[str, int]] = {}
    names: dict[str, str] = {}
    for row in await queries.count_by_province(connection, scope=scope):
        names[row["code"]] = row["name"]
        counted.setdefault(row["code"], {})
        if row["status"] is not None:
            counted[row["code"]][row["status"]] = row["outlets"]
    nothing = {"active": 0, "suspended": 0, "terminated": 0}
    return [ProvinceCount(code=code, name=names[code], **{**nothing, **each}) for code, each in counted.items()]
