"""No hot statement of the channel reads a big table from end to end, with 600,000 outlets there.

What it proves: the plans that PostgreSQL makes on these tables at that size, with fresh statistics, of an even channel
(400 partners of 1,500 outlets each). What it does not: how long they take on a loaded machine.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from tests.conftest import NOON
from tests.plans.conftest import OUTLETS
from tests.plans.orders import ORDERED

from konter.channel.conflicts.queries import read_due
from konter.channel.conflicts.queue import conflict_counts, conflict_queue
from konter.channel.directory.find import outlets_in_order
from konter.channel.directory.model import BY_NAME
from konter.channel.finding.search import search_outlets
from konter.channel.importing.queries import read_outlets as read_by_code
from konter.channel.numbers import queries
from konter.channel.numbers.read import number_story, outlet_numbers
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId, PartnerId

# Tables whose end nobody should have to wait for. Of conflicts there are few, all of the open ones in an index.
BIG = {
    "audit",
    "notification_number",
    "number_conflict",
    "number_registration",
    "outlet",
    "outlet_code",
    "outlet_number",
    "outlet_user",
    "reseller_number",
    "seller_number",
}
ROWS_READ_MAX = 3_000
ROWS_WALKED_MAX = 6_000  # where a part has so few that its outlets are far apart, and so many that they are sorted
RS, NN = Msisdn(6281200012345), Msisdn(6281300012345)
PARTNER = Scope(partner_id=PartnerId((1000 + 345) << 8 | (345 & 255)))
AREA = Scope(areas=("JBJB",))
EPOCH = datetime.fromtimestamp(0, tz=NOON.tzinfo)
Look = Callable[[Connection, OutletId], Awaitable[Any]]


async def of_outlet(connection: Connection, outlet: OutletId) -> Any:
    return await outlet_numbers(connection, outlet, scope=PARTNER)


async def changes(connection: Connection, outlet: OutletId) -> None:
    """What a change of numbers reads and writes, of a batch of one."""
    await queries.read_outlets(connection, [outlet], scope=PARTNER)
    await queries.read_numbers(connection, [RS, NN])
    await queries.end_registrations(connection, [RS], "RS", at=NOON, by="staff:7", why="released")
    await queries.delete_freed(connection, [NN], at=NOON)
    await queries.link_sellers(connection, [(RS, outlet)], at=NOON)


LOOKS: dict[str, Look] = {
    "search by code": lambda c, _: search_outlets(c, "2200012345", scope=EVERYWHERE),
    "search by number": lambda c, _: search_outlets(c, "0813-0001-2345", scope=EVERYWHERE),
    "search by name": lambda c, _: search_outlets(c, "Berkah Pulsa", scope=EVERYWHERE),
    "search by a name's first letters": lambda c, _: search_outlets(c, "be", scope=EVERYWHERE),
    "the next page of names": lambda c, _: search_outlets(c, "be", scope=EVERYWHERE, after=("berkah cell 12341", 1)),
    "search by name in an area": lambda c, _: search_outlets(c, "Sukses Cell 1", scope=AREA),
    "search by a whole name of a partner": lambda c, _: search_outlets(c, "Sinar Konter 12344", scope=PARTNER),
    "a number's story": lambda c, _: number_story(c, NN, scope=EVERYWHERE),
    "a number's story for a partner": lambda c, _: number_story(c, RS, scope=PARTNER),
    "an outlet's numbers and users": of_outlet,
    "the conflict queue": lambda c, _: conflict_queue(c, scope=EVERYWHERE),
    "the conflict queue of a partner": lambda c, _: conflict_queue(c, scope=PARTNER),
    "settled conflicts": lambda c, _: conflict_queue(c, scope=EVERYWHERE, state="settled"),
    "conflicts that wait": lambda c, _: conflict_counts(c, scope=PARTNER, now=NOON),
    "conflicts that are due": lambda c, _: read_due(c, now=NOON, after=(EPOCH, 0), limit=200),
    "changes of numbers": changes,
    **ORDERED,
    "an import's look at what stands": lambda c, _: read_by_code(c, [f"22{n:08d}" for n in range(5_000)]),
}


async def plans_of(connection: Connection, look: Look, outlet: OutletId) -> list[tuple[str, dict[str, Any]]]:
    """(statement, plan with real row counts) of everything that a look asks; what it changes is taken back."""
    ran: list[Any] = []
    transaction = connection.transaction()
    await transaction.start()
    connection.add_query_logger(ran.append)
    await look(connection, outlet)
    await asyncio.sleep(0)  # the last one is logged a step later
    connection.remove_query_logger(ran.append)
    plans = [
        (record.query, await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {record.query}", *record.args))
        for record in ran
    ]
    await transaction.rollback()
    return [(query, msgspec.json.decode(plan)[0]["Plan"]) for query, plan in plans]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def faults(plan: dict[str, Any]) -> Iterator[str]:
    """What somebody would have to wait for."""
    for node in nodes(plan):
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG:
            yield f"all of {node['Relation Name']}"
        thrown_away = node.get("Rows Removed by Filter", 0) * node["Actual Loops"]
        if thrown_away > ROWS_READ_MAX:
            yield f"{thrown_away} rows of {node.get('Relation Name')} for nothing"


def walks(plan: dict[str, Any]) -> Iterator[str]:
    """Lists that read many times what they show."""
    for node in nodes(plan):
        read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        if node.get("Relation Name") == "outlet" and read > ROWS_WALKED_MAX:
            yield f"{read:.0f} outlets read"


async def test_every_hot_statement_uses_an_index(channel: Connection) -> None:
    """One test, so that one worker makes one channel."""
    assert await channel.fetchval("SELECT count(*) FROM outlet") == OUTLETS
    outlet = await channel.fetchval("SELECT id FROM outlet WHERE code = '2200012345'")
    found = []
    for name, look in LOOKS.items():
        plans = await plans_of(channel, look, outlet)
        assert plans, name
        found += [f"{name}: {fault}: {query}" for query, plan in plans for fault in faults(plan)]
        found += [f"{name}: {walk}" for _, plan in plans if name in ORDERED for walk in walks(plan)]
    shown = await outlets_in_order(channel, BY_NAME, scope=PARTNER)
    assert len(shown) == 50, "a list of nothing says nothing of its plan"
    assert not found, "\n".join(found)
