"""A complaint about a sale that fills itself. [D-39, D-40, D-45]

Nothing is stored: there is no help desk yet. Until it takes over here, and makes a ticket of the same facts, the text
is for whoever answers the service number.
"""

from datetime import datetime

import msgspec

from konter.catalogue.model import Catalogue
from konter.channel.users import Place, place_of_outlet
from konter.platform.db import Connection
from konter.platform.i18n import text
from konter.platform.ids import OutletId, SaleId
from konter.platform.refusal import Refusal
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.history.timeline import Event
from konter.sales.history.wording import event_text, stamp, why_refunded
from konter.subscriber.msisdn import national


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that whoever takes the complaint would ask for, and the same as a text to send."""

    story: SaleStory
    place: Place
    events: list[Event]
    text: str


async def complaint(
    connection: Connection, sale_id: SaleId, *, outlet_id: OutletId, catalogue: Catalogue, locale: str, now: datetime
) -> Complaint | Refusal:
    """Assemble the complaint of an outlet about one of its sales; another outlet's is not found."""
    story = await sale_story(connection, sale_id, outlet_id=outlet_id)
    if isinstance(story, Refusal):
        return story
    place = await place_of_outlet(connection, outlet_id)
    events = story.timeline(now)
    product = catalogue.product(story.sale.product)
    name = product.name(locale) if product is not None else story.sale.product
    return Complaint(
        story=story, place=place, events=events, text="\n".join(_lines(story, place, events, name, locale))
    )


def _lines(story: SaleStory, place: Place, events: list[Event], product: str, locale: str) -> list[str]:
    sale, zone = story.sale, story.zone
    lines = [
        text("complaint.title", locale, code=sale.code),
        text("complaint.status", locale, status=_status(story, locale)),
        text("complaint.outlet", locale, name=story.outlet_name, code=story.outlet_code),
    ]
    if place.address:
        lines.append(text("complaint.address", locale, address=place.address))
    if place.reseller_msisdn is not None:
        lines.append(text("complaint.reseller", locale, number=national(place.reseller_msisdn)))
    lines += [
        text("complaint.user", locale, user=story.user_name),
        text("complaint.at", locale, at=stamp(sale.at, zone)),
        text("complaint.product", locale, product=product),
    ]
    if sale.nominal_rp:
        lines.append(text("complaint.nominal", locale, amount=sale.nominal_rp))
    lines += [
        text("complaint.number", locale, number=national(sale.msisdn)),
        text("complaint.charged", locale, before=sale.balance_before_rp, after=sale.balance_after_rp),
    ]
    if sale.refund_before_rp is not None:
        lines.append(text("complaint.refunded", locale, before=sale.refund_before_rp, after=sale.refund_after_rp))
    lines.append(text("complaint.story", locale))
    return lines + [f"{stamp(each.at, zone)} {event_text(each, locale=locale, zone=zone)}" for each in events]


def _status(story: SaleStory, locale: str) -> str:
    sale = story.sale
    until = stamp(sale.deadline, story.zone) if sale.deadline is not None else ""
    state = "reversed" if story.reversed_at is not None else sale.status
    return text(f"complaint.state.{state}", locale, until=until, why=why_refunded(sale.reason, locale=locale))
