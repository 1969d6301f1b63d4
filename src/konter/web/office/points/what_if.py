"""With other thresholds, how many customers would be in which tier: the whole base evaluated, and nothing written."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
from litestar import get, post

from konter.loyalty.tiers.evaluate import Flow, what_if
from konter.loyalty.tiers.figures import tier_standing
from konter.loyalty.tiers.model import next_evaluation
from konter.loyalty.tiers.read import tier_name
from konter.loyalty.tiers.refusals import WHAT_IF_BUSY
from konter.platform.clock import business_day, day_start
from konter.platform.money import rupiah, thousands
from konter.platform.refusal import Refused
from konter.rules.checks import rules_faults
from konter.rules.keys_loyalty import Tier
from konter.rules.model import Rules
from konter.web.app import AnyRequest, app_of
from konter.web.desk.errors import BACK
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.views import Action, Cell, Chart, Column, Field, ListView, Table
from konter.web.office.places import OFFICE, POINTS, TRY
from konter.web.office.points.tier_charts import standing_chart, tiers_chart
from konter.web.pages import AnyPage, Form
from konter.web.views import Alert

DIGITS_MAX = 12
AT_WORK = asyncio.Lock()  # of one process: two evaluations of the base at once would slow down everybody


@get("/office/poin/andai", include_in_schema=False)
async def what_if_page(request: AnyRequest) -> AnyPage:
    """The thresholds in force, to be changed, and who is where with them."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, TRY)
        standing = await tier_standing(connection, rules=found.here.rules)
    tier, on = found.here.rules.tier, next_evaluation(found.here.rules.tier, _today(found))
    charts = () if standing is None else (standing_chart(found.words, standing, ""),)
    return desk_page(request, OFFICE, "desk/list.html", _view(found, on, _thresholds(tier), charts=charts))


@post("/office/poin/andai", include_in_schema=False)
async def what_if_post(request: AnyRequest) -> AnyPage:
    """Evaluate everybody with what was typed; the answer is this page, and nothing stays."""
    form = await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, TRY)
        rulebook, _ = await found.here.app.references.current(connection)
    on = next_evaluation(found.here.rules.tier, _today(found))
    rules = rulebook.at(day_start(on, ZoneInfo(found.here.rules.poin.time_zone)))
    typed = _typed(form, rules.tier)
    tier = _tier(rules.tier, typed)
    fault = _fault(found, rules, tier)
    if tier is None or fault:
        wrong = ", ".join(tier_name(name, found.words.locale) for name, text in typed.items() if _amount(text) is None)
        alert = Alert(tone="error", sentence=fault or found.words.t("office.what_if.digits", tiers=wrong))
        return desk_page(request, OFFICE, "desk/list.html", _view(found, on, typed, alert=alert), status=422)
    if AT_WORK.locked():
        request.scope["state"][BACK] = TRY.href
        raise Refused(WHAT_IF_BUSY())
    async with AT_WORK:
        flows = await what_if(found.here.app.pool, on, rulebook=rulebook, tier=tier)
    return desk_page(request, OFFICE, "desk/list.html", _view(found, on, typed, flows=flows, tier=tier))


def _today(found: Member) -> date:
    return business_day(found.here.now, ZoneInfo(found.here.rules.poin.time_zone))


def _thresholds(tier: Tier) -> dict[str, str]:
    return {name: str(tier.threshold[f"{name}_idr"]) for name in tier.names[1:]}


def _typed(form: Form, tier: Tier) -> dict[str, str]:
    """What was typed for each tier, with or without dots."""
    return {name: form.text(name).replace(".", "").replace(" ", "")[: DIGITS_MAX + 1] for name in tier.names[1:]}


def _tier(tier: Tier, typed: Mapping[str, str]) -> Tier | None:
    """The rules of tiers with other thresholds; None where one is no amount."""
    amounts = {f"{name}_idr": amount for name, text in typed.items() if (amount := _amount(text)) is not None}
    return msgspec.structs.replace(tier, threshold=amounts) if len(amounts) == len(typed) else None


def _amount(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX and int(text) else None


def _fault(found: Member, rules: Rules, tier: Tier | None) -> str:
    """What the rules themselves have against these thresholds, in their own words; which one does not rise is named."""
    if tier is None:
        return ""
    for before, name in pairwise(tier.names[1:]):
        if tier.threshold[f"{name}_idr"] <= tier.threshold[f"{before}_idr"]:
            names = {"tier": tier_name(name, found.words.locale), "before": tier_name(before, found.words.locale)}
            return found.words.t("office.what_if.not_ascending", **names)
    faults = rules_faults(msgspec.structs.replace(rules, tier=tier))
    return " ".join(found.words.t(f"rules.fault.{reason}", rule=key) for key, reason in faults)


def _view(
    found: Member,
    on: date,
    thresholds: Mapping[str, str],
    *,
    alert: Alert | None = None,
    charts: Sequence[Chart] = (),
    flows: Sequence[Flow] | None = None,
    tier: Tier | None = None,
) -> ListView:
    words = found.words
    fields = tuple(
        Field(
            name=name,
            label=words.t("office.what_if.threshold", tier=tier_name(name, words.locale)),
            value=value,
            length_max=DIGITS_MAX + 4,
        )
        for name, value in thresholds.items()
    )
    run = Action(
        title=words.t("office.what_if.title"),
        note=words.t("office.what_if.read_only"),
        post=TRY.href,
        fields=fields,
        button=words.t("office.what_if.run"),
        open=True,
    )
    back = Action(title=words.t("office.programme.title"), href=POINTS.href, tone="plain")
    return ListView(
        title=words.t("office.what_if.title"),
        note=" ".join((words.t("office.what_if.note", day=words.date(on)), *_tried(found, tier))),
        actions=(run, back),
        tables=() if flows is None else (_flows(found, flows),),
        charts=tuple(charts) if flows is None or tier is None else _tiers(found, flows, tier.names),
        alert=alert,
    )


def _tried(found: Member, tier: Tier | None) -> tuple[str, ...]:
    """The thresholds that the answer is for, and why a higher one may move nobody."""
    if tier is None:
        return ()
    words = found.words
    amounts = ", ".join(
        f"{tier_name(name, words.locale)} {rupiah(tier.threshold[f'{name}_idr'])}" for name in tier.names[1:]
    )
    return words.t("office.what_if.tried", thresholds=amounts), words.t("office.what_if.until_the_end")


def _tiers(found: Member, flows: Sequence[Flow], names: Sequence[str]) -> tuple[Chart, ...]:
    """Who earns which tier by the average, who is in which after the evaluation, and now."""
    counted = {"earned": Counter[str](), "then": Counter[str](), "now": Counter[str]()}
    for each in flows:
        counted["earned"][each.earned] += each.customers
        counted["then"][each.target] += each.customers
        counted["now"][each.tier] += each.customers
    words, order = found.words, [*names, *sorted(set(counted["now"]) - set(names))]
    return tuple(
        tiers_chart(words, when, words.t(f"office.what_if.{when}"), {name: customers[name] for name in order})
        for when, customers in counted.items()
    )


def _flows(found: Member, flows: Sequence[Flow]) -> Table:
    """From where to where, those who stay last."""
    words = found.words
    moved = Counter[tuple[str, str]]()
    for each in flows:
        moved[each.tier, each.target] += each.customers
    keys = ("office.programme.from", "office.programme.to", "office.programme.customers")
    return Table(
        id="flows",
        title=words.t("office.what_if.flows"),
        columns=tuple(Column(name=words.t(key), num=key == keys[-1]) for key in keys),
        rows=tuple(
            (
                Cell(text=tier_name(before, words.locale)),
                Cell(text=tier_name(after, words.locale) if after != before else words.t("office.what_if.stay")),
                Cell(text=thousands(customers)),
            )
            for (before, after), customers in sorted(
                moved.items(), key=lambda each: (each[0][0] == each[0][1], -each[1])
            )
        ),
        empty=words.t("office.programme.nothing"),
    )


WHAT_IF_ROUTES = [what_if_page, what_if_post]
