"""Importing a file of codes for a reward: sealed, found by a keyed hash, refused whole where a line is at fault.

Whole, because a file that was half taken could not be brought again when it is mended: its good lines would then be the
duplicates. So nothing is lost and nothing doubled: the report names the lines, the file is mended and comes again.
"""

import asyncio
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from konter.catalogue.sheet import Fault, Place, fault_at, read_sheet
from konter.loyalty.rewards.catalogue.model import GivesCode, merchant_of
from konter.loyalty.rewards.codes import queries
from konter.loyalty.rewards.codes.model import (
    CODES_MAX,
    COLUMNS,
    FAULTS_TOLD_MAX,
    CodeRow,
    code_hash,
    fault_at_line,
    over,
    read_codes,
)
from konter.loyalty.rewards.refusals import CODES_REFUSED, REWARD_NOT_FOUND, REWARD_TAKES_NO_CODES
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.clock import Clock
from konter.platform.db import Connection, allow_long_work, retried
from konter.platform.forms import file_name
from konter.platform.ids import IdBlocks, make_id
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys


class ImportedCodes(msgspec.Struct, frozen=True, kw_only=True):
    """How many codes a file brought; `again`: it was taken before, and nothing has changed."""

    file: str
    reward: str
    codes: int
    again: bool = False


class _Sealed(msgspec.Struct, frozen=True):
    """A file ready to be written: codes with their hashes and sealed texts, in the order of the lines."""

    codes: list[CodeRow]
    hashes: list[bytes]
    sealed: list[str]


async def import_codes(
    connection: Connection, source: Path, reward: str, *, clock: Clock, actor: Actor, ids: IdBlocks, keys: Keys
) -> ImportedCodes | Refusal:
    """Take a CSV file from a disk; see `take_codes`."""
    file = file_name(source.name)
    try:
        raw = await asyncio.to_thread(source.read_bytes)
    except OSError as error:
        return _refused(file, [fault_at(Place(file, 1), "", "unreadable", detail=error.strerror or str(error))])
    return await take_codes(connection, raw, file, reward, clock=clock, actor=actor, ids=ids, keys=keys)


async def take_codes(
    connection: Connection,
    raw: bytes,
    file: str,
    reward: str,
    *,
    clock: Clock,
    actor: Actor,
    ids: IdBlocks,
    keys: Keys,
) -> ImportedCodes | Refusal:
    """Take a CSV file with the columns `code` and perhaps `last_day`; set-based, whatever its length. [P-22, P-23]

    CODES_REFUSED carries the first hundred faults, none with a code in it; REWARD_NOT_FOUND, REWARD_TAKES_NO_CODES.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    if (known := await queries.read_file(connection, sha256=sha256)) is not None:
        return _again(file, reward, known)
    ready = await asyncio.to_thread(_ready, raw, file, keys, clock.now())
    if isinstance(ready, list):
        return _refused(file, ready)

    async def take() -> ImportedCodes | Refusal:
        own = await ids.reserve(connection, len(ready.codes) + 1)
        return await _take(connection, ready, file, sha256, reward, clock=clock, actor=actor, ids=own)

    return await retried(take)


def _ready(raw: bytes, file: str, keys: Keys, now: datetime) -> _Sealed | list[Fault]:
    """Reading and sealing take a second for many codes, so they are done in a thread."""
    rows = read_sheet(raw, file, known=COLUMNS, needed=("code",), rows_max=CODES_MAX)
    if faults := [row for row in rows if isinstance(row, Fault)]:
        return faults
    codes, faults = read_codes(row for row in rows if not isinstance(row, Fault))
    if faults := [*faults, *over(codes, file, now, "code_is_over")]:
        return sorted(faults, key=lambda fault: fault.line)
    if not codes:
        return [fault_at(Place(file, 1), "", "empty_file")]
    return _Sealed(codes, [code_hash(keys, each.code) for each in codes], [keys.protect(each.code) for each in codes])


async def _take(
    connection: Connection,
    ready: _Sealed,
    file: str,
    sha256: str,
    reward: str,
    *,
    clock: Clock,
    actor: Actor,
    ids: IdBlocks,
) -> ImportedCodes | Refusal:
    async with connection.transaction():
        await allow_long_work(connection)
        now = clock.now()
        offer = await queries.read_newest_offer(connection, reward=reward)
        if offer is None:
            return REWARD_NOT_FOUND(reward=reward)
        if not isinstance(offer.gives, GivesCode):
            return REWARD_TAKES_NO_CODES(reward=reward)
        if faults := over(ready.codes, file, await queries.read_begin(connection, reward=reward), "code_ends_first"):
            return _refused(file, faults)
        known = await queries.read_known(connection, hashes=ready.hashes)
        # Asked after the codes: what a twin of this file brought in the meantime is no duplicate, it is this file.
        if (taken := await queries.read_file(connection, sha256=sha256)) is not None:
            return _again(file, reward, taken)
        if known:
            pairs = zip(ready.codes, ready.hashes, strict=True)
            return _refused(file, [fault_at_line(file, c.line, "code", "code_known") for c, h in pairs if h in known])
        count = len(ready.codes)
        by = actor.text
        await queries.insert_file(connection, sha256=sha256, reward=reward, name=file, codes=count, at=now, by=by)
        seqs = ids.take(count)
        rows: list[tuple[Any, ...]] = [
            (make_id(seq, hash_[0]), hash_[0], hash_, sealed, code.expires_at)
            for code, hash_, sealed, seq in zip(ready.codes, ready.hashes, ready.sealed, seqs, strict=False)
        ]
        await queries.insert_codes(connection, rows=rows, reward=reward, merchant=merchant_of(offer), file=sha256)
        data = {"file": file, "sha256": sha256, "reward": reward, "codes": count}
        await write_audit(connection, ids, [AuditRow(0, now, actor, "reward.codes_imported", 0, data)])
    return ImportedCodes(file=file, reward=reward, codes=count)


def _again(file: str, reward: str, taken: asyncpg.Record) -> ImportedCodes | Refusal:
    """A file that was taken before: nothing to do, unless its codes are another reward's."""
    if taken["reward"] != reward:
        return _refused(file, [fault_at(Place(file, 1), "", "codes_of_another", reward=taken["reward"])])
    return ImportedCodes(file=file, reward=reward, codes=taken["codes"], again=True)


def _refused(file: str, faults: list[Fault]) -> Refusal:
    return CODES_REFUSED(file=file, count=len(faults), faults=tuple(faults[:FAULTS_TOLD_MAX]))
