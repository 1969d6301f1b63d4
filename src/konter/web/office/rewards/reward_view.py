"""One reward as its desk shows it."""

from collections.abc import Mapping, Sequence

import msgspec

from konter.loyalty.rewards.catalogue.model import GivesCode, GivesProvided, Offer, merchant_of
from konter.loyalty.rewards.catalogue.read import Closure, OfferLine, RewardState, reward_story
from konter.loyalty.rewards.codes.read import CodeCount, CodeFile, code_files
from konter.loyalty.rewards.merchants.read import merchants
from konter.loyalty.tiers.read import tier_name
from konter.platform.db import Connection
from konter.platform.money import thousands
from konter.web.desk.frame import Member
from konter.web.desk.reasons import reason_field
from konter.web.desk.story import who_text
from konter.web.desk.views import Action, Badge, Cell, Column, Fact, Facts, Field, StoryLine, Table, ThingView
from konter.web.desk.words import DeskWords
from konter.web.office.places import CLOSE_REWARDS, IMPORT_REWARDS, MERCHANTS, REWARDS
from konter.web.reward_words import brand_names, gains_of, gives_text


class RewardPast(msgspec.Struct, frozen=True, kw_only=True):
    """How a reward was closed and opened, its prices, and the files of codes that were taken for it; and what merchants
    are called, by code.
    """

    closures: list[Closure]
    offers: list[OfferLine]
    files: list[CodeFile]
    merchants: dict[str, str]

    @property
    def people(self) -> list[int]:
        """Ids of the staff in it."""
        actors = [each.closed_by for each in self.closures] + [each.opened_by or "" for each in self.closures]
        actors += [each.recorded_by for each in self.offers] + [each.taken_by for each in self.files]
        return sorted({int(each.partition(":")[2]) for each in actors if each.startswith("staff:")})


async def reward_past(connection: Connection, code: str) -> RewardPast:
    """What became of a reward so far."""
    closures, offers = await reward_story(connection, code)
    files = await code_files(connection, code)
    names = {each.code: each.name for each in await merchants(connection)}
    return RewardPast(closures=closures, offers=offers, files=files, merchants=names)


def reward_thing(
    found: Member,
    state: RewardState,
    badge: Badge,
    codes: CodeCount | None,
    redeemed: int,
    past: RewardPast,
    names: Mapping[int, str],
) -> ThingView:
    """What it gives and to whom, its stock, its prices, its story, and what may be done with it. `redeemed`: how many
    were, which those that are counted one by one know better.
    """
    words, offer = found.words, state.offer
    taken = state.taken if state.taken is not None else redeemed
    groups = (
        Facts(title=words.t("office.items.about"), facts=_about(found, offer, past.merchants)),
        Facts(title=words.t("office.rewards.stock"), facts=_stock(found, offer, taken, codes)),
    )
    return ThingView(
        title=offer.name(words.locale),
        kind=words.t("office.points.reward"),
        back_href=REWARDS.href,
        back_name=words.t("office.rewards.title"),
        badges=(badge,),
        facts=groups,
        story=_story(found, past, names),
        actions=(_switch(found, state), *_codes_action(found, offer)),
        tables=(_prices(found, past.offers, names),),
    )


def _about(found: Member, offer: Offer, merchants: Mapping[str, str]) -> tuple[Fact, ...]:
    words, gives, merchant = found.words, offer.gives, merchant_of(offer)
    more = ", ".join(words.gain_name(each) for each in gains_of(gives))
    if isinstance(gives, GivesProvided):
        more = f"{gives.provider} · {gives.item}"
    whom = [brand_names(offer.brands, found.here.rules)] if offer.brands else []
    whom += [*(words.t(f"office.number.{kind}") for kind in offer.kinds)]
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
        Fact(label=words.t("office.rewards.gives"), text=gives_text(gives, words), note=more),
        *(
            (
                Fact(
                    label=words.t("office.rewards.merchant"),
                    text=merchants.get(merchant, merchant),
                    href=f"{MERCHANTS}/{merchant}",
                ),
            )
            if merchant
            else ()
        ),
        Fact(label=words.t("office.rewards.whom"), text=", ".join(whom) or words.t("office.rewards.everybody")),
        Fact(label=words.t("office.rewards.quota"), text=quota),
        Fact(label=words.t("office.points.terms"), text=offer.terms(words.locale)),
    )


def limit_text(words: DeskWords, offer: Offer) -> str:
    """Of how many, or that nothing limits them; nothing where codes are the stock, which are counted beside it."""
    if offer.stock is not None:
        return words.t("office.rewards.of", n=offer.stock)
    return "" if isinstance(offer.gives, GivesCode) else words.t("office.rewards.unlimited")


def _stock(found: Member, offer: Offer, taken: int, codes: CodeCount | None) -> tuple[Fact, ...]:
    words = found.words
    label = words.t("office.rewards.taken")
    facts = [Fact(label=label, text=thousands(taken), note=limit_text(words, offer))]
    if codes is not None:
        for name in ("free", "lapsed", "issued", "burnt"):
            label = words.t("office.rewards.burnt" if name == "burnt" else f"office.rewards.codes_{name}")
            facts.append(Fact(label=label, text=thousands(getattr(codes, name))))
    return tuple(facts)


def _story(found: Member, past: RewardPast, names: Mapping[int, str]) -> tuple[StoryLine, ...]:
    """Newest first: when prices and codes came, when it was closed and opened."""
    words, lines = found.words, list[StoryLine]()
    for offer in past.offers:
        who = who_text(offer.recorded_by, words, names)
        why = words.t("office.rewards.price_from", n=offer.points, day=words.date(offer.valid_from))
        what = words.t("desk.act.reward.imported")
        lines.append(StoryLine(at=offer.recorded_at, what=what, who=who, why=why))
    for file in past.files:
        who = who_text(file.taken_by, words, names)
        why = words.t("office.rewards.file_of_codes", file=file.name, n=file.codes)
        what = words.t("desk.act.reward.codes_imported")
        lines.append(StoryLine(at=file.taken_at, what=what, who=who, why=why))
    for each in past.closures:
        if each.opened_at is not None and each.opened_by is not None:
            who = who_text(each.opened_by, words, names)
            lines.append(StoryLine(at=each.opened_at, what=words.t("desk.act.reward.opened"), who=who, tone="ok"))
        who = who_text(each.closed_by, words, names)
        what = words.t("desk.act.reward.closed")
        lines.append(StoryLine(at=each.closed_at, what=what, who=who, why=each.reason, tone="warn"))
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True))


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
    return (
        Action(title=words.t("office.rewards.add_codes"), href=f"{REWARDS.href}/{offer.reward}/kode", tone="plain"),
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
