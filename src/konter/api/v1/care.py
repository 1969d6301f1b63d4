"""What staff of the service office and the call centre look at. Every look at a person's data is logged."""

from datetime import datetime

import msgspec
from litestar import get
from litestar.params import FromPath

from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff
from konter.api.v1.sales import msisdn_of
from konter.channel.numbers.read import number_within
from konter.channel.scope import scope_of
from konter.platform.refusal import Refused
from konter.subscriber.look_up import look_up
from konter.subscriber.refusals import BAD_MSISDN, UNKNOWN_SUBSCRIBER


class QuotaView(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a quota, in bytes, seconds, messages or days."""

    source: str
    asset: str
    balance: int
    expires_at: datetime | None


class CareSubscriberView(msgspec.Struct, frozen=True, kw_only=True):
    """A number: state, active period, main balance in rupiah, quotas soonest to expire first."""

    id: str
    msisdn: str
    brand: str
    kind: str
    state: str
    active_until: datetime
    grace_until: datetime
    balance: int
    buckets: list[QuotaView]


@get("/care/subscribers/{msisdn:str}", tags=["care"], opt=says("staff", BAD_MSISDN, UNKNOWN_SUBSCRIBER))
async def get_subscriber(msisdn: FromPath[str], request: AnyRequest) -> CareSubscriberView:
    """A subscriber for staff with the role care or supervisor; the look is written to the audit. [D-58]"""
    app = app_of(request)
    now = app.clock.now()
    staff = require_staff(await principal(request), "subscribers.look")
    number = msisdn_of(msisdn)
    async with app.connection() as connection:
        rules = await app.rules(connection, now)
        actor = actor_of(staff, origin_of(request))
        found = accepted(await look_up(connection, number, actor=actor, now=now, ids=app.ids, rules=rules))
        if not await number_within(connection, number, scope=scope_of(staff)):
            raise Refused(UNKNOWN_SUBSCRIBER(msisdn=str(number)))
    return CareSubscriberView(
        id=str(found.id),
        msisdn=str(found.msisdn),
        brand=found.brand,
        kind=found.kind,
        state=found.state,
        active_until=found.active_until,
        grace_until=found.grace_until,
        balance=found.balance_rp,
        buckets=[
            QuotaView(source=b.source, asset=b.asset, balance=b.balance, expires_at=b.expires_at) for b in found.buckets
        ],
    )


CARE_ROUTES = [get_subscriber]
