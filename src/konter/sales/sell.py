"""Sell: one command for one sale or thousands. Lock, read, decide, write; six round trips, whatever the batch.

Who receives in a cell of the lane gets it in the same transaction. For everybody else this takes the money into transit
and leaves the sale *checking*; `delivery/` brings it to an end.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from konter.access.pins import pin_hash
from konter.catalogue.model import Catalogue
from konter.ledger import read as ledger_read
from konter.ledger.model import Books
from konter.platform.audit import Actor, AuditRow
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, cell_of_id
from konter.platform.outbox import OutboxRow
from konter.platform.refusal import UNAVAILABLE
from konter.platform.secrets import Keys, equal
from konter.rules.model import Rulebook
from konter.sales import queries
from konter.sales.checking.schedule import first_due
from konter.sales.model import EVERYWHERE, Known, SaleOutcome, Seller, SellRequest, SellState, Way, decide_sales
from konter.sales.references import References, StaleReferences, require_current
from konter.sales.texts import pin_locked_text, text_to_customer, text_to_seller
from konter.subscriber.model import Subscription
from konter.subscriber.view import find_subscriptions
from konter.terms.model import deemable

SEQS_PER_SALE = 7  # the sale, the payment, the credit, two texts, the audit row, a text about a locked PIN
SEQS_PER_BUCKET = 2  # the transfer, and the account where the customer has none like it
TRIES_MAX = 5
RETRY_AFTER_S = 2
PUT_OFF = SaleOutcome(refusal=UNAVAILABLE(retry_after_s=RETRY_AFTER_S))


class NumberMoved(Exception):  # noqa: N818 - says what is the case; the batch is repeated
    """A number changed hands between the look-up and the lock."""


async def sell(
    connection: Connection,
    requests: Sequence[SellRequest],
    *,
    clock: Clock,
    ids: IdBlocks,
    keys: Keys,
    references: References,
    way: Way = EVERYWHERE,
) -> list[SaleOutcome]:
    """Sell to many customers in one transaction; one outcome per request, in order. Refusals are outcomes and commit.

    Receivers in other cells than the way's are looked at before, without a lock, so that what is plainly wrong is
    refused before money moves; their own cell decides when it delivers.

    The moment is taken under the lock, so that an owner's moments stand in the order of its commits. Where a lock is
    not had in time, only the requests that need it are put off (UNAVAILABLE), not their neighbours. Raises only for a
    broken invariant or a database that is away. [D-08, D-43, D-106, D-107]
    """
    if not requests:
        return []
    wait = True
    for _ in range(TRIES_MAX):
        held = await references.held(connection)
        own = await ids.reserve(connection, _seqs_needed(requests, held[1]))
        elsewhere = [request.msisdn for request in requests if not way.has(request.msisdn)]
        seen = await find_subscriptions(connection, elsewhere) if elsewhere else {}
        batch = Batch(clock, own, keys, held, way, seen, wait)
        try:
            return await _sell_once(connection, requests, batch)
        except StaleReferences:
            references.forget()
        except NumberMoved:
            continue
        except asyncpg.LockNotAvailableError:
            wait = False
    raise AssertionError(f"rules, catalogue or numbers changed during each of {TRIES_MAX} tries")


def _seqs_needed(requests: Sequence[SellRequest], catalogue: Catalogue) -> int:
    """How many ids a batch can use at most. Few are left over, so that transaction codes stay short for long."""
    products = (catalogue.product(request.product) for request in requests)
    buckets = sum(len(product.buckets) for product in products if product is not None)
    return SEQS_PER_SALE * len(requests) + SEQS_PER_BUCKET * buckets


class Batch(msgspec.Struct, frozen=True):
    """What one try of a batch is given. `seen`: receivers of other cells, as they were a moment ago; `wait`: wait for
    locks, or pass over owners that somebody else holds.
    """

    clock: Clock
    ids: IdBlocks
    keys: Keys
    held: tuple[Rulebook, Catalogue]
    way: Way
    seen: Mapping[Msisdn, Subscription]
    wait: bool


async def _sell_once(connection: Connection, requests: Sequence[SellRequest], batch: Batch) -> list[SaleOutcome]:
    rulebook, catalogue = batch.held
    async with connection.transaction():
        locked = await queries.lock_owners(
            connection,
            outlets=list({request.outlet_id for request in requests}),
            msisdns=list({request.msisdn for request in requests if batch.way.writes(request.msisdn)}),
            wait=batch.wait,
        )
        now = batch.clock.now()
        rules = rulebook.at(now)
        rows = await queries.read_requests(
            connection,
            requests,
            documents=rules.terms.documents,
            deemable=deemable(rules.terms.documents, deemed_acceptance=rules.terms.deemed_acceptance),
            guard_from=now - timedelta(hours=rules.sale.duplicate_guard_h),
            cooling_after=now - timedelta(hours=rules.seller.cooling_off_h),
            cells=batch.way.cells,
            now=now,
        )
        require_current(rows, rulebook, catalogue)
        subscriptions = _subscriptions(requests, rows)
        free = [place for place, request in enumerate(requests) if _is_held(request, subscriptions, locked, batch.way)]
        if batch.wait and len(free) < len(requests):
            raise NumberMoved
        chosen = [requests[place] for place in free]
        accounts = await ledger_read.read_accounts(connection, owners=list(locked), at=now)
        seqs = batch.ids.take(_seqs_needed(requests, catalogue))
        state = SellState(
            _known(chosen, [rows[place] for place in free], batch.keys, now),
            {**batch.seen, **subscriptions},
            Books(accounts, seqs=seqs, at=now),
            rules=rules,
            catalogue=catalogue,
            seqs=seqs,
            now=now,
            way=batch.way,
        )
        outcomes = decide_sales(state, chosen)
        await _write(connection, state, chosen, outcomes)
    decided = dict(zip(free, outcomes, strict=True))
    return [decided.get(place, PUT_OFF) for place in range(len(requests))]


def _is_held(request: SellRequest, subscriptions: Mapping[Msisdn, Subscription], locked: set[int], way: Way) -> bool:
    """Whether this batch holds the lock of every owner that the request writes."""
    if request.outlet_id not in locked:
        return False
    subscription = subscriptions.get(request.msisdn)
    return subscription is None or subscription.id in locked or not way.writes(request.msisdn)


def _subscriptions(requests: Sequence[SellRequest], rows: Sequence[asyncpg.Record]) -> dict[Msisdn, Subscription]:
    return {
        request.msisdn: Subscription(
            id=row["subscription_id"],
            cell=row["subscription_cell"],
            msisdn=request.msisdn,
            brand=row["brand"],
            kind=row["kind"],
            locale=row["subscription_locale"],
            main_id=row["main_id"],
            active_until=row["active_until"],
        )
        for request, row in zip(requests, rows, strict=True)
        if row["subscription_id"] is not None
    }


def _known(requests: Sequence[SellRequest], rows: Sequence[asyncpg.Record], keys: Keys, now: datetime) -> list[Known]:
    """One per request; users are shared objects, because their PIN counters move within a batch."""
    sellers: dict[int, Seller] = {}
    known = []
    for request, row in zip(requests, rows, strict=True):
        seller = None
        if _session_lives(request, row, now):
            seller = sellers.get(row["user_id"])
            if seller is None:
                seller = sellers[row["user_id"]] = _seller(request, row)
        known.append(
            Known(
                seller=seller,
                sale=queries.sale_of(row, "sale_") if row["sale_id"] is not None else None,
                last_same=(row["last_id"], row["last_at"]) if row["last_id"] is not None else None,
                pin_right=_pin_right(seller, request, keys),
            )
        )
    return known


def _session_lives(request: SellRequest, row: asyncpg.Record, now: datetime) -> bool:
    return (
        row["user_id"] is not None
        and equal(row["token_hash"], request.claims.token_hash)
        and row["revoked_at"] is None
        and row["session_expires_at"] > now
    )


def _pin_right(seller: Seller | None, request: SellRequest, keys: Keys) -> bool:
    if seller is None or seller.pin_hash is None:
        return False
    return equal(pin_hash(keys, seller.pin_salt, request.pin), seller.pin_hash)


def _seller(request: SellRequest, row: asyncpg.Record) -> Seller:
    return Seller(
        user_id=row["user_id"],
        cell=row["user_cell"],
        outlet_id=request.outlet_id,
        username=row["username"],
        nn_msisdn=row["nn_msisdn"],
        locale=row["locale"],
        user_status=row["user_status"],
        password_initial=row["password_initial"],
        pin_salt=row["pin_salt"],
        pin_hash=row["pin_hash"],
        pin_failures=row["pin_failures"],
        pin_locked_at=row["pin_locked_at"],
        outlet_status=row["outlet_status"],
        area=row["area"],
        segment=row["segment"],
        zone=row["zone"],
        hold_s=row["hold_s"],
        terms_accepted=row["terms_accepted"],
        cooling_from=row["cooling_from"],
        cooling_sold_rp=row["cooling_sold_rp"],
    )


async def _write(
    connection: Connection, state: SellState, requests: Sequence[SellRequest], outcomes: Sequence[SaleOutcome]
) -> None:
    """Write what was decided; a batch that changed nothing (replays, refusals before the PIN) writes nothing."""
    audits: list[AuditRow] = []
    effects: list[OutboxRow] = []
    for request, known, outcome in zip(requests, state.known, outcomes, strict=True):
        if outcome.sale is not None and not outcome.replay and known.seller is not None:
            audits.append(_audit(request, outcome.sale.id, outcome.sale.cell, "sell", {}, state.now))
            if outcome.sale.delivery is not None:
                product = state.catalogue.product(outcome.sale.product)
                assert product is not None
                left_rp = outcome.sale.balance_after_rp
                effects.append(text_to_seller(outcome.sale, product, known.seller, balance_rp=left_rp))
                effects.append(
                    text_to_customer(
                        outcome.sale, outcome.sale.delivery, product, state.subscriptions[request.msisdn], at=state.now
                    )
                )
        elif outcome.refusal is not None and known.seller is not None:
            cell = cell_of_id(request.outlet_id)
            data = {"code": outcome.refusal.code, "product": request.product, "msisdn": request.msisdn}
            audits.append(_audit(request, request.outlet_id, cell, "sell_refused", data, state.now))
    effects += [pin_locked_text(seller, state.now) for seller in state.pins_moved.values() if seller.pin_locked_at]
    if not audits:
        return
    sales = [outcome.sale for outcome in outcomes if outcome.sale is not None and not outcome.replay]
    await queries.write_sales(
        connection,
        state.books.changes(),
        sales=sales,
        lengthened=[(each.id, each.cell, each.active_until) for each in state.lengthened.values()],
        pins=[(s.user_id, s.cell, s.pin_failures, s.pin_locked_at) for s in state.pins_moved.values()],
        checks=[(s.id, s.cell, first_due(s, state.rules.sale)) for s in sales if s.status == "checking"],
        audits=[row.columns(next(state.seqs)) for row in audits],
        effects=[row.columns(next(state.seqs)) for row in effects],
    )


def _audit(
    request: SellRequest, subject_id: int, cell: int, action: str, data: dict[str, Any], now: datetime
) -> AuditRow:
    claims = request.claims
    actor = Actor("outlet_user", claims.user_id, claims.session_id, request.address, request.agent)
    return AuditRow(cell, now, actor, action, subject_id, data)
