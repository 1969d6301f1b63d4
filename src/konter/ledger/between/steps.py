"""The three steps of a transfer between owners, each a batch command in the cells of one side's owners.

In a transaction of their own, or in the caller's, together with rows of its own. Whoever drives them repeats whatever
it does not know the end of: each step acts once per transfer id.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from konter.ledger.between import queries
from konter.ledger.between.model import (
    Batch,
    Known,
    Received,
    Receiving,
    Sending,
    Sent,
    Settling,
    decide_receivings,
    decide_sendings,
    decide_settlements,
)
from konter.ledger.model import Account, Books, Pending
from konter.ledger.queries import lock_owners, read_accounts
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, TransferId

SEQS_PER_PART = 2  # the transfer, and the account where the receiver has none like it


async def send(connection: Connection, sendings: Sequence[Sending], *, clock: Clock, ids: IdBlocks) -> list[Sent]:
    """The payers' cells take what is sent into transit; one outcome per sending, in order."""
    count = SEQS_PER_PART * sum(len(sending.parts) for sending in sendings)
    own = await ids.reserve(connection, count)
    async with connection.transaction():
        batch = await _begin(connection, sendings, clock, own, count)
        sent = decide_sendings(batch, sendings)
        await _write(connection, batch)
    return sent


async def receive(
    connection: Connection, receivings: Sequence[Receiving], *, clock: Clock, ids: IdBlocks
) -> list[Received]:
    """The receivers' cells credit it, or promise never to; one outcome per receiving, in order."""
    count = SEQS_PER_PART * sum(len(receiving.parts) for receiving in receivings)
    own = await ids.reserve(connection, count)
    async with connection.transaction():
        batch = await _begin(connection, receivings, clock, own, count)
        received = decide_receivings(batch, receivings)
        await _write(connection, batch)
    return received


async def settle(connection: Connection, settlings: Sequence[Settling], *, clock: Clock, ids: IdBlocks) -> list[Sent]:
    """The payers' cells post what was received, and void what was refused; one outcome per settling, in order.

    The caller has the receiver's word, and it is final. Void without one only what no receiver was asked for, nor will
    be.
    """
    async with connection.transaction():
        await lock_owners(connection, owners=list({settling.owner_id for settling in settlings}))
        pending: dict[TransferId, list[Pending]] = defaultdict(list)
        linked = await queries.read_linked(
            connection,
            transfers=[settling.id for settling in settlings],
            references=[settling.reference_id for settling in settlings],
        )
        for id_, part in linked:
            pending[id_].append(part)
        debited = list({part.debit_account for _, part in linked})
        accounts = await queries.read_accounts_by_id(connection, accounts=debited)
        batch = await _batch(connection, settlings, accounts, clock.now(), ids, 0)
        ended = decide_settlements(batch, settlings, pending)
        await _write(connection, batch)
    return ended


async def _begin(
    connection: Connection, wishes: Sequence[Sending] | Sequence[Receiving], clock: Clock, ids: IdBlocks, count: int
) -> Batch:
    owners = list({wish.owner_id for wish in wishes})
    await lock_owners(connection, owners=owners)
    now = clock.now()
    accounts = await read_accounts(connection, owners=owners, at=now)
    return await _batch(connection, wishes, accounts, now, ids, count)


async def _batch(
    connection: Connection,
    wishes: Sequence[Sending] | Sequence[Receiving] | Sequence[Settling],
    accounts: Sequence[Account],
    now: datetime,
    ids: IdBlocks,
    count: int,
) -> Batch:
    rows = await queries.read_known(
        connection, transfers=[wish.id for wish in wishes], owners=[wish.owner_id for wish in wishes]
    )
    known = {TransferId(row["id"]): Known(state=row["state"], outcome=row["outcome"], data=row["data"]) for row in rows}
    return Batch(known, Books(accounts, seqs=ids.take(count), at=now), now=now)


async def _write(connection: Connection, batch: Batch) -> None:
    changes = batch.books.changes()
    if changes.transfers or changes.resolved or batch.receipts:
        await queries.write_step(connection, changes, batch.receipts)
