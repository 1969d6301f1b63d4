"""Visits of field sales as the office sees them; a branch plans those of its part. [D-57, D-60]"""

from litestar import get, post
from litestar.params import FromQuery

from konter.channel.directory.find import outlet_card
from konter.channel.scope import scope_of
from konter.platform.db import Connection
from konter.platform.refusal import FORBIDDEN, Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.views import Action
from konter.web.desk.visits import Asked, named, plan_actions, plan_by_form, visits_view
from konter.web.modules import MODULE
from konter.web.office.places import OFFICE, OUTLETS, VISITS
from konter.web.pages import AnyPage


@get("/office/kunjungan", include_in_schema=False, opt={MODULE: "visits"})
async def visits_page(
    request: AnyRequest, outlet: FromQuery[str] = "", dari: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> AnyPage:
    """Who visits whom on which days, what is due today and what is overdue."""
    code = "".join(sign for sign in outlet if sign.isprintable())[:40].strip()
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, VISITS)
        asked = Asked(
            href=VISITS.href,
            outlet_href=OUTLETS.href,
            scope=scope_of(found.who),
            outlet=code,
            begin=dari,
            message=pesan,
        )
        view = await visits_view(connection, found, asked, await _actions(connection, found, code))
    return desk_page(request, OFFICE, "desk/list.html", view)


async def _actions(connection: Connection, found: Member, code: str) -> tuple[Action, ...]:
    """Whose people may be chosen depends on the outlet, so that comes first."""
    words, scope = found.words, scope_of(found.who)
    title = words.t("visits.assign")
    if not found.may("visits.plan"):
        return (Action(title=title, why_not=words.t("visits.assign_roles")),)
    one = await named(connection, code, scope) if code else None
    card = await outlet_card(connection, one.id, scope=scope) if one else None
    if card is None or isinstance(card, Refusal):
        return (Action(title=title, why_not=words.t("visits.assign_first")),)
    return await plan_actions(connection, found, VISITS.href, card.partner_id, card.code)


@post("/office/kunjungan", include_in_schema=False, opt={MODULE: "visits"})
async def plan_post(request: AnyRequest) -> AnyPage:
    """Plan the visits of an outlet, or stop them."""
    form = await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, VISITS)
        if not found.may("visits.plan"):
            raise Refused(FORBIDDEN())
        message, outcome = await plan_by_form(connection, found, form, scope_of(found.who))
    return asked_for(request, outcome, VISITS.href, message)


VISIT_ROUTES = [visits_page, plan_post]
