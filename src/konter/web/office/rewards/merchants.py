"""Merchants that give goods against points: who speaks for them, and what they burnt. [P-23]"""

import re
from collections.abc import Sequence
from datetime import timedelta
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
from konter.platform.clock import business_day
from konter.platform.money import thousands
from konter.platform.refusal import Refusal, Refused
from konter.subscriber.msisdn import parse_msisdn, pretty
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, list_notice, notice
from konter.web.desk.errors import BACK
from konter.web.desk.frame import Member, desk_form, desk_page, member, no_nul
from konter.web.desk.tables import address, csv_answer
from konter.web.desk.views import Action, Badge, Cell, Column, Fact, Facts, Field, ListView, Table, ThingView
from konter.web.office.numbers.seen import NUMBER_CHARS_MAX
from konter.web.office.places import IMPORT_REWARDS, MERCHANTS, OFFICE, REWARDS
from konter.web.office.rewards.machines import MACHINES, machine_actions, machines_table
from konter.web.pages import AnyPage, go, id_of

CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,29}")
NAME_CHARS_MAX = 60
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
        name="kode", label=words.t("office.rewards.code"), length_max=30, hint=words.t("office.rewards.code_hint")
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
        if not CODE.fullmatch(code) or not 1 <= len(name) <= NAME_CHARS_MAX or not name.isprintable():
            return go(f"{MERCHANTS}?pesan=isian")
        here = found.here
        outcome = await open_merchant(connection, code, name, now=here.now, actor=found.actor, ids=here.app.ids)
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
    """One merchant: its numbers, what of its rewards was redeemed and burnt, the newest burnt codes, and the machines
    that may burn for it, by a part of their name.
    """
    after = id_of(dari)
    named = mesin.strip()[:NAME_CHARS_MAX] if no_nul(mesin) else ""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REWARDS)
        seen = await merchant_view(connection, merchant)
        if isinstance(seen, Refusal):
            raise Refused(seen)
        burns = await newest_burns(connection, merchant)
        last = business_day(found.here.now, ZoneInfo(found.here.rules.poin.time_zone))
        figures = await reward_figures(connection, first=last - timedelta(days=DAYS), last=last)
        machine = await client_line(connection, seen.client_id) if seen.client_id is not None else None
        free: Sequence[ClientLine] = ()
        if may_change(found, seen):
            free = await clients_with(connection, BURN_SCOPE, name=named, after=after, limit=MACHINES)
    tables = (
        _figures(found, [each for each in figures if each.merchant == merchant]),
        *((machines_table(found, seen, free, named, after),) if may_change(found, seen) else ()),
        _burns(found, burns),
    )
    view = _thing(found, seen, machine if isinstance(machine, ClientLine) else None, tables)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


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
        story=(),
        actions=_actions(found, seen),
        tables=tables,
    )


def _figures(found: Member, figures: list[RewardFigure]) -> Table:
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
    closing = Action(
        title=found.words.t("office.rewards.close_merchant"),
        note=found.words.t("office.rewards.close_merchant_note"),
        post=f"{MERCHANTS}/{seen.code}/tutup",
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
        msisdn = parse_msisdn(said)
        if msisdn is None or not no_nul(merchant):
            request.scope["state"][BACK] = where
            raise Refused(BAD_MSISDN(msisdn=said))
        here = found.here
        change = remove_merchant_number if form.text("lakukan") == "hapus" else add_merchant_number
        outcome = await change(connection, merchant, msisdn, now=here.now, actor=found.actor, ids=here.app.ids)
    return asked_for(request, outcome, where, "nomor_penjual")


@post("/office/hadiah/penjual/{merchant:str}/tutup", include_in_schema=False)
async def close_post(request: AnyRequest, merchant: FromPath[str]) -> AnyPage:
    """Close a merchant for good."""
    await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
        if not no_nul(merchant):
            raise Refused(MERCHANT_NOT_FOUND(merchant=""))
        here = found.here
        outcome = await close_merchant(connection, merchant, clock=here.app.clock, actor=found.actor, ids=here.app.ids)
    return asked_for(request, outcome, f"{MERCHANTS}/{merchant}", "tutup_penjual")


MERCHANT_DESK_ROUTES = [
    merchants_page,
    open_post,
    merchant_page,
    number_post,
    close_post,
]
