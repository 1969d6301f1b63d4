"""Redeem: one command for one redemption or thousands. Lock, read, decide, write; eight round trips for any batch.

Owners are locked in id order, then the stock rows of counted rewards in theirs: the last one goes once. [P-29, P-30]
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from konter.catalogue.model import Catalogue
from konter.ledger import read as ledger_read
from konter.ledger.model import Books
from konter.loyalty.rewards.catalogue.model import (
    BUCKETS_MAX,
    GivesCode,
    GivesProvided,
    Offer,
    period_starts,
)
from konter.loyalty.rewards.catalogue.queries import member_of, offer_of, used_of
from konter.loyalty.rewards.redemption import queries
from konter.loyalty.rewards.redemption.model import (
    FreeCode,
    Known,
    RedeemOutcome,
    RedeemRequest,
    RedeemState,
    Redemption,
    decide_redemptions,
)
from konter.loyalty.rewards.redemption.texts import text_of_given
from konter.platform.audit import AuditRow
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, cell_of_id
from konter.platform.outbox import OutboxRow
from konter.platform.secrets import Keys
from konter.rules.model import Rulebook
from konter.sales.references import References, StaleReferences, require_current
from konter.subscriber.model import Subscription

TOPIC_ORDER = "reward_order"
VINTAGES_MAX = 4  # that a customer has at once: two live together, and more where the rules were changed
# The redemption, its transfers, the buckets' accounts and transfers, audit, text.
SEQS_A_REQUEST = 1 + VINTAGES_MAX + 2 * BUCKETS_MAX + 2
TRIES_MAX = 5


class StockNotHeld(Exception):  # noqa: N818 - says what is the case; the batch is repeated
    """A reward became counted between the lock and the look."""


async def redeem(
    connection: Connection,
    requests: Sequence[RedeemRequest],
    *,
    clock: Clock,
    ids: IdBlocks,
    keys: Keys,
    references: References,
) -> list[RedeemOutcome]:
    """Redeem for many customers in one transaction; one outcome per request, in order. Refusals are outcomes.

    The moment is taken under the locks. Points come from the vintage that ends soonest; quotas and codes are given in
    the same transaction, what a provider gives waits in *checking* with the points held. [P-18, P-20..P-23, P-29]
    """
    if not requests:
        return []
    for _ in range(TRIES_MAX):
        held = await references.held(connection)
        own = await ids.reserve(connection, SEQS_A_REQUEST * len(requests))
        try:
            return await _redeem_once(connection, requests, clock, own, keys, held)
        except StaleReferences:
            references.forget()
        except StockNotHeld:
            continue
    raise AssertionError(f"rules or rewards changed during each of {TRIES_MAX} tries")


async def _redeem_once(
    connection: Connection,
    requests: Sequence[RedeemRequest],
    clock: Clock,
    ids: IdBlocks,
    keys: Keys,
    held: tuple[Rulebook, Catalogue],
) -> list[RedeemOutcome]:
    rulebook, catalogue = held
    async with connection.transaction():
        owners = sorted({request.subscription_id for request in requests})
        await ledger_read.lock_owners(connection, owners=owners)
        taken = await queries.lock_stocks(connection, rewards=sorted({request.reward for request in requests}))
        now = clock.now()
        rules = rulebook.at(now)
        rows = await queries.read_requests(
            connection,
            subscriptions=[request.subscription_id for request in requests],
            refs=[request.client_ref for request in requests],
            rewards=[request.reward for request in requests],
            starts=period_starts(rules, now),
            now=now,
        )
        require_current(rows, rulebook, catalogue)
        known = [_known(row) for row in rows]
        codes = await _free_codes(connection, requests, known, taken, now)
        accounts = await ledger_read.read_accounts(connection, owners=owners, at=now)
        seqs = ids.take(SEQS_A_REQUEST * len(requests))
        state = RedeemState(
            known,
            Books(accounts, seqs=seqs, at=now),
            taken=taken,
            codes=codes,
            rules=rules,
            seqs=seqs,
            now=now,
        )
        outcomes = decide_redemptions(state, requests)
        await _write(connection, state, requests, outcomes, taken, keys)
    return outcomes


def _known(row: asyncpg.Record) -> Known:
    return Known(
        member=member_of(row) if row["id"] is not None else None,
        offer=offer_of(row, "offer_") if row["offered"] else None,
        closed=row["closed"],
        used=used_of(row),
        redemption=queries.redemption_of(row, "redemption_") if row["redemption_id"] is not None else None,
    )


async def _free_codes(
    connection: Connection,
    requests: Sequence[RedeemRequest],
    known: Sequence[Known],
    taken: dict[str, int],
    now: datetime,
) -> dict[str, list[FreeCode]]:
    """As many codes as the batch can give away, under the stock rows that it holds; no query where none gives codes."""
    wanted: Counter[str] = Counter()
    for request, each in zip(requests, known, strict=True):
        if each.offer is not None and each.offer.counted:
            if request.reward not in taken:
                raise StockNotHeld(request.reward)
            if isinstance(each.offer.gives, GivesCode):
                wanted[request.reward] += 1
    return await queries.read_free_codes(connection, wanted=wanted, now=now) if wanted else {}


async def _write(
    connection: Connection,
    state: RedeemState,
    requests: Sequence[RedeemRequest],
    outcomes: Sequence[RedeemOutcome],
    taken: dict[str, int],
    keys: Keys,
) -> None:
    """Write what was decided; a batch of replays and refusals before any number is known writes nothing."""
    issued = {redemption.id: code for redemption, code in state.issued}
    audits: list[AuditRow] = []
    effects: list[OutboxRow] = []
    new: list[Redemption] = []
    for request, known, outcome in zip(requests, state.known, outcomes, strict=True):
        redemption = outcome.redemption
        if redemption is not None and not outcome.replay:
            assert known.offer is not None
            assert known.member is not None
            new.append(redemption)
            audits.append(_audit(request, "reward.redeemed", redemption.id, {"reward": request.reward}, state.now))
            effects += _effects(redemption, known.offer, known.member[0], issued.get(redemption.id), keys, state.now)
        elif outcome.refusal is not None and known.member is not None:
            data = {"code": outcome.refusal.code, "reward": request.reward[:30]}
            audits.append(_audit(request, "reward.refused", request.subscription_id, data, state.now))
    if not audits:
        return
    await queries.write_redemptions(
        connection,
        state.books.changes(),
        redemptions=new,
        lengthened=[(each.id, each.cell, each.active_until) for each in state.subscriptions.values()],
        taken={reward: count for reward, count in state.taken.items() if count != taken[reward]},
        codes=[(code.id, cell_of_id(code.id), redemption.id, code.expires_at) for redemption, code in state.issued],
        audits=[row.columns(next(state.seqs)) for row in audits],
        effects=[row.columns(next(state.seqs)) for row in effects],
    )


def _effects(
    redemption: Redemption, offer: Offer, subscription: Subscription, code: FreeCode | None, keys: Keys, now: datetime
) -> list[OutboxRow]:
    """The text about what was given, or the order to the provider that gives it."""
    if isinstance(offer.gives, GivesProvided):
        return [OutboxRow(redemption.cell, TOPIC_ORDER, {"redemption_id": redemption.id}, now)]
    text = text_of_given(redemption, offer.name(subscription.locale), subscription, code, keys, at=now)
    return [text] if text is not None else []


def _audit(request: RedeemRequest, action: str, subject: int, data: dict[str, str], now: datetime) -> AuditRow:
    said = {**data, "channel": request.channel}
    return AuditRow(cell_of_id(request.subscription_id), now, request.actor, action, subject, said)
