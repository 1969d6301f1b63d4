"""One field that takes any id, number or code, and the beginning of a name."""

from litestar import get
from litestar.params import FromQuery

from konter.channel.directory.find import partners_by_name, search_outlets
from konter.channel.numbers.read import number_within
from konter.channel.onboarding.queues.read import find
from konter.channel.scope import scope_of
from konter.loyalty.rewards.catalogue.read import reward_states
from konter.loyalty.rewards.merchants.read import merchants
from konter.loyalty.rewards.redemption.model import RedemptionId
from konter.loyalty.rewards.redemption.read import number_of_redemption, redemption_of
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.sales.codes import sale_of_code
from konter.sales.history.read import SaleStory, sale_story
from konter.sales.reach import out_of_reach
from konter.subscriber.msisdn import parse_msisdn, pretty
from konter.web.app import AnyRequest, app_of
from konter.web.desk.frame import Q_CHARS_MAX, Member, desk_page, member
from konter.web.desk.views import Cell, FoundView, Table
from konter.web.office.places import (
    APPLICATIONS,
    MERCHANTS,
    NUMBERS,
    OFFICE,
    OUTLETS,
    PARTNERS,
    REWARDS,
    SALES,
)
from konter.web.pages import AnyPage

PRODUCTS_SHOWN = 5
SHOWN = 8
PART_MIN = 3
Line = tuple[Cell, ...]


@get("/office/cari", include_in_schema=False)
async def search_page(request: AnyRequest, q: FromQuery[str] = "") -> AnyPage:
    """What fits, the most exact first. A number is not looked up before somebody opens its page, which is logged."""
    typed = "".join(sign for sign in q if sign.isprintable())[:Q_CHARS_MAX].strip()
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE)
        lines = await found_lines(connection, found, typed) if typed else []
    words = found.words
    kinds = [kind.text for _, kind, _ in lines]
    full = any(kinds.count(kind) >= SHOWN for kind in set(kinds))
    table = Table(
        id="found",
        title=words.t("desk.search.found", q=typed),
        columns=(),
        rows=tuple(lines),
        empty=words.t("desk.search.nothing", q=typed),
        note=words.t("lists.first_only", n=SHOWN) if full else "",
    )
    return desk_page(request, OFFICE, "desk/found.html", FoundView(q=typed, table=table))


async def found_lines(connection: Connection, found: Member, typed: str) -> list[Line]:
    """Lines of (name with its address, what it is, more)."""
    channel = await _channel(connection, found, typed) if OUTLETS.open_to(found.who.roles) else []
    forms = await _forms(connection, found, typed) if APPLICATIONS.open_to(found.who.roles) else []
    care = await _care(connection, found, typed) if SALES.open_to(found.who.roles) else []
    redeemed = await _redeemed(connection, found, typed) if NUMBERS.open_to(found.who.roles) else []
    rewards = await _rewards(connection, found, typed) if REWARDS.open_to(found.who.roles) else []
    return [*care, *redeemed, *rewards, *forms, *channel]


async def _care(connection: Connection, found: Member, typed: str) -> list[Line]:
    """Numbers, sales and products."""
    words, lines = found.words, list[Line]()
    if (msisdn := parse_msisdn(typed)) is not None:
        more = words.t("office.number.look")
        lines.append(_line(pretty(msisdn), f"{NUMBERS.href}/{msisdn}", words.t("office.number.title"), more))
    elif (sale_id := sale_of_code(typed)) is not None:
        beyond = await out_of_reach(connection, "sale", sale_id, scope=scope_of(found.who))
        story = beyond or await sale_story(connection, sale_id, outlet_id=None)
        if isinstance(story, SaleStory):
            sale = story.sale
            more = f"{words.t(f'outlet.status.{sale.status}')}, {words.long(sale.at)}"
            lines.append(_line(sale.code, f"{SALES.href}/{sale.code}", words.t("office.sale.title"), more))
    return [*lines, *_products(found, typed)]


def _products(found: Member, typed: str) -> list[Line]:
    words, part = found.words, typed.casefold()
    fitting = [
        product
        for product in found.here.catalogue.products
        if product.code.casefold().startswith(part) or part in product.name(words.locale).casefold()
    ]
    return [
        _line(each.name(words.locale), f"/office/produk/{each.code}", words.t("office.sale.product"), each.code)
        for each in fitting[: PRODUCTS_SHOWN if len(typed) >= PART_MIN else 0]
    ]


async def _redeemed(connection: Connection, found: Member, typed: str) -> list[Line]:
    """A redemption by its code, on the page of the number's points; as far as the number may be seen."""
    words, id_ = found.words, None if parse_msisdn(typed) is not None else sale_of_code(typed)
    msisdn = await number_of_redemption(connection, RedemptionId(id_)) if id_ is not None else None
    if id_ is None or msisdn is None or not await number_within(connection, msisdn, scope=scope_of(found.who)):
        return []
    redemption = await redemption_of(connection, RedemptionId(id_), subscription_id=None)
    if isinstance(redemption, Refusal):
        return []
    more = f"{words.t(f'office.rewards.status.{redemption.status}')}, {words.long(redemption.at)}"
    href = f"{NUMBERS.href}/{msisdn}/poin#redemptions"
    return [_line(redemption.code, href, words.t("office.points.redemptions"), more)]


async def _rewards(connection: Connection, found: Member, typed: str) -> list[Line]:
    """Rewards and the merchants of some: two queries, each list whole, as an operator's are short."""
    words = found.words
    offers = [each.offer for each in await reward_states(connection, now=found.here.now, ahead=True)]
    rewards = [each for each in offers if _fits(typed, each.reward, each.name("id"), each.name("en"))]
    sellers = [each for each in await merchants(connection) if _fits(typed, each.code, each.name)]
    reward, merchant = words.t("office.points.reward"), words.t("office.rewards.merchant")
    return [
        *(
            _line(each.name(words.locale), f"{REWARDS.href}/{each.reward}", reward, each.reward)
            for each in rewards[:SHOWN]
        ),
        *(_line(each.name, f"{MERCHANTS}/{each.code}", merchant, each.code) for each in sellers[:SHOWN]),
    ]


def _fits(typed: str, code: str, *names: str) -> bool:
    """Whether a code is meant, or begins so, or a name has it; the same letters in either case."""
    part, whole = typed.casefold(), code.casefold()
    if len(part) < PART_MIN:
        return part == whole
    return whole.startswith(part) or any(part in name.casefold() for name in names)


async def _forms(connection: Connection, found: Member, typed: str) -> list[Line]:
    """Applications by form number, number or NIK."""
    words = found.words
    forms = await find(connection, scope_of(found.who), typed, keys=found.here.app.keys)
    return [
        _line(
            each.form_number,
            f"{APPLICATIONS.href}/{each.id}",
            words.t("desk.applications.kind"),
            f"{each.outlet_name}, {words.t(f'desk.application_state.{each.state}')}",
        )
        for each in forms
    ]


async def _channel(connection: Connection, found: Member, typed: str) -> list[Line]:
    """Outlets and partners: three queries at most."""
    words, scope = found.words, scope_of(found.who)
    outlets = (await search_outlets(connection, typed, scope=scope, limit=SHOWN)).outlets
    partners = await partners_by_name(connection, scope=scope, text=typed, limit=SHOWN)
    lines = [
        _line(each.name, f"{OUTLETS.href}/{each.id}", words.t("desk.outlet.title"), f"{each.code}, {each.partner_name}")
        for each in outlets
    ]
    return [
        *lines,
        *(_line(each.name, f"{PARTNERS.href}/{each.id}", words.t("desk.partner.kind"), each.code) for each in partners),
    ]


def _line(name: str, href: str, kind: str, more: str) -> Line:
    return (Cell(text=name, href=href), Cell(text=kind), Cell(text=more))


SEARCH_ROUTES = [search_page]
