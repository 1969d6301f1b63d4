"""Look it over, send it, follow it, take it back. [D-03, D-05, G-D09]"""

from uuid import UUID, uuid4

from litestar import get, post
from litestar.params import FromQuery

from konter.channel.onboarding.queues.model import Form as Application
from konter.channel.onboarding.send import submit, withdraw
from konter.platform.db import Connection
from konter.platform.i18n import text
from konter.platform.refusal import MALFORMED_BODY, Refusal, Refused
from konter.subscriber.msisdn import national
from konter.web.app import AnyRequest, app_of
from konter.web.apply.views import ReviewView, StatusView, WithdrawView
from konter.web.apply.visit import APPLY_COOKIE, REVIEW, STATUS, form_of, next_page, refused, token_of
from konter.web.pages import AnyPage, cookie, go, locale, page, posted, words
from konter.web.views import Alert
from konter.web.visit import Visit, visit

WITHDRAW = "/apply/tarik"
COOLDOWN_H = 24


@get(REVIEW, include_in_schema=False)
async def review_page(request: AnyRequest) -> AnyPage:
    """All of it, each part with a way to change it."""
    async with app_of(request).connection() as connection:
        form = await form_of(request, connection, await visit(request, connection))
    if form.state != "draft" or form.missing:
        return go(next_page(form))
    return page(request, "apply/review.html", ReviewView(form=form, client_ref=str(uuid4())), keep=True)


@post("/apply/kirim", include_in_schema=False)
async def submit_post(request: AnyRequest) -> AnyPage:
    """Send it; a double tap sends it once. [D-03]"""
    typed = await posted(request)
    try:
        ref = UUID(typed.text("client_ref"))
    except ValueError as error:
        raise Refused(MALFORMED_BODY(reason=words(request).t("error.form"))) from error
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        form = await form_of(request, connection, here)
        outcome = await submit(connection, token_of(request), client_ref=ref, **here.given)
    if not isinstance(outcome, Refusal):
        return go(f"{STATUS}?pesan=kirim")
    if outcome.code in ("APPLICATION_SENT", "APPLICATION_INCOMPLETE"):
        return go(next_page(form))
    view = ReviewView(form=form, client_ref=str(ref), alert=refused(request, outcome))
    return page(request, "apply/review.html", view, status=outcome.status)


@get(STATUS, include_in_schema=False)
async def status_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """Where it is, what comes next, and until when."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        form = await form_of(request, connection, here)
    alert = Alert(tone="ok", sentence=words(request).t("apply.sent")) if pesan == "kirim" else None
    view = StatusView(
        form=form,
        now=here.now,
        sla_h=here.rules.onboarding.sla_h,
        why=_why(request, form),
        alert=alert,
    )
    return page(request, "apply/status.html", view)


def _why(request: AnyRequest, form: Application) -> str:
    """Why it came back, as a sentence: of which number, the code tells."""
    if form.returned_code is None:
        return ""
    number = {"RS": form.rs, "NN": form.nn}.get(form.returned_code[:2], form.ussd) or form.numbers[0]
    return text(f"refusal.{form.returned_code}", locale(request), msisdn=national(number), hours=COOLDOWN_H)


@get(WITHDRAW, include_in_schema=False)
async def withdraw_page(request: AnyRequest) -> AnyPage:
    """What will be gone, and a button."""
    async with app_of(request).connection() as connection:
        form = await form_of(request, connection, await visit(request, connection))
    return page(request, "apply/withdraw.html", WithdrawView(form_number=form.form_number))


@post(WITHDRAW, include_in_schema=False)
async def withdraw_post(request: AnyRequest) -> AnyPage:
    """Take it back; what was filled in is erased. [D-55]"""
    await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await _withdrawn(request, connection, here)
    if isinstance(outcome, Refusal):
        form_number = ""
        view = WithdrawView(form_number=form_number, alert=refused(request, outcome))
        return page(request, "apply/withdraw.html", view, status=outcome.status)
    return go("/apply?pesan=tarik", cookies=[cookie(app_of(request), APPLY_COOKIE, "", max_age_s=0)])


async def _withdrawn(request: AnyRequest, connection: Connection, here: Visit) -> Refusal | int:
    outcome = await withdraw(connection, token_of(request), **here.given)
    if isinstance(outcome, Refusal) and outcome.code == "APPLICATION_SIGNED_OUT":
        raise Refused(outcome)
    return outcome


SEND_ROUTES = [review_page, submit_post]
STATUS_ROUTES = [status_page, withdraw_page, withdraw_post]
