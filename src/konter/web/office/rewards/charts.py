"""Pictures of what is redeemed, by reward and by merchant."""

from collections import Counter
from collections.abc import Sequence

from konter.loyalty.rewards.redemption.figures import RewardFigure
from konter.platform.money import thousands
from konter.web.desk.views import Bar, Cell, Chart, Column, Table
from konter.web.desk.words import DeskWords
from konter.web.office.places import MERCHANTS, REWARDS

BARS_MAX = 12  # beyond, the table tells more than the picture


def rewards_chart(words: DeskWords, figures: Sequence[RewardFigure], days: int, csv_href: str) -> Chart:
    """Redemptions by reward. [P-21..P-23]"""
    most = max((each.redemptions for each in figures), default=0) or 1
    keys = (
        "office.points.reward",
        "office.rewards.merchant",
        "office.programme.redemptions",
        "office.programme.returned",
        "office.programme.redeemed",
        "office.rewards.burnt",
    )
    return Chart(
        id="redemptions",
        title=words.t("office.programme.by_reward", n=days),
        bars=tuple(
            Bar(
                label=each.name(words.locale),
                value=each.redemptions,
                text=thousands(each.redemptions),
                share=1000 * each.redemptions // most,
                href=f"{REWARDS.href}/{each.reward}",
            )
            for each in figures[:BARS_MAX]
        ),
        table=Table(
            id="redemptions",
            title=words.t("office.programme.by_reward", n=days),
            columns=tuple(Column(name=words.t(key), num=key not in keys[:2]) for key in keys),
            rows=tuple(
                (
                    Cell(text=each.name(words.locale), href=f"{REWARDS.href}/{each.reward}"),
                    Cell(text=each.merchant_name or words.t("desk.none")),
                    *(
                        Cell(text=thousands(number))
                        for number in (each.redemptions, each.refunded, each.points, each.burnt)
                    ),
                )
                for each in figures
            ),
            empty=words.t("office.programme.nothing_redeemed", n=days),
            csv_href=csv_href,
        ),
    )


def merchants_chart(words: DeskWords, figures: Sequence[RewardFigure], days: int, csv_href: str) -> Chart | None:
    """Redemptions by merchant; none where no merchant gave anything."""
    redemptions, burnt, points, names = Counter[str](), Counter[str](), Counter[str](), dict[str, str]()
    for each in figures:
        if each.merchant is not None:
            names[each.merchant] = each.merchant_name or each.merchant
            redemptions[each.merchant] += each.redemptions
            points[each.merchant] += each.points
            burnt[each.merchant] += each.burnt
    if not names:
        return None
    ordered = [merchant for merchant, _ in redemptions.most_common()]
    most = redemptions[ordered[0]] or 1
    keys = (
        "office.rewards.merchant",
        "office.programme.redemptions",
        "office.programme.redeemed",
        "office.rewards.burnt",
    )
    return Chart(
        id="by-merchant",
        title=words.t("office.programme.by_merchant", n=days),
        bars=tuple(
            Bar(
                label=names[merchant],
                value=redemptions[merchant],
                text=thousands(redemptions[merchant]),
                share=1000 * redemptions[merchant] // most,
                href=f"{MERCHANTS}/{merchant}",
                tone="ok",
            )
            for merchant in ordered[:BARS_MAX]
        ),
        table=Table(
            id="by-merchant",
            title=words.t("office.programme.by_merchant", n=days),
            columns=tuple(Column(name=words.t(key), num=key != keys[0]) for key in keys),
            rows=tuple(
                (
                    Cell(text=names[merchant], href=f"{MERCHANTS}/{merchant}"),
                    *(Cell(text=thousands(counted[merchant])) for counted in (redemptions, points, burnt)),
                )
                for merchant in ordered
            ),
            empty="",
            csv_href=csv_href,
        ),
    )
