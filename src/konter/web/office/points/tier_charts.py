"""Pictures of tiers: how many customers are in each, and how they move between them, month by month."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from konter.loyalty.tiers.figures import TierFlow, TierStanding
from konter.loyalty.tiers.model import rank_of
from konter.loyalty.tiers.read import tier_name
from konter.platform.money import thousands
from konter.rules.model import Rules
from konter.web.desk.views import BadgeTone, Bar, Cell, Chart, Column, Table
from konter.web.desk.words import DeskWords
from konter.web.office.points.charts import compact, months_from

Direction = Literal["up", "down", "kept"]
TONES: dict[Direction, BadgeTone] = {"up": "ok", "down": "warn", "kept": "info"}


def direction_of(flow: TierFlow, rules: Rules) -> Direction:
    """Whether customers rose, fell, or came to the same tier anew. Pure."""
    before, after = rank_of(flow.tier_before, rules), rank_of(flow.tier, rules)
    return "up" if after > before else "down" if after < before else "kept"


def standing_chart(words: DeskWords, standing: TierStanding, csv_href: str) -> Chart:
    """How many customers are in each tier."""
    title = words.t("office.programme.standing", day=words.date(standing.day))
    return tiers_chart(words, "tiers-now", title, standing.customers, csv_href)


def tiers_chart(words: DeskWords, id_: str, title: str, customers: Mapping[str, int], csv_href: str = "") -> Chart:
    """Customers by tier, low to high as they come."""
    most = max(customers.values(), default=0) or 1
    return Chart(
        id=id_,
        title=title,
        bars=tuple(
            Bar(label=tier_name(tier, words.locale), value=count, text=thousands(count), share=1000 * count // most)
            for tier, count in customers.items()
        ),
        table=Table(
            id=id_,
            title=title,
            columns=(
                Column(name=words.t("office.points.tier")),
                Column(name=words.t("office.programme.customers"), num=True),
            ),
            rows=tuple(
                (Cell(text=tier_name(tier, words.locale)), Cell(text=thousands(count)))
                for tier, count in customers.items()
            ),
            empty="",
            csv_href=csv_href,
        ),
    )


def flows_charts(words: DeskWords, flows: Sequence[TierFlow], first: date, last: date, rules: Rules) -> list[Chart]:
    """How many rose and how many fell in each month, those without any too; then who moved where in the newest month
    that has moves. [P-32, P-35..P-37]
    """
    months = months_from(first, last)
    charts = [_by_month(words, flows, months, direction, rules) for direction in ("up", "down")]
    newest = max((each.month for each in flows), default=None)
    moved = [each for each in flows if each.month == newest]
    return [*charts, _whither(words, newest, moved, rules)] if newest is not None else charts


def _by_month(
    words: DeskWords, flows: Sequence[TierFlow], months: Sequence[date], direction: Direction, rules: Rules
) -> Chart:
    counted = Counter[date]()
    for each in flows:
        if direction_of(each, rules) == direction:
            counted[each.month] += each.changes
    most = max(counted.values(), default=0) or 1
    title = words.t(f"office.programme.flow_{direction}")
    return Chart(
        id=f"tiers-{direction}",
        title=title,
        upright=True,
        bars=tuple(
            Bar(
                label=words.day(month).partition(" ")[2],
                value=counted[month],
                text=compact(words, counted[month]),
                share=1000 * counted[month] // most,
                tone=TONES[direction],
            )
            for month in months
        ),
        table=Table(
            id=f"tiers-{direction}-table",
            title=title,
            columns=(
                Column(name=words.t("office.programme.period")),
                Column(name=words.t("office.programme.customers"), num=True),
            ),
            rows=tuple((Cell(text=_month(words, each)), Cell(text=thousands(counted[each]))) for each in months),
            empty="",
        ),
    )


def _whither(words: DeskWords, month: date, flows: Sequence[TierFlow], rules: Rules) -> Chart:
    """From which tier to which, all causes together: those who rose first, then those who fell."""
    order: tuple[Direction, ...] = ("up", "down", "kept")
    counted, directions = Counter[tuple[str, str]](), dict[tuple[str, str], Direction]()
    for each in flows:
        pair = (each.tier_before, each.tier)
        counted[pair] += each.changes
        directions[pair] = direction_of(each, rules)
    shown = sorted(counted, key=lambda pair: (order.index(directions[pair]), -counted[pair], pair))
    most = max(counted.values())
    return Chart(
        id="tier-flows-newest",
        title=words.t("office.programme.flows_in", month=_month(words, month)),
        bars=tuple(
            Bar(
                label=_pair(words, pair),
                value=counted[pair],
                text=thousands(counted[pair]),
                share=1000 * counted[pair] // most,
                tone=TONES[directions[pair]],
            )
            for pair in shown
        ),
        table=flows_table(words, flows, ""),
    )


def _pair(words: DeskWords, pair: tuple[str, str]) -> str:
    before, after = (tier_name(each, words.locale) for each in pair)
    return f"{before} → {after}" if before != after else words.t("office.programme.renewed", tier=after)


def _month(words: DeskWords, month: date) -> str:
    return words.date(month).partition(" ")[2]


def flows_table(words: DeskWords, flows: Sequence[TierFlow], csv_href: str) -> Table:
    """Who came from where to where, month by month, the newest first."""
    keys = ("office.programme.period", "office.programme.from", "office.programme.to", "desk.column.reason")
    return Table(
        id="tier-flows",
        title=words.t("office.programme.flows"),
        columns=(
            *(Column(name=words.t(key)) for key in keys),
            Column(name=words.t("office.programme.customers"), num=True),
        ),
        rows=tuple(
            (
                Cell(text=_month(words, each.month)),
                Cell(text=tier_name(each.tier_before, words.locale)),
                Cell(text=tier_name(each.tier, words.locale)),
                Cell(text=words.t(f"office.tier_cause.{each.cause}")),
                Cell(text=thousands(each.changes)),
            )
            for each in sorted(flows, key=lambda each: each.month, reverse=True)
        ),
        empty=words.t("office.programme.nothing"),
        csv_href=csv_href,
    )
