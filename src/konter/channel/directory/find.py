"""Find and show outlets and partners, for pages: one query each. What is outside the scope does not exist."""

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
    prefix_of,
)
from konter.channel.partner_users.refusals import PARTNER_NOT_FOUND
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.channel.scope import Scope, reach_of
from konter.platform.db import Connection
from konter.platform.ids import OutletId, PartnerId
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import parse_msisdn

PAGE_MAX = 200
ID_DIGITS_MAX = 18


async def outlets_named_exactly(
    connection: Connection, text: str, *, scope: Scope, limit: int = 10
) -> list[OutletFound]:
    """Outlets that a whole code, reseller number, notification number or id names."""
    wanted = text.strip()
    if not wanted or not wanted.isprintable():
        return []
    return await queries.read_exact(
        connection,
        code=wanted,
        number=parse_msisdn(wanted),
        outlet_id=_id(wanted),
        scope=scope,
        limit=min(limit, PAGE_MAX),
    )


async def outlets_by_name(
    connection: Connection,
    *,
    scope: Scope,
    text: str = "",
    status: OutletStatus | None = None,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> list[OutletFound]:
    """Outlets by name, those whose name begins with a text of three letters or more if one is given. The next page
    starts after the last line's (sort_name, id).
    """
    prefix = prefix_of(text) if text.strip() else ""
    if prefix is None:
        return []
    return await queries.read_by_name(
        connection,
        prefix=prefix,
        scope=scope,
        status=status or "",
        after=after,
        limit=min(limit, PAGE_MAX),
    )


async def outlets_in_order(
    connection: Connection,
    order: Order,
    *,
    scope: Scope,
    status: OutletStatus | None = None,
    after: Start | None = None,
    limit: int = 50,
) -> list[OutletFound]:
    """All outlets of the scope in some order; the next page starts after the last line's `order.place`. Two queries."""
    return await queries.read_in_order(
        connection,
        order=order,
        after=after or order.start,
        reach=await reach_of(connection, scope),
        status=status or "",
        limit=min(limit, PAGE_MAX),
    )


async def outlet_card(connection: Connection, outlet_id: OutletId, *, scope: Scope) -> OutletCard | Refusal:
    """One outlet. OUTLET_NOT_FOUND, for one outside the scope as for one that does not exist."""
    return await queries.read_card(connection, outlet_id=outlet_id, scope=scope) or OUTLET_NOT_FOUND()


async def outlet_people(connection: Connection, outlet_id: OutletId) -> list[OutletPerson]:
    """Everybody whom an outlet has or had as a user; at most 200."""
    return await queries.read_people(connection, outlet_id=outlet_id)


async def partners_by_name(
    connection: Connection,
    *,
    text: str = "",
    status: str = "",
    order: Order = BY_NAME,
    after: Start | None = None,
    limit: int = 50,
) -> list[PartnerFound]:
    """Partners, those whose name begins with a text of three letters or more if one is given, by name or in another
    order. The next page starts after the last line's `order.place`. One query.
    """
    prefix = prefix_of(text) if text.strip() else ""
    if prefix is None:
        return []
    return await queries.read_partners(
        connection,
        prefix=prefix,
        status=status,
        order=order,
        after=after or order.start,
        limit=min(limit, PAGE_MAX),
    )


async def partner_card(connection: Connection, wanted: str | PartnerId) -> PartnerCard | Refusal:
    """One partner by its code or id. PARTNER_NOT_FOUND."""
    text = str(wanted).strip()
    if not text.isprintable():
        return PARTNER_NOT_FOUND()
    found = await queries.read_partner(connection, code=text, partner_id=_id(text))
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


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX else None
