"""SQL of messages on handsets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from konter.platform.db import Connection, unnest
from konter.platform.ids import IdBlocks, Msisdn, cell_of_msisdn, make_id


class HandsetMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A text on a handset. `peer` is the other side: the sender of an `in`, the receiver of an `out`."""

    msisdn: Msisdn
    direction: Literal["in", "out"]
    peer: str
    text: str
    at: datetime
    outbox_id: int | None = None


async def add_handset_messages(connection: Connection, *, ids: IdBlocks, messages: Sequence[HandsetMessage]) -> None:
    """Put texts on handsets; one that came from an outbox row arrives once, however often the row is sent."""
    seqs = ids.take(len(messages))
    rows = []
    for message in messages:
        cell = cell_of_msisdn(message.msisdn)
        fields = (message.msisdn, message.direction, message.peer, message.text, message.at, message.outbox_id)
        rows.append((make_id(next(seqs), cell), cell, *fields))
    await connection.execute(
        """
        INSERT INTO handset_message (id, cell, msisdn, direction, peer, text, at, outbox_id)
        SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                             $7::timestamptz[], $8::bigint[])
        ON CONFLICT (outbox_id, cell) WHERE outbox_id IS NOT NULL DO NOTHING
        """,
        *unnest(rows, 8),
    )


async def read_handset_messages(connection: Connection, *, msisdn: Msisdn, limit: int) -> list[HandsetMessage]:
    """The newest texts of a handset, oldest first."""
    rows = await connection.fetch(
        """
        SELECT msisdn, direction, peer, text, at, outbox_id FROM handset_message
        WHERE msisdn = $1 AND cell = $2 ORDER BY at DESC, id DESC LIMIT $3
        """,
        msisdn,
        cell_of_msisdn(msisdn),
        limit,
    )
    return [HandsetMessage(**dict(row)) for row in reversed(rows)]
