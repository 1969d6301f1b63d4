"""The daily comparison of Konter's sales, Konter's ledger and the network's own file. [D-46, G-D12]"""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.clock import day_start
from konter.platform.db import Connection, allow_long_work
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.sales.reconciliation import queries
from konter.sales.reconciliation.items import open_items
from konter.sales.reconciliation.model import (
    FILE_CAME,
    FILE_KINDS,
    NO_TRANSFER,
    Kind,
    NewItem,
    Statement,
    read_statement,
)
from konter.sales.reconciliation.refusals import DAY_NOT_OVER

EDGE = timedelta(hours=1)  # a sale this near to midnight may stand on the network's other day
BATCH = 10_000
ITEMS_MAX = 100_000  # a run's; the next one goes on
LINES_KEPT = timedelta(days=92)

FileState = Literal["none", "taken", "known", "missing", "refused"]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run saw and did. `file`: none = no network; taken now; known from before; missing; refused, and why.

    `opened` and `solved` count items by kind; `complete` is false when there is more than one run opens.
    """

    day: date
    sales: int
    lines: int
    file: FileState
    refusal: Refusal | None
    opened: dict[str, int]
    solved: dict[str, int]
    complete: bool


async def reconcile(
    connection: Connection,
    day: date,
    *,
    raw: bytes | None,
    now: datetime,
    rules: Rules,
    ids: IdBlocks,
    actor: Actor,
) -> Report | Refusal:
    """Compare a WIB day that is over; run again, it changes nothing but what has changed since.

    `raw` is the network's file: None where no network delivers (then two sides are compared), empty where it gave none.
    A bad file is refused as a whole, and becomes an item of work unless the day has a good one; the other two sides are
    compared all the same.
    Sales are looked at again for as long as their outcome may stay unknown. Refusal: DAY_NOT_OVER.
    """
    begin, end = day_start(day), day_start(day + timedelta(days=1))
    if now < end:
        return DAY_NOT_OVER(day=str(day))
    opened: Counter[str] = Counter()
    solved: Counter[str] = Counter()
    # A million lines take seconds, in which the same process has texts to send and sales to look at.
    statement = await asyncio.to_thread(read_statement, raw, day) if raw else None
    file: FileState = "none"
    if isinstance(statement, Statement):
        file, ended = await _take(connection, statement, now=now, ids=ids, actor=actor)
        solved.update(ended)
    elif raw is not None:
        file = "refused" if statement else "missing"
        if not await queries.is_loaded(connection, day=day, digest=None):
            item = _file_item(day, statement)
            if await open_items(connection, [item], now=now, ids=ids):
                opened[item.kind] += 1
    first = begin - timedelta(seconds=rules.sale.deadline_s) - EDGE
    complete = await _open(connection, opened, (first, end, day), now, ids)
    async with connection.transaction():
        await allow_long_work(connection)
        solved.update(await queries.solve_gone(connection, now=now))
        await queries.forget_lines(connection, before=day - LINES_KEPT)
        counts = await queries.count_day(connection, begin=begin, end=end, day=day)
    return Report(
        day=day,
        sales=counts["sales"],
        lines=counts["lines"],
        file=file,
        refusal=statement if isinstance(statement, Refusal) else None,
        opened=dict(opened),
        solved=dict(solved),
        complete=complete,
    )


async def _take(
    connection: Connection, statement: Statement, *, now: datetime, ids: IdBlocks, actor: Actor
) -> tuple[FileState, list[str]]:
    """Keep the lines of a file that was never seen; returns the kinds of what that ends."""
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        await allow_long_work(connection)
        await queries.lock_day(connection, day=statement.day)
        if await queries.is_loaded(connection, day=statement.day, digest=statement.digest):
            return "known", []
        await queries.replace_lines(connection, statement, actor=actor.text, at=now)
        ended = await queries.solve_file(connection, day=statement.day, kinds=FILE_KINDS, rule=FILE_CAME, at=now)
        data = {"day": str(statement.day), "sha256": statement.digest.hex(), "lines": len(statement.lines)}
        await write_audit(connection, own, [AuditRow(0, now, actor, "take_statement", 0, data)])
    return "taken", ended


def _file_item(day: date, refused: Refusal | None) -> NewItem:
    if refused is None:
        return NewItem(kind=Kind.NO_FILE, transfer_id=NO_TRANSFER, day=day)
    story = {"code": refused.code, "faults": msgspec.to_builtins(refused.data.get("faults", ()))}
    return NewItem(kind=Kind.FILE_REFUSED, transfer_id=NO_TRANSFER, day=day, story=story)


async def _open(
    connection: Connection,
    opened: Counter[str],
    span: tuple[datetime, datetime, date],
    now: datetime,
    ids: IdBlocks,
) -> bool:
    """Open an item for everything that does not fit; False when there was more than one run takes on."""
    begin, end, day = span
    for _ in range(ITEMS_MAX // BATCH):
        async with connection.transaction():
            await allow_long_work(connection)
            rows = await queries.read_breaks(
                connection, now=now, sure_until=end - EDGE, begin=begin, end=end, day=day, limit=BATCH
            )
        items = [
            NewItem(
                kind=Kind(row["kind"]),
                transfer_id=row["transfer_id"],
                day=row["day"],
                sale_id=row["sale_id"],
                story=row["story"],
            )
            for row in rows
        ]
        await open_items(connection, items, now=now, ids=ids)
        opened.update(item.kind for item in items)
        if len(rows) < BATCH:
            return True
    return False
