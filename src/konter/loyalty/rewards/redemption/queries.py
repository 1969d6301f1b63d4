"""All SQL of redeeming. A batch is eight round trips: begin, lock owners, lock stocks, three reads, write, commit."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec

from konter.ledger import write as ledger
from konter.loyalty.rewards.catalogue.queries import MEMBER_COLUMNS, offer_columns, used_columns
from konter.loyalty.rewards.redemption.model import CodeId, FreeCode, Redemption, RedemptionId
from konter.platform.audit import AuditRow, audit_insert
from konter.platform.cursor import Cursor
from konter.platform.db import LONG_WORK_S, Connection, rows_of, unnest
from konter.platform.ids import Msisdn, cell_of_id, cell_of_text
from konter.platform.outbox import outbox_insert
from konter.subscriber.write import lengthened_update

Record = asyncpg.Record
FIELDS = Redemption.__struct_fields__
_COLUMNS = ", ".join(FIELDS)
_COLUMNS_NAMED = ", ".join(f"x.{name} AS redemption_{name}" for name in FIELDS)


def redemption_of(row: Record, prefix: str = "") -> Redemption:
    """A redemption from a row whose columns carry a prefix."""
    return msgspec.convert({name: row[f"{prefix}{name}"] for name in FIELDS}, Redemption)


async def lock_stocks(connection: Connection, *, rewards: Sequence[str]) -> dict[str, int]:
    """Lock the stock rows of those of the rewards that are counted, in their order; how many are taken of each."""
    rows = await connection.fetch(
        "SELECT reward, taken FROM reward_stock WHERE cell = ANY($1::int[]) AND reward = ANY($2::text[])"
        " ORDER BY reward FOR UPDATE",
        list({cell_of_text(reward) for reward in rewards}),
        list(rewards),
    )
    return {row["reward"]: row["taken"] for row in rows}


async def read_requests(
    connection: Connection,
    *,
    subscriptions: Sequence[int],
    refs: Sequence[Any],
    rewards: Sequence[str],
    starts: tuple[datetime, datetime, datetime],
    now: datetime,
) -> list[Record]:
    """What is known about each request, a row each, in order: number, tier, offer in force, what was had, same ref.

    `starts` are the beginnings of the day, the month and the year; versions of rules and catalogue come with each row.
    """
    return await connection.fetch(
        f"""
        SELECT r.no, {MEMBER_COLUMNS},
            w.code AS offer_reward, w.kind AS offer_kind, {offer_columns("o", "offer_")},
            o.reward IS NOT NULL AS offered,
            EXISTS (SELECT FROM reward_closure c WHERE c.reward = r.reward AND c.opened_at IS NULL) AS closed,
            u.day, u.month, u.year, u.ever, {_COLUMNS_NAMED},
            (SELECT version FROM reference_version WHERE name = 'rules') AS rules_version,
            (SELECT version FROM reference_version WHERE name = 'catalogue') AS catalogue_version
        FROM unnest($1::bigint[], $2::int[], $3::uuid[], $4::text[])
            WITH ORDINALITY r (subscription_id, cell, client_ref, reward, no)
        LEFT JOIN subscription b ON b.id = r.subscription_id AND b.cell = r.cell
        LEFT JOIN tier_member m ON m.subscription_id = r.subscription_id AND m.cell = r.cell
        LEFT JOIN reward w ON w.code = r.reward
        LEFT JOIN LATERAL (
            SELECT * FROM reward_offer WHERE reward = r.reward AND valid_from <= $5 ORDER BY valid_from DESC LIMIT 1
        ) o ON true
        LEFT JOIN LATERAL (
            SELECT {used_columns(6)} FROM redemption
            WHERE subscription_id = r.subscription_id AND cell = r.cell AND reward = r.reward AND status <> 'refunded'
        ) u ON true
        LEFT JOIN redemption x ON x.subscription_id = r.subscription_id AND x.client_ref = r.client_ref
            AND x.cell = r.cell
        ORDER BY r.no
        """,
        list(subscriptions),
        [cell_of_id(id_) for id_ in subscriptions],
        list(refs),
        list(rewards),
        now,
        *starts,
    )


async def read_free_codes(
    connection: Connection, *, wanted: Mapping[str, int], now: datetime
) -> dict[str, list[FreeCode]]:
    """So many free codes of each reward, the soonest to end first; nobody else takes any: the stock rows are held.

    Looked for in two parts, so that codes that lapsed before anybody took them are not walked every time.
    """
    rows = await connection.fetch(
        """
        SELECT u.reward, k.id, k.sealed, k.expires_at
        FROM unnest($1::text[], $2::int[]) u (reward, wanted) CROSS JOIN LATERAL (
            SELECT * FROM (
                (SELECT id, sealed, expires_at FROM reward_code
                 WHERE reward = u.reward AND redemption_id IS NULL AND expires_at > $3
                 ORDER BY expires_at, id LIMIT u.wanted)
                UNION ALL
                (SELECT id, sealed, expires_at FROM reward_code
                 WHERE reward = u.reward AND redemption_id IS NULL AND expires_at IS NULL ORDER BY id LIMIT u.wanted)
            ) free ORDER BY expires_at, id LIMIT u.wanted) k
        """,
        list(wanted),
        list(wanted.values()),
        now,
    )
    codes: dict[str, list[FreeCode]] = {}
    for row in rows:
        codes.setdefault(row["reward"], []).append(FreeCode(CodeId(row["id"]), row["sealed"], row["expires_at"]))
    return codes


_TYPES = {
    **dict.fromkeys(("reward", "status", "channel", "rule", "reason"), "text"),
    **dict.fromkeys(("delivery", "why"), "jsonb"),
    **dict.fromkeys(("at", "resolved_at", "deadline"), "timestamptz"),
    "cell": "int",
    "client_ref": "uuid",
    "request_hash": "bytea",
}
_STOCK_TYPES = ["text", "int", "bigint"]
_CODE_TYPES = ["bigint", "int", "bigint", "timestamptz"]
_REDEMPTIONS = ledger.CHANGES_LAST_PARAMETER + 1
_LENGTHENED = _REDEMPTIONS + len(FIELDS)
_STOCKS = _LENGTHENED + 3
_CODES = _STOCKS + len(_STOCK_TYPES)
_AUDITS = _CODES + len(_CODE_TYPES)
_EFFECTS = _AUDITS + len(AuditRow.COLUMNS)
_WRITE = f"""
WITH {ledger.CHANGES}, redemptions AS (
    INSERT INTO redemption ({_COLUMNS})
    SELECT * FROM {rows_of(_REDEMPTIONS, [_TYPES.get(name, "bigint") for name in FIELDS])}
), lengthened AS (
    {lengthened_update(_LENGTHENED)}
), stocks AS (
    UPDATE reward_stock s SET taken = u.taken FROM {rows_of(_STOCKS, _STOCK_TYPES)} u (reward, cell, taken)
    WHERE s.reward = u.reward AND s.cell = u.cell
    RETURNING 1
), codes AS (
    UPDATE reward_code k SET redemption_id = u.redemption_id, issued_at = $1, expires_at = u.expires_at
    FROM {rows_of(_CODES, _CODE_TYPES)} u (id, cell, redemption_id, expires_at)
    WHERE k.id = u.id AND k.cell = u.cell AND k.redemption_id IS NULL
    RETURNING 1
), audits AS (
    {audit_insert(_AUDITS)}
), effects AS (
    {outbox_insert(_EFFECTS)}
)
SELECT {ledger.CHANGES_COUNTS}, (SELECT count(*) FROM lengthened) AS lengthened,
    (SELECT count(*) FROM stocks) AS stocks, (SELECT count(*) FROM codes) AS codes
"""


async def write_redemptions(
    connection: Connection,
    changes: ledger.Changes,
    *,
    redemptions: Sequence[Redemption],
    lengthened: Sequence[tuple[int, int, datetime]],
    taken: Mapping[str, int],
    codes: Sequence[tuple[int, int, int, datetime | None]],
    audits: Sequence[tuple[Any, ...]],
    effects: Sequence[tuple[Any, ...]],
) -> None:
    """Everything that a batch decided, in one statement; codes are (id, cell, redemption, end)."""
    counts = await connection.fetchrow(
        _WRITE,
        *ledger.change_parameters(changes),
        *unnest([msgspec.structs.astuple(each) for each in redemptions], len(FIELDS)),
        *unnest(list(lengthened), 3),
        *unnest([(reward, cell_of_text(reward), count) for reward, count in taken.items()], len(_STOCK_TYPES)),
        *unnest(list(codes), len(_CODE_TYPES)),
        *unnest(list(audits), len(AuditRow.COLUMNS)),
        *unnest(list(effects), 6),
    )
    assert counts is not None
    ledger.assert_written(changes, counts)
    if (counts["lengthened"], counts["stocks"], counts["codes"]) != (len(lengthened), len(taken), len(codes)):
        raise AssertionError(
            f"redeeming wrote {counts['lengthened']} of {len(lengthened)} active periods, {counts['stocks']} of"
            f" {len(taken)} stocks and {counts['codes']} of {len(codes)} codes"
        )


async def read_redemptions(connection: Connection, *, ids: Sequence[int]) -> dict[RedemptionId, Redemption]:
    """Redemptions by id."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM redemption WHERE cell = ANY($1::int[]) AND id = ANY($2::bigint[])",
        list({cell_of_id(id_) for id_ in ids}),
        list(ids),
    )
    return {RedemptionId(row["id"]): redemption_of(row) for row in rows}


async def read_of_subscription(
    connection: Connection, *, subscription_id: int, before: Cursor | None, limit: int
) -> list[Redemption]:
    """A number's redemptions, newest first, older than a (at, id)."""
    at, id_ = before or (None, None)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM redemption WHERE subscription_id = $1 AND cell = $2"
        " AND ($3::timestamptz IS NULL OR (at, id) < ($3, $4::bigint)) ORDER BY at DESC, id DESC LIMIT $5",
        subscription_id,
        cell_of_id(subscription_id),
        at,
        id_,
        limit,
    )
    return [redemption_of(row) for row in rows]


async def read_vouchers(connection: Connection, *, code_ids: Sequence[int]) -> dict[int, Record]:
    """(sealed, burnt_at) of codes by id."""
    rows = await connection.fetch(
        "SELECT id, sealed, burnt_at FROM reward_code WHERE cell = ANY($1::int[]) AND id = ANY($2::bigint[])",
        list({cell_of_id(id_) for id_ in code_ids}),
        list(code_ids),
    )
    return {row["id"]: row for row in rows}


async def find_overdue(connection: Connection, *, now: datetime, limit: int) -> list[Redemption]:
    """Redemptions that are checking past their deadline, the oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM redemption WHERE status = 'checking' AND deadline <= $1 ORDER BY deadline LIMIT $2",
        now,
        limit,
    )
    return [redemption_of(row) for row in rows]


async def read_receivers(connection: Connection, *, redemptions: Sequence[int]) -> list[Record]:
    """Where texts about redemptions go, the reward's name at the time in the receiver's language, and the versions that
    a batch goes by.
    """
    return await connection.fetch(
        """
        SELECT x.id, b.msisdn, b.locale, CASE b.locale WHEN 'en' THEN o.name_en ELSE o.name_id END AS name,
            (SELECT version FROM reference_version WHERE name = 'rules') AS rules_version,
            (SELECT version FROM reference_version WHERE name = 'catalogue') AS catalogue_version
        FROM redemption x
        JOIN subscription b ON b.id = x.subscription_id AND b.cell = x.cell
        JOIN LATERAL (
            SELECT name_id, name_en FROM reward_offer WHERE reward = x.reward AND valid_from <= x.at
            ORDER BY valid_from DESC LIMIT 1) o ON true
        WHERE x.cell = ANY($1::int[]) AND x.id = ANY($2::bigint[])
        """,
        list({cell_of_id(id_) for id_ in redemptions}),
        list(redemptions),
    )


async def read_number_of(connection: Connection, *, redemption_id: RedemptionId) -> Msisdn | None:
    """The number of whoever redeemed, as long as the subscription lives."""
    found: Msisdn | None = await connection.fetchval(
        """
        SELECT b.msisdn FROM redemption x JOIN subscription b ON b.id = x.subscription_id AND b.cell = x.cell
        WHERE x.cell = $1 AND x.id = $2 AND b.ended_at IS NULL
        """,
        cell_of_id(redemption_id),
        redemption_id,
    )
    return found


_ENDED_TYPES = ["bigint", "int", "text", "jsonb", "text", "timestamptz"]
_ENDED = ledger.CHANGES_LAST_PARAMETER + 1
_RETURNED = _ENDED + len(_ENDED_TYPES)
_ENDED_AUDITS = _RETURNED + len(_STOCK_TYPES)
_ENDED_EFFECTS = _ENDED_AUDITS + len(AuditRow.COLUMNS)
_WRITE_ENDED = f"""
WITH {ledger.CHANGES}, ended AS (
    UPDATE redemption x SET status = e.status, delivery = e.delivery, reason = e.reason, resolved_at = e.resolved_at
    FROM {rows_of(_ENDED, _ENDED_TYPES)} e (id, cell, status, delivery, reason, resolved_at)
    WHERE x.id = e.id AND x.cell = e.cell AND x.status = 'checking'
    RETURNING 1
), returned AS (
    UPDATE reward_stock s SET taken = u.taken FROM {rows_of(_RETURNED, _STOCK_TYPES)} u (reward, cell, taken)
    WHERE s.reward = u.reward AND s.cell = u.cell
), audits AS (
    {audit_insert(_ENDED_AUDITS)}
), effects AS (
    {outbox_insert(_ENDED_EFFECTS)}
)
SELECT {ledger.CHANGES_COUNTS}, (SELECT count(*) FROM ended) AS ended
"""


async def write_ended(
    connection: Connection,
    changes: ledger.Changes,
    *,
    ended: Sequence[Redemption],
    taken: Mapping[str, int],
    audits: Sequence[tuple[Any, ...]],
    effects: Sequence[tuple[Any, ...]],
) -> None:
    """How redemptions ended, in one statement; only one still open is ended."""
    rows = [(each.id, each.cell, each.status, each.delivery, each.reason, each.resolved_at) for each in ended]
    counts = await connection.fetchrow(
        _WRITE_ENDED,
        *ledger.change_parameters(changes),
        *unnest(rows, len(_ENDED_TYPES)),
        *unnest([(reward, cell_of_text(reward), count) for reward, count in taken.items()], len(_STOCK_TYPES)),
        *unnest(list(audits), len(AuditRow.COLUMNS)),
        *unnest(list(effects), 6),
    )
    assert counts is not None
    ledger.assert_written(changes, counts)
    if counts["ended"] != len(ended):
        raise AssertionError(f"redeeming ended {counts['ended']} of {len(ended)} redemptions")


async def write_reward_day(connection: Connection, *, day: date, begin: datetime, end: datetime) -> None:
    """Add up what was redeemed and burnt between two moments, as that day's; again replaces it."""
    await connection.execute("DELETE FROM reward_day WHERE day = $1", day)
    await connection.execute(
        """
        INSERT INTO reward_day (day, reward, redemptions, refunded, points, burnt)
        SELECT $1, reward, sum(redemptions), sum(refunded), sum(points), sum(burnt) FROM (
            SELECT reward, count(*) AS redemptions, count(*) FILTER (WHERE status = 'refunded') AS refunded,
                coalesce(sum(points) FILTER (WHERE status <> 'refunded'), 0) AS points, 0 AS burnt
            FROM redemption WHERE at >= $2 AND at < $3 GROUP BY reward
            UNION ALL
            SELECT k.reward, 0, 0, 0, count(*)
            FROM merchant m JOIN reward_code k ON k.merchant = m.code AND k.burnt_at >= $2 AND k.burnt_at < $3
            GROUP BY k.reward) u
        GROUP BY reward
        """,
        day,
        begin,
        end,
        timeout=LONG_WORK_S,
    )


async def count_redeemed(connection: Connection, *, zone: str, rewards: Sequence[str] | None) -> dict[str, int]:
    """How many of each reward, or of these, were redeemed and not refunded: by the days that were added up, and every
    one since. `zone`: in which those days begin.
    """
    rows = await connection.fetch(
        """
        SELECT reward, sum(redeemed)::bigint AS redeemed FROM (
            SELECT reward, sum(redemptions - refunded) AS redeemed FROM reward_day GROUP BY reward
            UNION ALL
            SELECT reward, count(*) FROM redemption
            WHERE status <> 'refunded' AND at >= coalesce(
                (SELECT (max(day) + 1)::timestamp AT TIME ZONE $1 FROM reward_day), '-infinity')
            GROUP BY reward) u
        WHERE $2::text[] IS NULL OR reward = ANY($2)
        GROUP BY reward
        """,
        zone,
        list(rewards) if rewards is not None else None,
    )
    return {row["reward"]: row["redeemed"] for row in rows}


async def read_reward_figures(
    connection: Connection, *, first: date, last: date, merchant: str | None = None
) -> list[Record]:
    """What each reward, or each of a merchant, came to on some days, the last included; names are the newest."""
    return await connection.fetch(
        """
        SELECT d.reward, o.name_id, o.name_en, o.merchant, m.name AS merchant_name, d.redemptions, d.refunded,
            d.points, d.burnt
        FROM (
            SELECT reward, sum(redemptions)::bigint AS redemptions, sum(refunded)::bigint AS refunded,
                sum(points)::bigint AS points, sum(burnt)::bigint AS burnt
            FROM reward_day WHERE day >= $1 AND day <= $2 GROUP BY reward) d
        JOIN LATERAL (
            SELECT name_id, name_en, gives ->> 'merchant' AS merchant FROM reward_offer WHERE reward = d.reward
            ORDER BY valid_from DESC LIMIT 1) o ON true
        LEFT JOIN merchant m ON m.code = o.merchant
        WHERE $3::text IS NULL OR o.merchant = $3
        ORDER BY d.redemptions DESC, d.reward
        """,
        first,
        last,
        merchant,
    )
