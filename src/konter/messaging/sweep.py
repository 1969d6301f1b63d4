"""Forget what customers said once nobody asks for it any more."""

from datetime import datetime, timedelta

from konter.messaging.inbound.queries import delete_texts
from konter.messaging.ussd.queries import delete_sessions
from konter.platform.db import Connection

TEXTS_KEPT = timedelta(days=30)  # a provider repeats itself for days, care is asked about a text for weeks
SESSIONS_KEPT = timedelta(days=2)
BATCH = 5_000


async def sweep_dialogue(connection: Connection, *, now: datetime) -> None:
    """Delete texts from phones after thirty days and sessions after two; run it daily."""
    while await delete_texts(connection, before=now - TEXTS_KEPT, limit=BATCH):
        pass
    while await delete_sessions(connection, before=now - SESSIONS_KEPT, limit=BATCH):
        pass
