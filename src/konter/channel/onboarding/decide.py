"""The branch approves, which opens the outlet and sends credentials in one transaction, or rejects with a reason.

[D-01, D-05, D-06, D-19, D-20, D-26, D-33, D-59, D-96, G-D08, G-D09]
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime

from konter.access.passwords import Passwords
from konter.access.step import Step
from konter.channel.onboarding import queries
from konter.channel.onboarding.approve import TakenError, approve, release, text_to
from konter.channel.onboarding.model import (
    Application,
    Decision,
    Judged,
    Reviewer,
    decide_decisions,
)
from konter.channel.onboarding.scope import lock_visible
from konter.channel.scope import Scope
from konter.platform.audit import AuditRow, write_audit
from konter.platform.db import CONNECTION_WITHIN_S, Connection, Pool, retried
from konter.platform.ids import IdBlocks, cell_of_id
from konter.platform.outbox import write_outbox
from konter.platform.refusal import FORBIDDEN, Refusal
from konter.platform.secrets import Keys, new_password
from konter.rules.model import Rules

IDS_PER_DECISION = 30  # three rows for an approval, in each of nine attempts
ATTEMPTS = 3


async def decide(
    pool: Pool,
    passwords: Passwords,
    wanted: Sequence[Decision],
    *,
    scope: Scope,
    reviewer: Reviewer,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
    new: Callable[[], str] = new_password,
) -> list[Refusal | Judged]:
    """One outcome each, in order; what the scope does not hold is APPLICATION_NOT_FOUND, and who does not decide by the
    rules is FORBIDDEN.

    An approval looks again at blacklist, numbers, NIK and partner. What fails there is the outcome, and commits: where
    a number has gone the application is a draft again with that reason; where the place is another partner's now, that
    one is asked; otherwise it stays, for the branch to reject.
    """
    if not reviewer.decides(rules):
        return [FORBIDDEN() for _ in wanted]
    words = [new() if each.approve else "" for each in wanted]
    hashes = await asyncio.gather(*(passwords.hash(word) for word in words if word))
    hash_of = dict(zip((word for word in words if word), hashes, strict=True))
    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
        own = await ids.reserve(connection, IDS_PER_DECISION * len(wanted))
        step = Step(now=now, ids=own, keys=keys, rules=rules)

        async def work() -> list[Refusal | Judged]:
            async with connection.transaction():
                known = await lock_visible(connection, [each.application_id for each in wanted], scope)
                refusals = decide_decisions(wanted, known, reviewer)
                rejecting = [d for d, no in zip(wanted, refusals, strict=True) if no is None and not d.approve]
                await _reject(connection, rejecting, known, reviewer, step)
                approving = [
                    (decision, word, hash_of[word])
                    for decision, word, refusal in zip(wanted, words, refusals, strict=True)
                    if refusal is None and decision.approve
                ]
                approved = await approve(connection, approving, known, reviewer, ids, step)
            return [
                refusal
                or approved.get(each.application_id)
                or Judged(application_id=each.application_id, state="rejected")
                for each, refusal in zip(wanted, refusals, strict=True)
            ]

        return await _attempted(work)


async def _attempted(work: Callable[[], Awaitable[list[Refusal | Judged]]]) -> list[Refusal | Judged]:
    for _ in range(ATTEMPTS - 1):
        with suppress(TakenError):
            return await retried(work)
    return await retried(work)


async def _reject(
    connection: Connection,
    decisions: Sequence[Decision],
    known: dict[int, Application],
    reviewer: Reviewer,
    step: Step,
) -> None:
    if not decisions:
        return
    rejected = [known[each.application_id] for each in decisions]
    rows = [(int(each.application_id), each.reason.strip()) for each in decisions]
    await queries.write_rejections(connection, rows, by=reviewer.actor.text, at=step.now)
    await release(connection, rejected)
    texts = [
        text_to("application_rejected", found, step, reason=each.reason.strip())
        for found, each in zip(rejected, decisions, strict=True)
    ]
    await write_outbox(connection, step.ids, texts)
    audit = [
        AuditRow(cell_of_id(id_), step.now, reviewer.actor, "application.rejected", id_, {"reason": reason})
        for id_, reason in rows
    ]
    await write_audit(connection, step.ids, audit)
