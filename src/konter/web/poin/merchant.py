"""A merchant's page: look at a customer's code, then burn it once. Codes stand in no address and no log. [P-23]"""

from datetime import timedelta
from uuid import uuid4

import msgspec
from litestar import get, post

from konter.access.customers.model import Customer
from konter.access.customers.sessions import actor_of_customer
from konter.loyalty.rewards.merchants.burn import WRONG, burn_codes, tries_left, verify_code
from konter.loyalty.rewards.merchants.manage import merchant_name, merchant_of_number
from konter.loyalty.rewards.merchants.model import BurnRequest, CodeView
from konter.loyalty.rewards.refusals import NOT_A_MERCHANT
from konter.platform.db import Connection
from konter.platform.refusal import INVALID_INPUT, Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.me.visit import ME_COOKIE, MERCHANT, customer, log_in_address, maybe_customer
from konter.web.pages import AnyPage, Form, cookie, go, page, posted, ref_of, words
from konter.web.poin.views import CodeCard, MerchantView
from konter.web.views import Alert
from konter.web.visit import Visit, visit

CODE_CHARS_MAX = 40


class AtCounter(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever is logged in with a number that speaks for a merchant."""

    who: Customer
    merchant: str
    name: str


@get(MERCHANT, include_in_schema=False)
async def merchant_page(request: AnyRequest) -> AnyPage:
    """A field for the code that a customer shows."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await at_counter(connection, await customer(request, connection, here))
    return page(request, "poin/merchant.html", MerchantView(merchant=found.name, now=here.now))


@post("/poin/mitra/cek", include_in_schema=False)
async def verify_post(request: AnyRequest) -> AnyPage:
    """What a code is good for; nothing is burnt yet."""
    form = await posted(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await _known(request, connection, here)
        if found is None:
            return _log_in_first(request)
        typed = typed_code(form)
        seen = await verify_code(connection, found.merchant, typed, keys=here.app.keys, now=here.now)
        if isinstance(seen, Refusal):
            return await _refused(request, connection, here, found, typed, seen)
    view = MerchantView(merchant=found.name, now=here.now, card=_card(request, seen, typed, ref=str(uuid4())))
    if seen.refusal is None:
        return page(request, "poin/merchant.html", view)
    # Burnt or over: it is the merchant's own code, so it is shown with what became of it.
    alert = Alert(tone="error", sentence=words(request).sentence(seen.refusal))
    view = msgspec.structs.replace(view, alert=alert, card=_card(request, seen, typed))
    return page(request, "poin/merchant.html", view, status=seen.refusal.status)


@post("/poin/mitra/pakai", include_in_schema=False)
async def burn_post(request: AnyRequest) -> AnyPage:
    """Burn. The same form again, by a reload or a double tap, shows the same burn with its time."""
    form = await posted(request)
    app = app_of(request)
    async with app.connection() as connection:
        here = await visit(request, connection)
        found = await _known(request, connection, here)
        if found is None:
            return _log_in_first(request)
        ref, typed = ref_of(form.text("ref")), typed_code(form)
        if ref is None:
            raise Refused(INVALID_INPUT(field="ref", reason=words(request).t("error.form")))
        wish = BurnRequest(
            merchant=found.merchant,
            code=typed,
            client_ref=ref,
            channel="web",
            actor=actor_of_customer(found.who, here.origin),
        )
        (outcome,) = await burn_codes(connection, [wish], clock=app.clock, ids=app.ids, keys=app.keys)
        if outcome.refusal is not None:
            return await _refused(request, connection, here, found, typed, outcome.refusal)
    assert outcome.view is not None
    card = _card(request, outcome.view, typed)
    return page(request, "poin/merchant.html", MerchantView(merchant=found.name, now=here.now, card=card, done=True))


async def at_counter(connection: Connection, who: Customer) -> AtCounter:
    """The merchant that a number speaks for. Raises Refused(NOT_A_MERCHANT)."""
    merchant = await merchant_of_number(connection, who.msisdn)
    if merchant is None:
        raise Refused(NOT_A_MERCHANT())
    return AtCounter(who=who, merchant=merchant, name=await merchant_name(connection, merchant))


async def _known(request: AnyRequest, connection: Connection, here: Visit) -> AtCounter | None:
    who = await maybe_customer(request, connection, here)
    return None if isinstance(who, Refusal) else await at_counter(connection, who)


async def _refused(
    request: AnyRequest, connection: Connection, here: Visit, found: AtCounter, typed: str, refusal: Refusal
) -> AnyPage:
    """The field again, with why not; who guessed is told how often that is still possible, or when again."""
    speech, advice, headers = words(request), "", {}
    if refusal.code in WRONG:
        left = await tries_left(connection, found.merchant, now=here.now)
        advice = speech.t("poin.tries_left", n=left)
    if refusal.code == "TOO_MANY_REQUESTS":
        wait_s = refusal.data["retry_after_s"]
        headers["Retry-After"] = str(wait_s)
        advice = speech.t("poin.tries_again", at=speech.clock(here.now + timedelta(seconds=wait_s, minutes=1)))
    alert = Alert(tone="error", sentence=speech.sentence(refusal), advice=advice)
    view = MerchantView(merchant=found.name, now=here.now, typed=typed, alert=alert)
    return page(request, "poin/merchant.html", view, status=refusal.status, headers=headers)


def _card(request: AnyRequest, seen: CodeView, typed: str, *, ref: str = "") -> CodeCard:
    locale = words(request).locale
    return CodeCard(
        code=typed,
        name=seen.name(locale),
        terms=seen.terms(locale),
        until=seen.expires_at,
        client_ref=ref,
        burnt_at=seen.burnt_at,
    )


def typed_code(form: Form) -> str:
    """What was typed, as far as a code is long, in capitals as codes are written."""
    return form.text("kode")[:CODE_CHARS_MAX].upper()


def _log_in_first(request: AnyRequest) -> AnyPage:
    return go(log_in_address(MERCHANT), cookies=[cookie(app_of(request), ME_COOKIE, "", max_age_s=0)])


MERCHANT_ROUTES = [merchant_page, verify_post, burn_post]
