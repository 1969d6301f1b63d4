"""Texts to the number of points: balance and status, what ends, codes that merchants burn. [P-13, P-23, P-28, P-41]"""

from konter.loyalty.dialogue.model import Wish, wish_of
from konter.loyalty.dialogue.words import ending_words, points_words, refusal_words
from konter.loyalty.points.view import points_of
from konter.loyalty.rewards.merchants.burn import burn_codes, burnt_just_now, verify_code
from konter.loyalty.rewards.merchants.manage import merchant_of_number
from konter.loyalty.rewards.merchants.model import BurnRequest, CodeView
from konter.loyalty.vintages import last_day
from konter.messaging.inbound.model import Service, Text
from konter.platform.audit import Actor
from konter.platform.clock import WIB, Clock
from konter.platform.db import Connection, Pool
from konter.platform.i18n import text
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules

CODE_CHARS_MAX = 30  # of a code as it was written; no longer one exists
SHOWN_CHARS = 3  # of a code in an answer: enough to tell it from the one before


def points_by_text(pool: Pool, *, clock: Clock, ids: IdBlocks, keys: Keys, rules: Rules) -> Service:
    """Who serves `poin.sms_number`. A text that burns a code hands on its own ref, so that twice is once."""

    async def service(said: Text) -> str:
        wish = wish_of(said.command, keyword=rules.poin.sms_keyword)
        dial = rules.poin.ussd_code
        if wish.want == "send":
            return text("dialogue.points.no_sending", said.locale, code=dial)
        async with pool.acquire() as connection:
            if wish.want == "help":
                return await _help(connection, said, rules)
            if wish.want in ("burn", "check"):
                return await _of_merchant(connection, said, wish, clock=clock, ids=ids, keys=keys, rules=rules)
            of = said.subscription
            seen = await points_of(connection, of.id, kind=of.kind, brand=of.brand, now=said.now, rules=rules)
        if wish.want == "ending":
            return ending_words(seen, said.locale, code=dial)
        return points_words(seen, said.locale, rules=rules)

    return service


async def _help(connection: Connection, said: Text, rules: Rules) -> str:
    """What can be sent; a merchant is told of codes."""
    if await merchant_of_number(connection, said.subscription.msisdn) is not None:
        return text("dialogue.points.merchant_help", said.locale)
    return text("dialogue.points.help", said.locale, keyword=rules.poin.sms_keyword, code=rules.poin.ussd_code)


async def _of_merchant(
    connection: Connection, said: Text, wish: Wish, *, clock: Clock, ids: IdBlocks, keys: Keys, rules: Rules
) -> str:
    """What a merchant is told of a code; anybody else is told that this is not for them."""
    merchant = await merchant_of_number(connection, said.subscription.msisdn)
    if merchant is None:
        return text("dialogue.points.no_merchant", said.locale, code=rules.poin.ussd_code)
    code = wish.code[:CODE_CHARS_MAX]
    if not code:
        return text("dialogue.points.merchant_help", said.locale)
    by = Actor("customer", said.subscription.id)
    if wish.want == "check":
        found = await verify_code(connection, merchant, code, keys=keys, now=said.now)
        view, refusal = (None, found) if isinstance(found, Refusal) else (found, found.refusal)
    else:
        request = BurnRequest(
            merchant=merchant,
            code=code,
            client_ref=said.client_ref,
            channel="sms",
            actor=by,
        )
        (outcome,) = await burn_codes(connection, [request], clock=clock, ids=ids, keys=keys)
        view, refusal = outcome.view, outcome.refusal
    if refusal is not None:
        if refusal.code == "CODE_BURNT":
            again = await burnt_just_now(connection, merchant, code, by=by, keys=keys, now=clock.now())
            if again is not None:
                return _again_words(again, _shown(code), said.locale)
        why = refusal_words(refusal, said.locale)
        return text("dialogue.points.code_refused", said.locale, code=_shown(code), why=why)
    assert view is not None, "an outcome is a view or a refusal"
    return _code_words(view, _shown(code), said.locale, rules, burnt=wish.want == "burn")


def _shown(code: str) -> str:
    """The end of a code: answers stand in the outbox, and a code that is not burnt is worth money."""
    return f"***{code[-SHOWN_CHARS:]}"


def _again_words(view: CodeView, code: str, locale: str) -> str:
    """When the same number burnt it: no refusal, for its sender may still owe the reward, and no new acceptance."""
    assert view.burnt_at is not None, "it was burnt just now"
    at = f"{view.burnt_at.astimezone(WIB):%H:%M}"
    return text("dialogue.points.already_used", locale, code=code, at=at, name=view.name(locale))


def _code_words(view: CodeView, code: str, locale: str, rules: Rules, *, burnt: bool) -> str:
    name = view.name(locale)
    if burnt:
        return text("dialogue.points.code_used", locale, code=code, name=name)
    if view.expires_at is None:
        return text("dialogue.points.code_good", locale, code=code, name=name)
    return text(
        "dialogue.points.code_good_until",
        locale,
        code=code,
        name=name,
        day=f"{last_day(view.expires_at, rules.poin):%d/%m/%Y}",
    )
