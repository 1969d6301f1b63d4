"""A partner plans the visits of its field sales; they see their own on the phone and file each with its survey.
[D-57, D-60, D-66]
"""

from uuid import UUID, uuid4

from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.channel.directory.find import outlet_card
from konter.channel.directory.model import OutletCard
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.channel.scope import scope_of
from konter.channel.visits.file import file_visits
from konter.channel.visits.model import DISPLAYS, NOTE_CHARS_MAX, Filing, Planned, Visit
from konter.channel.visits.rounds import last_visits, planned_visits
from konter.platform.db import Connection
from konter.platform.ids import OutletId
from konter.platform.money import thousands
from konter.platform.refusal import FORBIDDEN, INVALID_INPUT, Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for
from konter.web.desk.frame import Member, desk_form, desk_page
from konter.web.desk.views import Action, Cell, Choice, Column, Field, ListView, Table
from konter.web.desk.visits import Asked, days_in_short, plan_actions, plan_by_form, visits_view
from konter.web.modules import MODULE
from konter.web.pages import AnyPage, Form, id_of
from konter.web.partner.channel import of_partner
from konter.web.partner.places import CONSOLE, OUTLETS, ROUND

SHOWN = 2
FORM = "/partner/kunjungan/{outlet:str}"


@get("/partner/kunjungan", include_in_schema=False, opt={MODULE: "visits"})
async def visits_page(
    request: AnyRequest, outlet: FromQuery[str] = "", dari: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> AnyPage:
    """An admin's whole plan, or the round of whoever visits."""
    code = "".join(sign for sign in outlet if sign.isprintable())[:40].strip()
    async with app_of(request).connection() as connection:
        found, partner_id = await of_partner(request, connection, ROUND)
        own = "SBP_FIELD_SALES" in found.who.roles
        asked = Asked(
            href=ROUND.href,
            outlet_href=OUTLETS.href,
            scope=scope_of(found.who),
            person=found.who.user_id if own else None,
            outlet="" if own else code,
            begin=dari,
            message=pesan,
            files=own,
        )
        actions = () if own else await plan_actions(connection, found, ROUND.href, partner_id, code)
        view = await visits_view(connection, found, asked, actions)
    return desk_page(request, CONSOLE, "desk/list.html", view)


@post("/partner/kunjungan", include_in_schema=False, opt={MODULE: "visits"})
async def plan_post(request: AnyRequest) -> AnyPage:
    """The partner's admin plans the visits of an outlet, or stops them."""
    form = await desk_form(request, CONSOLE)
    async with app_of(request).connection() as connection:
        found, _ = await of_partner(request, connection, ROUND)
        if "SBP_ADMIN" not in found.who.roles:
            raise Refused(FORBIDDEN())
        message, outcome = await plan_by_form(connection, found, form, scope_of(found.who))
    return asked_for(request, outcome, ROUND.href, message)


@get(FORM, include_in_schema=False, opt={MODULE: "visits"})
async def form_page(request: AnyRequest, outlet: FromPath[str]) -> AnyPage:
    """An outlet of one's own round, with the survey to fill in and what was found there before."""
    async with app_of(request).connection() as connection:
        found, _ = await of_partner(request, connection, ROUND)
        planned, card = await _own(connection, found, OutletId(id_of(outlet)))
        before = await last_visits(connection, card.id, limit=SHOWN)
    view = _view(found, planned, card, before)
    return desk_page(request, CONSOLE, "desk/list.html", view, zone=card.zone)


async def _own(connection: Connection, found: Member, outlet_id: OutletId) -> tuple[Planned, OutletCard]:
    """Raises Refused(OUTLET_NOT_FOUND) for an outlet that this person does not visit."""
    card = await outlet_card(connection, outlet_id, scope=scope_of(found.who))
    if isinstance(card, Refusal):
        raise Refused(card)
    rows = await planned_visits(
        connection,
        "all",
        scope=scope_of(found.who),
        now=found.here.now,
        person=found.who.user_id,
        after=OutletId(outlet_id - 1),
        limit=1,
    )
    if not rows or rows[0].outlet_id != outlet_id:
        raise Refused(OUTLET_NOT_FOUND())
    return rows[0], card


def _view(found: Member, planned: Planned, card: OutletCard, before: list[Visit]) -> ListView:
    """Where it is in one line, so that on a phone the form begins on the first screen."""
    words = found.words
    where = (card.code, card.address, days_in_short(words, planned.weekdays))
    return ListView(
        title=card.name,
        note=" · ".join(part for part in where if part),
        tables=(_history(found, before),) if before else (),
        actions=(_survey(found, planned),),
    )


def _history(found: Member, before: list[Visit]) -> Table:
    words = found.words
    columns = ("visits.day", "visits.display", "visits.starter_packs", "visits.vouchers", "visits.market")
    return Table(
        id="visits-history",
        title=words.t("visits.history"),
        columns=tuple(
            Column(name=words.t(key), num=key in ("visits.starter_packs", "visits.vouchers")) for key in columns
        ),
        rows=tuple(
            (
                Cell(text=words.date(each.day)),
                Cell(text=words.t(f"visits.display_is.{each.display}")),
                Cell(text=thousands(each.starter_packs)),
                Cell(text=thousands(each.vouchers)),
                Cell(text=each.note or words.t("desk.none")),
            )
            for each in before
        ),
        empty=words.t("visits.never"),
    )


def _survey(found: Member, planned: Planned) -> Action:
    """Short enough for a phone; its ref makes two taps one visit."""
    words = found.words
    return Action(
        title=words.t("visits.file"),
        note=words.t("visits.file_note"),
        post=f"{ROUND.href}/{planned.outlet_id}",
        fields=(
            Field(
                name="pajangan",
                label=words.t("visits.display"),
                kind="choice",
                choices=(
                    Choice(value="", name=words.t("visits.choose")),  # what is chosen for people is no survey
                    *(Choice(value=each, name=words.t(f"visits.display_is.{each}")) for each in DISPLAYS),
                ),
            ),
            Field(name="perdana", label=words.t("visits.starter_packs"), kind="number", length_max=6),
            Field(name="voucher", label=words.t("visits.vouchers"), kind="number", length_max=6),
            Field(
                name="catatan",
                label=words.t("visits.market"),
                kind="area",
                length_max=NOTE_CHARS_MAX,
                hint=words.t("visits.market_hint"),
                required=False,
            ),
            Field(name="ref", label="", kind="hidden", value=str(uuid4())),
        ),
    )


@post(FORM, include_in_schema=False, opt={MODULE: "visits"})
async def file_post(request: AnyRequest, outlet: FromPath[str]) -> AnyPage:
    """File a visit; sent twice it is one."""
    form = await desk_form(request, CONSOLE)
    where = f"{ROUND.href}/{id_of(outlet)}"
    async with app_of(request).connection() as connection:
        found, _ = await of_partner(request, connection, ROUND)
        await _own(connection, found, OutletId(id_of(outlet)))  # to a stranger it is not there, whatever the form
        filing = _filing(found, OutletId(id_of(outlet)), form)
        if isinstance(filing, Refusal):
            return asked_for(request, filing, where, "")
        here = found.here
        (outcome,) = await file_visits(connection, [filing], actor=found.actor, now=here.now, ids=here.app.ids)
    if isinstance(outcome, Refusal):
        return asked_for(request, outcome, where, "")
    return asked_for(request, outcome, ROUND.href, "catat")


def _filing(found: Member, outlet_id: OutletId, form: Form) -> Filing | Refusal:
    counts = [form.text(name) for name in ("perdana", "voucher")]
    display = form.text("pajangan")
    try:
        ref = UUID(form.text("ref"))
    except ValueError:
        return INVALID_INPUT(field="ref", reason="UUID")
    if display not in DISPLAYS:
        return INVALID_INPUT(field="display", reason=", ".join(DISPLAYS))
    if not all(count.isascii() and count.isdigit() and len(count) <= 6 for count in counts):  # noqa: PLR2004 - digits
        return INVALID_INPUT(field="stock", reason="0-100000")
    return Filing(
        outlet_id=outlet_id,
        field_sales_id=found.who.user_id,
        client_ref=ref,
        display=display,
        starter_packs=int(counts[0]),
        vouchers=int(counts[1]),
        note=" ".join(form.text("catatan").split()),
    )


VISIT_ROUTES = [visits_page, plan_post, form_page, file_post]
