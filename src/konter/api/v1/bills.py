"""Bills from a billing system: issued, paid, cancelled, many at once, an outcome each. [P-02, P-06, P-08, G-P06]"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from litestar import post
from litestar.params import JSONBody

from konter.api.operations import says
from konter.api.principal import AnyRequest, app_of, origin_of, require_scope
from konter.api.problems import Problem
from konter.api.v1.bodies import Body
from konter.api.v1.moments import bounded_moment, day_of
from konter.api.v1.sales import MSISDN_SHOWN_MAX, MsisdnText
from konter.loyalty.bills.model import NUMBER_FORM, SEGMENT_FORM, TOTAL_MAX_RP, NewBill, Recorded
from konter.loyalty.bills.record import cancel_bills, record_bill_payments, record_issued_bills
from konter.platform.audit import Actor
from konter.platform.db import Connection, retried
from konter.platform.forms import whole
from konter.platform.i18n import locale_of
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN

ITEMS_MAX = 200  # of one call; a file of any length is for `konter bills import`

BillNumber = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=40, pattern=whole(NUMBER_FORM), examples=["INV-2026-11-0001"]),
]
Moment = Annotated[datetime, msgspec.Meta(tz=True, examples=["2026-11-05T02:00:00+07:00"])]
Segment = Annotated[str, msgspec.Meta(max_length=40, pattern=whole(SEGMENT_FORM), examples=["corporate_business"])]


class BillItem(Body, frozen=True):
    """A bill that was issued. The period's days are both included; `total` is with PPN, of which `tax` is the part.
    `segment` is the corporate account's, empty for a person's. Its number, told again, must say the same.
    """

    msisdn: MsisdnText
    number: BillNumber
    period_begin: Annotated[date, msgspec.Meta(examples=["2026-10-05"])]
    period_end: Annotated[date, msgspec.Meta(examples=["2026-11-04"])]
    total: Annotated[int, msgspec.Meta(ge=0, le=TOTAL_MAX_RP, description="Whole rupiah", examples=[123_456])]
    tax: Annotated[int, msgspec.Meta(ge=0, le=TOTAL_MAX_RP, description="Whole rupiah", examples=[12_234])]
    issued_at: Moment
    segment: Segment = ""


class PaymentItem(Body, frozen=True):
    """When a bill was paid in full."""

    msisdn: MsisdnText
    number: BillNumber
    paid_at: Moment


class CancellationItem(Body, frozen=True):
    """A bill that was issued by mistake."""

    msisdn: MsisdnText
    number: BillNumber


_BILL = {
    "msisdn": "081234567890",
    "number": "INV-2026-11-0001",
    "period_begin": "2026-10-05",
    "period_end": "2026-11-04",
    "total": 123_456,
    "tax": 12_234,
    "issued_at": "2026-11-05T02:00:00+07:00",
}
_OF_BILL = {"msisdn": _BILL["msisdn"], "number": _BILL["number"]}
_PAID = {**_OF_BILL, "paid_at": "2026-11-06T09:30:00+07:00"}


class BillsBody(Body, frozen=True):
    """Bills, each decided by itself."""

    items: Annotated[list[BillItem], msgspec.Meta(min_length=1, max_length=ITEMS_MAX, examples=[[_BILL]])]


class PaymentsBody(Body, frozen=True):
    """Payments, each decided by itself."""

    items: Annotated[list[PaymentItem], msgspec.Meta(min_length=1, max_length=ITEMS_MAX, examples=[[_PAID]])]


class CancellationsBody(Body, frozen=True):
    """Cancellations, each decided by itself."""

    items: Annotated[list[CancellationItem], msgspec.Meta(min_length=1, max_length=ITEMS_MAX, examples=[[_OF_BILL]])]


class BillOutcomeView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item. `outcome`: new, known (it stood already and nothing changed), noted, or refused, with
    `problem` saying why. `bill` is its id here.
    """

    number: str
    outcome: Literal["new", "known", "noted", "refused"]
    bill: str | None
    problem: Problem | None


class BillOutcomes(msgspec.Struct, frozen=True):
    """One outcome per item, in order."""

    items: list[BillOutcomeView]


class _Caller(msgspec.Struct, frozen=True):
    actor: Actor
    now: datetime


async def _caller(request: AnyRequest, connection: Connection) -> _Caller:
    client = await require_scope(request, connection, "bills")
    origin = origin_of(request)
    return _Caller(Actor("client", client.id, address=origin.address, agent=origin.agent), app_of(request).clock.now())


@post("/bills", status_code=200, tags=["bills"], opt=says("client"))
async def post_bills(data: JSONBody[BillsBody], request: AnyRequest) -> BillOutcomes:
    """Tell of bills that were issued, with the scope `bills`. Points follow within minutes. [P-02, P-06, P-08]

    Again changes nothing. What is refused stands beside what was taken: send it again when it is mended.
    """
    app = app_of(request)
    numbers = [parse_msisdn(item.msisdn) for item in data.items]
    async with app.connection() as connection:
        caller = await _caller(request, connection)
        told = [_bill(item, msisdn) for item, msisdn in zip(data.items, numbers, strict=True) if msisdn is not None]
        rules = await app.rules(connection, caller.now)
        done = await retried(
            lambda: record_issued_bills(connection, told, actor=caller.actor, now=caller.now, ids=app.ids, rules=rules)
        )
    return _outcomes(data.items, numbers, done, request)


@post("/bills/payments", status_code=200, tags=["bills"], opt=says("client"))
async def post_bill_payments(data: JSONBody[PaymentsBody], request: AnyRequest) -> BillOutcomes:
    """Tell when bills were paid in full, with the scope `bills`. Again changes nothing. [G-P06]"""
    app = app_of(request)
    numbers = [parse_msisdn(item.msisdn) for item in data.items]
    async with app.connection() as connection:
        caller = await _caller(request, connection)
        told = [
            (msisdn, item.number, bounded_moment("paid_at", item.paid_at))
            for item, msisdn in zip(data.items, numbers, strict=True)
            if msisdn is not None
        ]
        done = await retried(
            lambda: record_bill_payments(connection, told, actor=caller.actor, now=caller.now, ids=app.ids)
        )
    return _outcomes(data.items, numbers, done, request)


@post("/bills/cancellations", status_code=200, tags=["bills"], opt=says("client"))
async def post_bill_cancellations(data: JSONBody[CancellationsBody], request: AnyRequest) -> BillOutcomes:
    """Cancel bills that were issued by mistake, with the scope `bills`; what they earned is taken back. [G-P19]"""
    app = app_of(request)
    numbers = [parse_msisdn(item.msisdn) for item in data.items]
    told = [(msisdn, item.number) for item, msisdn in zip(data.items, numbers, strict=True) if msisdn is not None]
    async with app.connection() as connection:
        caller = await _caller(request, connection)
        done = await retried(lambda: cancel_bills(connection, told, actor=caller.actor, now=caller.now, ids=app.ids))
    return _outcomes(data.items, numbers, done, request)


def _bill(item: BillItem, msisdn: Msisdn) -> NewBill:
    """An item as the verb takes it; its days are of our age, or INVALID_INPUT."""
    return NewBill(
        msisdn=msisdn,
        number=item.number,
        period_begin=day_of("period_begin", item.period_begin),
        period_end=day_of("period_end", item.period_end),
        total_rp=item.total,
        tax_rp=item.tax,
        issued_at=bounded_moment("issued_at", item.issued_at),
        segment=item.segment,
    )


def _outcomes(
    items: Sequence[BillItem | PaymentItem | CancellationItem],
    numbers: Sequence[Msisdn | None],
    done: Sequence[Recorded | int | Refusal],
    request: AnyRequest,
) -> BillOutcomes:
    """Outcomes of all items; those whose number is none were not asked about."""
    locale = locale_of(request.headers.get("accept-language"))
    rest = iter(done)
    return BillOutcomes(
        [
            _view(
                item.number,
                next(rest) if msisdn is not None else BAD_MSISDN(msisdn=item.msisdn[:MSISDN_SHOWN_MAX]),
                locale,
            )
            for item, msisdn in zip(items, numbers, strict=True)
        ]
    )


def _view(number: str, outcome: Recorded | int | Refusal, locale: str) -> BillOutcomeView:
    if isinstance(outcome, Refusal):
        return BillOutcomeView(number=number, outcome="refused", bill=None, problem=Problem.of(outcome, locale))
    if isinstance(outcome, Recorded):
        said: Literal["new", "known"] = "new" if outcome.new else "known"
        return BillOutcomeView(number=number, outcome=said, bill=str(outcome.id), problem=None)
    return BillOutcomeView(number=number, outcome="noted", bill=str(outcome), problem=None)


BILL_ROUTES = [post_bills, post_bill_payments, post_bill_cancellations]
