"""SQL of the simulated network's own file: SQLite, write-ahead log, each commit on the disk before it is answered."""

import sqlite3
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from konter.platform.clock import business_day
from konter.simulator.network.model import State, Taking, Transfer

_COLUMNS = "id, msisdn, product, ordered_rp, nominal_rp, state, reason, at"


def open_file(path: Path) -> sqlite3.Connection:
    """The file, made if missing. FULL: what was answered outlives a power cut, not only kill -9."""
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.executescript("""
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        CREATE TABLE IF NOT EXISTS transfer (
            seq integer PRIMARY KEY AUTOINCREMENT,
            id integer NOT NULL UNIQUE,
            msisdn text NOT NULL,
            product text NOT NULL,
            ordered_rp integer NOT NULL,
            nominal_rp integer NOT NULL,
            state text NOT NULL CHECK (state IN ('accepted', 'done', 'refused', 'voided')),
            reason text NOT NULL,
            at text NOT NULL,  -- empty for a tombstone
            day text NOT NULL  -- of the moment, in WIB
        );
        CREATE INDEX IF NOT EXISTS transfer_day ON transfer (day);
        CREATE INDEX IF NOT EXISTS transfer_open ON transfer (state) WHERE state = 'accepted';
        CREATE TABLE IF NOT EXISTS take_back (
            id integer PRIMARY KEY,
            transfer_id integer NOT NULL,
            ordered_rp integer NOT NULL,
            nominal_rp integer NOT NULL,
            state text NOT NULL CHECK (state IN ('taken_back', 'refused')),
            reason text NOT NULL
        );
        CREATE INDEX IF NOT EXISTS take_back_transfer ON take_back (transfer_id);
        CREATE TABLE IF NOT EXISTS account (
            msisdn text PRIMARY KEY, given_rp integer NOT NULL, deliveries integer NOT NULL
        );
        CREATE TABLE IF NOT EXISTS tally (name text PRIMARY KEY, n integer NOT NULL);
        CREATE TABLE IF NOT EXISTS setting (name text PRIMARY KEY, value text NOT NULL);
    """)
    return connection


def begin(connection: sqlite3.Connection) -> None:
    """Begin to write; nobody else writes this file."""
    connection.execute("BEGIN IMMEDIATE")


def find(connection: sqlite3.Connection, ids: Collection[int]) -> dict[int, Transfer]:
    """Transfers that are known, by id."""
    marks = ",".join("?" * len(ids))
    rows = connection.execute(f"SELECT {_COLUMNS} FROM transfer WHERE id IN ({marks})", tuple(ids))
    return {transfer.transfer_id: transfer for transfer in map(_transfer, rows)}


def write(connection: sqlite3.Connection, transfers: Iterable[Transfer]) -> None:
    """Transfers as they are now."""
    connection.executemany(
        """
        INSERT INTO transfer (id, msisdn, product, ordered_rp, nominal_rp, state, reason, at, day)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE
        SET nominal_rp = excluded.nominal_rp, state = excluded.state, reason = excluded.reason
        """,
        [
            (
                each.transfer_id,
                each.msisdn,
                each.product,
                each.ordered_rp,
                each.nominal_rp,
                each.state,
                each.reason,
                each.at.astimezone(UTC).isoformat() if each.at else "",
                business_day(each.at).isoformat() if each.at else "",
            )
            for each in transfers
        ],
    )


def give(connection: sqlite3.Connection, deliveries: Iterable[tuple[str, int]]) -> None:
    """Put what was delivered on the customers' accounts."""
    connection.executemany(
        """
        INSERT INTO account (msisdn, given_rp, deliveries) VALUES (?, ?, 1)
        ON CONFLICT (msisdn) DO UPDATE
        SET given_rp = given_rp + excluded.given_rp, deliveries = deliveries + excluded.deliveries
        """,
        list(deliveries),
    )


def take(connection: sqlite3.Connection, takings: Iterable[tuple[str, int]]) -> None:
    """Take what was delivered from the customers' accounts again."""
    connection.executemany(
        "UPDATE account SET given_rp = given_rp - ?2, deliveries = deliveries - 1 WHERE msisdn = ?1", list(takings)
    )


def find_takings(connection: sqlite3.Connection, *, ids: Collection[int], transfers: Collection[int]) -> list[Taking]:
    """Take-backs by their own ids or by those of transfers."""
    rows = connection.execute(
        "SELECT id, transfer_id, ordered_rp, nominal_rp, state, reason FROM take_back"
        f" WHERE id IN ({','.join('?' * len(ids))}) OR transfer_id IN ({','.join('?' * len(transfers))})",
        (*ids, *transfers),
    )
    return [
        Taking(
            take_back_id=id_,
            transfer_id=transfer_id,
            ordered_rp=ordered_rp,
            nominal_rp=nominal_rp,
            state=state,
            reason=reason,
        )
        for id_, transfer_id, ordered_rp, nominal_rp, state, reason in rows
    ]


def write_takings(connection: sqlite3.Connection, takings: Iterable[Taking]) -> None:
    """Take-backs, each once."""
    connection.executemany(
        "INSERT INTO take_back (id, transfer_id, ordered_rp, nominal_rp, state, reason) VALUES (?, ?, ?, ?, ?, ?)",
        [(t.take_back_id, t.transfer_id, t.ordered_rp, t.nominal_rp, t.state, t.reason) for t in takings],
    )


def account(connection: sqlite3.Connection, msisdn: str) -> tuple[int, int]:
    """Rupiah given to a number over all its deliveries, and how many these were; without what was taken back."""
    row = connection.execute("SELECT given_rp, deliveries FROM account WHERE msisdn = ?", (msisdn,)).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def count(connection: sqlite3.Connection, counts: dict[str, int]) -> None:
    """Add to the figures."""
    connection.executemany(
        "INSERT INTO tally (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n",
        list(counts.items()),
    )


def tally(connection: sqlite3.Connection) -> dict[str, int]:
    """The figures."""
    return dict(connection.execute("SELECT name, n FROM tally").fetchall())


def accepted(connection: sqlite3.Connection) -> list[int]:
    """Transfers that were accepted and are yet to be done, in the order in which they came."""
    return [row[0] for row in connection.execute("SELECT id FROM transfer WHERE state = 'accepted' ORDER BY seq")]


def last(connection: sqlite3.Connection, limit: int) -> list[Transfer]:
    """The newest transfers, newest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM transfer ORDER BY seq DESC LIMIT ?", (limit,))
    return [_transfer(row) for row in rows]


def of_day(connection: sqlite3.Connection, day: date) -> Iterable[Transfer]:
    """What became final of a WIB day's orders, in the order in which they came."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM transfer WHERE day = ? AND state <> 'accepted' ORDER BY seq", (day.isoformat(),)
    )
    return map(_transfer, rows)


def setting(connection: sqlite3.Connection, name: str) -> str | None:
    """A value that is kept over restarts."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def keep(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Keep a value over restarts."""
    connection.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def _transfer(row: tuple[int, str, str, int, int, State, str, str]) -> Transfer:
    id_, msisdn, product, ordered_rp, nominal_rp, state, reason, at = row
    return Transfer(
        transfer_id=id_,
        msisdn=msisdn,
        product=product,
        ordered_rp=ordered_rp,
        nominal_rp=nominal_rp,
        state=state,
        reason=reason,
        at=datetime.fromisoformat(at) if at else None,
    )
