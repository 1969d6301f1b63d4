"""No hot statement of the channel reads a big table from end to end, with 600,000 outlets there.

What it proves: the plans that PostgreSQL makes on these tables at that size, with fresh statistics, of an even channel
(400 partners of 1,500 outlets each). What it does not: how long they take on a loaded machine.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from tests.conftest import NOON
from tests.plans.conftest import OUTLETS
from tests.plans.orders import ORDERED

from konter.access.overview.people import sessions_of_people
from konter.channel.conflicts.queries import read_due
from konter.channel.conflicts.queue import conflict_counts, conflict_queue
from konter.channel.directory.find import outlet_card, outlet_people, partner_card, partners_by_name, search_outlets
from konter.channel.importing.queries import read_outlets as read_by_code
from konter.channel.inactivity.read import countdowns_of, review_counts, reviews
from konter.channel.lost_phones.report import lost_phones
from konter.channel.numbers.queries import holders, outlets, registrations
from konter.channel.numbers.read import number_story, outlet_numbers
from konter.channel.onboarding.queues.read import counts, queue
from konter.channel.onboarding.queues.read import find as find_forms
from konter.channel.scope import EVERYWHERE, Scope
from konter.channel.visits.rounds import last_visits, planned_visits, round_of
from konter.platform.audit import audit_of
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId, PartnerId, UserId
from konter.platform.secrets import Keys

# Tables whose end nobody should have to wait for. Of conflicts there are few, all of the open ones in an index.
BIG = {
    "application",
    "audit",
    "inactivity",
    "lost_phone",
    "notification_number",
    "number_conflict",
    "number_registration",
    "outlet",
    "outlet_code",
    "outlet_number",
    "outlet_user",
    "reseller_number",
    "seller_number",
    "visit",
    "visit_plan",
}
ROWS_READ_MAX = 3_000
ROWS_WALKED_MAX = 6_000  # where a part has so few that its outlets are far apart, and so many that they are sorted
DRIVERS_OWN = ("typeinfo_tree", "set_config('jit'")  # it asks once of what kind an array is
QUERIES_MAX = 3  # of a list, a search, a timeline
RS, NN = Msisdn(6281200012345), Msisdn(6281300012345)
PARTNER = Scope(partner_id=PartnerId((1000 + 345) << 8 | (345 & 255)))
AREA = Scope(areas=("JBJB",))
BRANCH = Scope(areas=("PLAN-B",))  # nine hundred outlets in eleven districts
FIELD_SALES = Scope(partner_id=PARTNER.partner_id, areas=("PLAN-C",))
VISITOR = UserId((8000000 + 345) << 8 | (345 & 255))
KEYS = Keys(pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA=")
EPOCH = datetime.fromtimestamp(0, tz=NOON.tzinfo)
Look = Callable[[Connection, OutletId], Awaitable[Any]]


async def of_outlet(connection: Connection, outlet: OutletId) -> Any:
    return await outlet_numbers(connection, outlet, scope=PARTNER)


async def changes(connection: Connection, outlet: OutletId) -> None:
    """What a change of numbers reads and writes, of a batch of one."""
    await outlets.read_outlets(connection, [outlet], scope=PARTNER)
    await holders.read_numbers(connection, [RS, NN])
    await registrations.end_registrations(connection, [RS], "RS", at=NOON, by="staff:7", why="released")
    await holders.delete_freed(connection, [NN], at=NOON)
    await holders.link_sellers(connection, [(RS, outlet)], at=NOON)


# What a desk shows of its part of the operator.
OF_SCOPE: dict[str, Callable[..., Awaitable[Any]]] = {
    "all outlets by name": lambda c, _, scope: search_outlets(c, scope=scope),
    "the next page of them": lambda c, _, scope: search_outlets(c, scope=scope, after=("mitra cell 1", 1)),
    "suspended outlets": lambda c, _, scope: search_outlets(c, scope=scope, status="suspended"),
    "active outlets": lambda c, _, scope: search_outlets(c, scope=scope, status="active"),
    "a name's beginning": lambda c, _, scope: search_outlets(c, "sinar d", scope=scope),
    "a code": lambda c, _, scope: search_outlets(c, "2200012345", scope=scope),
    "an outlet": lambda c, o, scope: outlet_card(c, o, scope=scope),
    "applications that wait": lambda c, _, scope: queue(c, scope, "recommended", now=NOON),
    "applications counted": lambda c, _, scope: counts(c, scope, now=NOON),
    "an application by number": lambda c, _, scope: find_forms(c, scope, "0814-0000-0020", keys=KEYS),
    "reviews": lambda c, _, scope: reviews(c, scope=scope),
    "reviews counted": lambda c, _, scope: review_counts(c, scope=scope, now=NOON),
    "conflicts": lambda c, _, scope: conflict_queue(c, scope=scope),
    "visits planned": lambda c, _, scope: planned_visits(c, "all", scope=scope, now=NOON),
    "visits of today": lambda c, _, scope: planned_visits(c, "today", scope=scope, now=NOON),
    "visits overdue": lambda c, _, scope: planned_visits(c, "overdue", scope=scope, now=NOON),
}
LOOKS: dict[str, Look] = {
    "search by code": lambda c, _: search_outlets(c, "2200012345", scope=EVERYWHERE),
    "search by number": lambda c, _: search_outlets(c, "0813-0001-2345", scope=EVERYWHERE),
    "search by name": lambda c, _: search_outlets(c, "Berkah Pulsa", scope=EVERYWHERE),
    "search by a name's first letters": lambda c, _: search_outlets(c, "ber", scope=EVERYWHERE),
    "the next page of names": lambda c, _: search_outlets(c, "ber", scope=EVERYWHERE, after=("berkah cell 12341", 1)),
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
    **{
        f"{what} for {whom}": partial(look, scope=scope)
        for whom, scope in (
            ("everybody", EVERYWHERE),
            ("an area", AREA),
            ("a branch", BRANCH),
            ("a partner", PARTNER),
            ("field sales", FIELD_SALES),
        )
        for what, look in OF_SCOPE.items()
    },
    "partners by name": lambda c, _: partners_by_name(c, scope=BRANCH),
    "a partner with its outlets counted": lambda c, _: partner_card(
        c, PartnerId(PARTNER.partner_id or 0), scope=EVERYWHERE
    ),
    "an outlet's people": outlet_people,
    "an outlet's story": lambda c, o: audit_of(c, [o]),
    "an outlet's countdowns": countdowns_of,
    "who is logged in at an outlet": lambda c, o: sessions_of_people(c, "outlet", o, now=NOON),
    "whom somebody visits today": lambda c, _: round_of(c, VISITOR, now=NOON),
    "what somebody missed": lambda c, _: planned_visits(c, "overdue", scope=PARTNER, now=NOON, person=VISITOR),
    "an outlet's visits": last_visits,
    "lost phones": lambda c, _: lost_phones(c, scope=EVERYWHERE),
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
        if not any(word in record.query for word in DRIVERS_OWN)
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
    for scope in (EVERYWHERE, AREA, BRANCH, PARTNER):
        shown = await search_outlets(channel, scope=scope)
        assert len(shown.outlets) == 50, "a list of nothing says nothing of its plan"
    found = []
    for name, look in LOOKS.items():
        plans = await plans_of(channel, look, outlet)
        assert plans, name
        assert len(plans) <= QUERIES_MAX or look is changes, f"{name} asks {len(plans)} times"
        found += [f"{name}: {fault}: {query}" for query, plan in plans for fault in faults(plan)]
        found += [f"{name}: {walk}" for _, plan in plans if name in ORDERED for walk in walks(plan)]
    assert not found, "\n".join(found)
