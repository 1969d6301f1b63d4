"""What must be true when everything is up again and the deadlines have passed. Each proof gives its faults as sentences."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg
import msgspec
from tests.crashes.journal import Story
from tests.crashes.world import World

from konter.ledger.books import check_books
from konter.platform.clock import Clock
from konter.platform.config import Settings
from konter.platform.db import speak_json
from konter.sales.codes import sale_code
from konter.simulator.network.serve import file_of

SALES = """
SELECT id, outlet_id, client_ref::text AS ref, status, route, msisdn, nominal_rp, cost_rp, delivery, reason, at,
    resolved_at, transfer_id FROM sale ORDER BY id
"""
ACCOUNTS = "SELECT owner_id, kind, asset, sum(balance)::bigint AS balance FROM account GROUP BY 1, 2, 3"
TEXTS = """
SELECT body->'data'->>'code' AS code, body->>'template' AS template, body->>'to' AS receiver, count(*) AS rows,
    sum((SELECT count(*) FROM handset_message m WHERE m.outbox_id = o.id))::int AS arrived
FROM outbox o WHERE body->>'template' LIKE 'sale%' GROUP BY 1, 2, 3
"""
# Delivered after the refund, as the network told it then: a person has an item of work to set it right.
BOOKED_LATE = """
SELECT s.transfer_id, r.data, EXISTS (SELECT FROM work_item w WHERE w.sale_id = s.id) AS told
FROM sale s JOIN receipt r ON r.transfer_id = s.transfer_id
WHERE s.status = 'refunded' AND r.outcome = 'received' AND r.at > s.resolved_at
"""
SUBSCRIPTIONS = "SELECT id, msisdn FROM subscription WHERE msisdn = ANY($1)"


class Facts(msgspec.Struct, kw_only=True):
    """Everything that is compared, read once."""

    stories: Mapping[tuple[int, str], Story]
    sales: list[asyncpg.Record]
    balances: Mapping[tuple[int, str, str], int]  # by owner, kind of account, asset
    subscriptions: Mapping[int, int]  # id by number
    texts: list[asyncpg.Record]
    paid_rp: Mapping[int, int]
    network: Mapping[int, tuple[str, str, int]]  # state, number, rupiah given, by transfer
    given_rp: Mapping[str, int]  # the network's accounts
    left: Mapping[str, int]  # what must not be there any more
    breaks: Mapping[str, list]
    booked_late: Mapping[int, Mapping]  # by transfer: what was delivered, and whether somebody is told


async def read(
    settings: Settings, world: World, stories: Mapping[tuple[int, str], Story], paid_rp: Mapping[int, int]
) -> Facts:
    """The facts, from the database itself and the network's own file."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        await speak_json(connection)
        numbers = {row["msisdn"]: row["id"] for row in await connection.fetch(SUBSCRIPTIONS, list(world.customers))}
        report = await check_books(connection, now=Clock().now())
        return Facts(
            stories=stories,
            sales=await connection.fetch(SALES),
            balances={(r["owner_id"], r["kind"], r["asset"]): r["balance"] for r in await connection.fetch(ACCOUNTS)},
            subscriptions=numbers,
            texts=await connection.fetch(TEXTS),
            paid_rp=paid_rp,
            network=_transfers(file_of(settings)),
            given_rp=_accounts(file_of(settings)),
            left=await _left(connection),
            breaks=report.breaks,
            booked_late={row["transfer_id"]: row for row in await connection.fetch(BOOKED_LATE)},
        )
    finally:
        await connection.close()


async def _left(connection: asyncpg.Connection) -> dict[str, int]:
    questions = {
        "sales still checking": "SELECT count(*) FROM sale WHERE status = 'checking'",
        "rows in the work list": "SELECT count(*) FROM sale_check",
        "transfers pending": "SELECT count(*) FROM transfer WHERE state = 'pending'",
        "texts that wait": "SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL",
        "texts given up": "SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL",
    }
    return {what: await connection.fetchval(question) for what, question in questions.items()}


async def open_sales(dsn: str) -> int:
    """How much is still under way: sales that are checking and texts that wait."""
    connection = await asyncpg.connect(dsn)
    try:
        left = await _left(connection)
    finally:
        await connection.close()
    return sum(count for what, count in left.items() if what != "texts given up")


def faults(facts: Facts) -> Iterator[str]:
    """Everything that is not as promised. [D-43, D-46, G-D12]"""
    yield from (f"{count} {what}" for what, count in facts.left.items() if count)
    yield from _books(facts)
    yield from _refs(facts)
    yield from _wallets(facts)
    yield from _customers(facts)
    yield from _network(facts)
    yield from _texts(facts)


def _books(facts: Facts) -> Iterator[str]:
    """A delivery that was told of after the refund unbalances one proof until somebody has adjusted it."""
    for proof, rows in facts.breaks.items():
        if wrong := [row for row in rows if row.get("transfer_id") not in facts.booked_late]:
            yield f"books: {proof}: {wrong[:3]}"
    for transfer, row in facts.booked_late.items():
        if not row["told"]:
            yield f"transfer {transfer} was delivered after its refund, and nobody is told"


def sold_after_refusal(facts: Facts) -> list[str]:
    """Refs whose clients heard only refusals, and that were sold all the same by an attempt in the air.

    Konter does not remember a refusal, so an attempt that a paused process held back may come after it. Only where an
    attempt ended without an answer can that be.
    """
    sold = {(sale["outlet_id"], sale["ref"]) for sale in facts.sales}
    return [ref for (outlet, ref), story in facts.stories.items() if not story.words and (outlet, ref) in sold]


def late(facts: Facts) -> list[int]:
    """Sales that were refunded at the deadline and were delivered by the network: work for a person."""
    return [s["id"] for s in facts.sales if s["status"] == "refunded" and _state(facts, s) == "done"]


def _state(facts: Facts, sale: asyncpg.Record) -> str:
    return facts.network.get(sale["transfer_id"], ("", "", 0))[0] if sale["route"] == "network" else ""


def _refs(facts: Facts) -> Iterator[str]:
    sales = {(sale["outlet_id"], sale["ref"]): sale for sale in facts.sales}
    if len(sales) != len(facts.sales):
        yield f"{len(facts.sales) - len(sales)} refs were sold more than once"
    yield from (f"{key} was sold and nobody sent it" for key in sales.keys() - facts.stories.keys())
    for key, story in facts.stories.items():
        sale = sales.get(key)
        yield from (f"{key}: {fault}" for fault in story.faults)
        if len(story.sales) > 1:
            yield f"{key} was answered with several sales: {story.sales}"
        if sale is None and story.words:
            yield f"{key} was said to be {story.words} and is not there"
        if sale is None and not story.words and not story.refused:
            yield f"{key} has no sale and no refusal"
        if sale is not None:
            yield from _words(key, story, sale)


def _words(key: tuple[int, str], story: Story, sale: asyncpg.Record) -> Iterator[str]:
    if story.sales and story.sales != {str(sale["id"])}:
        yield f"{key} was answered with sale {story.sales}, and is {sale['id']}"
    if wrong := set(story.words) - {"checking", sale["status"]}:
        yield f"{key} was said to be {wrong} and is {sale['status']}"
    if not story.words and not story.may_be_in_the_air:
        yield f"{key} was refused ({story.refused}) and sold all the same"


def _wallets(facts: Facts) -> Iterator[str]:
    costs: Counter[int] = Counter()
    for sale in facts.sales:
        costs[sale["outlet_id"]] += sale["cost_rp"] if sale["status"] == "done" else 0
    for outlet, paid_rp in facts.paid_rp.items():
        found = facts.balances[(outlet, "wallet", "IDR")]
        if found != paid_rp - costs[outlet]:
            yield f"outlet {outlet}: paid {paid_rp}, sold for {costs[outlet]}, and has {found}"


def _customers(facts: Facts) -> Iterator[str]:
    """What was delivered is what they have, here and at the network."""
    held: Counter[tuple[int, str, str]] = Counter()
    given: Counter[str] = Counter()
    late_ones = set(late(facts))
    for sale in facts.sales:
        owner = facts.subscriptions[sale["msisdn"]]
        if delivery := _delivered(facts, sale):
            held[(owner, "main", "IDR")] += delivery["credit_rp"]
            for bucket in delivery["buckets"]:
                held[(owner, "bucket", bucket["asset"])] += bucket["amount"]
        if sale["route"] == "network" and (sale["status"] == "done" or sale["id"] in late_ones):
            given[str(sale["msisdn"])] += sale["nominal_rp"]
    owners = set(facts.subscriptions.values())
    theirs = {each for each in facts.balances if each[0] in owners and each[2] != "POINTS"}  # no sale books points
    for account in sorted(held.keys() | theirs):
        if held[account] != facts.balances.get(account, 0):
            yield f"{account}: {held[account]} were sold, and {facts.balances.get(account, 0)} are there"
    for msisdn in sorted(given.keys() | facts.given_rp.keys()):
        if given[msisdn] != facts.given_rp.get(msisdn, 0):
            yield f"{msisdn}: {given[msisdn]} were sold over the network, which gave {facts.given_rp.get(msisdn, 0)}"


def _delivered(facts: Facts, sale: asyncpg.Record) -> Mapping | None:
    """What the customer got for a sale, by its own word or by that of a late receipt."""
    if sale["status"] == "done":
        return sale["delivery"]
    return facts.booked_late[sale["transfer_id"]]["data"] if sale["transfer_id"] in facts.booked_late else None


def _network(facts: Facts) -> Iterator[str]:
    over = {sale["transfer_id"]: sale for sale in facts.sales if sale["route"] == "network"}
    for transfer, sale in over.items():
        state = _state(facts, sale)
        if sale["status"] == "done" and state != "done":
            yield f"sale {sale['id']} is done, and the network says {state or 'nothing'} of {transfer}"
        if sale["status"] == "refunded" and state == "done" and sale["reason"] != "DEADLINE":
            yield f"sale {sale['id']} was refunded ({sale['reason']}), and the network delivered {transfer}"
        if state == "accepted":
            yield f"the network still has to do {transfer}"
    done = {transfer for transfer, (state, _, _) in facts.network.items() if state == "done"}
    yield from (f"the network delivered {transfer}, and nobody sold it" for transfer in done - over.keys())


def _texts(facts: Facts) -> Iterator[str]:
    """One outbox row to each side; to the customer only when something came. Each arrived once."""
    rows: dict[str, Counter[str]] = {}
    for text in facts.texts:
        side = "customer" if "customer" in text["template"] else text["template"]
        rows.setdefault(text["code"], Counter())[side] += text["rows"]
        if text["arrived"] != text["rows"]:
            yield f"sale {text['code']}: {text['rows']} {text['template']} were written and {text['arrived']} arrived"
    for sale in facts.sales:
        wanted = {"sale_seller": 1, "customer": 1} if sale["status"] == "done" else {"sale_refunded": 1}
        if sale["status"] == "refunded" and _delivered(facts, sale):
            wanted["customer"] = 1
        found = dict(rows.get(sale_code(sale["id"]), {}))
        if found != wanted:
            yield f"sale {sale['id']} is {sale['status']} and was told by {found}"


def _transfers(file: Path) -> dict[int, tuple[str, str, int]]:
    rows = _ask(file, "SELECT id, state, msisdn, nominal_rp FROM transfer")
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _accounts(file: Path) -> dict[str, int]:
    return dict(_ask(file, "SELECT msisdn, given_rp FROM account"))


def _ask(file: Path, question: str) -> list[tuple]:
    if not file.exists():
        return []
    connection = sqlite3.connect(file)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()
