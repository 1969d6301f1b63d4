"""Look once more, then redeem. The client_ref stays to the end, so that nothing is redeemed twice. [P-29, P-30]"""

from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.access.customers.model import Customer
from konter.access.customers.sessions import actor_of_customer
from konter.loyalty.rewards.redemption.model import RedeemRequest, Redemption
from konter.loyalty.rewards.redemption.quote import Quote, quote_reward
from konter.loyalty.rewards.redemption.read import lately_redeemed
from konter.loyalty.rewards.refusals import REWARD_NOT_FOUND
from konter.platform.db import Connection, is_gone
from konter.platform.refusal import INVALID_INPUT, UNAVAILABLE, Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.errors import RETRY_AFTER_S
from konter.web.me.errors import me_error_page
from konter.web.me.visit import ME_COOKIE, customer, log_in_address, maybe_customer
from konter.web.offer_shown import Shown, shown_of
from konter.web.pages import AnyPage, cookie, go, page, posted, ref_of, words
from konter.web.poin.catalogue import CATALOGUE, no_longer, reward_with
from konter.web.poin.views import ConfirmView, RetryView
from konter.web.poin.wording import vintage_line
from konter.web.reward_words import gains_of, gives_text
from konter.web.views import Alert, Link
from konter.web.visit import Visit, visit

OTHER_THAN_SHOWN = {"REWARD_PRICE_CHANGED", "REWARD_CHANGED"}
ASK_AGAIN = {"UNAVAILABLE", "TOO_MANY_REQUESTS"}


@get("/poin/{code:str}/tukar", include_in_schema=False)
async def confirm_page(request: AnyRequest, code: FromPath[str], ref: FromQuery[str] = "") -> AnyPage:
    """Price, balance before and after, and which points pay."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await customer(request, connection, here)
        return await _look(request, connection, here, who, code, ref_of(ref))


@post("/poin/{code:str}/tukar", include_in_schema=False)
async def redeem_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Redeem through the lane; its batch checks price, stock, quota and points under the locks."""
    form = await posted(request)
    ref, shown = ref_of(form.text("ref")), Shown.in_form(form)
    try:
        async with app_of(request).connection() as connection:
            here = await visit(request, connection)
            who = await maybe_customer(request, connection, here)
        if isinstance(who, Refusal):
            return _log_in_first(request, code, ref)
        if "\0" in code:
            return me_error_page(request, REWARD_NOT_FOUND(reward=""))  # it would fail the batch that it shares
        if ref is None or shown is None:
            return me_error_page(request, INVALID_INPUT(field="ref", reason=words(request).t("error.form")))
        return await _redeem(request, here, who, code, ref, shown)
    except Refused as error:
        if error.refusal.code not in ASK_AGAIN or ref is None or shown is None:
            raise
        return _retry_page(request, code, ref, shown, error.refusal)
    except Exception as error:
        if not is_gone(error) or ref is None or shown is None:
            raise
        return _retry_page(request, code, ref, shown, UNAVAILABLE(retry_after_s=RETRY_AFTER_S))


async def _redeem(request: AnyRequest, here: Visit, who: Customer, code: str, ref: UUID, shown: Shown) -> AnyPage:
    app = app_of(request)
    outcome = await app.redeeming.redeem(
        RedeemRequest(
            subscription_id=who.subscription_id,
            client_ref=ref,
            reward=code,
            channel="web",
            actor=actor_of_customer(who, here.origin),
            points=shown.points,
            offer_from=shown.offer_from,
        )
    )
    if outcome.redemption is not None:
        return go(f"/saya/penukaran/{outcome.redemption.code}")
    refusal = outcome.refusal
    assert refusal is not None
    if refusal.code == "REDEMPTION_REF_REUSED":
        see = Link(href=f"/saya/penukaran/{refusal.data['code']}", text_key="poin.see_redemption")
        return me_error_page(request, refusal, links=(see,))
    async with app.connection() as connection:
        here = await visit(request, connection)
        if refusal.code in OTHER_THAN_SHOWN:
            return await _look(request, connection, here, who, code, ref, refusal)
        return await reward_with(request, connection, here, who, code, refusal)


async def _look(
    request: AnyRequest,
    connection: Connection,
    here: Visit,
    who: Customer,
    code: str,
    ref: UUID | None,
    refusal: Refusal | None = None,
) -> AnyPage:
    """The confirm page; where the reward cannot be had, its own page that says why."""
    asked = await quote_reward(connection, who.subscription_id, code, now=here.now, rules=here.rules)
    if asked is None:
        return await no_longer(request, connection, here, code)
    if asked.line.refusal is not None:
        return await reward_with(request, connection, here, who, code, asked.line.refusal)
    view = _confirm_view(request, here, asked, ref)
    if refusal is not None:
        alert = Alert(tone="warn", sentence=words(request).sentence(refusal))
        view = msgspec.structs.replace(view, alert=alert)
    elif (had := await lately_redeemed(connection, who.subscription_id, code, now=here.now)) is not None:
        view = msgspec.structs.replace(view, alert=_had(request, had))
    status, back = refusal.status if refusal else 200, _confirm_address(code, ref)
    return page(request, "poin/confirm.html", view, status=status, keep=refusal is None, back=back)


def _confirm_view(request: AnyRequest, here: Visit, asked: Quote, ref: UUID | None) -> ConfirmView:
    offer, speech = asked.line.offer, words(request)
    return ConfirmView(
        client_ref=str(ref or uuid4()),
        code=offer.reward,
        name=offer.name(speech.locale),
        kind=offer.kind,
        points=offer.points,
        shown=shown_of(offer).fields(),
        points_before=asked.points,
        gains=gains_of(offer.gives),
        gives=gives_text(offer.gives, speech),
        terms=offer.terms(speech.locale),
        paid_by=tuple(vintage_line(part.points, part.expires_at, here.rules) for part in asked.paid_by),
    )


def _had(request: AnyRequest, had: Redemption) -> Alert:
    """What was redeemed a moment ago, with the way to it."""
    speech = words(request)
    sentence = speech.t("poin.had_already", at=f"{speech.day(had.at)} {speech.clock(had.at)}", points=had.points)
    see = Link(href=f"/saya/penukaran/{had.code}", text_key="poin.see_redemption")
    return Alert(tone="warn", sentence=sentence, links=(see,))


def _log_in_first(request: AnyRequest, code: str, ref: UUID | None) -> AnyPage:
    """After the log-in the same wish under the same ref: it may have been redeemed before the session ended."""
    ended = cookie(app_of(request), ME_COOKIE, "", max_age_s=0)
    return go(log_in_address(_confirm_address(code, ref)), cookies=[ended])


def _confirm_address(code: str, ref: UUID | None) -> str:
    return f"{CATALOGUE}/{quote(code, safe='')}/tukar" + (f"?ref={ref}" if ref else "")


def _retry_page(request: AnyRequest, code: str, ref: UUID, shown: Shown, refusal: Refusal) -> AnyPage:
    view = RetryView(
        client_ref=str(ref),
        code=code,
        shown=shown.fields(),
        sentence=words(request).t("poin.retry_safe"),
    )
    retry_after = str(refusal.data.get("retry_after_s", RETRY_AFTER_S))
    headers, back = {"Retry-After": retry_after}, _confirm_address(code, ref)
    return page(request, "poin/retry.html", view, status=refusal.status, headers=headers, back=back)


REDEEMING_ROUTES = [confirm_page, redeem_post]
