"""All SQL of the ledger. Hot statements name the cells, so that on a cluster they touch one node."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import asyncpg

from konter.ledger.model import HOUSE_KINDS, Account, Changes, Pending, Receipt, house_account
from konter.platform.db import LONG_WORK_S, Connection, rows_of, unnest
from konter.platform.ids import AccountId, OwnerId, TransferId, cell_of_id

Record = asyncpg.Record
OUT_OF_ORDER_MAX = 10_000  # entries of one account within the little by which the clocks of servers differ

# Joins to arrays name the cell by equality alone: an array of cells beside it would be sorted anew for every row. What
# is pending is found by id; said as its state, the planner would walk all that is pending anywhere.
# The write of a batch, as CTEs that a command puts in front of its own: parameters $1 to $40. It ends in counts that
# the caller compares with what it decided, because UPDATE ... FROM passes over a missing row without a word.
CHANGES = """
opened AS (
    INSERT INTO account (id, cell, owner_id, kind, source, asset, expires_at, balance, floor, entry_seq, opened_at)
    SELECT *, $1::timestamptz FROM unnest($2::bigint[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[],
        $8::timestamptz[], $9::bigint[], $10::bigint[], $11::bigint[])
    RETURNING 1
), updated AS (
    UPDATE account a SET balance = u.balance, entry_seq = u.entry_seq,
        closed_at = CASE WHEN u.closed THEN $1::timestamptz END
    FROM unnest($12::bigint[], $13::int[], $14::bigint[], $15::bigint[], $16::boolean[])
        u (id, cell, balance, entry_seq, closed)
    WHERE a.id = u.id AND a.cell = u.cell
    RETURNING 1
), transfers AS (
    INSERT INTO transfer (id, cell, kind, debit_account, credit_account, asset, amount, state, link_id, reference_id,
        rule, deadline, at, resolved_at)
    SELECT t.*, $1::timestamptz, CASE WHEN t.state = 'posted' THEN $1::timestamptz END
    FROM unnest($17::bigint[], $18::int[], $19::text[], $20::bigint[], $21::bigint[], $22::text[], $23::bigint[],
        $24::text[], $25::bigint[], $26::bigint[], $27::text[], $28::timestamptz[])
        t (id, cell, kind, debit_account, credit_account, asset, amount, state, link_id, reference_id, rule, deadline)
    RETURNING 1
), entries AS (
    INSERT INTO entry (transfer_id, leg, cell, account_id, kind, asset, amount, seq, balance_after, at)
    SELECT *, $1::timestamptz FROM unnest($29::bigint[], $30::smallint[], $31::int[], $32::bigint[], $33::text[],
        $34::text[], $35::bigint[], $36::bigint[], $37::bigint[])
    RETURNING 1
), resolved AS (
    UPDATE transfer t SET state = r.state, resolved_at = $1
    FROM unnest($38::bigint[], $39::int[], $40::text[]) r (id, cell, state)
    WHERE t.id = r.id AND t.cell = r.cell AND t.resolved_at IS NULL
    RETURNING 1
)"""
CHANGES_LAST_PARAMETER = 40
CHANGES_COUNTS = "(SELECT count(*) FROM updated) AS updated, (SELECT count(*) FROM resolved) AS resolved"


def bulk_credits(house: str, asset: str) -> str:
    """Credits from a house account that a statement decides by itself, for very many owners that are locked: CTEs
    to put behind a `credit` of its own with (owner_id, cell, account_id, new_account_id, kind, expires_at, transfer_id,
    transfer_kind, amount, reference_id, rule), each account at most once; `account_id` is null where the owner has none
    like it. $1 is the moment.
    """
    base = house_account(house, asset, 0) >> 8
    return f"""
credited AS (
    UPDATE account a SET balance = a.balance + c.amount, entry_seq = a.entry_seq + 1, closed_at = NULL
    FROM credit c WHERE a.id = c.account_id AND a.cell = c.cell
    RETURNING c.transfer_id, a.cell, a.id, a.kind, c.amount, a.entry_seq, a.balance
), opened AS (
    INSERT INTO account (id, cell, owner_id, kind, asset, expires_at, balance, entry_seq, opened_at)
    SELECT new_account_id, cell, owner_id, kind, '{asset}', expires_at, amount, 1, $1::timestamptz
    FROM credit WHERE account_id IS NULL
), transfers AS (
    INSERT INTO transfer (id, cell, kind, debit_account, credit_account, asset, amount, state, link_id, reference_id,
        rule, at, resolved_at)
    SELECT transfer_id, cell, transfer_kind, {base}::bigint << 8 | cell, coalesce(account_id, new_account_id),
        '{asset}', amount, 'posted', transfer_id, reference_id, rule, $1::timestamptz, $1::timestamptz
    FROM credit
), entries AS (
    INSERT INTO entry (transfer_id, leg, cell, account_id, kind, asset, amount, seq, balance_after, at)
    SELECT transfer_id, 0, cell, {base}::bigint << 8 | cell, '{house}', '{asset}', -amount, NULL::bigint, NULL::bigint,
        $1::timestamptz
    FROM credit
    UNION ALL
    SELECT transfer_id, 1, cell, id, kind, '{asset}', amount, entry_seq, balance, $1::timestamptz FROM credited
    UNION ALL
    SELECT transfer_id, 1, cell, new_account_id, kind, '{asset}', amount, 1, amount, $1::timestamptz
    FROM credit WHERE account_id IS NULL
)"""


def change_parameters(changes: Changes) -> list[Any]:
    """The 40 parameters of CHANGES."""
    return [
        changes.at,
        *unnest(changes.opened, 10),
        *unnest(changes.updated, 5),
        *unnest(changes.transfers, 12),
        *unnest(changes.entries, 9),
        *unnest(changes.resolved, 3),
    ]


def assert_written(changes: Changes, counts: Record) -> None:
    """The pair of the decision's own checks: every account and pending transfer it changed was there to change."""
    if (counts["updated"], counts["resolved"]) != (len(changes.updated), len(changes.resolved)):
        raise AssertionError(
            f"ledger wrote {counts['updated']} of {len(changes.updated)} accounts and"
            f" {counts['resolved']} of {len(changes.resolved)} pending transfers"
        )


async def write_changes(connection: Connection, changes: Changes) -> None:
    """Write a batch's ledger changes alone; commands with rows of their own put CHANGES in their own statement."""
    counts = await connection.fetchrow(f"WITH {CHANGES} SELECT {CHANGES_COUNTS}", *change_parameters(changes))
    assert counts is not None
    assert_written(changes, counts)


async def lock_owners(connection: Connection, *, owners: Sequence[int]) -> set[int]:
    """Lock owner rows in id order, first and alone; returns those that exist."""
    rows = await connection.fetch(
        "SELECT id FROM owner WHERE cell = ANY($1::int[]) AND id = ANY($2::bigint[]) ORDER BY id FOR UPDATE",
        list({cell_of_id(owner) for owner in owners}),
        list(owners),
    )
    return {row["id"] for row in rows}


async def insert_owners(connection: Connection, *, owners: Sequence[tuple[int, int]], kind: str, at: datetime) -> None:
    """New owner rows from (id, cell) pairs."""
    await connection.execute(
        "INSERT INTO owner (id, cell, kind, opened_at) SELECT u.id, u.cell, $3, $4"
        " FROM unnest($1::bigint[], $2::int[]) u (id, cell)",
        [id_ for id_, _ in owners],
        [cell for _, cell in owners],
        kind,
        at,
    )


async def read_accounts(connection: Connection, *, owners: Sequence[int], at: datetime) -> list[Account]:
    """The owners' live accounts: open and not yet expired at the moment."""
    rows = await connection.fetch(
        """
        SELECT id, cell, owner_id, kind, source, asset, expires_at, balance, floor, entry_seq FROM account
        WHERE cell = ANY($1::int[]) AND owner_id = ANY($2::bigint[]) AND closed_at IS NULL
          AND (expires_at IS NULL OR expires_at > $3)
        """,
        list({cell_of_id(owner) for owner in owners}),
        list(owners),
        at,
    )
    return [Account(*row) for row in rows]


async def read_expired(connection: Connection, *, owners: Sequence[int], at: datetime) -> list[Account]:
    """The owners' accounts whose time is over and that are still open."""
    rows = await connection.fetch(
        """
        SELECT id, cell, owner_id, kind, source, asset, expires_at, balance, floor, entry_seq FROM account
        WHERE cell = ANY($1::int[]) AND owner_id = ANY($2::bigint[]) AND closed_at IS NULL AND expires_at <= $3
        """,
        list({cell_of_id(owner) for owner in owners}),
        list(owners),
        at,
    )
    return [Account(*row) for row in rows]


async def find_owners_with_expired(connection: Connection, *, at: datetime, limit: int) -> list[OwnerId]:
    """Owners that have something to expire, soonest first. What is below zero stays open and must not fill the list."""
    rows = await connection.fetch(
        """
        SELECT owner_id FROM (
            SELECT owner_id, expires_at FROM account
            WHERE expires_at IS NOT NULL AND closed_at IS NULL AND expires_at <= $1 AND balance >= 0
            ORDER BY expires_at LIMIT $2
        ) due GROUP BY owner_id
        """,
        at,
        limit,
    )
    return [OwnerId(row["owner_id"]) for row in rows]


async def read_pending(connection: Connection, *, transfers: Sequence[int]) -> list[Pending]:
    """Pending transfers by id, with the kinds of both sides; a side without an account row is the house's."""
    rows = await connection.fetch(
        """
        SELECT t.id, t.cell, t.kind, t.debit_account, t.credit_account, d.kind AS debit_kind, c.kind AS credit_kind,
            t.asset, t.amount
        FROM transfer t
        LEFT JOIN account d ON d.id = t.debit_account AND d.cell = t.cell
        LEFT JOIN account c ON c.id = t.credit_account AND c.cell = t.cell
        WHERE t.cell = ANY($1::int[]) AND t.id = ANY($2::bigint[]) AND t.state = 'pending'
        """,
        list({cell_of_id(transfer) for transfer in transfers}),
        list(transfers),
    )
    return [
        Pending(
            TransferId(row["id"]),
            row["cell"],
            row["kind"],
            AccountId(row["debit_account"]),
            AccountId(row["credit_account"]),
            row["debit_kind"] or house_kind(row["debit_account"]),
            row["credit_kind"] or house_kind(row["credit_account"]),
            row["asset"],
            row["amount"],
        )
        for row in rows
    ]


async def read_debited(connection: Connection, *, transfers: Sequence[int]) -> list[Account]:
    """The accounts from which transfers took, those too whose time is over or that were closed since: where a pending
    one is voided they get it back, and are open again until they expire.
    """
    rows = await connection.fetch(
        """
        SELECT DISTINCT a.id, a.cell, a.owner_id, a.kind, a.source, a.asset, a.expires_at, a.balance, a.floor,
            a.entry_seq
        FROM transfer t JOIN account a ON a.id = t.debit_account AND a.cell = t.cell
        WHERE t.cell = ANY($1::int[]) AND t.id = ANY($2::bigint[])
        """,
        list({cell_of_id(transfer) for transfer in transfers}),
        list(transfers),
    )
    return [Account(*row) for row in rows]


def receipts_insert(first: int) -> str:
    """The insert of receipts, its parameters numbered from `first`; commands put it in their own statement."""
    return (
        "INSERT INTO receipt (transfer_id, cell, owner_id, outcome, data, at)"
        f" SELECT * FROM {rows_of(first, Receipt.TYPES)}"
    )


def house_kind(account_id: int) -> str:
    """The kind of a house account, from its id."""
    return HOUSE_KINDS[(account_id >> 8) // 1_000]


async def read_statement(
    connection: Connection, *, account_id: int, before_seq: int | None, limit: int
) -> list[Record]:
    """Entries of an account with what caused each, newest first, older than `before_seq`."""
    return await connection.fetch(
        """
        SELECT e.seq, e.at, e.amount, e.balance_after, t.id AS transfer_id, t.kind, t.state, t.reference_id, t.rule
        FROM entry e JOIN transfer t ON t.id = e.transfer_id AND t.cell = e.cell
        WHERE e.account_id = $1 AND e.cell = $2 AND e.seq IS NOT NULL AND e.seq < coalesce($3, 9223372036854775807)
        ORDER BY e.seq DESC LIMIT $4
        """,
        account_id,
        cell_of_id(account_id),
        before_seq,
        limit,
    )


_HELD = """(SELECT coalesce(sum(t.amount), 0)::bigint FROM transfer t
    WHERE t.state = 'pending' AND t.cell = a.cell AND t.debit_account = a.id)"""


async def read_balance(connection: Connection, *, owner_id: int, kind: str, asset: str) -> Record | None:
    """An owner's account that never expires, with what pending transfers hold of its money."""
    return await connection.fetchrow(
        f"SELECT a.id, a.balance, {_HELD} AS held FROM account a WHERE a.owner_id = $1 AND a.cell = $2 AND a.kind = $3"
        " AND a.asset = $4 AND a.source = '' AND a.expires_at IS NULL",
        owner_id,
        cell_of_id(owner_id),
        kind,
        asset,
    )


# The leg by which a voided transfer gives its amount back; legs 0 and 1 had taken it into transit.
_CAME_BACK = "(e.leg = 3 AND t.state = 'voided')"


async def read_moves_by_kind(
    connection: Connection, *, account_id: int, begin: datetime, end: datetime
) -> list[Record]:
    """What moved an account in a stretch of time, by kind of transfer; what came back of voided ones apart."""
    return await connection.fetch(
        f"""
        SELECT t.kind, {_CAME_BACK} AS came_back, count(*) AS moves, sum(e.amount)::bigint AS amount
        FROM entry e JOIN transfer t ON t.id = e.transfer_id AND t.cell = e.cell
        WHERE e.account_id = $1 AND e.cell = $2 AND e.seq IS NOT NULL AND e.at >= $3 AND e.at < $4
        GROUP BY t.kind, came_back ORDER BY t.kind, came_back
        """,
        account_id,
        cell_of_id(account_id),
        begin,
        end,
    )


async def read_moves_of_kind(
    connection: Connection,
    *,
    account_id: int,
    kind: str,
    came_back: bool,
    begin: datetime,
    end: datetime,
    before_seq: int,
    limit: int,
) -> list[Record]:
    """The single moves of one kind in a stretch of time, newest first: those made, or those that came back."""
    return await connection.fetch(
        f"""
        SELECT e.seq, e.at, e.amount, e.balance_after, t.reference_id
        FROM entry e JOIN transfer t ON t.id = e.transfer_id AND t.cell = e.cell
        WHERE e.account_id = $1 AND e.cell = $2 AND e.seq IS NOT NULL AND e.seq < $6 AND t.kind = $3
          AND e.at >= $4 AND e.at < $5 AND {_CAME_BACK} = $8
        ORDER BY e.seq DESC LIMIT $7
        """,
        account_id,
        cell_of_id(account_id),
        kind,
        begin,
        end,
        before_seq,
        limit,
        came_back,
    )


async def balance_at(connection: Connection, *, account_id: int, at: datetime) -> int:
    """An account's balance just before a moment: the sum of its entries until then.

    That is the balance after the last of them, less what was booked before it with a later moment: the clocks of two
    servers differ a little, so neighbours around midnight may stand in the book the other way round.
    """
    balance = await connection.fetchval(
        """
        WITH last AS (
            SELECT seq, balance_after FROM entry
            WHERE account_id = $1 AND cell = $2 AND seq IS NOT NULL AND at < $3 ORDER BY seq DESC LIMIT 1)
        SELECT last.balance_after - coalesce((
            SELECT sum(amount) FROM entry
            WHERE account_id = $1 AND cell = $2 AND seq < last.seq AND seq > last.seq - $4 AND at >= $3), 0)::bigint
        FROM last
        """,
        account_id,
        cell_of_id(account_id),
        at,
        OUT_OF_ORDER_MAX,
    )
    return int(balance or 0)


async def insert_house_day(connection: Connection, *, day: date, begin: datetime, end: datetime) -> None:
    """Roll the house accounts' entries of a closed day up, per cell; running it again gives the same rows."""
    await connection.execute(
        """
        INSERT INTO house_day (cell, day, kind, asset, amount)
        SELECT cell, $1, kind, asset, sum(amount)::bigint FROM entry WHERE seq IS NULL AND at >= $2 AND at < $3
        GROUP BY cell, kind, asset
        ON CONFLICT (day, kind, asset, cell) DO UPDATE SET amount = excluded.amount
        """,
        day,
        begin,
        end,
        timeout=LONG_WORK_S,
    )


# Each proof returns the rows that break it; none may return any. Totals run over all cells, so on a cluster they hold
# for a closed period only; on one PostgreSQL one statement sees one snapshot.
PROOFS = {
    "entries of each asset sum to zero": """
        SELECT asset, sum(amount)::bigint AS left_over FROM entry GROUP BY asset HAVING sum(amount) <> 0""",
    "each transfer's entries sum to zero and are as many as its state says": """
        SELECT t.id, t.state, e.legs, e.total FROM transfer t LEFT JOIN (
            SELECT transfer_id, cell, array_agg(leg ORDER BY leg) AS legs, sum(amount) AS total,
                min(abs(amount)) AS least, max(abs(amount)) AS most
            FROM entry GROUP BY transfer_id, cell) e ON e.transfer_id = t.id AND e.cell = t.cell
        WHERE e.legs IS NULL OR e.total <> 0 OR e.least <> t.amount OR e.most <> t.amount
           OR NOT (CASE t.state WHEN 'voided' THEN e.legs = '{0,1,2,3}'
                                WHEN 'pending' THEN e.legs = '{0,1}'
                                WHEN 'posted' THEN e.legs = CASE WHEN t.deadline IS NULL THEN '{0,1}'
                                    ELSE '{0,1,2,3}' END::smallint[] END)
        LIMIT 100""",
    "every entry has its transfer": """
        SELECT e.transfer_id, e.leg FROM entry e LEFT JOIN transfer t ON t.id = e.transfer_id AND t.cell = e.cell
        WHERE t.id IS NULL LIMIT 100""",
    "balances equal entries": """
        SELECT a.id, a.balance, a.entry_seq, e.total, e.entries FROM account a LEFT JOIN (
            SELECT account_id, cell, sum(amount) AS total, count(*) AS entries, max(seq) AS last
            FROM entry WHERE seq IS NOT NULL GROUP BY account_id, cell) e ON e.account_id = a.id AND e.cell = a.cell
        WHERE a.balance <> coalesce(e.total, 0) OR a.entry_seq <> coalesce(e.entries, 0)
           OR a.entry_seq <> coalesce(e.last, 0) LIMIT 100""",
    "every entry's balance follows from the one before": """
        SELECT account_id, seq, balance_after FROM (
            SELECT account_id, seq, balance_after,
                sum(amount) OVER (PARTITION BY account_id ORDER BY seq) AS expected
            FROM entry WHERE seq IS NOT NULL) w
        WHERE balance_after <> expected LIMIT 100""",
    "entries of owners stand on an account, those of the house on none": """
        SELECT e.transfer_id, e.account_id FROM entry e LEFT JOIN account a ON a.id = e.account_id AND a.cell = e.cell
        WHERE (a.id IS NULL) <> (e.seq IS NULL) OR a.kind <> e.kind OR a.asset <> e.asset LIMIT 100""",
    "what was received is not given back unless adjusted, and what was refused is not paid for": """
        SELECT r.transfer_id, r.outcome, t.state FROM receipt r JOIN transfer t ON t.link_id = r.transfer_id
        WHERE (r.outcome = 'refused' AND t.state = 'posted') OR (r.outcome = 'received' AND t.state = 'voided'
            AND NOT EXISTS (SELECT FROM transfer a WHERE a.reference_id = t.reference_id AND a.cell = t.cell
                AND a.kind = 'adjustment'))
        LIMIT 100""",
    "no account is below its floor": "SELECT id, balance, floor FROM account WHERE balance < floor LIMIT 100",
    "what is in transit is what is pending": """
        SELECT coalesce(e.asset, t.asset) AS asset, e.total AS entered, t.total AS pending
        FROM (SELECT asset, sum(amount) AS total FROM entry WHERE kind = 'in_transit' GROUP BY asset) e
        FULL JOIN (SELECT asset, sum(amount) AS total FROM transfer WHERE state = 'pending' GROUP BY asset) t
            ON t.asset = e.asset
        WHERE coalesce(e.total, 0) <> coalesce(t.total, 0)""",
}
OVERDUE = "SELECT id, deadline FROM transfer WHERE state = 'pending' AND deadline < $1 LIMIT 100"


async def read_breaks(connection: Connection, *, now: datetime) -> dict[str, list[Record]]:
    """What breaks each proof of the books; no key means that all hold."""
    breaks: dict[str, list[Record]] = {}
    for proof, sql in PROOFS.items():
        if rows := await connection.fetch(sql, timeout=LONG_WORK_S):
            breaks[proof] = rows
    if rows := await connection.fetch(OVERDUE, now, timeout=LONG_WORK_S):
        breaks["no pending transfer is past its deadline"] = rows
    return breaks


async def read_totals(connection: Connection) -> list[Record]:
    """Entries and sum per kind and asset: the trial balance, house and owners alike."""
    return await connection.fetch(
        "SELECT kind, asset, count(*) AS entries, sum(amount)::bigint AS total FROM entry"
        " GROUP BY kind, asset ORDER BY asset, kind",
        timeout=LONG_WORK_S,
    )
