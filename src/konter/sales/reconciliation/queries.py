"""All SQL of the reconciliation.

What three sides say of a transfer is joined in one statement by transfer id. Receipts and credits stand in other cells
than the sale, so a cluster must allow repartition joins to the session of this one job.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import asyncpg

from konter.channel.scope import Scope
from konter.platform.db import LONG_WORK_S, Connection, rows_of, unnest
from konter.platform.ids import cell_of_id
from konter.sales.queries import sale_in_scope
from konter.sales.reconciliation.model import Line, NewItem, Statement, WorkItem

Record = asyncpg.Record
ITEM_COLUMNS = ", ".join(WorkItem.__struct_fields__)

# A solved item is opened again when its matter is back: what a rule had ended, or what a person had ended when less was
# known than now. What an adjustment has put right stays so.
_IS_BACK = """{item}.state = 'solved' AND {item}.solved_rule IS DISTINCT FROM 'ADJUSTED'
    AND ({item}.solved_rule IS NOT NULL OR NOT {item}.story @> ({story} - 'checks'))"""
_ITEM_TYPES = ("bigint", "int", "text", "bigint", "date", "bigint", "jsonb")


async def insert_items(connection: Connection, items: Sequence[tuple[int, NewItem]], *, at: datetime) -> int:
    """Items with their ids, those that are not known yet or whose matter is back; returns how many."""
    rows = [(id_, i.cell, i.kind, i.transfer_id, i.day, i.sale_id, i.story) for id_, i in items]
    new = await connection.fetch(
        f"""
        INSERT INTO work_item (id, cell, kind, transfer_id, day, sale_id, story, state, opened_at)
        SELECT u.*, 'open', $8 FROM {rows_of(1, _ITEM_TYPES)} u
        ON CONFLICT ON CONSTRAINT work_item_once DO UPDATE SET state = 'open', story = excluded.story,
            opened_at = excluded.opened_at, taken_by = NULL, taken_at = NULL,
            solved_at = NULL, solved_rule = NULL, solved_by = NULL, solved_why = NULL
        WHERE {_IS_BACK.format(item="work_item", story="excluded.story")} RETURNING 1
        """,
        *unnest(rows, len(_ITEM_TYPES)),
        at,
    )
    return len(new)


# Of outlets in a scope; an item that is about no sale belongs to everybody.
_WITHIN = "(i.sale_id IS NULL OR {})"


async def read_items(
    connection: Connection, *, scope: Scope, state: str, kind: str | None, after: int, limit: int
) -> list[Record]:
    """Items in a state by id, which is by age."""
    return await connection.fetch(
        f"SELECT {ITEM_COLUMNS} FROM work_item i WHERE state = $1 AND ($2::text IS NULL OR kind = $2) AND id > $3"
        f" AND {_WITHIN.format(sale_in_scope(5, 'i'))} ORDER BY id LIMIT $4",
        state,
        kind,
        after,
        limit,
        *scope.parameters(),
    )


async def read_items_newest(
    connection: Connection, *, scope: Scope, state: str, kind: str | None, before: int, limit: int
) -> list[Record]:
    """The same from the newest on."""
    return await connection.fetch(
        f"SELECT {ITEM_COLUMNS} FROM work_item i WHERE state = $1 AND ($2::text IS NULL OR kind = $2) AND id < $3"
        f" AND {_WITHIN.format(sale_in_scope(5, 'i'))} ORDER BY id DESC LIMIT $4",
        state,
        kind,
        before,
        limit,
        *scope.parameters(),
    )


async def count_open(connection: Connection, *, scope: Scope, limit: int) -> list[Record]:
    """Open items by kind, as far as the oldest so many go, with the moment of the oldest of each."""
    return await connection.fetch(
        f"""
        SELECT kind, count(*) AS count, min(opened_at) AS oldest_at
        FROM (
            SELECT kind, opened_at FROM work_item i WHERE state = 'open' AND {_WITHIN.format(sale_in_scope(2, "i"))}
            ORDER BY id LIMIT $1
        ) waiting
        GROUP BY kind ORDER BY kind
        """,
        limit,
        *scope.parameters(),
    )


async def read_item(connection: Connection, *, item_id: int) -> Record | None:
    """One item."""
    return await connection.fetchrow(
        f"SELECT {ITEM_COLUMNS} FROM work_item WHERE id = $1 AND cell = $2", item_id, cell_of_id(item_id)
    )


async def lock_item(connection: Connection, *, item_id: int) -> Record | None:
    """One item, locked."""
    return await connection.fetchrow(
        f"SELECT {ITEM_COLUMNS} FROM work_item WHERE id = $1 AND cell = $2 FOR UPDATE", item_id, cell_of_id(item_id)
    )


async def take_item(connection: Connection, *, item_id: int, taken_by: int, at: datetime) -> Record:
    """Write who works on a locked item."""
    row = await connection.fetchrow(
        f"UPDATE work_item SET taken_by = $3, taken_at = $4 WHERE id = $1 AND cell = $2 RETURNING {ITEM_COLUMNS}",
        item_id,
        cell_of_id(item_id),
        taken_by,
        at,
    )
    assert row is not None
    return row


async def solve_item(
    connection: Connection, *, item_id: int, solved_by: int, why: str, sides: dict[str, Any], at: datetime
) -> Record:
    """End a locked item by a person; what the sides say then goes into its story."""
    row = await connection.fetchrow(
        "UPDATE work_item SET state = 'solved', solved_by = $3, solved_why = $4, story = story || $5, solved_at = $6"
        f" WHERE id = $1 AND cell = $2 RETURNING {ITEM_COLUMNS}",
        item_id,
        cell_of_id(item_id),
        solved_by,
        why,
        sides,
        at,
    )
    assert row is not None
    return row


async def is_adjustment_declined(connection: Connection, *, sale_id: int | None) -> bool:
    """Whether the last word of two people on a late delivery was no."""
    declined: bool = await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM adjustment WHERE sale_id = $1 AND cell = ($1 & 255) AND state = 'declined')
            AND NOT EXISTS (SELECT FROM adjustment WHERE sale_id = $1 AND cell = ($1 & 255) AND state <> 'declined')
        """,
        sale_id,
    )
    return declined


async def find_open_item(connection: Connection, *, kind: str, sale_id: int) -> Record | None:
    """The open item of a kind about a sale."""
    return await connection.fetchrow(
        f"SELECT {ITEM_COLUMNS} FROM work_item WHERE kind = $1 AND sale_id = $2 AND cell = $3 AND state = 'open'",
        kind,
        sale_id,
        cell_of_id(sale_id),
    )


async def solve_of_sale(connection: Connection, *, kinds: Sequence[str], sale_id: int, rule: str, at: datetime) -> int:
    """End a sale's open items of some kinds by a rule."""
    rows = await connection.fetch(
        "UPDATE work_item SET state = 'solved', solved_rule = $4, solved_at = $5"
        " WHERE kind = ANY($1::text[]) AND sale_id = $2 AND cell = $3 AND state = 'open' RETURNING 1",
        list(kinds),
        sale_id,
        cell_of_id(sale_id),
        rule,
        at,
    )
    return len(rows)


async def read_days(connection: Connection, *, kinds: Sequence[str], limit: int) -> list[date]:
    """Days with an open item about their file, oldest first."""
    rows = await connection.fetch(
        "SELECT DISTINCT day FROM work_item WHERE cell = 0 AND transfer_id = 0 AND state = 'open'"
        " AND kind = ANY($1::text[]) ORDER BY day LIMIT $2",
        list(kinds),
        limit,
    )
    return [row["day"] for row in rows]


async def lock_day(connection: Connection, *, day: date) -> None:
    """Let one run at a time work on a day's file: the lock ends with the transaction. Rows alone make it right."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", _DAY_LOCK, day.toordinal())


_DAY_LOCK = 0x737464


async def is_loaded(connection: Connection, *, day: date, digest: bytes | None) -> bool:
    """Whether this very file was taken before; without a digest: any of the day."""
    known: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM statement_file WHERE day = $1 AND ($2::bytea IS NULL OR digest = $2))", day, digest
    )
    return known


async def replace_lines(connection: Connection, statement: Statement, *, actor: str, at: datetime) -> None:
    """The lines of a day's newest file instead of those of an older one."""
    await connection.execute(
        "INSERT INTO statement_file (day, digest, lines, done_rp, loaded_at, actor) VALUES ($1, $2, $3, $4, $5, $6)",
        statement.day,
        statement.digest,
        len(statement.lines),
        statement.done_rp,
        at,
        actor,
    )
    await connection.execute("DELETE FROM statement_line WHERE day = $1", statement.day, timeout=LONG_WORK_S)
    await connection.copy_records_to_table(
        "statement_line",
        records=(
            (x.transfer_id, x.cell, x.day, x.msisdn, x.product, x.nominal_rp, x.state, x.at) for x in statement.lines
        ),
        columns=Line.__struct_fields__,
        timeout=LONG_WORK_S,
    )


async def forget_lines(connection: Connection, *, before: date) -> None:
    """Let go of lines older than a day; the files' digests stay."""
    await connection.execute("DELETE FROM statement_line WHERE day < $1", before, timeout=LONG_WORK_S)


# What the sides say of the transfers in `wanted` (transfer_id, sale_id): our sale, its payment, the receipt at the
# receiver, the credits on the customer's accounts, and the network's line, a delivery before anything else it says.
_SIDES = """
sides AS (
    SELECT w.transfer_id, s.id AS sale_id, s.at, s.status, s.route, s.reason, s.deadline, s.cost_rp, s.nominal_rp,
        s.msisdn, s.product, t.state AS payment, t.amount AS payment_rp, t.at AS payment_at, r.outcome AS receipt,
        r.at AS receipt_at, c.credited, n.state AS network, n.nominal_rp AS network_rp, n.msisdn AS network_msisdn,
        n.product AS network_product, n.day AS network_day,
        (s.delivery ->> 'credit_rp')::bigint + (
            SELECT coalesce(sum((b ->> 'amount')::bigint), 0) FROM jsonb_array_elements(s.delivery -> 'buckets') b
        )::bigint AS promised,
        EXISTS (SELECT FROM reversal v WHERE v.sale_id = s.id AND v.cell = s.cell AND v.state = 'done') AS reversed,
        EXISTS (SELECT FROM reversal v WHERE v.sale_id = s.id AND v.cell = s.cell AND v.state = 'approved') AS taking,
        EXISTS (SELECT FROM adjustment j WHERE j.sale_id = s.id AND j.cell = s.cell AND j.state = 'done') AS adjusted,
        EXISTS (SELECT FROM statement_file f WHERE f.day = (s.at AT TIME ZONE 'Asia/Jakarta')::date) AS filed
    FROM wanted w
    LEFT JOIN transfer t ON t.id = w.transfer_id AND t.cell = (w.transfer_id & 255)
    LEFT JOIN sale s ON s.id = coalesce(w.sale_id, t.reference_id) AND s.cell = (w.transfer_id & 255)
        AND s.transfer_id = w.transfer_id
    LEFT JOIN receipt r ON r.transfer_id = w.transfer_id
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(amount), 0)::bigint AS credited FROM transfer
        WHERE reference_id = s.id AND cell = (s.subscription_id & 255) AND kind IN ('recharge', 'package')
    ) c ON s.id IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT * FROM statement_line l WHERE l.transfer_id = w.transfer_id AND l.cell = (w.transfer_id & 255)
        ORDER BY (l.state = 'done') DESC, l.day DESC LIMIT 1
    ) n ON true
)"""
_STORY = """jsonb_strip_nulls(jsonb_build_object(
    'status', status, 'route', route, 'reason', reason, 'cost_rp', cost_rp, 'nominal_rp', nominal_rp,
    'msisdn', msisdn::text, 'product', product, 'payment', payment, 'payment_rp', payment_rp, 'receipt', receipt,
    'promised', promised, 'credited', credited, 'network', network, 'network_rp', network_rp,
    'network_msisdn', network_msisdn::text, 'network_product', network_product, 'network_day', network_day,
    'reversed', nullif(reversed, false), 'taking', nullif(taking, false), 'adjusted', nullif(adjusted, false)))"""
# $1: the moment; $2: sales from here on may still turn up in the next day's file.
_BREAKS = f"""
breaks AS (
    SELECT k.kind, x.transfer_id, x.sale_id, {_STORY} AS story,
        coalesce((x.at AT TIME ZONE 'Asia/Jakarta')::date, x.network_day,
            (coalesce(x.payment_at, x.receipt_at) AT TIME ZONE 'Asia/Jakarta')::date) AS day
    FROM sides x CROSS JOIN LATERAL (VALUES
        ('LATE_DELIVERY', status = 'refunded' AND (network = 'done' OR receipt = 'received') AND NOT adjusted),
        ('NOT_AT_NETWORK', status = 'done' AND route = 'network' AND network IS NULL AND filed AND at < $2
            AND NOT reversed),
        ('NOT_DONE_AT_NETWORK', status = 'done' AND route = 'network' AND network <> 'done' AND NOT reversed),
        ('UNKNOWN_TRANSFER', sale_id IS NULL AND network = 'done'),
        ('OTHER_AMOUNT', network = 'done' AND network_rp <> nominal_rp AND NOT adjusted),
        ('OTHER_ORDER', network = 'done' AND (network_msisdn <> msisdn OR network_product <> product)),
        ('PAST_DEADLINE', status = 'checking' AND deadline < $1),
        ('DONE_NOT_POSTED', status = 'done' AND payment IS DISTINCT FROM 'posted'),
        ('REFUNDED_NOT_VOIDED', status = 'refunded' AND payment IS DISTINCT FROM 'voided'),
        ('POSTED_NOT_RECEIVED', payment = 'posted' AND route <> 'direct' AND receipt IS DISTINCT FROM 'received'),
        ('RECEIVED_NOT_POSTED', receipt = 'received' AND (payment IS NULL
            OR payment = 'pending' AND (status IS DISTINCT FROM 'checking' OR deadline < $1))),
        ('RECEIVED_AND_VOIDED', receipt = 'received' AND payment = 'voided' AND status IS DISTINCT FROM 'refunded'),
        ('OTHER_PAYMENT', payment_rp <> cost_rp),
        ('OTHER_CREDIT', status = 'done' AND credited <> promised)
    ) k (kind, holds) WHERE k.holds
)"""
# All that a day brings: its sales, what the network says of its own, and receipts of nothing.
_OF_DAY = """
wanted AS (
    SELECT transfer_id, id AS sale_id FROM sale WHERE at >= $3 AND at < $4 AND transfer_id IS NOT NULL
    UNION ALL
    SELECT l.transfer_id, NULL FROM statement_line l
    LEFT JOIN transfer t ON t.id = l.transfer_id AND t.cell = l.cell
    LEFT JOIN sale s ON s.id = t.reference_id AND s.cell = t.cell AND s.transfer_id = t.id
    WHERE l.day = $5 AND NOT coalesce(s.at >= $3 AND s.at < $4, false)
    UNION ALL
    SELECT r.transfer_id, NULL FROM receipt r LEFT JOIN transfer t ON t.id = r.transfer_id
    WHERE r.at >= $3 AND r.at < $4 AND t.id IS NULL
        AND NOT EXISTS (SELECT FROM reversal v WHERE v.hold_id = r.transfer_id)  -- only days were sold: nothing is held
)"""


async def read_breaks(
    connection: Connection,
    *,
    now: datetime,
    sure_until: datetime,
    begin: datetime,
    end: datetime,
    day: date,
    limit: int,
) -> list[Record]:
    """What does not fit among a day's sales and the network's lines, as far as no item says so yet or again."""
    return await connection.fetch(
        f"""
        WITH {_OF_DAY}, {_SIDES}, {_BREAKS}
        SELECT b.* FROM breaks b WHERE NOT EXISTS (
            SELECT FROM work_item i WHERE i.kind = b.kind AND i.transfer_id = b.transfer_id AND i.day = b.day
                AND i.cell = (b.transfer_id & 255) AND NOT ({_IS_BACK.format(item="i", story="b.story")}))
        LIMIT $6
        """,
        now,
        sure_until,
        begin,
        end,
        day,
        limit,
        timeout=LONG_WORK_S,
    )


# Why an item's matter is gone, or null. No break is not enough where the item stands on what the network once said:
# only its own file takes that back.
_GONE = """
gone AS (
    SELECT i.id, i.cell, CASE
        WHEN EXISTS (SELECT FROM breaks b WHERE b.kind = i.kind AND b.transfer_id = i.transfer_id) THEN NULL
        WHEN x.adjusted THEN 'ADJUSTED'
        WHEN i.kind IN ('PAST_DEADLINE', 'ESCALATED') THEN CASE WHEN x.status <> 'checking' THEN 'ENDED' END
        WHEN i.kind = 'TAKE_BACK_OPEN' THEN CASE WHEN NOT x.taking THEN 'ENDED' END
        WHEN i.kind IN ('NOT_AT_NETWORK', 'NOT_DONE_AT_NETWORK') AND x.reversed THEN 'REVERSED'
        WHEN i.kind = 'UNKNOWN_TRANSFER' AND i.sale_id IS NULL AND x.sale_id IS NOT NULL THEN 'FOUND'
        WHEN i.kind IN ('LATE_DELIVERY', 'UNKNOWN_TRANSFER') THEN CASE WHEN x.network <> 'done' THEN 'FILE_AGREES' END
        WHEN i.kind IN ('NOT_AT_NETWORK', 'NOT_DONE_AT_NETWORK', 'OTHER_AMOUNT', 'OTHER_ORDER')
            THEN CASE WHEN x.network IS NOT NULL THEN 'FILE_AGREES' END
        ELSE 'PUT_RIGHT' END AS rule
    FROM work_item i JOIN sides x ON x.transfer_id = i.transfer_id
    WHERE i.state = 'open' AND i.transfer_id > 0
)"""


async def solve_gone(connection: Connection, *, now: datetime) -> list[str]:
    """End every open item whose matter is gone; returns their kinds."""
    rows = await connection.fetch(
        f"""
        WITH wanted AS (
            SELECT transfer_id, max(sale_id) AS sale_id FROM work_item
            WHERE state = 'open' AND transfer_id > 0 GROUP BY transfer_id
        ), {_SIDES}, {_BREAKS}, {_GONE}
        UPDATE work_item i SET state = 'solved', solved_at = $1, solved_rule = g.rule
        FROM gone g WHERE i.id = g.id AND i.cell = g.cell AND i.state = 'open' AND g.rule IS NOT NULL
        RETURNING i.kind
        """,
        now,
        now,
        timeout=LONG_WORK_S,
    )
    return [row["kind"] for row in rows]


async def solve_file(connection: Connection, *, day: date, kinds: Sequence[str], rule: str, at: datetime) -> list[str]:
    """End what was open about a day's file."""
    rows = await connection.fetch(
        "UPDATE work_item SET state = 'solved', solved_at = $4, solved_rule = $3 WHERE day = $1 AND cell = 0"
        " AND transfer_id = 0 AND kind = ANY($2::text[]) AND state = 'open' RETURNING kind",
        day,
        list(kinds),
        rule,
        at,
    )
    return [row["kind"] for row in rows]


async def read_sides(connection: Connection, *, transfer_id: int, sale_id: int | None) -> dict[str, Any] | None:
    """What the sides say of one transfer now."""
    sides: dict[str, Any] | None = await connection.fetchval(
        f"WITH wanted AS (SELECT $1::bigint AS transfer_id, $2::bigint AS sale_id), {_SIDES}"
        f" SELECT {_STORY} FROM sides",
        transfer_id,
        sale_id,
    )
    return sides


async def count_day(connection: Connection, *, begin: datetime, end: datetime, day: date) -> Record:
    """How many sales and lines a day has."""
    row = await connection.fetchrow(
        """
        SELECT (SELECT count(*) FROM sale WHERE at >= $1 AND at < $2) AS sales,
            (SELECT count(*) FROM statement_line WHERE day = $3) AS lines
        """,
        begin,
        end,
        day,
        timeout=LONG_WORK_S,
    )
    assert row is not None
    return row
