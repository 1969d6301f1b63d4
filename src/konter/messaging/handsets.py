"""Handsets of the demo and of tests: what arrived on one, and putting something there."""

from collections.abc import Sequence

from konter.messaging import queries
from konter.messaging.queries import HandsetMessage
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn

__all__ = ["HandsetMessage", "deliver", "messages_of"]

MESSAGES_MAX = 200


async def messages_of(connection: Connection, msisdn: Msisdn) -> list[HandsetMessage]:
    """The newest 200 texts of a handset, oldest first."""
    return await queries.read_handset_messages(connection, msisdn=msisdn, limit=MESSAGES_MAX)


async def deliver(connection: Connection, messages: Sequence[HandsetMessage], *, ids: IdBlocks) -> None:
    """Put texts on handsets, all in one statement."""
    await ids.ensure(connection, len(messages))
    await queries.add_handset_messages(connection, ids=ids, messages=messages)
