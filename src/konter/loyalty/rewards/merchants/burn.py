"""Verify a code, and burn it once. Whoever guesses codes waits. [P-23]"""

from collections.abc import Sequence
from datetime import datetime

from konter.access.limits.guesses import count_wrong_guess, guess_refusal, guesses_left
from konter.loyalty.rewards.codes.model import code_hash
from konter.loyalty.rewards.merchants import queries
from konter.loyalty.rewards.merchants.model import (
    BurnOutcome,
    BurnRequest,
    BurnState,
    CodeView,
    code_refusal,
    decide_burns,
    is_asked_again,
    view_of,
)
from konter.loyalty.rewards.refusals import CODE_UNKNOWN
from konter.platform.audit import Actor, AuditRow
from konter.platform.clock import Clock
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys

GUESSED = "merchant_code"
WRONG = {"CODE_UNKNOWN", "CODE_OF_ANOTHER"}  # what a guess is told


async def verify_code(
    connection: Connection, merchant: str, code: str, *, keys: Keys, now: datetime
) -> CodeView | Refusal:
    """What a code is good for and whether it can be burnt (`refusal` says why not); never whose it is.

    CODE_UNKNOWN, also for a code that nobody has yet or that is no merchant's; CODE_OF_ANOTHER says no more of it.
    Wrong ones count as guesses: TOO_MANY_REQUESTS.
    """
    if refusal := await guess_refusal(connection, merchant, now=now, what=GUESSED):
        return refusal
    hash_ = code_hash(keys, code)
    found = (await queries.read_issued(connection, hashes=[hash_])).get(hash_)
    refusal = CODE_UNKNOWN() if found is None else code_refusal(found, merchant, now=now)
    if found is not None and (refusal is None or refusal.code not in WRONG):
        return view_of(found, refusal=refusal)
    await count_wrong_guess(connection, merchant, now=now, what=GUESSED)
    assert refusal is not None, "what is not shown is refused"
    return refusal


async def burnt_just_now(
    connection: Connection, merchant: str, code: str, *, by: Actor, keys: Keys, now: datetime
) -> CodeView | None:
    """The merchant's code, if the same person burnt it some minutes ago and may have missed the answer."""
    hash_ = code_hash(keys, code)
    found = (await queries.read_issued(connection, hashes=[hash_])).get(hash_)
    if found is None or found.merchant != merchant or found.burnt_at is None:
        return None
    burnt_by = await queries.find_burner(connection, code_id=found.id, cell=found.cell, at=found.burnt_at)
    return view_of(found, refusal=None) if is_asked_again(found, burnt_by=burnt_by, by=by, now=now) else None


async def tries_left(connection: Connection, merchant: str, *, now: datetime) -> int:
    """How many more wrong codes a merchant may enter before it waits."""
    return await guesses_left(connection, merchant, now=now, what=GUESSED)


async def burn_codes(
    connection: Connection, requests: Sequence[BurnRequest], *, clock: Clock, ids: IdBlocks, keys: Keys
) -> list[BurnOutcome]:
    """Burn codes as a batch; one outcome per request, in order. Each code burns once, whoever else tries.

    Codes are locked in id order; two that use one reference for two codes meet its key, and the loser is refused.
    """
    if not requests:
        return []
    waiting = {}
    for merchant in sorted({request.merchant for request in requests}):  # a batch is of one or few
        waiting[merchant] = await guess_refusal(connection, merchant, now=clock.now(), what=GUESSED)
    free = [request for request in requests if waiting[request.merchant] is None]
    burnt = iter(await retried(lambda: _burn_once(connection, free, clock, ids, keys)) if free else [])
    return [
        BurnOutcome(refusal=refusal) if (refusal := waiting[request.merchant]) is not None else next(burnt)
        for request in requests
    ]


async def _burn_once(
    connection: Connection, requests: Sequence[BurnRequest], clock: Clock, ids: IdBlocks, keys: Keys
) -> list[BurnOutcome]:
    own = await ids.reserve(connection, len(requests))
    hashes = [code_hash(keys, request.code) for request in requests]
    async with connection.transaction():
        await queries.lock_codes(connection, hashes=sorted(set(hashes)))
        now = clock.now()
        codes = await queries.read_issued(connection, hashes=sorted(set(hashes)))
        state = BurnState(codes, await queries.read_burns(connection, requests), now=now)
        outcomes = decide_burns(state, requests, hashes)
        if state.burnt:
            seqs = own.take(len(requests))
            audits = [
                AuditRow(
                    code.cell,
                    now,
                    request.actor,
                    queries.BURNT,
                    code.id,
                    {"merchant": request.merchant, "reward": code.reward, "channel": request.channel},
                ).columns(next(seqs))
                for request, code in state.burnt
            ]
            await queries.write_burns(connection, state.burnt, audits=audits, at=now)
        for request, outcome in zip(requests, outcomes, strict=True):
            if outcome.refusal is not None and outcome.refusal.code in WRONG:
                await count_wrong_guess(connection, request.merchant, now=now, what=GUESSED)
    return outcomes
