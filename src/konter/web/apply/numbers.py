"""Which number is for what, and one more number of one's own by its OTP. [D-19, D-20, D-22]"""

from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.channel.onboarding.fill import WhichNumbers, add_number
from konter.channel.onboarding.queues.model import Form as Application
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import parse_msisdn
from konter.web.app import AnyRequest, app_of
from konter.web.apply.enter import ask, code_view, resend
from konter.web.apply.steps import saved
from konter.web.apply.views import EnterView, NumbersView
from konter.web.apply.visit import STATUS, form_of, refused, token_of
from konter.web.pages import AnyPage, Form, go, page, posted, words
from konter.web.views import Alert
from konter.web.visit import visit

NUMBERS, OTHER = "/apply/nomor", "/apply/nomor/lain"


def _view(form: Application, *, alert: Alert | None = None) -> NumbersView:
    first, last = form.numbers[0], form.numbers[-1]
    return NumbersView(numbers=form.numbers, rs=form.rs or last, nn=form.nn or first, ussd=form.ussd, alert=alert)


@get(NUMBERS, include_in_schema=False)
async def numbers_page(request: AnyRequest) -> AnyPage:
    """One number does for everything; with several each role has its own."""
    async with app_of(request).connection() as connection:
        form = await form_of(request, connection, await visit(request, connection))
    return page(request, "apply/numbers.html", _view(form)) if form.state == "draft" else go(STATUS)


@post(NUMBERS, include_in_schema=False)
async def numbers_post(request: AnyRequest) -> AnyPage:
    """Keep it, or say which number cannot be had."""
    typed = await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        form = await form_of(request, connection, here)
        rs, nn = (_number(typed, name) or form.numbers[0] for name in ("rs", "nn"))
        filled = WhichNumbers(rs=rs, nn=nn, ussd=_number(typed, "ussd"))
        outcome = await saved(request, connection, here, filled)
    if not isinstance(outcome, Refusal):
        return outcome
    view = NumbersView(numbers=form.numbers, rs=rs, nn=nn, ussd=filled.ussd, alert=refused(request, outcome))
    return page(request, "apply/numbers.html", view, status=outcome.status)


def _number(typed: Form, name: str) -> Msisdn | None:
    return parse_msisdn(typed.text(name))


@get(OTHER, include_in_schema=False)
async def other_page(request: AnyRequest) -> AnyPage:
    """A field for one more number."""
    async with app_of(request).connection() as connection:
        await form_of(request, connection, await visit(request, connection))
    return page(request, "apply/enter.html", EnterView(action=OTHER, first=False))


@post(OTHER, include_in_schema=False)
async def other_post(request: AnyRequest) -> AnyPage:
    """It gets an OTP too."""
    return await ask(request, EnterView(action=OTHER, first=False), OTHER)


@get("/apply/nomor/lain/{proof_id:str}", include_in_schema=False)
async def other_code_page(
    request: AnyRequest,
    proof_id: FromPath[str],
    ke: FromQuery[str] = "",
    sampai: FromQuery[str] = "",
    pesan: FromQuery[str] = "",
) -> AnyPage:
    """The OTP of the other number."""
    alert = Alert(tone="ok", sentence=words(request).t("otp.resent")) if pesan == "kirim" else None
    view = code_view(OTHER, proof_id, Form([("to", ke), ("until", sampai)]), alert=alert)
    return page(request, "apply/code.html", view)


@post("/apply/nomor/lain/{proof_id:str}", include_in_schema=False)
async def other_code_post(request: AnyRequest, proof_id: FromPath[str]) -> AnyPage:
    """Right: the number can be chosen from now on."""
    form = await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await add_number(connection, token_of(request), proof_id, form.text("code"), **here.given)
    if isinstance(outcome, Refusal):
        view = code_view(OTHER, proof_id, form, alert=refused(request, outcome))
        return page(request, "apply/code.html", view, status=outcome.status)
    return go(NUMBERS)


@post("/apply/nomor/lain/{proof_id:str}/kirim-ulang", include_in_schema=False)
async def other_code_resend(request: AnyRequest, proof_id: FromPath[str]) -> AnyPage:
    """Another OTP, or how long to wait for it."""
    return await resend(request, proof_id, OTHER)


NUMBER_ROUTES = [
    numbers_page,
    numbers_post,
    other_page,
    other_post,
    other_code_page,
    other_code_post,
    other_code_resend,
]
