"""User names are unique everywhere, among users of outlets and staff together."""

from collections.abc import Sequence

from konter.access.model import Kind
from konter.access.queries import names as name_queries
from konter.platform.db import Connection


async def taken_names(connection: Connection, names: Sequence[str]) -> set[str]:
    """Those of the normalised names that somebody has."""
    return await name_queries.read_taken_names(connection, names)


async def claim_names(connection: Connection, rows: Sequence[tuple[str, Kind, int, int | None]]) -> None:
    """Take names, given as (normalised name, kind, user id, outlet id), in the caller's transaction.

    A name that somebody took in the meantime raises `asyncpg.UniqueViolationError`; `retried` then reads again.
    """
    await name_queries.insert_names(connection, rows)


async def move_names(connection: Connection, rows: Sequence[tuple[str, int, int]]) -> None:
    """Names go on with other rows, given as (normalised name, user id, outlet id), in the caller's transaction."""
    await name_queries.write_names(connection, rows)
