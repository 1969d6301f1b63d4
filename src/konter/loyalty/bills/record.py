"""Bills enter by one verb, until billing itself writes them; so do their payment and cancellation. [P-02, G-P06]

Points follow with the next run of `earning.accrue`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from konter.ledger.read import lock_owners
from konter.loyalty.bills import queries
from konter.loyalty.bills.model import (
    OLDEST,
    Bills,
    KnownBill,
    NewBill,
    Payer,
    Recorded,
    bill_refusal,
    known_refusal,
    payment_refusal,
)
from konter.loyalty.bills.refusals import BILL_KNOWN_OTHERWISE, BILL_NOT_FOUND, BILL_PAID_OTHERWISE
from konter.platform.audit import Actor, AuditRow
from konter.platform.clock import day_start
from konter.platform.db import Connection
from konter.platform.ids import BillId, IdBlocks, Msisdn, SubscriptionId, cell_of_id, make_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber.model import Subscription
from konter.subscriber.plans import Plan, plans_at
from konter.subscriber.view import find_subscriptions

BILLS_MAX = 5_000  # in one call


async def record_issued_bills(
    connection: Connection, bills: Sequence[NewBill], *, actor: Actor, now: datetime, ids: IdBlocks, rules: Rules
) -> list[Recorded | Refusal]:
    """Take bills that were issued; one outcome each, in order. A number told again must say the same. [P-02, P-06]

    Refusals: UNKNOWN_SUBSCRIBER, BILL_PERIOD_WRONG, BILL_TOO_OLD, BILL_IN_THE_FUTURE, BILL_TAX_WRONG, BILL_TOTAL_WRONG,
    BILL_OF_ANOTHER, NUMBER_NOT_POSTPAID, BILL_KNOWN_OTHERWISE. Two callers at once: the later meets the bill's key and
    is to be run again (`retried`).
    """
    assert len(bills) <= BILLS_MAX, "a bound on every batch"
    own = await ids.reserve(connection, 2 * len(bills))
    zone = ZoneInfo(rules.poin.time_zone)
    async with connection.transaction():
        payers = await _locked_payers(connection, bills, zone, now)
        keys = [(payer.subscription.id, bill.number) for bill, payer in zip(bills, payers, strict=True) if payer]
        known = await queries.read_bills(connection, keys)
        new: dict[tuple[SubscriptionId, str], tuple[BillId, NewBill, Payer]] = {}
        seqs = own.take(len(bills))
        outcomes: list[Recorded | Refusal] = []
        for bill, payer in zip(bills, payers, strict=True):
            outcome = _recorded(bill, payer, known, new, now=now, zone=zone)
            if outcome is None:
                assert payer is not None
                id_ = BillId(make_id(next(seqs), payer.subscription.cell))
                new[payer.subscription.id, bill.number] = (id_, bill, payer)
                outcome = Recorded(id=id_, new=True)
            outcomes.append(outcome)
        if new:
            await _insert(connection, list(new.values()), actor=actor, now=now, ids=own)
    return outcomes


def _recorded(
    bill: NewBill,
    payer: Payer | None,
    known: Bills,
    new: Mapping[tuple[SubscriptionId, str], tuple[BillId, NewBill, Payer]],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Recorded | Refusal | None:
    """What is said of a bill without taking it; None where it is to be taken."""
    if payer is not None:
        key = (payer.subscription.id, bill.number)
        if key in new:
            id_, same, _ = new[key]
            return Recorded(id=id_, new=False) if same == bill else BILL_KNOWN_OTHERWISE(number=bill.number)
        if key in known:
            return known_refusal(bill, known[key]) or Recorded(id=known[key].id, new=False)
    return bill_refusal(bill, payer, now=now, zone=zone)


async def _locked_payers(
    connection: Connection, bills: Sequence[NewBill], zone: ZoneInfo, now: datetime
) -> list[Payer | None]:
    """Whose bills these are, locked, with the plans of their periods; None where nobody uses the number."""
    found = await find_subscriptions(connection, [bill.msisdn for bill in bills])
    await lock_owners(connection, owners=[each.id for each in found.values()])
    found = await find_subscriptions(connection, list(found))
    oldest = (now - OLDEST).date()  # what is older is refused, and its first moment may be none in UTC
    asked = [
        (found[bill.msisdn].id, day_start(max(day, oldest), zone))
        for bill in bills
        if bill.msisdn in found
        for day in (bill.period_end, bill.period_begin)
    ]
    plans = iter(await plans_at(connection, asked))
    since = await queries.read_activations(connection, [each.id for each in found.values()])
    return [
        _payer(found[bill.msisdn], since, next(plans), next(plans)) if bill.msisdn in found else None for bill in bills
    ]


def _payer(subscription: Subscription, since: Mapping[SubscriptionId, datetime], at_end: Plan, at_begin: Plan) -> Payer:
    return Payer(
        subscription=subscription,
        since=since[subscription.id],
        brand=at_end.brand,
        kind=at_end.kind,
        kind_before=at_begin.kind,
    )


async def _insert(
    connection: Connection,
    new: Sequence[tuple[BillId, NewBill, Payer]],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
) -> None:
    rows = [
        (
            id_,
            payer.subscription.cell,
            payer.subscription.id,
            bill.number,
            payer.brand,
            bill.segment,
            bill.period_begin,
            bill.period_end,
            bill.total_rp,
            bill.tax_rp,
            bill.issued_at,
        )
        for id_, bill, payer in new
    ]
    audits = [
        (payer.subscription.id, "record_bill", {"bill": str(id_), "number": bill.number}) for id_, bill, payer in new
    ]
    await queries.insert_bills(
        connection, rows, audits=_audits(audits, actor=actor, now=now, ids=ids), by=actor.text, at=now
    )


async def record_bill_payments(
    connection: Connection,
    payments: Sequence[tuple[Msisdn, str, datetime]],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
) -> list[BillId | Refusal]:
    """Note when bills, by number of the customer and of the bill, were paid in full; again changes nothing. [G-P06]

    Refusals: BILL_NOT_FOUND, BILL_CANCELLED, BILL_PAID_OTHERWISE, BILL_IN_THE_FUTURE (also paid before its issue).
    """
    assert len(payments) <= BILLS_MAX, "a bound on every batch"
    own = await ids.reserve(connection, len(payments))
    async with connection.transaction():
        known = await _locked_bills(connection, [(msisdn, number) for msisdn, number, _ in payments])
        paid: dict[BillId, datetime] = {}
        outcomes: list[BillId | Refusal] = []
        audits = []
        for bill, (_, number, paid_at) in zip(known, payments, strict=True):
            refusal = payment_refusal(bill, paid_at, number, now=now)
            if refusal is None and bill is not None and bill.paid_at is None:
                if paid.setdefault(bill.id, paid_at) == paid_at:
                    audits.append((bill.subscription_id, "record_bill_payment", {"number": number}))
                else:
                    refusal = BILL_PAID_OTHERWISE(number=number)
            assert refusal is not None or bill is not None
            outcomes.append(refusal or bill.id)  # type: ignore[union-attr]
        if paid:
            rows = list(paid.items())
            await queries.write_payments(connection, rows, audits=_audits(audits, actor=actor, now=now, ids=own))
    return outcomes


async def cancel_bills(
    connection: Connection, bills: Sequence[tuple[Msisdn, str]], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[BillId | Refusal]:
    """Bills that were issued by mistake; what they earned is taken back by the next run. Again changes nothing.
    Refusal: BILL_NOT_FOUND. [G-P19]
    """
    assert len(bills) <= BILLS_MAX, "a bound on every batch"
    own = await ids.reserve(connection, len(bills))
    async with connection.transaction():
        known = await _locked_bills(connection, bills)
        fresh = {bill.id: bill for bill in known if bill is not None and bill.cancelled_at is None}
        if fresh:
            audits = [(bill.subscription_id, "cancel_bill", {"number": bill.number}) for bill in fresh.values()]
            await queries.write_cancellations(
                connection, list(fresh), audits=_audits(audits, actor=actor, now=now, ids=own), at=now
            )
    return [
        BILL_NOT_FOUND(number=number) if bill is None else bill.id
        for bill, (_, number) in zip(known, bills, strict=True)
    ]


async def _locked_bills(connection: Connection, asked: Sequence[tuple[Msisdn, str]]) -> list[KnownBill | None]:
    found = await find_subscriptions(connection, [msisdn for msisdn, _ in asked])
    await lock_owners(connection, owners=[each.id for each in found.values()])
    found = await find_subscriptions(connection, list(found))
    keys = [(found[msisdn].id, number) if msisdn in found else None for msisdn, number in asked]
    known = await queries.read_bills(connection, [key for key in keys if key is not None])
    return [known.get(key) if key is not None else None for key in keys]


def _audits(
    said: Sequence[tuple[SubscriptionId, str, dict[str, str]]], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[tuple[Any, ...]]:
    seqs = ids.take(len(said))
    return [
        AuditRow(cell_of_id(subscription), now, actor, action, subscription, data).columns(next(seqs))
        for subscription, action, data in said
    ]
