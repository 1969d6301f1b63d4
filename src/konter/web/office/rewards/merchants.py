"""Merchants that give goods against points: who speaks for them, and what they burnt. [P-23]"""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.access.clients.manage import client_line, clients_with
from konter.access.clients.model import ClientLine
from konter.access.staff.people import note_export
from konter.loyalty.rewards.merchants.manage import (
    add_merchant_number,
    close_merchant,
    open_merchant,
    remove_merchant_number,
)
from konter.loyalty.rewards.merchants.model import BURN_SCOPE
from konter.loyalty.rewards.merchants.read import Burnt, MerchantView, merchant_view, merchants, newest_burns
from konter.loyalty.rewards.redemption.figures import RewardFigure, reward_figures
from konter.loyalty.rewards.refusals import MERCHANT_NOT_FOUND
from konter.loyalty.tiers.figures import tier_standing
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.money import thousands
from konter.platform.refusal import Refusal, Refused
from konter.subscriber.msisdn import parse_msisdn, pretty
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, list_notice, notice, status_again, typed_again
from konter.web.desk.frame import Member, desk_form, desk_page, member, no_nul
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.tables import address, csv_answer
from konter.web.desk.views import Action, Badge, Cell, Column, Fact, Facts, Field, ListView, Table, ThingView
from konter.web.office.numbers.seen import NUMBER_CHARS_MAX
from konter.web.office.places import IMPORT_REWARDS, MERCHANTS, OFFICE, REWARDS
from konter.web.office.rewards.machines import MACHINES, machine_actions, machines_table
from konter.web.pages import AnyPage, go, id_of

CODE_CHARS_MAX, NAME_CHARS_MAX = 30, 60
DAYS = 30


@get("/office/hadiah/penjual", include_in_schema=False)
async def merchants_page(
    request: AnyRequest, bentuk: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> Response[bytes]:
    """Every merchant, and registering another."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REWARDS)
        rows = tuple(_row(found, each) for each in await merchants(connection))
        if bentuk == "csv" and found.may("lists.export"):
            here = found.here
            await note_export(connection, "merchants", len(rows), actor=found.actor, now=here.now, ids=here.app.ids)
            return csv_answer("penjual", _columns(found), rows)
    words = found.words
    table = Table(
        id="merchants",
        title=words.t("office.rewards.merchants"),
        columns=_columns(found),
        rows=rows,
        empty=words.t("office.rewards.no_merchants"),
        csv_href=address(MERCHANTS, bentuk="csv") if found.may("lists.export") else "",
    )
    back = Action(title=words.t("office.rewards.title"), href=REWARDS.href, tone="plain")
    view = ListView(
        title=words.t("office.rewards.merchants"),
        note=words.t("office.rewards.merchants_note"),
        tables=(table,),
        actions=(*_opening(found), back),
    )
    return desk_page(request, OFFICE, "desk/list.html", list_notice(found, view, pesan))


def _columns(found: Member) -> tuple[Column, ...]:
    keys = ("office.rewards.merchant", "office.rewards.numbers", "office.rewards.since")
    return tuple(Column(name=found.words.t(key)) for key in keys)


def _row(found: Member, each: MerchantView) -> tuple[Cell, ...]:
    words = found.words
    numbers = ", ".join(pretty(number) for number in each.numbers) or words.t("desk.none")
    machine = words.t("office.rewards.machine") if each.client_id is not None else ""
    return (
        Cell(text=each.name, href=f"{MERCHANTS}/{each.code}", sub=each.code),
        Cell(text=numbers, sub=machine),
        Cell(
            text=words.date(each.opened_at),
            sub=words.t("office.rewards.merchant_closed") if each.closed_at is not None else "",
        ),
    )


def _opening(found: Member) -> tuple[Action, ...]:
    words = found.words
    if not found.may(*IMPORT_REWARDS.rights):
        return ()
    code = Field(
        name="kode",
        label=words.t("office.rewards.code"),
        length_max=CODE_CHARS_MAX,
        hint=words.t("office.rewards.code_hint"),
    )
    name = Field(name="nama", label=words.t("office.rewards.name"), length_max=NAME_CHARS_MAX)
    return (Action(title=words.t("office.rewards.register"), post=MERCHANTS, fields=(code, name)),)


@post("/office/hadiah/penjual", include_in_schema=False)
async def open_post(request: AnyRequest) -> AnyPage:
    """Register a merchant."""
    form = await desk_form(request, OFFICE)
    code, name = form.text("kode").upper(), form.text("nama")
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
        here = found.here
        outcome = await open_merchant(connection, code, name, now=here.now, actor=found.actor, ids=here.app.ids)
    if outcome is not None and outcome.code == "INVALID_INPUT":
        return go(f"{MERCHANTS}?pesan=isian")
    if outcome is not None:
        return asked_for(request, outcome, MERCHANTS, "penjual")
    return go(f"{MERCHANTS}/{code}?pesan=penjual")


@get("/office/hadiah/penjual/{merchant:str}", include_in_schema=False)
async def merchant_page(
    request: AnyRequest,
    merchant: FromPath[str],
    mesin: FromQuery[str] = "",
    dari: FromQuery[str] = "",
    pesan: FromQuery[str] = "",
) -> AnyPage:
    """One merchant, and the machines that may burn for it, by a part of their name."""
    after = id_of(dari)
    named = mesin.strip()[:NAME_CHARS_MAX] if no_nul(mesin) else ""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REWARDS)
        view = await _merchant(connection, found, merchant, named=named, after=after)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


async def _merchant(
    connection: Connection, found: Member, merchant: str, *, named: str = "", after: int = 0
) -> ThingView:
    """Its numbers, what of its rewards was redeemed and burnt, and the newest burnt codes. Raises Refused."""
    seen = await merchant_view(connection, merchant)
    if isinstance(seen, Refusal):
        raise Refused(seen)
    burns = await newest_burns(connection, merchant)
    last = await _counted_until(connection, found)
    figures = await reward_figures(connection, first=last - timedelta(days=DAYS - 1), last=last, merchant=merchant)
    machine = await client_line(connection, seen.client_id) if seen.client_id is not None else None
    free: Sequence[ClientLine] = ()
    if may_change(found, seen):
        free = await clients_with(connection, BURN_SCOPE, name=named, after=after, limit=MACHINES)
    tables = (
        _figures(found, figures, last),
        *((machines_table(found, seen, free, named, after),) if may_change(found, seen) else ()),
        _burns(found, burns),
    )
    return _thing(found, seen, machine if isinstance(machine, ClientLine) else None, tables)


async def _counted_until(connection: Connection, found: Member) -> date:
    """The last day that is in the figures, which are added up by night."""
    rules = found.here.rules
    yesterday = business_day(found.here.now, ZoneInfo(rules.poin.time_zone)) - timedelta(days=1)
    standing = await tier_standing(connection, rules=rules)
    return yesterday if standing is None else min(yesterday, standing.day)


def _thing(found: Member, seen: MerchantView, machine: ClientLine | None, tables: tuple[Table, ...]) -> ThingView:
    words = found.words
    numbers = tuple(Fact(label=words.t("office.rewards.number"), text=pretty(each)) for each in seen.numbers)
    none = (Fact(label=words.t("office.rewards.number"), text=words.t("desk.none")),)
    return ThingView(
        title=seen.name,
        kind=words.t("office.rewards.merchant"),
        back_href=MERCHANTS,
        back_name=words.t("office.rewards.merchants"),
        badges=(Badge(text=words.t("office.rewards.merchant_closed")),) if seen.closed_at is not None else (),
        facts=(
            Facts(
                title=words.t("office.items.about"),
                facts=(
                    Fact(label=words.t("office.rewards.code"), text=seen.code),
                    Fact(label=words.t("office.rewards.since"), text=words.date(seen.opened_at)),
                    *_closed(found, seen),
                    Fact(
                        label=words.t("office.rewards.machine"),
                        text=machine.name if machine is not None else words.t("desk.no"),
                    ),
                ),
            ),
            Facts(title=words.t("office.rewards.numbers"), facts=numbers or none),
        ),
        story=None,
        actions=_actions(found, seen),
        tables=tables,
    )


def _figures(found: Member, figures: list[RewardFigure], last: date) -> Table:
    words = found.words
    keys = (
        "office.points.reward",
        "office.programme.redemptions",
        "office.programme.redeemed",
        "office.rewards.burnt",
    )
    return Table(
        id="figures",
        title=words.t("office.programme.by_reward", n=DAYS),
        columns=tuple(Column(name=words.t(key), num=key != keys[0]) for key in keys),
        rows=tuple(
            (
                Cell(text=each.name(words.locale), href=f"{REWARDS.href}/{each.reward}"),
                *(Cell(text=thousands(number)) for number in (each.redemptions, each.points, each.burnt)),
            )
            for each in figures
        ),
        empty=words.t("office.programme.nothing"),
        note=words.t("office.programme.note", day=words.date(last)),
    )


def _burns(found: Member, burns: list[Burnt]) -> Table:
    words = found.words
    return Table(
        id="burns",
        title=words.t("office.rewards.newest_burns"),
        columns=tuple(Column(name=words.t(key)) for key in ("office.points.at", "office.points.reward")),
        rows=tuple(
            (
                Cell(text=words.long(each.at), sub=words.t(f"office.rewards.channel.{each.channel}")),
                Cell(text=each.name(words.locale), href=f"{REWARDS.href}/{each.reward}"),
            )
            for each in burns
        ),
        empty=words.t("office.rewards.no_burns"),
    )


def _closed(found: Member, seen: MerchantView) -> tuple[Fact, ...]:
    if seen.closed_at is None:
        return ()
    return (Fact(label=found.words.t("office.rewards.merchant_closed_on"), text=found.words.date(seen.closed_at)),)


def may_change(found: Member, seen: MerchantView) -> bool:
    """Whether they may do something with it: an open one, with the right to it."""
    return seen.closed_at is None and found.may(*IMPORT_REWARDS.rights)


def _actions(found: Member, seen: MerchantView) -> tuple[Action, ...]:
    """What may be done with an open merchant; nothing with a closed one."""
    if not may_change(found, seen):
        return ()
    words = found.words
    code = Field(
        name="code",
        label=words.t("office.rewards.code"),
        length_max=CODE_CHARS_MAX,
        hint=words.t("office.rewards.close_hint", code=seen.code),
    )
    closing = Action(
        title=words.t("office.rewards.close_merchant"),
        note=words.t("office.rewards.close_merchant_note"),
        post=f"{MERCHANTS}/{seen.code}/tutup",
        fields=(code, reason_field(words)),
        tone="danger",
    )
    return (*_number_actions(found, seen), *machine_actions(found, seen), closing)


def _number_actions(found: Member, seen: MerchantView) -> tuple[Action, ...]:
    words = found.words
    post_to = f"{MERCHANTS}/{seen.code}/nomor"
    hidden = Field(name="lakukan", label="", kind="hidden", value="tambah")
    number = Field(name="nomor", label=words.t("office.rewards.number"), length_max=NUMBER_CHARS_MAX)
    adding = Action(
        title=words.t("office.rewards.add_number"),
        note=words.t("office.rewards.number_note"),
        post=post_to,
        fields=(number, hidden),
    )
    removing = tuple(
        Action(
            title=words.t("office.rewards.remove_number", number=pretty(each)),
            post=post_to,
            fields=(
                Field(name="nomor", label="", kind="hidden", value=str(each)),
                Field(name="lakukan", label="", kind="hidden", value="hapus"),
            ),
            tone="plain",
        )
        for each in seen.numbers
    )
    return adding, *removing


@post("/office/hadiah/penjual/{merchant:str}/nomor", include_in_schema=False)
async def number_post(request: AnyRequest, merchant: FromPath[str]) -> AnyPage:
    """Have a number speak for a merchant, by SMS and on the web, or no longer."""
    form, where = await desk_form(request, OFFICE), f"{MERCHANTS}/{merchant}"
    said = form.text("nomor")[:NUMBER_CHARS_MAX]
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
        if not no_nul(merchant):
            raise Refused(MERCHANT_NOT_FOUND(merchant=""))
        outcome = await _change_number(connection, found, merchant, said, adds=form.text("lakukan") != "hapus")
        if outcome is None:
            return go(f"{where}?pesan=nomor_penjual")
        if outcome == MERCHANT_NOT_FOUND(merchant=merchant):
            raise Refused(outcome)
        view = await _merchant(connection, found, merchant)
    view = typed_again(found, view, outcome, f"{where}/nomor", {"nomor": said})
    return desk_page(request, OFFICE, "desk/thing.html", view, status=status_again(outcome))


async def _change_number(
    connection: Connection, found: Member, merchant: str, said: str, *, adds: bool
) -> Refusal | None:
    msisdn, here = parse_msisdn(said), found.here
    if msisdn is None:
        return BAD_MSISDN(msisdn=said)
    change = add_merchant_number if adds else remove_merchant_number
    return await change(connection, merchant, msisdn, now=here.now, actor=found.actor, ids=here.app.ids)


@post("/office/hadiah/penjual/{merchant:str}/tutup", include_in_schema=False)
async def close_post(request: AnyRequest, merchant: FromPath[str]) -> AnyPage:
    """Close a merchant for good; its code, typed once more, says that this one is meant."""
    form, where = await desk_form(request, OFFICE), f"{MERCHANTS}/{merchant}"
    reason, code = reason_of(form), form.text("code")
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
        if not no_nul(merchant):
            raise Refused(MERCHANT_NOT_FOUND(merchant=""))
        if reason is None:
            return go(f"{where}?pesan=alasan")
        if code.strip().upper() != merchant:
            return go(f"{where}?pesan=kode_penjual")
        app = found.here.app
        outcome = await close_merchant(
            connection, merchant, clock=app.clock, actor=found.actor, ids=app.ids, reason=reason
        )
    return asked_for(request, outcome, where, "tutup_penjual")


MERCHANT_DESK_ROUTES = [
    merchants_page,
    open_post,
    merchant_page,
    number_post,
    close_post,
]
