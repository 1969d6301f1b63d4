"""Settle: bring redemptions that are checking to their end, as a batch. Safe to repeat, from many processes."""

from collections.abc import Sequence

from konter.catalogue.model import Catalogue
from konter.ledger import read as ledger_read
from konter.ledger.model import Books
from konter.loyalty.rewards.redemption import queries
from konter.loyalty.rewards.redemption.ending import Answer, EndState, decide_ends
from konter.loyalty.rewards.redemption.model import Redemption
from konter.loyalty.rewards.redemption.redeem import TRIES_MAX, VINTAGES_MAX
from konter.loyalty.rewards.redemption.texts import text_of_end
from konter.platform.audit import SYSTEM, AuditRow
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.rules.model import Rulebook
from konter.sales.references import References, StaleReferences, require_current

SEQS_AN_ANSWER = VINTAGES_MAX + 2  # repaid debts, audit, text


async def settle_redemptions(
    connection: Connection, answers: Sequence[Answer], *, clock: Clock, ids: IdBlocks, references: References
) -> list[Redemption]:
    """End what is still checking: given, the points are posted; not given, they come back in the same vintages. [P-29]

    Returns each redemption as it stands afterwards; one that ended before stays as it ended.
    """
    if not answers:
        return []
    for _ in range(TRIES_MAX):
        held = await references.held(connection)
        own = await ids.reserve(connection, SEQS_AN_ANSWER * len(answers))
        try:
            return await _settle_once(connection, answers, clock, own, held)
        except StaleReferences:
            references.forget()
    raise AssertionError(f"rules changed during each of {TRIES_MAX} tries")


async def _settle_once(
    connection: Connection,
    answers: Sequence[Answer],
    clock: Clock,
    ids: IdBlocks,
    held: tuple[Rulebook, Catalogue],
) -> list[Redemption]:
    redemption_ids = sorted({answer.redemption_id for answer in answers})
    before = await queries.read_redemptions(connection, ids=redemption_ids)  # the reward of one never changes
    async with connection.transaction():
        owners = sorted({answer.subscription_id for answer in answers})
        await ledger_read.lock_owners(connection, owners=owners)
        taken = await queries.lock_stocks(connection, rewards=sorted({each.reward for each in before.values()}))
        now = clock.now()
        receivers = await queries.read_receivers(connection, redemptions=redemption_ids)
        require_current(receivers, *held)
        redemptions = await queries.read_redemptions(connection, ids=redemption_ids)
        transfers = [spent.transfer_id for each in redemptions.values() for spent in each.why.vintages]
        pending = await ledger_read.read_pending(connection, transfers=transfers)
        debited = await ledger_read.read_debited(connection, transfers=[each.id for each in pending])
        live = await ledger_read.read_accounts(connection, owners=owners, at=now)
        seqs = ids.take(SEQS_AN_ANSWER * len(answers))
        books = Books([*live, *debited], seqs=seqs, at=now)
        state = EndState(redemptions, pending, books, taken=taken, rules=held[0].at(now), now=now)
        settled = decide_ends(state, answers)
        to = {row["id"]: row for row in receivers}
        audits = [_audit_end(each) for each in state.ended] + [_audit_late(state, each) for each in state.given_late]
        texts = [
            text_of_end(
                each,
                to[each.id]["name"],
                to[each.id]["msisdn"],
                to[each.id]["locale"],
                at=now,
            )
            for each in state.ended
        ]
        if audits:
            await queries.write_ended(
                connection,
                books.changes(),
                ended=state.ended,
                taken={reward: count for reward, count in state.taken.items() if count != taken[reward]},
                audits=[row.columns(next(seqs)) for row in audits],
                effects=[row.columns(next(seqs)) for row in texts],
            )
    return settled


def _audit_end(redemption: Redemption) -> AuditRow:
    assert redemption.resolved_at is not None
    data = {"reward": redemption.reward, "status": redemption.status, "reason": redemption.reason}
    return AuditRow(redemption.cell, redemption.resolved_at, SYSTEM, "reward.ended", redemption.id, data)


def _audit_late(state: EndState, answer: Answer) -> AuditRow:
    """Given although the points are back: staff see it, nobody pays for it."""
    redemption = state.redemptions[answer.redemption_id]
    data = {"reward": redemption.reward, "reference": answer.reference}
    return AuditRow(redemption.cell, state.now, SYSTEM, "reward.given_late", redemption.id, data)
