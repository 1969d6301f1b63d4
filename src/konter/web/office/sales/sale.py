"""A sale as staff see it: its money, its story, and reversal and adjustment with four eyes. [D-43, D-46, G-D12]"""

from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.channel.scope import scope_of
from konter.platform.audit import audit_of
from konter.platform.db import Connection
from konter.platform.ids import AdjustmentId, ReversalId, SaleId
from konter.platform.refusal import Refusal, Refused
from konter.sales.adjustment.adjust import ask_adjustment, decide_adjustment
from konter.sales.adjustment.model import Payer
from konter.sales.codes import sale_of_code
from konter.sales.history.look import look_at_sale
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.reach import out_of_reach
from konter.sales.refusals import SALE_NOT_FOUND
from konter.sales.reversal.reverse import ask_reversal
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, notice
from konter.web.desk.finding import find_view
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.reasons import reason_of
from konter.web.desk.story import names_in
from konter.web.office.places import DECIDE_ADJUSTMENT, DECIDE_REVERSAL, OFFICE, SALES
from konter.web.office.sales.sale_view import sale_thing
from konter.web.pages import AnyPage, go

CODE_CHARS_MAX = 40


@get("/office/transaksi", include_in_schema=False)
async def find_page(request: AnyRequest, trx: FromQuery[str] = "") -> AnyPage:
    """A transaction code from a slip of paper or a phone call."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, SALES)
    if trx:
        code = "".join(sign for sign in trx.upper() if sign.isalnum() or sign == "-")[:CODE_CHARS_MAX]
        return go(f"{SALES.href}/{code or '-'}")
    return desk_page(request, OFFICE, "desk/find.html", find_view(found, "office.sale.", SALES.href, "trx"))


@get("/office/transaksi/{code:str}", include_in_schema=False)
async def sale_page(request: AnyRequest, code: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """Everything about one sale; the look is written to the audit."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, SALES)
        here, sale_id = found.here, _id_of(code)
        await _within(connection, found, sale_id)
        story = await look_at_sale(connection, sale_id, actor=found.actor, now=here.now, ids=here.app.ids)
        if isinstance(story, Refusal):
            raise Refused(story)
        lines = await audit_of(connection, [sale_id])
        asked = [f"staff:{each.asked_by}" for each in (story.reversal, story.adjustment) if each is not None]
        names = await names_in(connection, lines, *asked)
    view = sale_thing(found, story, lines, names)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan), zone=story.zone)


@post("/office/transaksi/{code:str}/pembatalan", include_in_schema=False)
async def ask_reversal_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Ask for the whole sale to be taken back."""
    form, where = await desk_form(request, OFFICE), f"{SALES.href}/{code}"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, SALES)
        await _within(connection, found, _id_of(code))
        if (reason := reason_of(form)) is None:
            return go(f"{where}?pesan=alasan")
        here = found.here
        outcome = await ask_reversal(
            connection, _id_of(code), reason=reason, actor=found.actor, now=here.now, ids=here.app.ids
        )
    return asked_for(request, outcome, where, "minta")


@post("/office/transaksi/{code:str}/pembatalan/putusan", include_in_schema=False)
async def decide_reversal_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Agree to taking it back, or decline; only a supervisor."""
    form, where = await desk_form(request, OFFICE), f"{SALES.href}/{code}"
    yes = form.text("setuju") == "ya"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, DECIDE_REVERSAL)
        story = await _story(connection, found, _id_of(code))
    if story.reversal is None:
        return go(where)
    outcome = await found.here.app.reversing.decide(ReversalId(story.reversal.id), approve=yes, actor=found.actor)
    return asked_for(request, outcome, where, "setuju" if yes else "tolak")


@post("/office/transaksi/{code:str}/penyesuaian", include_in_schema=False)
async def ask_adjustment_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Ask for a refunded sale that was delivered to be put right."""
    form, where = await desk_form(request, OFFICE), f"{SALES.href}/{code}"
    payer: Payer = {"outlet": "outlet", "house": "house"}.get(form.text("payer"), "if_held")  # type: ignore[assignment]
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, SALES)
        await _within(connection, found, _id_of(code))
        if (reason := reason_of(form)) is None:
            return go(f"{where}?pesan=alasan")
        app = found.here.app
        outcome = await ask_adjustment(
            connection, _id_of(code), payer=payer, reason=reason, actor=found.actor, clock=app.clock, ids=app.ids
        )
    return asked_for(request, outcome, where, "minta")


@post("/office/transaksi/{code:str}/penyesuaian/putusan", include_in_schema=False)
async def decide_adjustment_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Agree to putting it right, or decline; only a supervisor."""
    form, where = await desk_form(request, OFFICE), f"{SALES.href}/{code}"
    yes = form.text("setuju") == "ya"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, DECIDE_ADJUSTMENT)
        story = await _story(connection, found, _id_of(code))
        if story.adjustment is None:
            return go(where)
        app = found.here.app
        rulebook, catalogue = await app.references.current(connection)
        outcome = await decide_adjustment(
            connection,
            AdjustmentId(story.adjustment.id),
            approve=yes,
            actor=found.actor,
            clock=app.clock,
            ids=app.ids,
            rulebook=rulebook,
            catalogue=catalogue,
        )
    return asked_for(request, outcome, where, "setuju" if yes else "tolak")


async def _within(connection: Connection, found: Member, sale_id: SaleId) -> None:
    """Raise Refused(SALE_NOT_FOUND) for a sale of an outlet outside the area of this member of staff."""
    if (refusal := await out_of_reach(connection, "sale", sale_id, scope=scope_of(found.who))) is not None:
        raise Refused(refusal)


async def _story(connection: Connection, found: Member, sale_id: SaleId) -> SaleStory:
    await _within(connection, found, sale_id)
    story = await sale_story(connection, sale_id, outlet_id=None)
    if isinstance(story, Refusal):
        raise Refused(story)
    return story


def _id_of(code: str) -> SaleId:
    if (sale_id := sale_of_code(code)) is None:
        raise Refused(SALE_NOT_FOUND())
    return sale_id


SALE_ROUTES = [
    find_page,
    sale_page,
    ask_reversal_post,
    decide_reversal_post,
    ask_adjustment_post,
    decide_adjustment_post,
]
