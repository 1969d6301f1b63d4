"""Propose the outcome of a sale or a take-back that no network tells; it is decided with the other proposals."""

from typing import Any

from litestar import post
from litestar.params import FromPath

from konter.channel.scope import scope_of
from konter.platform.db import Connection
from konter.platform.ids import ReversalId, SaleId
from konter.platform.refusal import Refusal, Refused
from konter.sales.by_hand.outcome import SALE, TAKE_BACK, check_outcome, check_take_back
from konter.sales.codes import sale_of_code
from konter.sales.history.read import sale_story
from konter.sales.reach import out_of_reach
from konter.sales.refusals import SALE_NOT_FOUND
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for
from konter.web.desk.frame import desk_form, member
from konter.web.desk.reasons import reason_of
from konter.web.office.access.proposing import propose_page
from konter.web.office.places import OFFICE, PROPOSE_OUTCOME, SALES
from konter.web.office.sales.sale_view import EVIDENCE_MAX
from konter.web.pages import AnyPage, go


@post("/office/transaksi/{code:str}/hasil", include_in_schema=False)
async def outcome_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Propose it; a colleague decides."""
    form, where = await desk_form(request, OFFICE), f"{SALES.href}/{code}"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, PROPOSE_OUTCOME)
        sale_id = sale_of_code(code)
        if sale_id is None:
            raise Refused(SALE_NOT_FOUND())
        if (refusal := await out_of_reach(connection, "sale", sale_id, scope=scope_of(found.who))) is not None:
            raise Refused(refusal)
        evidence, reason = reason_of(form, name="evidence", most=EVIDENCE_MAX), reason_of(form)
        if reason is None or evidence is None:
            return go(f"{where}?pesan=alasan")
        checked = await _checked(connection, sale_id)
        if isinstance(checked, Refusal):
            return asked_for(request, checked, where, "")
        kind, subject, name = checked
        if form.text("hasil") not in (name, f"not_{name}"):
            return go(f"{where}?pesan=isian")
        data: dict[str, Any] = {"code": code, name: form.text("hasil") == name, "evidence": evidence}
        return await propose_page(request, connection, found, kind, subject, data, reason=reason, back=where)


async def _checked(connection: Connection, sale_id: SaleId) -> Refusal | tuple[str, int, str]:
    """Which of the two is open: the kind of proposal, its subject, and what its data call the outcome."""
    story = await sale_story(connection, sale_id, outlet_id=None)
    if isinstance(story, Refusal):
        return story
    if story.reversal is not None:
        each = await check_take_back(connection, ReversalId(story.reversal.id))
        return each if isinstance(each, Refusal) else (TAKE_BACK, each.id, "taken_back")
    sale = await check_outcome(connection, sale_id)
    return sale if isinstance(sale, Refusal) else (SALE, sale.id, "delivered")


OUTCOME_PAGE_ROUTES = [outcome_post]
