"""Which API client burns for a merchant: those that may, a page of them, and setting one. [P-23]"""

from collections.abc import Sequence

from litestar import post
from litestar.params import FromPath

from konter.access.clients.model import ClientLine
from konter.loyalty.rewards.merchants.manage import set_merchant_client
from konter.loyalty.rewards.merchants.model import BURN_SCOPE
from konter.loyalty.rewards.merchants.read import MerchantView
from konter.loyalty.rewards.refusals import MERCHANT_NOT_FOUND
from konter.platform.db import Connection
from konter.platform.ids import ClientId
from konter.platform.refusal import Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for
from konter.web.desk.frame import Member, desk_form, member, no_nul
from konter.web.desk.tables import address
from konter.web.desk.views import Action, Cell, Column, Filter, Table
from konter.web.office.places import IMPORT_REWARDS, MERCHANTS, OFFICE
from konter.web.pages import AnyPage, id_of

MACHINES = 20  # of a page


def machine_actions(found: Member, seen: MerchantView) -> tuple[Action, ...]:
    if seen.client_id is None:
        return ()
    words, to = found.words, f"{MERCHANTS}/{seen.code}/mesin"
    return (
        Action(
            title=words.t("office.rewards.no_machine"),
            note=words.t("office.rewards.no_machine_note"),
            post=to,
            tone="plain",
        ),
    )


def machines_table(found: Member, seen: MerchantView, machines: Sequence[ClientLine], named: str, after: int) -> Table:
    """Machines that may burn, a page of them, each with the button that sets it."""
    words, page = found.words, f"{MERCHANTS}/{seen.code}"
    last = machines[-1].id if len(machines) == MACHINES else None
    return Table(
        id="machines",
        title=words.t("office.rewards.set_machine"),
        note=words.t("office.rewards.machine_note", scope=BURN_SCOPE),
        columns=(Column(name=words.t("office.clients.name")), Column(name=words.t("office.rewards.machine"))),
        rows=tuple(
            (
                Cell(text=each.name, sub=str(each.id)),
                Cell(text=words.t("office.rewards.machine_is_set"), badge="ok")
                if each.id == seen.client_id
                else Cell(text=words.t("office.rewards.set_this"), post=f"{page}/mesin/{each.id}"),
            )
            for each in machines
        ),
        empty=words.t("office.rewards.no_such_machine"),
        action=page,
        filters=(Filter(name="mesin", label=words.t("office.clients.name"), kind="text", value=named),),
        next_href=address(page, mesin=named, dari=last) if last else "",
        first_href=address(page, mesin=named) if after else "",
    )


@post("/office/hadiah/penjual/{merchant:str}/mesin/{client:int}", include_in_schema=False)
async def machine_post(request: AnyRequest, merchant: FromPath[str], client: FromPath[int]) -> AnyPage:
    """Have an API client burn for a merchant."""
    await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
        return await _set_machine(request, connection, found, merchant, ClientId(id_of(str(client))))


@post("/office/hadiah/penjual/{merchant:str}/mesin", include_in_schema=False)
async def no_machine_post(request: AnyRequest, merchant: FromPath[str]) -> AnyPage:
    """Have no API client burn for a merchant any more."""
    await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
        return await _set_machine(request, connection, found, merchant, None)


async def _set_machine(
    request: AnyRequest, connection: Connection, found: Member, merchant: str, client_id: ClientId | None
) -> AnyPage:
    if not no_nul(merchant):
        raise Refused(MERCHANT_NOT_FOUND(merchant=""))
    here = found.here
    outcome = await set_merchant_client(
        connection, merchant, client_id, now=here.now, actor=found.actor, ids=here.app.ids
    )
    return asked_for(request, outcome, f"{MERCHANTS}/{merchant}", "mesin_penjual")


MERCHANT_MACHINE_ROUTES = [machine_post, no_machine_post]
