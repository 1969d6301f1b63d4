"""A number's points in tables and a story: the catalogue, redemptions, tiers, and everything that moved points."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from konter.loyalty.history import HistoryLine
from konter.loyalty.points.why import Move
from konter.loyalty.rewards.catalogue.model import Left, Offer, RewardLine
from konter.loyalty.rewards.redemption.model import GotCode, Redemption, RedemptionId
from konter.loyalty.tiers.read import TierChange, tier_name
from konter.loyalty.vintages import last_day
from konter.platform.money import rupiah, thousands
from konter.rules.keys_loyalty import Poin
from konter.web.desk.views import Badge, BadgeTone, Cell, Column, StoryLine, Table
from konter.web.desk.words import DeskWords
from konter.web.reward_words import gives_text

MASK = "••••••••"  # in the place of a voucher's code
LEFT: dict[str, BadgeTone] = {"plenty": "ok", "few": "warn", "out": "error"}
STATES: dict[str, BadgeTone] = {"done": "ok", "checking": "info", "refunded": "warn"}


def left_word(words: DeskWords, left: Left) -> tuple[Badge, ...]:
    """How much of a reward is left; nothing is said of plenty."""
    return () if left == "plenty" else (Badge(text=words.t(f"office.rewards.left.{left}"), tone=LEFT[left]),)


def catalogue_table(words: DeskWords, lines: Sequence[RewardLine], href: str) -> Table:
    """The rewards on offer, and for each whether this customer can have it. `href`: empty where one may not redeem."""
    rows = []
    for line in lines:
        offer = line.offer
        can = Cell(text=words.t("office.points.can"), badge="ok")
        rows.append(
            (
                Cell(text=offer.name(words.locale), href=f"{href}/{offer.reward}" if href else "", sub=offer.reward),
                Cell(text=thousands(offer.points)),
                Cell(text=words.t(f"office.rewards.kind.{offer.kind}")),
                Cell(text=words.sentence(line.refusal)) if line.refusal else can,
            )
        )
    return Table(
        id="rewards",
        title=words.t("office.points.catalogue"),
        columns=_columns(
            words, "office.points.reward", "office.points.price", "office.number.kind", "office.points.may"
        ),
        rows=tuple(rows),
        empty=words.t("office.rewards.none"),
    )


def redemptions_table(
    words: DeskWords,
    redemptions: Sequence[Redemption],
    offers: Mapping[str, Offer],
    *,
    burnt: Mapping[RedemptionId, datetime],
    now: datetime,
) -> Table:
    """What a customer has redeemed, newest first, each as it is called now, and whether its code is burnt or over."""
    return Table(
        id="redemptions",
        title=words.t("office.points.redemptions"),
        columns=_columns(
            words,
            "office.points.at",
            "office.points.reward",
            "office.points.price",
            "desk.column.state",
            "office.points.got",
        ),
        rows=tuple(
            (
                Cell(text=words.long(each.at), sub=words.t(f"office.rewards.channel.{each.channel}")),
                Cell(text=_name(words, each.reward, offers), sub=each.code),
                Cell(text=thousands(each.points)),
                Cell(
                    text=words.t(f"office.rewards.status.{each.status}"),
                    badge=STATES[each.status],
                    sub=words.known(f"office.rewards.reason.{each.reason}", each.reason) if each.reason else "",
                ),
                Cell(text=_got(words, each), sub=_code_state(words, each, burnt.get(each.id), now)),
            )
            for each in redemptions
        ),
        empty=words.t("office.points.no_redemptions"),
    )


def _code_state(words: DeskWords, redemption: Redemption, burnt_at: datetime | None, now: datetime) -> str:
    """What has become of a code, as the customer sees it too."""
    if burnt_at is not None:
        return words.t("office.points.code_burnt", at=words.long(burnt_at))
    got = redemption.delivery
    over = isinstance(got, GotCode) and got.expires_at is not None and got.expires_at <= now
    return words.t("office.points.code_over") if over else ""


def _got(words: DeskWords, redemption: Redemption) -> str:
    """What came of it, as the catalogue says what it gives; a code is the customer's own."""
    got = redemption.delivery
    if got is None:
        return words.t("office.points.back") if redemption.status == "refunded" else words.t("desk.none")
    if isinstance(got, GotCode):
        until = words.t("office.points.until", day=words.last_day(got.expires_at)) if got.expires_at else ""
        return f"{words.t('office.points.voucher', code=MASK)} {until}".strip()
    return gives_text(redemption.why.gives, words)


def tiers_table(words: DeskWords, changes: Sequence[TierChange]) -> Table:
    """How a tier came about, newest first. [P-41]"""
    return Table(
        id="tiers",
        title=words.t("office.points.tiers"),
        columns=_columns(
            words, "office.points.since", "office.points.tier", "office.points.tier_end", "desk.column.reason"
        ),
        rows=tuple(
            (
                Cell(text=words.date(each.standing.since)),
                Cell(
                    text=tier_name(each.standing.tier, words.locale),
                    sub=words.t("office.points.from_tier", tier=tier_name(each.tier_before, words.locale)),
                ),
                Cell(text=words.date(each.last_day) if each.last_day else words.t("desk.none")),
                Cell(
                    text=words.t(f"office.tier_cause.{each.cause}"),
                    sub=words.t("office.points.spent", spent=rupiah(each.spent_rp), rule=each.rule),
                ),
            )
            for each in changes
        ),
        empty=words.t("office.points.no_tiers"),
    )


def moves_story(words: DeskWords, lines: Sequence[HistoryLine], poin: Poin) -> tuple[StoryLine, ...]:
    """Everything that moved points, newest first, each with its sentence. [P-28]"""
    return tuple(
        StoryLine(
            at=each.move.at,
            what=" · ".join(_what(words, each, poin)),
            why=each.sentence(words.locale),
            tone="ok" if each.move.points > 0 else "warn" if each.redemption is None else "info",
        )
        for each in lines
    )


def _what(words: DeskWords, line: HistoryLine, poin: Poin) -> Iterator[str]:
    move = line.move
    yield f"{'+' if move.points > 0 else ''}{thousands(move.points)}"
    yield _kind(words, move)
    if line.grant is not None and move.expires_at is not None:
        yield words.t("office.points.until", day=words.date(last_day(move.expires_at, poin)))


def _kind(words: DeskWords, move: Move) -> str:
    state = "" if move.state == "posted" else f" ({words.known(f'office.move_state.{move.state}', move.state)})"
    return words.known(f"office.move.{move.kind}", move.kind) + state


def _name(words: DeskWords, reward: str, offers: Mapping[str, Offer]) -> str:
    return offers[reward].name(words.locale) if reward in offers else reward


def _columns(words: DeskWords, *keys: str) -> tuple[Column, ...]:
    return tuple(Column(name=words.t(key), num=key == "office.points.price") for key in keys)
