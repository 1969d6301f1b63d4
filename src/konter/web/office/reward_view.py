"""One reward as its desk shows it."""

from collections.abc import Mapping, Sequence

from konter.loyalty.rewards.catalogue.model import GivesCode, GivesProvided, Offer, merchant_of
from konter.loyalty.rewards.catalogue.read import Closure, OfferLine, RewardState, reward_story
from konter.loyalty.rewards.codes.counts import CodeCount
from konter.loyalty.tiers.read import tier_name
from konter.platform.db import Connection
from konter.platform.money import thousands
from konter.web.desk.frame import Member
from konter.web.desk.story import who_text
from konter.web.desk.views import Action, Badge, Cell, Column, Fact, Facts, Field, StoryLine, Table, ThingView
from konter.web.office.items import reason_field
from konter.web.office.places import CLOSE_REWARDS, IMPORT_REWARDS, MERCHANTS, REWARDS
from konter.web.views import Gain


async def reward_people(connection: Connection, code: str) -> tuple[list[Closure], list[OfferLine], list[int]]:
    """A reward's closures and prices, and the ids of the staff in them."""
    closures, offers = await reward_story(connection, code)
    actors = [each.closed_by for each in closures] + [each.opened_by or "" for each in closures]
    actors += [each.recorded_by for each in offers]
    return closures, offers, [int(each.partition(":")[2]) for each in actors if each.startswith("staff:")]


def reward_thing(
    found: Member,
    state: RewardState,
    badge: Badge,
    codes: CodeCount | None,
    closures: Sequence[Closure],
    offers: Sequence[OfferLine],
    names: Mapping[int, str],
) -> ThingView:
    """What it gives and to whom, its stock, its prices, its story, and what may be done with it."""
    words, offer = found.words, state.offer
    groups = [Facts(title=words.t("office.items.about"), facts=_about(found, offer))]
    if state.taken is not None or codes is not None:
        groups.append(Facts(title=words.t("office.rewards.stock"), facts=_stock(found, state, codes)))
    return ThingView(
        title=offer.name(words.locale),
        kind=words.t("office.points.reward"),
        back_href=REWARDS.href,
        back_name=words.t("office.rewards.title"),
        badges=(badge,),
        facts=tuple(groups),
        story=_story(found, closures, names),
        actions=(_switch(found, state), *_codes_action(found, offer)),
        tables=(_prices(found, offers, names),),
    )


def _about(found: Member, offer: Offer) -> tuple[Fact, ...]:
    words, gives, merchant = found.words, offer.gives, merchant_of(offer)
    if isinstance(gives, GivesCode):
        what = words.t("office.rewards.gives_code")
    elif isinstance(gives, GivesProvided):
        what = words.t("office.points.provided", item=f"{gives.provider} · {gives.item}", days=gives.days)
    else:
        gains = [Gain(asset=each.asset, amount=each.amount, source=each.source) for each in gives.buckets]
        what = ", ".join(f"{words.amount(each)} {words.gain_name(each)}" for each in gains)
    whom = [*offer.brands, *(words.t(f"office.number.{kind}") for kind in offer.kinds)]
    if offer.tier:
        whom.append(words.t("office.rewards.from_tier", tier=tier_name(offer.tier, words.locale)))
    quota = (
        words.t(f"office.rewards.per_{offer.quota_per}", n=offer.quota)
        if offer.quota is not None
        else words.t("desk.none")
    )
    return (
        Fact(label=words.t("office.products.code"), text=offer.reward),
        Fact(label=words.t("office.points.price"), text=thousands(offer.points)),
        Fact(label=words.t("office.rewards.gives"), text=what),
        *(
            (Fact(label=words.t("office.rewards.merchant"), text=merchant, href=f"{MERCHANTS}/{merchant}"),)
            if merchant
            else ()
        ),
        Fact(label=words.t("office.rewards.whom"), text=", ".join(whom) or words.t("office.rewards.everybody")),
        Fact(label=words.t("office.rewards.quota"), text=quota),
        Fact(label=words.t("office.points.terms"), text=offer.terms(words.locale)),
    )


def _stock(found: Member, state: RewardState, codes: CodeCount | None) -> tuple[Fact, ...]:
    words, facts = found.words, list[Fact]()
    if state.taken is not None:
        limit = words.t("office.rewards.of", n=state.offer.stock) if state.offer.stock is not None else ""
        facts.append(Fact(label=words.t("office.rewards.taken"), text=thousands(state.taken), note=limit))
    if codes is not None:
        for name in ("free", "lapsed", "issued", "burnt"):
            label = words.t("office.rewards.burnt" if name == "burnt" else f"office.rewards.codes_{name}")
            facts.append(Fact(label=label, text=thousands(getattr(codes, name))))
    return tuple(facts)


def _story(found: Member, closures: Sequence[Closure], names: Mapping[int, str]) -> tuple[StoryLine, ...]:
    words, lines = found.words, list[StoryLine]()
    for each in closures:
        if each.opened_at is not None and each.opened_by is not None:
            who = who_text(each.opened_by, words, names)
            lines.append(StoryLine(at=each.opened_at, what=words.t("desk.act.reward.opened"), who=who, tone="ok"))
        who = who_text(each.closed_by, words, names)
        what = words.t("desk.act.reward.closed")
        lines.append(StoryLine(at=each.closed_at, what=what, who=who, why=each.reason, tone="warn"))
    return tuple(lines)


def _switch(found: Member, state: RewardState) -> Action:
    words = found.words
    title = words.t("office.rewards.open" if state.closed else "office.rewards.close")
    if not found.may(*CLOSE_REWARDS.rights):
        return Action(title=title, why_not=words.t("office.supervisor_only"))
    return Action(
        title=title,
        note=words.t("office.rewards.open_note" if state.closed else "office.rewards.close_note"),
        post=f"{REWARDS.href}/{state.offer.reward}",
        fields=(
            reason_field(words),
            Field(name="buka", label="", kind="hidden", value="ya" if state.closed else "tidak"),
        ),
        tone="primary" if state.closed else "danger",
    )


def _codes_action(found: Member, offer: Offer) -> tuple[Action, ...]:
    words = found.words
    if not isinstance(offer.gives, GivesCode) or not found.may(*IMPORT_REWARDS.rights):
        return ()
    hint = words.t("office.rewards.codes_hint")
    return (
        Action(
            title=words.t("office.rewards.add_codes"),
            note=words.t("office.rewards.codes_note"),
            post=f"{REWARDS.href}/{offer.reward}/kode",
            fields=(Field(name="berkas", label=words.t("office.rewards.file"), kind="file", hint=hint),),
            button=words.t("office.rewards.send"),
        ),
    )


def _prices(found: Member, offers: Sequence[OfferLine], names: Mapping[int, str]) -> Table:
    words, now = found.words, found.here.now
    keys = ("office.rewards.begins", "office.points.tier_end", "office.points.price", "office.rewards.brought_by")
    return Table(
        id="prices",
        title=words.t("office.rewards.prices"),
        columns=tuple(Column(name=words.t(key), num=key == "office.points.price") for key in keys),
        rows=tuple(
            (
                Cell(
                    text=words.date(each.valid_from),
                    sub=words.t("office.rewards.planned") if each.valid_from > now else "",
                ),
                Cell(text=words.last_day(each.valid_until) if each.valid_until else words.t("desk.none")),
                Cell(text=thousands(each.points)),
                Cell(text=who_text(each.recorded_by, words, names), sub=words.long(each.recorded_at)),
            )
            for each in offers
        ),
        empty=words.t("office.rewards.none"),
    )
