"""Keep people from registering again, look whether somebody is kept, and lift it with four eyes. [D-96]"""

from collections.abc import Sequence
from datetime import datetime

from konter.conduct import queries
from konter.conduct.model import (
    Blacklisting,
    Entry,
    Lifting,
    Suspects,
    decide_blacklistings,
    decide_liftings,
)
from konter.conduct.refusals import BLACKLIST_ENTRY_NOT_FOUND
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import BlacklistId, IdBlocks, cell_of_id, make_id
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys

IDS_PER_ENTRY = 4  # one for itself, and an audit row in each of three attempts
PAGE_MAX = 100


async def is_blacklisted(connection: Connection, batch: Sequence[Suspects], *, keys: Keys) -> list[list[Entry]]:
    """The live entries against each of the batch, in one query; empty for whoever may register. [D-96]"""
    wanted = [each.places(keys) for each in batch]
    found = await queries.read_live(connection, [pair for each in wanted for pair in each.items()])
    return [[entry for entry in found if entry.key in each] for each in wanted]


async def blacklist(
    connection: Connection, new: Sequence[Blacklisting], *, actor: Actor, now: datetime, ids: IdBlocks, keys: Keys
) -> list[Refusal | BlacklistId]:
    """Add entries, one outcome each, in order; what is on the list already changes nothing. [D-96]"""
    own = await ids.reserve(connection, IDS_PER_ENTRY * len(new))
    places = [each.place(keys) for each in new]
    entry_ids = [BlacklistId(make_id(seq, cell)) for seq, (_, cell) in zip(own.take(len(new)), places, strict=True)]

    async def work() -> list[Refusal | BlacklistId]:
        async with connection.transaction():
            live = {(entry.kind, entry.key) for entry in await queries.read_live(connection, places)}
            refusals = decide_blacklistings(new, live=live, keys=keys)
            accepted = [
                (entry_id, cell, each.kind, key, each.reason.strip(), each.evidence.strip(), actor.text)
                for entry_id, each, (key, cell), refusal in zip(entry_ids, new, places, refusals, strict=True)
                if refusal is None
            ]
            await queries.insert_entries(connection, accepted, at=now)
            audit = [
                AuditRow(
                    row[1],
                    now,
                    actor,
                    "blacklist.added",
                    row[0],
                    {"kind": row[2], "reason": row[4], "evidence": row[5]},
                )
                for row in accepted
            ]
            await write_audit(connection, own, audit)
        return [refusal or entry_id for entry_id, refusal in zip(entry_ids, refusals, strict=True)]

    return await retried(work)


async def lift_blacklist(
    connection: Connection, wanted: Sequence[Lifting], *, now: datetime, ids: IdBlocks
) -> list[Refusal | BlacklistId]:
    """End entries, one outcome each, in order; who asked for it may not decide it: SECOND_PERSON_NEEDED. [D-96]"""
    own = await ids.reserve(connection, len(wanted))
    async with connection.transaction():
        entries = await queries.lock_entries(connection, [each.entry_id for each in wanted])
        refusals = decide_liftings(wanted, entries)
        lifted = [each for each, refusal in zip(wanted, refusals, strict=True) if refusal is None]
        rows = [
            (each.entry_id, cell_of_id(each.entry_id), each.asked_by.text, each.decided_by.text, each.reason.strip())
            for each in lifted
        ]
        await queries.write_liftings(connection, rows, at=now)
        audit = [
            AuditRow(
                cell_of_id(each.entry_id),
                now,
                each.decided_by,
                "blacklist.lifted",
                each.entry_id,
                {"reason": each.reason.strip(), "asked_by": each.asked_by.text},
            )
            for each in lifted
        ]
        await write_audit(connection, own, audit)
    return [refusal or each.entry_id for each, refusal in zip(wanted, refusals, strict=True)]


async def blacklist_entries(
    connection: Connection, *, live_only: bool = True, after: int = 0, limit: int = 50
) -> list[Entry]:
    """The list for staff, the newest first, at most 100; the next page from behind the last id."""
    return await queries.read_entries(connection, after=after, live_only=live_only, limit=min(limit, PAGE_MAX))


async def find_entries(
    connection: Connection, suspect: Suspects, *, actor: Actor, now: datetime, ids: IdBlocks, keys: Keys
) -> list[Entry]:
    """What was ever said against one NIK or one number, lifted entries too, the newest first. Who asked is noted, and
    how much there was; not for whom. [D-81, D-96]
    """
    ((key, cell),) = suspect.places(keys).items()
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        found = await queries.read_by_key(connection, key, cell, limit=PAGE_MAX)
        said = {"found": [str(entry.id) for entry in found]}
        await write_audit(
            connection, own, [AuditRow(cell_of_id(actor.id), now, actor, "blacklist.searched", actor.id, said)]
        )
    return found


async def blacklist_entry(connection: Connection, entry_id: int) -> Entry | Refusal:
    """One entry, lifted or not. BLACKLIST_ENTRY_NOT_FOUND."""
    return await queries.read_entry(connection, entry_id) or BLACKLIST_ENTRY_NOT_FOUND()
