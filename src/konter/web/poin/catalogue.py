"""The microsite: all rewards for anybody, and for a customer which can be had now. [P-24, P-25, P-42]"""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from litestar import get
from litestar.params import FromPath, FromQuery

from konter.access.customers.model import Customer
from konter.loyalty.rewards.catalogue.model import Kind, RewardLine
from konter.loyalty.rewards.catalogue.read import reward_state, rewards_for
from konter.loyalty.rewards.refusals import REWARD_NOT_FOUND
from konter.loyalty.vintages import last_day
from konter.platform.db import Connection
from konter.platform.refusal import Refusal, Refused
from konter.rules.model import Rules
from konter.web.app import AnyRequest, app_of
from konter.web.me.errors import REWARDS
from konter.web.me.views import MeErrorView
from konter.web.me.visit import maybe_customer
from konter.web.pages import AnyPage, page, words
from konter.web.poin.panel import own_points
from konter.web.poin.programme import earning, tiers, tiers_how
from konter.web.poin.views import CatalogueView, RewardCard, RewardView, Shelf
from konter.web.poin.wording import (
    cannot_text,
    limit_text,
    who_text,
)
from konter.web.reward_words import gains_of, gives_text
from konter.web.views import Alert
from konter.web.visit import Visit, visit
from konter.web.words import Words

CATALOGUE = "/poin"
PAGE = 60  # that a page may weigh on a slow line
PLACE_DIGITS_MAX = 4
CODE_CHARS_MAX = 40
GONE = 410


@get(CATALOGUE, include_in_schema=False)
async def catalogue_page(request: AnyRequest, dari: FromQuery[str] = "") -> AnyPage:
    """Everything on one page; a long catalogue goes on on the next."""
    speech = words(request)
    begin = int(dari) if dari.isascii() and dari.isdigit() and len(dari) <= PLACE_DIGITS_MAX else 0
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await known_customer(request, connection, here)
        lines = await rewards_for(connection, who.subscription_id if who else None, now=here.now, rules=here.rules)
        panel = await own_points(connection, here, who) if who else None
    shown = lines[begin : begin + PAGE]
    view = CatalogueView(
        shelves=tuple(shelves_of(shown, speech, here.rules)),
        count=len(lines),
        can=sum(line.refusal is None for line in lines),
        earning=earning(speech, rules=here.rules, now=here.now),
        tiers=tiers(speech, rules=here.rules),
        tiers_how=tiers_how(speech, rules=here.rules),
        panel=panel,
        next_from=begin + PAGE if len(lines) > begin + PAGE else 0,
    )
    return page(request, "poin/catalogue.html", view)


@get("/poin/{code:str}", include_in_schema=False)
async def reward_page(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """One reward with its terms, and for a customer the button, or why not."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await known_customer(request, connection, here)
        return await reward_with(request, connection, here, who, code)


async def known_customer(request: AnyRequest, connection: Connection, here: Visit) -> Customer | None:
    """Whoever is logged in; the page is for anybody."""
    found = await maybe_customer(request, connection, here)
    return None if isinstance(found, Refusal) else found


async def reward_with(
    request: AnyRequest,
    connection: Connection,
    here: Visit,
    who: Customer | None,
    code: str,
    refusal: Refusal | None = None,
) -> AnyPage:
    """A reward's page, with what a redemption was refused for if it was; of one that is over, that it is."""
    speech = words(request)
    lines = await rewards_for(connection, who.subscription_id if who else None, now=here.now, rules=here.rules)
    line = next((each for each in lines if each.offer.reward == code), None)
    if line is None:
        if refusal is not None:
            raise Refused(refusal)
        return await no_longer(request, connection, here, code)
    why = refusal or line.refusal
    alert = None
    if why is not None:
        alert = Alert(tone="error" if refusal else "info", sentence=speech.sentence(why))
    offer = line.offer
    view = RewardView(
        code=offer.reward,
        name=offer.name(speech.locale),
        kind=offer.kind,
        points=offer.points,
        left=line.left,
        gains=gains_of(offer.gives),
        gives=gives_text(offer.gives, speech),
        who=who_text(offer, speech, here.rules),
        limit=limit_text(offer, speech),
        last_day=last_day(offer.valid_until, here.rules.poin) if offer.valid_until else None,
        terms=offer.terms(speech.locale),
        customer=who is not None,
        points_now=(await own_points(connection, here, who)).points if who else 0,
        can=line.refusal is None,
        alert=alert,
    )
    back = f"{CATALOGUE}/{quote(code, safe='')}"
    return page(request, "poin/reward.html", view, status=refusal.status if refusal else 200, back=back)


async def no_longer(request: AnyRequest, connection: Connection, here: Visit, code: str) -> AnyPage:
    """A reward that was on offer once, by its name. Raises Refused(REWARD_NOT_FOUND) for one that never was."""
    named = "\0" not in code and len(code) <= CODE_CHARS_MAX
    was = await reward_state(connection, code, now=here.now) if named else None
    if was is None:
        raise Refused(REWARD_NOT_FOUND(reward=code[:CODE_CHARS_MAX]))
    speech = words(request)
    view = MeErrorView(
        status=GONE,
        title_key="poin.gone",
        sentence=speech.t("poin.gone_what", name=was.offer.name(speech.locale)),
        advice="",
        links=(REWARDS,),
    )
    return page(request, "me/error.html", view, status=GONE)


def shelves_of(lines: Sequence[RewardLine], speech: Words, rules: Rules) -> list[Shelf]:
    """The catalogue by kind, each where its first reward stands. Terms that several share are told once, above them."""
    kinds: dict[Kind, list[RewardLine]] = {}
    for line in lines:
        kinds.setdefault(line.offer.kind, []).append(line)
    shelves = []
    for kind, held in kinds.items():
        ((terms, count),) = Counter(line.offer.terms(speech.locale) for line in held).most_common(1)
        shared = terms if count > 1 else ""
        cards = [_card(line, speech, rules, shared=shared) for line in held]
        shelves.append(Shelf(kind=kind, terms=shared, for_all=count == len(held), rewards=tuple(cards)))
    return shelves


def _card(line: RewardLine, speech: Words, rules: Rules, *, shared: str) -> RewardCard:
    offer, terms = line.offer, line.offer.terms(speech.locale)
    return RewardCard(
        code=offer.reward,
        name=offer.name(speech.locale),
        kind=offer.kind,
        points=offer.points,
        left=line.left,
        gives=gives_text(offer.gives, speech),
        who=who_text(offer, speech, rules),
        terms="" if terms == shared else terms,
        cannot=cannot_text(line.refusal, speech) if line.refusal else "",
    )


CATALOGUE_ROUTES = [catalogue_page, reward_page]
