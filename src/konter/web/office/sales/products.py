"""Products: how each sells just now, and opening and closing one by hand."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.access.staff.people import note_export, staff_names
from konter.catalogue.availability import last_closures, set_open
from konter.catalogue.model import Closure, Product
from konter.catalogue.refusals import UNKNOWN_PRODUCT
from konter.platform.refusal import Refused
from konter.sales.health.look import product_health
from konter.sales.health.model import Health
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.story import who_text
from konter.web.desk.tables import address, csv_answer
from konter.web.desk.views import (
    Action,
    Badge,
    Cell,
    Choice,
    Column,
    Fact,
    Facts,
    Field,
    Filter,
    ListView,
    StoryLine,
    Table,
    ThingView,
)
from konter.web.office.places import CLOSE_PRODUCTS, OFFICE, PRODUCTS
from konter.web.pages import AnyPage, go

Q_CHARS_MAX = 60
STATES = ("open", "slow", "closed", "off")
TONES: Mapping[str, str] = {"open": "ok", "slow": "warn", "closed": "error", "off": "plain"}


@get("/office/produk", include_in_schema=False)
async def products_page(
    request: AnyRequest,
    kategori: FromQuery[str] = "",
    keadaan: FromQuery[str] = "",
    cari: FromQuery[str] = "",
    bentuk: FromQuery[str] = "",
) -> Response[bytes]:
    """Every product in the shop's order, those in trouble first."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, PRODUCTS)
        health = await product_health(connection, now=found.here.now)
        closures = await last_closures(connection)
        names = await staff_names(connection, _people(closures))
        chosen = _chosen(found, health, kategori, keadaan, cari[:Q_CHARS_MAX])
        rows = tuple(_row(found, each, health, closures.get(each.code), names) for each in chosen)
        if bentuk == "csv" and found.may("lists.export"):
            here = found.here
            await note_export(connection, "products", len(rows), actor=found.actor, now=here.now, ids=here.app.ids)
            return csv_answer("produk", _columns(found), rows)
    words, query = found.words, {"kategori": kategori, "keadaan": keadaan, "cari": cari[:Q_CHARS_MAX]}
    table = Table(
        id="products",
        title=words.t("office.products.list"),
        columns=_columns(found),
        rows=rows,
        empty=words.t("office.products.none"),
        action=PRODUCTS.href,
        filters=_filters(found, query),
        csv_href=address(PRODUCTS.href, **query, bentuk="csv") if found.may("lists.export") else "",
        refresh_href=address(PRODUCTS.href, **query),
    )
    view = ListView(title=words.t("office.products.title"), note=words.t("office.products.note"), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", view)


def _people(closures: Mapping[str, Closure]) -> list[int]:
    actors = [each for one in closures.values() for each in (one.closed_by, one.opened_by or "")]
    return [int(each.partition(":")[2]) for each in actors if each.startswith("staff:")]


def state_of(product: Product, health: Health) -> str:
    """In one word: taken off sale by hand, or how it sells."""
    return health.state(product.code) if product.open else "off"


def _chosen(found: Member, health: Health, category: str, state: str, part: str) -> list[Product]:
    wanted = part.strip().casefold()
    order = {each: place for place, each in enumerate(("closed", "slow", "off", "open"))}
    fitting = [
        product
        for product in found.here.catalogue.products
        if category in ("", product.category)
        and state in ("", state_of(product, health))
        and any(wanted in name.casefold() for name in (product.code, product.name_id, product.name_en))
    ]
    return sorted(fitting, key=lambda product: order[state_of(product, health)])


def _columns(found: Member) -> tuple[Column, ...]:
    words = found.words
    return (
        Column(name=words.t("office.sale.product")),
        Column(name=words.t("office.products.category")),
        Column(name=words.t("desk.column.state")),
        Column(name=words.t("office.products.why")),
    )


def _row(
    found: Member, product: Product, health: Health, closure: Closure | None, names: Mapping[int, str]
) -> tuple[Cell, ...]:
    words = found.words
    state = state_of(product, health)
    categories = {each.code: each.name(words.locale) for each in found.here.catalogue.categories}
    return (
        Cell(text=product.name(words.locale), href=f"{PRODUCTS.href}/{product.code}", sub=product.code),
        Cell(text=categories.get(product.category, product.category)),
        Cell(text=words.t(f"office.health.{state}"), badge=TONES[state]),  # type: ignore[arg-type]
        Cell(text=_why(found, product, health, closure, names)),
    )


def _why(found: Member, product: Product, health: Health, closure: Closure | None, names: Mapping[int, str]) -> str:
    words = found.words
    if not product.open and closure is not None:
        who = who_text(closure.closed_by, words, names)
        return words.t("office.products.closed_by", who=who, at=words.moment(closure.closed_at), reason=closure.reason)
    seen = health.of(product.code)
    if seen is None:
        return ""
    return words.t(
        "office.products.counts",
        sales=seen.sales,
        slow=seen.slow,
        refused=seen.refused,
        unanswered=seen.unanswered,
        since=words.moment(seen.since),
    )


def _filters(found: Member, query: Mapping[str, str]) -> tuple[Filter, ...]:
    words = found.words
    everything = Choice(value="", name=words.t("desk.all"))
    categories = [Choice(value=each.code, name=each.name(words.locale)) for each in found.here.catalogue.categories]
    states = [Choice(value=each, name=words.t(f"office.health.{each}")) for each in STATES]
    return (
        Filter(name="cari", label=words.t("office.products.search"), kind="text", value=query["cari"]),
        Filter(
            name="kategori",
            label=words.t("office.products.category"),
            value=query["kategori"],
            choices=(everything, *categories),
        ),
        Filter(
            name="keadaan", label=words.t("desk.column.state"), value=query["keadaan"], choices=(everything, *states)
        ),
    )


@get("/office/produk/{code:str}", include_in_schema=False)
async def product_page(request: AnyRequest, code: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One product: how it sells, who closed it when and why, and closing or opening it."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, PRODUCTS)
        product = found.here.catalogue.product(code)
        if product is None:
            raise Refused(UNKNOWN_PRODUCT(product=code[:Q_CHARS_MAX]))
        health = await product_health(connection, now=found.here.now)
        closure = (await last_closures(connection)).get(code)
        names = await staff_names(connection, _people({code: closure} if closure else {}))
    view = _thing(found, product, health, closure, names)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


def _thing(
    found: Member, product: Product, health: Health, closure: Closure | None, names: Mapping[int, str]
) -> ThingView:
    words = found.words
    state = state_of(product, health)
    why = _why(found, product, health, closure, names)
    facts = [
        Fact(label=words.t("office.products.code"), text=product.code),
        Fact(label=words.t("office.products.category"), text=product.category),
        Fact(
            label=words.t("office.products.by_hand"), text=words.t("desk.yes") if product.open else words.t("desk.no")
        ),
    ]
    if why:
        facts.append(Fact(label=words.t("office.products.why"), text=why))
    story = []
    if closure is not None:
        who = who_text(closure.closed_by, words, names)
        what = words.t("desk.act.catalogue.close")
        story.append(StoryLine(at=closure.closed_at, what=what, who=who, why=closure.reason, tone="warn"))
        if closure.opened_at is not None and closure.opened_by is not None:
            who = who_text(closure.opened_by, words, names)
            story.insert(
                0, StoryLine(at=closure.opened_at, what=words.t("desk.act.catalogue.open"), who=who, tone="ok")
            )
    return ThingView(
        title=product.name(words.locale),
        kind=words.t("office.sale.product"),
        back_href=PRODUCTS.href,
        back_name=words.t("office.products.title"),
        badges=(Badge(text=words.t(f"office.health.{state}"), tone=TONES[state]),),  # type: ignore[arg-type]
        facts=(Facts(title=words.t("office.items.about"), facts=tuple(facts)),),
        story=tuple(story),
        actions=(_switch(found, product),),
    )


def _switch(found: Member, product: Product) -> Action:
    words = found.words
    title = words.t("office.products.close") if product.open else words.t("office.products.open")
    if not found.may(*CLOSE_PRODUCTS.rights):
        return Action(title=title, why_not=words.t("office.supervisor_only"))
    reason = reason_field(words)
    wanted = Field(name="buka", label="", kind="hidden", value="tidak" if product.open else "ya")
    return Action(
        title=title,
        note=words.t("office.products.close_note") if product.open else words.t("office.products.open_note"),
        post=f"{PRODUCTS.href}/{product.code}",
        fields=(reason, wanted),
        tone="danger" if product.open else "primary",
    )


@post("/office/produk/{code:str}", include_in_schema=False)
async def switch_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Close a product for every outlet from this moment, or open it; only a supervisor."""
    form, where = await desk_form(request, OFFICE), f"{PRODUCTS.href}/{code}"
    reason, is_open = reason_of(form), form.text("buka") == "ya"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CLOSE_PRODUCTS)
        if reason is None or "\0" in code:
            return go(f"{where}?pesan=alasan")
        here = found.here
        outcome = await set_open(
            connection, code, is_open=is_open, now=here.now, actor=found.actor, ids=here.app.ids, reason=reason
        )
    return asked_for(request, outcome, where, "buka" if is_open else "tutup")


PRODUCT_ROUTES = [products_page, product_page, switch_post]
