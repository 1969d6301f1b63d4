"""Pictures of the programme: points that moved and what is owed; each with its table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from konter.loyalty.points.figures import DEBTS, PointDay
from konter.loyalty.tiers.model import month_of
from konter.loyalty.vintages import expires_at, last_day
from konter.platform.money import thousands
from konter.rules.keys_loyalty import Poin
from konter.web.desk.views import BadgeTone, Bar, Cell, Chart, Column, Table
from konter.web.desk.words import DeskWords

MEASURES = ("granted", "redeemed", "taken_back", "expired")
TONES: dict[str, BadgeTone] = {"granted": "ok", "redeemed": "info", "taken_back": "warn", "expired": "error"}
THOUSAND, MILLION = 1_000, 1_000_000
CsvOf = Callable[[str], str]


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What moved points in a day or a month."""

    begin: date
    monthly: bool
    granted: int = 0
    redeemed: int = 0
    taken_back: int = 0
    expired: int = 0

    def label(self, words: DeskWords) -> str:
        """`24 Nov` or `Nov 2026`."""
        return words.date(self.begin).partition(" ")[2] if self.monthly else words.day(self.begin)

    def short(self, words: DeskWords) -> str:
        """What stands under a bar: `24/11` or `Nov`."""
        return words.day(self.begin).partition(" ")[2] if self.monthly else f"{self.begin:%d/%m}"


def moves_by_period(days: Sequence[PointDay], first: date, last: date, *, monthly: bool) -> list[Moved]:
    """Days, or months, from the first to the last, those on which nothing moved too; all vintages together. Pure."""
    begins = (
        months_from(first, last) if monthly else [first + timedelta(days=n) for n in range((last - first).days + 1)]
    )
    sums = {begin: dict.fromkeys(MEASURES, 0) for begin in begins}
    for each in days:
        into = sums[month_of(each.day) if monthly else each.day]
        for measure in MEASURES:
            into[measure] += getattr(each, measure)
    return [Moved(begin=begin, monthly=monthly, **said) for begin, said in sums.items()]


def months_from(first: date, last: date) -> list[date]:
    """The first day of each month from that of one day to that of another."""
    months = [month_of(first)]
    while months[-1] < month_of(last):
        months.append(month_of(months[-1], 1))
    return months


def compact(words: DeskWords, number: int) -> str:
    """`940`, `12 rb`, `1,2 jt`: so that it fits over a bar; the table has the number itself."""
    size = abs(number)
    if size < 10 * THOUSAND:
        return thousands(number)
    if size < MILLION:
        return words.t("office.programme.thousands", n=round(number / THOUSAND))
    return words.t("office.programme.millions", n=_tenths(words, round(10 * number / MILLION)))


def _tenths(words: DeskWords, tenths: int) -> str:
    comma = "." if words.locale == "en" else ","
    whole, rest = divmod(abs(tenths), 10)
    return f"{'-' if tenths < 0 else ''}{whole}{comma}{rest}"


def moves_charts(words: DeskWords, moved: Sequence[Moved]) -> list[Chart]:
    """Earned, spent, taken back, expired: a picture each; what never happened has none but the first two."""
    return [
        _moves_chart(words, moved, measure)
        for measure in MEASURES
        if measure in MEASURES[:2] or any(getattr(each, measure) for each in moved)
    ]


def _moves_chart(words: DeskWords, moved: Sequence[Moved], measure: str) -> Chart:
    numbers = [getattr(each, measure) for each in moved]
    most = max([abs(number) for number in numbers], default=0) or 1
    title = words.t(f"office.programme.{measure}")
    return Chart(
        id=f"points-{measure}",
        title=title,
        upright=True,
        bars=tuple(
            Bar(
                label=each.short(words),
                value=number,
                text=compact(words, number),
                share=1000 * abs(number) // most,
                tone=TONES[measure],
            )
            for each, number in zip(moved, numbers, strict=True)
        ),
        table=Table(
            id=f"points-{measure}-table",
            title=title,
            columns=(Column(name=words.t("office.programme.period")), Column(name=title, num=True)),
            rows=tuple(
                (Cell(text=each.label(words)), Cell(text=thousands(number)))
                for each, number in zip(moved, numbers, strict=True)
            ),
            empty="",
        ),
    )


def moves_table(words: DeskWords, moved: Sequence[Moved], csv_href: str) -> Table:
    """The same in one table, newest first."""
    return Table(
        id="moves",
        title=words.t("office.programme.moves"),
        columns=(
            Column(name=words.t("office.programme.period")),
            *(Column(name=words.t(f"office.programme.{measure}"), num=True) for measure in MEASURES),
        ),
        rows=tuple(
            (
                Cell(text=each.label(words)),
                *(Cell(text=thousands(getattr(each, measure))) for measure in MEASURES),
            )
            for each in reversed(moved)
        ),
        empty=words.t("office.programme.nothing"),
        csv_href=csv_href,
    )


def liability_chart(words: DeskWords, counted: Mapping[int, int], now: datetime, poin: Poin, csv_href: str) -> Chart:
    """Points in the hands of customers by vintage, and what ends with the next last day. What was counted
    last night and is over by now is owed no more; it is named until the next night counts it as expired.
    """
    ends = {year: expires_at(year, poin) for year in counted if year != DEBTS}
    owed = {year: points for year, points in counted.items() if year == DEBTS or ends[year] > now}
    living = [year for year in ends if year in owed]
    following = min(living, default=None)
    title = words.t("office.programme.liability", n=sum(owed[year] for year in living))
    if following is not None:
        title = words.t(
            "office.programme.ends", title=title, n=owed[following], day=words.date(last_day(ends[following], poin))
        )
    if over := [year for year in ends if year not in owed and counted[year]]:
        n, day = sum(counted[year] for year in over), words.date(last_day(ends[max(over)], poin))
        title = words.t("office.programme.just_over", title=title, n=n, day=day)
    names = {year: words.t("office.points.vintage", year=year) for year in owed}
    names[DEBTS] = words.t("office.points.debt")
    most = max([abs(points) for points in owed.values()], default=0) or 1
    shown = sorted(owed)
    return Chart(
        id="liability",
        title=title,
        bars=tuple(
            Bar(
                label=names[year],
                value=owed[year],
                text=thousands(owed[year]),
                share=1000 * abs(owed[year]) // most,
                tone="warn" if year in (following, DEBTS) else "info",
            )
            for year in shown
        ),
        table=Table(
            id="liability",
            title=words.t("office.programme.owed"),
            columns=(
                Column(name=words.t("office.programme.vintage")),
                Column(name=words.t("office.points.title"), num=True),
                Column(name=words.t("office.points.tier_end")),
            ),
            rows=tuple(
                (
                    Cell(text=names[year]),
                    Cell(text=thousands(owed[year])),
                    Cell(text=words.date(last_day(ends[year], poin)) if year in ends else words.t("desk.none")),
                )
                for year in shown
            ),
            empty=words.t("office.programme.nothing"),
            csv_href=csv_href,
        ),
    )
