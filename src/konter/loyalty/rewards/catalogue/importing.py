"""Importing a file of rewards: all or nothing, every fault with line and column. [P-21..P-24, G-P23]"""

import asyncio
import hashlib
from datetime import datetime
from pathlib import Path

import msgspec

from konter.catalogue.sheet import Fault, Place, fault_at, read_sheet
from konter.loyalty.rewards.catalogue import queries
from konter.loyalty.rewards.catalogue.model import Offer, merchant_of
from konter.loyalty.rewards.catalogue.rows import COLUMNS, Draft, OfferKey, read_rows
from konter.loyalty.rewards.refusals import REWARDS_REFUSED
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.forms import file_name
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.rules.model import Rules


class ImportedRewards(msgspec.Struct, frozen=True, kw_only=True):
    """What an accepted file wrote: so many merchants and offers; `same` offers stood already."""

    file: str
    merchants: int
    offers: int
    same: int


async def import_rewards(
    connection: Connection, source: Path, *, clock: Clock, actor: Actor, ids: IdBlocks, rules: Rules
) -> ImportedRewards | Refusal:
    """Import a CSV file from a disk; see `take_rewards`."""
    file = file_name(source.name)
    try:
        raw = await asyncio.to_thread(source.read_bytes)
    except OSError as error:
        fault = fault_at(Place(file, 1), "", "unreadable", detail=error.strerror or str(error))
        return REWARDS_REFUSED(file=file, count=1, faults=(fault,))
    return await take_rewards(connection, raw, file, clock=clock, actor=actor, ids=ids, rules=rules)


async def take_rewards(
    connection: Connection, raw: bytes, file: str, *, clock: Clock, actor: Actor, ids: IdBlocks, rules: Rules
) -> ImportedRewards | Refusal:
    """Import one CSV file; importing it again changes nothing. What it does not name stays.

    An offer that has begun never changes, and a new one begins later unless its reward is new: REWARDS_REFUSED carries
    every `Fault`.
    """
    draft = await asyncio.to_thread(_read_draft, raw, file, rules)
    if isinstance(draft, list):
        return REWARDS_REFUSED(file=file, count=len(draft), faults=tuple(draft))
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        await queries.lock_rewards(connection)
        now = clock.now()  # not when an upload began, nor before a wait: what has begun by now stays as it was shown
        standing = {(offer.reward, offer.valid_from): offer for offer in await queries.read_offers(connection)}
        known = await queries.read_merchants(connection)
        closed = await queries.read_closed_merchants(connection)
        if faults := _faults(draft, standing, known, closed, now):
            return REWARDS_REFUSED(file=file, count=len(faults), faults=tuple(faults))
        merchants = [(code, name) for code, (_, name) in draft.merchants.items() if known.get(code) != name]
        offers = [offer for key, (_, offer) in draft.offers.items() if standing.get(key) != offer]
        if merchants or offers:
            await _write(connection, merchants, offers, now=now, actor=actor)
            data = {"file": file, "sha256": draft.sha256, "merchants": len(merchants), "offers": len(offers)}
            await write_audit(connection, own, [AuditRow(0, now, actor, "reward.imported", 0, data)])
    return ImportedRewards(
        file=file, merchants=len(merchants), offers=len(offers), same=len(draft.offers) - len(offers)
    )


def _read_draft(raw: bytes, file: str, rules: Rules) -> Draft | list[Fault]:
    rows = read_sheet(raw, file, known=COLUMNS)
    if faults := [row for row in rows if isinstance(row, Fault)]:
        return faults
    draft = read_rows(
        (row for row in rows if not isinstance(row, Fault)),
        brands=frozenset(brand.code for brand in rules.brand.table),
        tiers=rules.tier.names,
    )
    if not (draft.faults or draft.merchants or draft.offers):
        return [fault_at(Place(file, 1), "", "empty_file")]
    draft.sha256 = hashlib.sha256(raw).hexdigest()
    return draft


def _faults(
    draft: Draft, standing: dict[OfferKey, Offer], merchants: dict[str, str], closed: set[str], now: datetime
) -> list[Fault]:
    """What is wrong in rows, and what does not go with what stands."""
    faults = [*draft.faults, *_of_closed(draft, standing, merchants, closed)]
    kinds = {offer.reward: offer.kind for offer in standing.values()}
    of_merchant = {offer.reward: merchant_of(offer) for offer in standing.values()}
    for key, (place, offer) in draft.offers.items():
        if kinds.get(offer.reward, offer.kind) != offer.kind:
            faults.append(fault_at(place, "kind", "fixed_for_ever", was=kinds[offer.reward]))
        merchant = merchant_of(offer)
        if merchant is not None and merchant not in merchants.keys() | draft.merchants.keys():
            faults.append(fault_at(place, "merchant", "unknown_merchant", value=merchant))
        if (was := of_merchant.setdefault(offer.reward, merchant)) != merchant:  # its codes are that merchant's
            faults.append(fault_at(place, "merchant", "fixed_for_ever", was=was or "-"))
        if standing.get(key) == offer or offer.valid_from > now:
            continue
        if key in standing:
            faults.append(fault_at(place, "valid_from", "past_offer_is_fixed"))
        elif offer.reward in kinds:
            faults.append(fault_at(place, "valid_from", "offer_would_begin_in_the_past"))
    return sorted(faults, key=lambda fault: (fault.line, fault.column))


def _of_closed(
    draft: Draft, standing: dict[OfferKey, Offer], merchants: dict[str, str], closed: set[str]
) -> list[Fault]:
    """What a file wants of merchants that are closed; what stood before they closed may stand in it still."""
    rows = [(place, "code", code) for code, (place, name) in draft.merchants.items() if merchants.get(code) != name]
    rows += [
        (place, "merchant", merchant_of(offer) or "")
        for key, (place, offer) in draft.offers.items()
        if standing.get(key) != offer
    ]
    return [
        fault_at(place, column, "closed_merchant", value=merchant)
        for place, column, merchant in rows
        if merchant in closed
    ]


async def _write(
    connection: Connection, merchants: list[tuple[str, str]], offers: list[Offer], *, now: datetime, actor: Actor
) -> None:
    await queries.write_merchants(connection, rows=merchants, at=now, by=actor.text)
    await queries.write_rewards(connection, rows=sorted({(offer.reward, offer.kind) for offer in offers}))
    await queries.write_stocks(connection, rewards=sorted({offer.reward for offer in offers if offer.counted}))
    for offer in offers:  # a few hundred at most, once in a while
        written = await queries.write_offer(connection, offer, at=now, by=actor.text)
        assert written, "an offer that has begun was in the way"
    await queries.raise_version(connection)
