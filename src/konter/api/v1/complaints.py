"""The complaint about a sale that fills itself. The help desk will make tickets of it; until then nothing is stored."""

from datetime import datetime

import msgspec
from litestar import get
from litestar.params import FromPath

from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, outlet_of, principal, require_outlet
from konter.api.v1.sales import sale_id_of
from konter.platform.i18n import locale_of
from konter.sales.history.complaint import complaint
from konter.sales.history.timeline import What
from konter.sales.history.wording import event_text
from konter.sales.model import Status
from konter.sales.refusals import SALE_NOT_FOUND


class EventView(msgspec.Struct, frozen=True):
    """One fact of a sale's story, and the same in words."""

    at: datetime
    event: What
    text: str


class ComplaintView(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever takes the complaint asks for, each for itself and as one `text` to send. Amounts in rupiah."""

    code: str
    status: Status
    service_number: str
    outlet: str
    outlet_name: str
    address: str
    reseller_number: str | None
    user: str
    at: datetime
    product: str
    msisdn: str
    amount: int
    cost: int
    balance_before: int
    balance_after: int
    timeline: list[EventView]
    text: str


@get("/sales/{sale:str}/complaint", tags=["sales"], opt=says("outlet", SALE_NOT_FOUND))
async def get_complaint(sale: FromPath[str], request: AnyRequest) -> ComplaintView:
    """A complaint about this sale, ready to be sent to the service number. Nothing is stored. [D-39, D-40, D-45]"""
    app = app_of(request)
    now = app.clock.now()
    user = require_outlet(await principal(request))
    locale = locale_of(request.headers.get("accept-language"))
    async with app.connection() as connection:
        rulebook, catalogue = await app.references.current(connection)
        made = accepted(
            await complaint(
                connection,
                sale_id_of(sale),
                outlet_id=outlet_of(user),
                catalogue=catalogue,
                locale=locale,
                now=now,
            )
        )
    story, of = made.story, made.story.sale
    return ComplaintView(
        code=of.code,
        status=of.status,
        service_number=rulebook.at(now).call.seller_number,
        outlet=story.outlet_code,
        outlet_name=story.outlet_name,
        address=made.place.address,
        reseller_number=str(made.place.reseller_msisdn) if made.place.reseller_msisdn is not None else None,
        user=story.user_name,
        at=of.at,
        product=of.product,
        msisdn=str(of.msisdn),
        amount=of.nominal_rp,
        cost=of.cost_rp,
        balance_before=of.balance_before_rp,
        balance_after=of.balance_after_rp,
        timeline=[
            EventView(each.at, each.what, event_text(each, locale=locale, zone=story.zone)) for each in made.events
        ],
        text=made.text,
    )


COMPLAINT_ROUTES = [get_complaint]
