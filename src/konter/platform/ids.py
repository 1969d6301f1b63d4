"""Cells and ids: any id tells its cell without a look-up, and ids are reserved in blocks outside the batch."""

import itertools
import zlib
from collections.abc import Iterator
from typing import NewType

from konter.platform.db import Connection

CELLS = 256
BLOCK_SIZE = 1024

OwnerId = NewType("OwnerId", int)
AccountId = NewType("AccountId", int)
TransferId = NewType("TransferId", int)
OutletId = NewType("OutletId", int)
PartnerId = NewType("PartnerId", int)
UserId = NewType("UserId", int)
VisitId = NewType("VisitId", int)
StaffId = NewType("StaffId", int)
SessionId = NewType("SessionId", int)
LoginId = NewType("LoginId", int)
SubscriptionId = NewType("SubscriptionId", int)
SaleId = NewType("SaleId", int)
ClientId = NewType("ClientId", int)
ApiKeyId = NewType("ApiKeyId", int)
DeviceId = NewType("DeviceId", int)
LostPhoneId = NewType("LostPhoneId", int)
ProposalId = NewType("ProposalId", int)
ReversalId = NewType("ReversalId", int)
AdjustmentId = NewType("AdjustmentId", int)
BlacklistId = NewType("BlacklistId", int)
ApplicationId = NewType("ApplicationId", int)
ProofId = NewType("ProofId", int)
BillId = NewType("BillId", int)
GrantId = NewType("GrantId", int)
Msisdn = NewType("Msisdn", int)


def cell_of_id(id_: int) -> int:
    """The cell that an id stands in (0-255)."""
    return id_ & 255


def cell_of_msisdn(msisdn: int) -> int:
    """The cell of a number, fixed for ever; a subscription takes its number's cell."""
    return (msisdn * 40503 >> 8) & 255


def cell_of_text(value: str) -> int:
    """The cell of a row keyed by a text that must be unique everywhere (a user name, an outlet code)."""
    return zlib.crc32(value.encode()) & 255


def make_id(seq: int, cell: int) -> int:
    """An id from a sequence number and the owner's cell."""
    return seq << 8 | cell


def spread_cell(seq: int) -> int:
    """A cell for a new owner that no other value fixes, spread evenly."""
    return (seq * 40503 >> 8) & 255


class IdBlocks:
    """Hands out sequence numbers from blocks taken from the database, so that a batch reserves without a round trip.

    Numbers that a refused request or a stopped process leaves unused are simply skipped. One per event loop.
    """

    def __init__(self, blocks_at_once: int = 16) -> None:
        self._blocks_at_once = blocks_at_once
        self._seqs: list[range] = []
        self._left = 0

    async def ensure(self, connection: Connection, count: int) -> None:
        """Take blocks until `count` numbers are at hand. Runs outside the batch's transaction."""
        while self._left < count:
            wanted = max(self._blocks_at_once, (count - self._left) // BLOCK_SIZE + 1)
            rows = await connection.fetch("SELECT nextval('id_block') AS block FROM generate_series(1, $1)", wanted)
            self._seqs.extend(range(row["block"] * BLOCK_SIZE, (row["block"] + 1) * BLOCK_SIZE) for row in rows)
            self._left += wanted * BLOCK_SIZE

    async def reserve(self, connection: Connection, count: int) -> "IdBlocks":
        """A store of `count` numbers of one's own. A command that awaits between `ensure` and its last `take` needs it:
        another task of the same loop may take in between.
        """
        await self.ensure(connection, count)
        own = IdBlocks(self._blocks_at_once)
        own._seqs = self._cut(count)
        own._left = count
        return own

    def take(self, count: int) -> Iterator[int]:
        """An iterator over `count` numbers that nobody else will get; `ensure` must have been called."""
        return itertools.chain.from_iterable(self._cut(count))

    def _cut(self, count: int) -> list[range]:
        assert count <= self._left, "ensure() first"
        self._left -= count
        parts: list[range] = []
        while count:
            block = self._seqs[0]
            part = block[:count]
            parts.append(part)
            count -= len(part)
            if rest := block[len(part) :]:
                self._seqs[0] = rest
            else:
                del self._seqs[0]
        return parts
