"""All SQL of photos. A photo stands in the cell of its application."""

from collections.abc import Sequence
from datetime import datetime

from konter.platform.db import Connection
from konter.platform.ids import cell_of_id


async def upsert_photo(
    connection: Connection, application_id: int, *, sealed: bytes, size_bytes: int, at: datetime
) -> None:
    """The photo of an application; another one takes its place."""
    await connection.execute(
        """
        INSERT INTO application_photo (application_id, cell, sealed, size_bytes, at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (application_id, cell)
            DO UPDATE SET sealed = excluded.sealed, size_bytes = excluded.size_bytes, at = excluded.at
        """,
        application_id,
        cell_of_id(application_id),
        sealed,
        size_bytes,
        at,
    )


async def read_photo(connection: Connection, application_id: int) -> bytes | None:
    """The photo as it is kept: sealed."""
    sealed: bytes | None = await connection.fetchval(
        "SELECT sealed FROM application_photo WHERE application_id = $1 AND cell = $2",
        application_id,
        cell_of_id(application_id),
    )
    return sealed


async def delete_photos(connection: Connection, application_ids: Sequence[int]) -> None:
    """Photos that nobody needs any more."""
    await connection.execute(
        "DELETE FROM application_photo WHERE application_id = ANY($1) AND cell = ANY($2)",
        list(application_ids),
        sorted({cell_of_id(application_id) for application_id in application_ids}),
    )
