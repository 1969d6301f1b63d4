"""The door: the own number, the OTP that goes to it, and out again. [P-30, G-D02]"""

from urllib.parse import quote, urlencode

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery

from konter.access.customers.log_in import ask_code, ask_code_again, enter_customer_code, still_awaited
from konter.access.customers.model import LIVES_AT_MOST
from konter.access.customers.sessions import end_customer_session
from konter.access.model import LoginStarted
from konter.platform.db import Connection
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.me.errors import WAYS_OUT
from konter.web.me.views import CodeView, NumberView
from konter.web.me.visit import (
    CODE,
    HOME,
    LOG_IN,
    LOGIN_COOKIE,
    ME_COOKIE,
    MERCHANT,
    NEXT_CHARS_MAX,
    code_address,
    log_in_address,
    maybe_customer,
)
from konter.web.pages import AnyPage, Form, cookie, go, locale, own_path, page, posted, words
from konter.web.views import Alert, Link
from konter.web.visit import Visit, sent, visit

NUMBER_CHARS_MAX = 30
NOTICES = {"keluar": "me.left", "semua": "me.left_everywhere"}


def following(text: str) -> str:
    """Where to go after the log-in, if it is a page of ours; empty for none."""
    return own_path(text, "") if len(text) <= NEXT_CHARS_MAX else ""


@get("/saya/masuk", include_in_schema=False)
async def number_page(request: AnyRequest, pesan: FromQuery[str] = "", next: FromQuery[str] = "") -> AnyPage:  # noqa: A002
    """A field for the number."""
    alert = Alert(tone="ok", sentence=words(request).t(NOTICES[pesan])) if pesan in NOTICES else None
    return page(request, "me/number.html", _number_view(following(next), alert))


@post("/saya/masuk", include_in_schema=False)
async def number_post(request: AnyRequest) -> AnyPage:
    """An OTP to the number, if it is a customer's; the next page is the same if it is not."""
    form = await posted(request)
    typed, wanted = form.text("number")[:NUMBER_CHARS_MAX], following(form.text("next"))
    msisdn = parse_msisdn(typed)
    if msisdn is None:
        return _asked_in_vain(request, typed, wanted, BAD_MSISDN(msisdn=typed))
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await ask_code(connection, msisdn, locale=locale(request), **here.given)
        if isinstance(outcome, Refusal):
            links = await _way_to_code(request, connection, here, outcome, msisdn, wanted)
            return _asked_in_vain(request, typed, wanted, outcome, links)
    return go(code_address(outcome, wanted), cookies=[_ticket(request, here, outcome)])


def _ticket(request: AnyRequest, here: Visit, started: LoginStarted) -> Cookie:
    """The phone remembers which OTP it waits for, so that it finds its way back to the page that takes it."""
    ttl_s = int((started.expires_at - here.now).total_seconds())
    return cookie(app_of(request), LOGIN_COOKIE, started.login_id, max_age_s=ttl_s)


def _asked_in_vain(
    request: AnyRequest, typed: str, wanted: str, refusal: Refusal, links: tuple[Link, ...] = ()
) -> AnyPage:
    alert = Alert(tone="error", sentence=words(request).sentence(refusal), links=links)
    view = _number_view(wanted, alert, number=typed)
    return page(request, "me/number.html", view, status=refusal.status, back=log_in_address(wanted))


def _number_view(wanted: str, alert: Alert | None, *, number: str = "") -> NumberView:
    """The field, under what the log-in is for."""
    if wanted != MERCHANT:
        return NumberView(number=number, next=wanted, alert=alert)
    title_key, lead_key = "poin.merchant", "poin.merchant_log_in"
    return NumberView(number=number, next=wanted, alert=alert, title_key=title_key, lead_key=lead_key)


async def _way_to_code(
    request: AnyRequest, connection: Connection, here: Visit, refusal: Refusal, msisdn: Msisdn, wanted: str
) -> tuple[Link, ...]:
    """Who may not ask for another OTP yet, but for this number on this phone, enters the one that was sent."""
    if refusal.code not in ("OTP_RESEND_TOO_SOON", "OTP_TOO_MANY"):
        return ()
    held = request.cookies.get(LOGIN_COOKIE, "")
    found = await still_awaited(connection, held, msisdn, now=here.now, keys=here.app.keys, rules=here.rules)
    return (Link(href=code_address(found, wanted), text_key="me.enter_code"),) if found is not None else ()


@get("/saya/kode/{login_id:str}", include_in_schema=False)
async def code_page(
    request: AnyRequest,
    login_id: FromPath[str],
    ke: FromQuery[str] = "",
    sampai: FromQuery[str] = "",
    pesan: FromQuery[str] = "",
    next: FromQuery[str] = "",  # noqa: A002
) -> AnyPage:
    """Under its own address, so that a phone that forgot the page while the SMS was read can load it again."""
    app = app_of(request)
    alert = Alert(tone="ok", sentence=words(request).t("me.resent")) if pesan == "kirim" else None
    form = Form([("to", ke), ("until", sampai), ("next", next)])
    rules = await app.rules_at_hand(app.clock.now())
    return page(request, "me/code.html", _code_view(login_id, form, rules, alert))


@post("/saya/kode/{login_id:str}", include_in_schema=False)
async def code_post(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """Right: a session begins, on the page that was asked for. Wrong: the same page with the tries that are left."""
    form = await posted(request)
    app = app_of(request)
    async with app.connection() as connection:
        here = await visit(request, connection)
        outcome = await enter_customer_code(connection, login_id, form.text("code"), **here.given)
    if isinstance(outcome, Refusal):
        return _refused_code(request, login_id, form, here, outcome)
    # The server ends a session when it is not used; the phone only has to keep its name for as long as it may live.
    held = cookie(app, ME_COOKIE, outcome.token, max_age_s=int(LIVES_AT_MOST.total_seconds()))
    asked = cookie(app, LOGIN_COOKIE, "", max_age_s=0)
    return go(following(form.text("next")) or HOME, cookies=[held, asked])


@post("/saya/kode/{login_id:str}/kirim-ulang", include_in_schema=False)
async def code_resend(request: AnyRequest, login_id: FromPath[str]) -> AnyPage:
    """Another OTP, or how long to wait for it."""
    form = await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await ask_code_again(connection, login_id, **here.given)
    if isinstance(outcome, Refusal):
        return _refused_code(request, login_id, form, here, outcome)
    address = code_address(outcome, following(form.text("next")))
    return go(f"{address}&pesan=kirim", cookies=[_ticket(request, here, outcome)])


def _refused_code(request: AnyRequest, login_id: str, form: Form, here: Visit, refusal: Refusal) -> AnyPage:
    links = tuple(
        Link(href=log_in_address(following(form.text("next"))), text_key=link.text_key)
        for link in WAYS_OUT.get(refusal.code, ())
    )
    alert = Alert(tone="error", sentence=words(request).sentence(refusal), links=links)
    view = _code_view(login_id, form, here.rules, alert)
    again = {"ke": form.text("to"), "sampai": form.text("until"), "next": view.next}
    back = f"{view.action}?{urlencode({name: said for name, said in again.items() if said})}"
    return page(request, "me/code.html", view, status=refusal.status, back=back)


def _code_view(login_id: str, form: Form, rules: Rules, alert: Alert | None) -> CodeView:
    address = f"{CODE}/{quote(login_id, safe='')}"
    return CodeView(
        action=address,
        resend_action=f"{address}/kirim-ulang",
        sent=sent(form),
        cooling_h=rules.seller.cooling_off_h,
        next=following(form.text("next")),
        alert=alert,
    )


@post("/saya/keluar", include_in_schema=False)
async def log_out(request: AnyRequest) -> AnyPage:
    """End this session; whatever state it is in, the phone forgets it. `next` is where another number wants to go."""
    form = await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await maybe_customer(request, connection, here)
        if not isinstance(who, Refusal):
            step = await here.whole_step(connection)
            await end_customer_session(connection, who, who.session_id, origin=here.origin, step=step)
    said = {"pesan": "keluar", "next": following(form.text("next"))}
    address = f"{LOG_IN}?{urlencode({name: value for name, value in said.items() if value})}"
    return go(address, cookies=[cookie(app_of(request), ME_COOKIE, "", max_age_s=0)])


LOGIN_ROUTES = [number_page, number_post, code_page, code_post, code_resend, log_out]
