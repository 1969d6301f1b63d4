"""The door: a number, its OTP, and on with what was begun. [D-02, D-03, D-05]"""

from urllib.parse import quote

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.channel.onboarding.prove import ask_again, ask_proof
from konter.channel.onboarding.start import begin_again, start
from konter.platform.refusal import Refusal, Refused
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.apply.views import CodeView, EnterView
from konter.web.apply.visit import (
    APPLY_COOKIE,
    code_address,
    form_of,
    next_page,
    opened,
    proof_cookie,
    refused,
    token_of,
    way_to_code,
)
from konter.web.pages import AnyPage, Form, cookie, go, locale, page, posted, words
from konter.web.views import Alert, Link
from konter.web.visit import sent, visit

NUMBER_CHARS_MAX = 30
NOTICES = {"tutup": "apply.closed", "tarik": "apply.withdrawn", "keluar": "apply.left"}
FIRST = EnterView(action="/apply", first=True)


@get("/apply", include_in_schema=False)
async def enter_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """What is needed, and a field for the number; whoever has an application open may go on with it."""
    if token_of(request) and not pesan:
        return go("/apply/lanjut")
    alert = Alert(tone="info", sentence=words(request).t(NOTICES[pesan])) if pesan in NOTICES else None
    return page(request, "apply/enter.html", EnterView(action="/apply", first=True, alert=alert))


@post("/apply", include_in_schema=False)
async def enter_post(request: AnyRequest) -> AnyPage:
    """A number of the operator gets an OTP; any other is refused here. [D-02]"""
    return await ask(request, FIRST, "/apply/kode")


async def ask(request: AnyRequest, view: EnterView, base: str) -> AnyPage:
    """Send an OTP to the number of a posted form, and on to the page that awaits it."""
    form = await posted(request)
    typed = form.text("number")[:NUMBER_CHARS_MAX]
    msisdn = parse_msisdn(typed)
    if msisdn is None:
        return _asked_in_vain(request, view, typed, BAD_MSISDN(msisdn=typed))
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await ask_proof(connection, msisdn, locale=locale(request), **here.given)
        if isinstance(outcome, Refusal):
            links = await way_to_code(request, connection, here, outcome, msisdn, base)
            return _asked_in_vain(request, view, typed, outcome, links)
    return go(code_address(base, outcome), cookies=[proof_cookie(request, outcome, here)])


def _asked_in_vain(
    request: AnyRequest, view: EnterView, typed: str, refusal: Refusal, links: tuple[Link, ...] = ()
) -> AnyPage:
    alert = refused(request, refusal)
    alert = msgspec.structs.replace(alert, links=(*links, *alert.links))
    shown = msgspec.structs.replace(view, number=typed, alert=alert)
    return page(request, "apply/enter.html", shown, status=refusal.status)


@get("/apply/kode/{proof_id:str}", include_in_schema=False)
async def code_page(
    request: AnyRequest,
    proof_id: FromPath[str],
    ke: FromQuery[str] = "",
    sampai: FromQuery[str] = "",
    pesan: FromQuery[str] = "",
) -> AnyPage:
    """Under its own address, so that a phone that forgot the page while the SMS was read can load it again."""
    alert = Alert(tone="ok", sentence=words(request).t("otp.resent")) if pesan == "kirim" else None
    view = code_view("/apply/kode", proof_id, Form([("to", ke), ("until", sampai)]), alert=alert)
    return page(request, "apply/code.html", view)


def code_view(base: str, proof_id: str, form: Form, *, alert: Alert | None = None) -> CodeView:
    """The page that awaits an OTP."""
    address = f"{base}/{quote(proof_id, safe='')}"
    again = "/apply" if base == "/apply/kode" else "/apply/nomor/lain"
    return CodeView(action=address, resend_action=f"{address}/kirim-ulang", again=again, sent=sent(form), alert=alert)


@post("/apply/kode/{proof_id:str}", include_in_schema=False)
async def code_post(request: AnyRequest, proof_id: FromPath[str]) -> AnyPage:
    """Right: the application opens, new or where it was left. [D-03]"""
    form = await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await start(connection, proof_id, form.text("code"), **here.given)
    if isinstance(outcome, Refusal):
        view = code_view("/apply/kode", proof_id, form, alert=refused(request, outcome))
        return page(request, "apply/code.html", view, status=outcome.status)
    return opened(request, outcome, here)


@post("/apply/kode/{proof_id:str}/kirim-ulang", include_in_schema=False)
async def code_resend(request: AnyRequest, proof_id: FromPath[str]) -> AnyPage:
    """Another OTP, or how long to wait for it."""
    return await resend(request, proof_id, "/apply/kode")


async def resend(request: AnyRequest, proof_id: str, base: str) -> AnyPage:
    """Another OTP to the same number."""
    form = await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await ask_again(connection, proof_id, **here.given)
    if isinstance(outcome, Refusal):
        view = code_view(base, proof_id, form, alert=refused(request, outcome))
        return page(request, "apply/code.html", view, status=outcome.status)
    return go(f"{code_address(base, outcome)}&pesan=kirim", cookies=[proof_cookie(request, outcome, here)])


@get("/apply/lanjut", include_in_schema=False)
async def go_on(request: AnyRequest) -> AnyPage:
    """To the first thing that is still to be done."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        return go(next_page(await form_of(request, connection, here)))


@post("/apply/lagi", include_in_schema=False)
async def again_post(request: AnyRequest) -> AnyPage:
    """After a rejection: another application for the same number."""
    await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await begin_again(connection, token_of(request), **here.given)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return opened(request, outcome, here)


@post("/apply/keluar", include_in_schema=False)
async def leave(request: AnyRequest) -> AnyPage:
    """Let this phone forget the application; what was filled in stays."""
    await posted(request)
    return go("/apply?pesan=keluar", cookies=[cookie(app_of(request), APPLY_COOKIE, "", max_age_s=0)])


ENTER_ROUTES = [enter_page, enter_post, code_page, code_post, code_resend, go_on, again_post, leave]
