"""Steps of the form, one thing per page: who, where, and the declaration. [D-01, D-03, D-55, D-56, D-75, D-82]"""

from litestar import get, post

from konter.channel.geography.find import districts_by_code, find_districts, path_of
from konter.channel.geography.model import District
from konter.channel.onboarding.fill import Declaration, Filled, Where, Who, save
from konter.channel.onboarding.model import FORM_VERSION
from konter.channel.onboarding.queues.model import Form as Application
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.terms.accept import documents_in_force
from konter.web.app import AnyRequest, app_of
from konter.web.apply.views import DeclarationView, DocumentLink, WhereView, WhoView
from konter.web.apply.visit import STATUS, form_of, next_page, refused, token_of
from konter.web.pages import AnyPage, Form, go, locale, page, posted, words
from konter.web.positions import position_text, read_position
from konter.web.views import Alert
from konter.web.visit import Visit, visit

FOUND_MAX = 12
FIELD_CHARS_MAX = 400
FIELDS = {
    "outlet_name": "apply.outlet_name",
    "owner_name": "apply.owner_name",
    "address": "apply.address",
    "signatory": "apply.signatory",
}


async def saved(request: AnyRequest, connection: Connection, here: Visit, filled: Filled) -> Refusal | AnyPage:
    """Keep a step and go on to the next that is missing."""
    outcome = await save(connection, token_of(request), filled, **here.given)
    if isinstance(outcome, Refusal):
        return outcome
    return go(next_page(await form_of(request, connection, here)))


def field_alert(request: AnyRequest, refusal: Refusal) -> Alert:
    """A refusal that says which field, in the page's words."""
    return refused(request, refusal, named=FIELDS.get(str(refusal.data.get("field", "")), ""))


@get("/apply/siapa", include_in_schema=False)
async def who_page(request: AnyRequest) -> AnyPage:
    """What kind of seller, and whose."""
    async with app_of(request).connection() as connection:
        form = await form_of(request, connection, await visit(request, connection))
    if form.state != "draft":
        return go(STATUS)
    view = WhoView(
        kind=form.kind or "outlet",
        outlet_name=form.outlet_name,
        owner_name=form.owner_name,
        nik="",
        nik_masked=form.nik_masked,
    )
    return page(request, "apply/who.html", view)


@post("/apply/siapa", include_in_schema=False)
async def who_post(request: AnyRequest) -> AnyPage:
    """Keep it, or say which field is wrong with all that was typed."""
    typed = await posted(request)
    filled = Who(
        kind="individual" if typed.text("kind") == "individual" else "outlet",
        outlet_name=typed.text("outlet_name")[:FIELD_CHARS_MAX],
        owner_name=typed.text("owner_name")[:FIELD_CHARS_MAX],
        nik=typed.text("nik")[:FIELD_CHARS_MAX],
    )
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        form = await form_of(request, connection, here)
        outcome = await saved(request, connection, here, filled)
    if not isinstance(outcome, Refusal):
        return outcome
    view = WhoView(
        kind=filled.kind,
        outlet_name=filled.outlet_name,
        owner_name=filled.owner_name,
        nik=filled.nik,
        nik_masked=form.nik_masked,
        alert=field_alert(request, outcome),
    )
    return page(request, "apply/who.html", view, status=outcome.status)


@get("/apply/tempat", include_in_schema=False)
async def where_page(request: AnyRequest) -> AnyPage:
    """The address, and the district by the beginning of its name."""
    async with app_of(request).connection() as connection:
        form = await form_of(request, connection, await visit(request, connection))
    if form.state != "draft":
        return go(STATUS)
    name = form.district.name if form.district else ""
    view = WhereView(
        address=form.address, district_name=name, chosen=form.district, position=position_text(form.position)
    )
    return page(request, "apply/where.html", view)


@post("/apply/tempat", include_in_schema=False)
async def where_post(request: AnyRequest) -> AnyPage:
    """Keep it once the district is settled; until then offer those whose name begins so."""
    typed = await posted(request)
    address, name = typed.text("address")[:FIELD_CHARS_MAX], typed.text("name")[:FIELD_CHARS_MAX]
    position = None if typed.text("tanpa_posisi") else read_position(typed.text("posisi"))
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        await form_of(request, connection, here)
        chosen = await _chosen(connection, typed, name)
        found = [] if chosen else await find_districts(connection, name, limit=FOUND_MAX + 1)
        if chosen is None and len(found) == 1:
            chosen = found[0]
        alert, status = _which(request, name, found), 422 if chosen is None and not found else 200
        if chosen is not None:
            outcome = await saved(
                request, connection, here, Where(address=address, district=chosen.code, position=position)
            )
            if not isinstance(outcome, Refusal):
                return outcome
            alert, status = field_alert(request, outcome), outcome.status
    view = WhereView(
        address=address,
        district_name=name,
        chosen=chosen,
        position=position_text(position),
        found=tuple(found[:FOUND_MAX]) if chosen is None else (),
        more=len(found) > FOUND_MAX,
        alert=alert,
    )
    return page(request, "apply/where.html", view, status=status)


async def _chosen(connection: Connection, typed: Form, name: str) -> District | None:
    """The district that was chosen from the list, unless another name was typed since."""
    code = typed.text("district")
    found = (await districts_by_code(connection, [code])).get(code) if code else None
    if found is None or not found.name.lower().startswith(name.lower()):
        return None
    path = await path_of(connection, found.code)
    return District(code=found.code, name=found.name, regency=path[1].name, province=path[0].name, zone=found.zone)


def _which(request: AnyRequest, name: str, found: list[District]) -> Alert:
    speak = words(request)
    if not name:
        return Alert(tone="error", sentence=speak.t("apply.bad_field", field=speak.t("apply.district")))
    if not found:
        return Alert(tone="error", sentence=speak.t("apply.no_district", name=name[:40]))
    return Alert(tone="info", sentence=speak.t("apply.which_district"))


@get("/apply/pernyataan", include_in_schema=False)
async def declaration_page(request: AnyRequest) -> AnyPage:
    """Who signs the form, the documents to read, and the declaration. [D-56, D-75, D-82]"""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        form = await form_of(request, connection, here)
        if form.state != "draft":
            return go(STATUS)
        signatory, capacity = form.signatory or form.owner_name, form.capacity or "owner"
        view = await _declaration_view(request, connection, here, form, signatory, capacity)
    return page(request, "apply/declaration.html", view)


@post("/apply/pernyataan", include_in_schema=False)
async def declaration_post(request: AnyRequest) -> AnyPage:
    """Keep it with its moment."""
    typed = await posted(request)
    filled = Declaration(
        signatory=typed.text("signatory")[:FIELD_CHARS_MAX],
        capacity="authorised" if typed.text("capacity") == "authorised" else "owner",
        declared=typed.text("declared") == "yes",
        version=typed.text("version"),
    )
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        form = await form_of(request, connection, here)
        outcome = await saved(request, connection, here, filled)
        if not isinstance(outcome, Refusal):
            return outcome
        alert = field_alert(request, outcome)
        view = await _declaration_view(request, connection, here, form, filled.signatory, filled.capacity, alert=alert)
    return page(request, "apply/declaration.html", view, status=outcome.status)


async def _declaration_view(
    request: AnyRequest,
    connection: Connection,
    here: Visit,
    form: Application,
    signatory: str,
    capacity: str,
    *,
    alert: Alert | None = None,
) -> DeclarationView:
    english = locale(request) == "en"
    documents = await documents_in_force(connection, at=here.now, rules=here.rules)
    return DeclarationView(
        form_number=form.form_number,
        form_version=FORM_VERSION,
        signatory=signatory,
        capacity=capacity,
        documents=tuple(
            DocumentLink(
                code=each.code,
                title=each.title_en if english else each.title_id,
                version=each.version,
                valid_from=each.valid_from,
            )
            for each in documents
        ),
        alert=alert,
    )


STEP_ROUTES = [who_page, who_post, where_page, where_post, declaration_page, declaration_post]
