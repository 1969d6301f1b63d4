"""End proofs, and forget old ones."""

from datetime import datetime, timedelta

from konter.access.proofs import queries
from konter.platform.db import Connection
from konter.platform.ids import Msisdn

KEPT = timedelta(days=2)
BATCH = 500


async def end_proofs_of(connection: Connection, msisdn: Msisdn) -> None:
    """No code that waits for this number fits any longer, at whichever door; in the caller's transaction."""
    await queries.end_proofs(connection, msisdn)


async def sweep_proofs(connection: Connection, *, now: datetime) -> None:
    """Delete proofs older than two days."""
    while await queries.delete_proofs(connection, before=now - KEPT, limit=BATCH):
        pass
