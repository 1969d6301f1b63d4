"""What the page of a sale shows: facts, story and what may be done next, with the reason where it may not."""

from collections.abc import Mapping, Sequence

from konter.access.staff.roles import Permission
from konter.platform.audit import AuditLine
from konter.platform.money import rupiah
from konter.sales.adjustment.refusals import ADJUSTMENT_SAME_EYES, ALREADY_ADJUSTED, NOTHING_TO_ADJUST
from konter.sales.history.look import LOOKED
from konter.sales.history.read import Adjusted, Reversed, SaleStory
from konter.sales.history.timeline import LOOK_ACTIONS
from konter.sales.refusals import ALREADY_REVERSED, NOT_DELIVERED, SAME_EYES
from konter.subscriber.msisdn import pretty
from konter.web.delivered import gains
from konter.web.desk.frame import Member
from konter.web.desk.reasons import REASON_MIN, reason_field
from konter.web.desk.story import audit_story
from konter.web.desk.views import Action, Badge, Choice, Fact, Facts, Field, StoryLine, ThingView
from konter.web.desk.words import DeskWords
from konter.web.office.places import SALES
from konter.web.outlet.home import product_name

EVIDENCE_MAX = 300
# What the sale's own timeline tells already.
TOLD = {*LOOK_ACTIONS, "reverse", "adjust"}


def sale_thing(found: Member, story: SaleStory, lines: Sequence[AuditLine], names: Mapping[int, str]) -> ThingView:
    """A sale with all that is known about it."""
    words, sale = DeskWords(found.words.locale, story.zone), story.sale
    return ThingView(
        title=sale.code,
        kind=words.t("office.sale.title"),
        back_href=SALES.href,
        back_name=words.t("office.sale.find"),
        badges=_badges(words, story),
        facts=(
            Facts(title=words.t("office.sale.what"), facts=_what(found, words, story)),
            Facts(title=words.t("office.sale.money"), facts=_money(words, story)),
        ),
        story=_story(found, words, story, lines, names),
        actions=_actions(found, words, story, names),
    )


def _badges(words: DeskWords, story: SaleStory) -> tuple[Badge, ...]:
    sale = story.sale
    if sale.status == "checking" and sale.deadline is not None:
        until = words.moment(sale.deadline)
        return (Badge(text=words.t("outlet.status.checking_until", until=until), tone="warn"),)
    badge = Badge(text=words.t(f"outlet.status.{sale.status}"), tone="ok" if sale.status == "done" else "info")
    more = []
    if story.reversal is not None:
        state = f"office.reversal_state.{story.reversal.state}"
        more.append(Badge(text=words.t(state), tone="warn" if story.reversal.state != "done" else "plain"))
    if story.adjustment is not None:
        state = f"office.adjustment_state.{story.adjustment.state}"
        more.append(Badge(text=words.t(state), tone="warn" if story.adjustment.state != "done" else "plain"))
    return (badge, *more)


def _what(found: Member, words: DeskWords, story: SaleStory) -> tuple[Fact, ...]:
    sale = story.sale
    product = found.here.catalogue.product(sale.product)
    number = str(sale.msisdn)
    facts = [
        Fact(
            label=words.t("office.sale.product"),
            text=product_name(product, sale.product, sale.nominal_rp, words.locale),
            note=sale.product,
        ),
        Fact(label=words.t("office.sale.customer"), text=pretty(sale.msisdn), href=f"/office/nomor/{number}"),
        Fact(label=words.t("office.sale.outlet"), text=story.outlet_name, note=story.outlet_code),
        Fact(label=words.t("office.sale.user"), text=story.user_name),
        Fact(label=words.t("office.sale.at"), text=words.stamped(sale.at)),
        Fact(label=words.t("office.sale.route"), text=words.t(f"office.route.{sale.route}")),
    ]
    if sale.delivery:
        got = ", ".join(f"{words.gain_name(each)} {words.amount(each)}" for each in gains(sale.delivery))
        facts.append(Fact(label=words.t("office.sale.got"), text=got or words.t("desk.none")))
    if sale.reason:
        facts.append(Fact(label=words.t("office.sale.reason"), text=words.why(sale.reason)))
    return tuple(facts)


def _money(words: DeskWords, story: SaleStory) -> tuple[Fact, ...]:
    sale = story.sale
    facts = [
        Fact(label=words.t("outlet.price"), text=rupiah(sale.price_rp)),
        Fact(label=words.t("outlet.cost"), text=rupiah(sale.cost_rp)),
        Fact(label=words.t("outlet.margin"), text=rupiah(sale.margin_rp)),
        Fact(label=words.t("office.sale.tax"), text=rupiah(sale.tax_rp)),
        Fact(
            label=words.t("outlet.balance"), text=f"{rupiah(sale.balance_before_rp)} → {rupiah(sale.balance_after_rp)}"
        ),
        Fact(label=words.t("office.sale.rule"), text=sale.rule, note=words.t("office.sale.rule_note")),
    ]
    if sale.refund_before_rp is not None and sale.refund_after_rp is not None:
        text = f"{rupiah(sale.refund_before_rp)} → {rupiah(sale.refund_after_rp)}"
        facts.append(Fact(label=words.t("outlet.status.refunded"), text=text))
    adjusted = story.adjustment
    if adjusted is not None and adjusted.state == "done":
        label = words.t("office.sale.charged") if adjusted.charged_rp else words.t("office.sale.written_off")
        facts.append(Fact(label=label, text=rupiah(adjusted.charged_rp or adjusted.written_off_rp or 0)))
    return tuple(facts)


def _story(
    found: Member, words: DeskWords, story: SaleStory, lines: Sequence[AuditLine], names: Mapping[int, str]
) -> tuple[StoryLine, ...]:
    events = [
        StoryLine(
            at=event.at,
            what=words.step(event).capitalize(),
            tone={"delivered": "ok", "refunded": "warn", "cancelled": "warn", "reversed": "warn"}.get(
                event.what, "plain"
            ),  # type: ignore[arg-type]
        )
        for event in story.timeline(found.here.now)
    ]
    done = audit_story([line for line in lines if line.action not in TOLD], words, names)
    looks = {words.t(f"desk.act.{LOOKED}")}
    # The newest look is the one that shows this page.
    shown = [line for place, line in enumerate(done) if not (place == 0 and line.what in looks)]
    return tuple(sorted([*events, *shown], key=lambda line: line.at, reverse=True))


def _actions(found: Member, words: DeskWords, story: SaleStory, names: Mapping[int, str]) -> tuple[Action, ...]:
    root = f"{SALES.href}/{story.sale.code}"
    return (
        *_of_outcome(found, words, story, root),
        *_of_reversal(found, words, story, names, root),
        *_of_adjustment(found, words, story, names, root),
    )


def _of_outcome(found: Member, words: DeskWords, story: SaleStory, root: str) -> tuple[Action, ...]:
    """What people must find out: of a sale past its deadline, and of a take-back that is under way. [G-D12]"""
    sale, now = story.sale, found.here.now
    taking = story.reversal is not None and story.reversal.state == "approved"
    overdue = sale.status == "checking" and sale.deadline is not None and now >= sale.deadline
    if not (taking or overdue) or not found.may("outcomes.propose"):
        return ()
    yes, no = ("taken_back", "not_taken_back") if taking else ("delivered", "not_delivered")
    choices = tuple(Choice(value=each, name=words.t(f"office.outcome.{each}")) for each in (yes, no))
    fields = (
        Field(name="hasil", label=words.t("office.outcome.which"), kind="choice", choices=choices),
        Field(
            name="evidence",
            label=words.t("office.outcome.evidence"),
            hint=words.t("office.outcome.evidence_hint"),
            length_min=REASON_MIN,
            length_max=EVIDENCE_MAX,
        ),
        reason_field(words),
    )
    title = words.t("office.outcome.take_back" if taking else "office.outcome.title")
    button, note = words.t("office.proposals.propose"), words.t("office.outcome.note")
    return (Action(title=title, note=note, post=f"{root}/hasil", fields=fields, button=button),)


def _of_reversal(
    found: Member, words: DeskWords, story: SaleStory, names: Mapping[int, str], root: str
) -> tuple[Action, ...]:
    title, asked = words.t("office.reversals.ask"), story.reversal
    if asked is not None and asked.state == "asked":
        what = words.t("office.reversals.decide")
        return _decisions(found, words, asked, names, (what, f"{root}/pembatalan/putusan", words.sentence(SAME_EYES())))
    if asked is not None:
        why = words.sentence(ALREADY_REVERSED()) if asked.state == "done" else words.t("office.reversals.under_way")
        return (Action(title=title, why_not=why),)
    if story.sale.status != "done":
        return (Action(title=title, why_not=words.sentence(NOT_DELIVERED(status=story.sale.status))),)
    note = words.t("office.reversals.ask_note")
    return (Action(title=title, note=note, post=f"{root}/pembatalan", fields=(reason_field(words),), tone="danger"),)


def _of_adjustment(
    found: Member, words: DeskWords, story: SaleStory, names: Mapping[int, str], root: str
) -> tuple[Action, ...]:
    title, asked = words.t("office.adjustments.ask"), story.adjustment
    if asked is not None and asked.state == "asked":
        what = words.t("office.adjustments.decide", payer=words.t(f"office.payer.{asked.payer}"))
        no = words.sentence(ADJUSTMENT_SAME_EYES())
        return _decisions(found, words, asked, names, (what, f"{root}/penyesuaian/putusan", no))
    if asked is not None:
        return (Action(title=title, why_not=words.sentence(ALREADY_ADJUSTED())),)
    if story.sale.status != "refunded":
        return (Action(title=title, why_not=words.sentence(NOTHING_TO_ADJUST())),)
    payers = tuple(Choice(value=each, name=words.t(f"office.payer.{each}")) for each in ("if_held", "outlet", "house"))
    payer = Field(name="payer", label=words.t("office.adjustments.payer"), kind="choice", choices=payers)
    note = words.t("office.adjustments.ask_note")
    return (Action(title=title, note=note, post=f"{root}/penyesuaian", fields=(payer, reason_field(words))),)


def _decisions(
    found: Member, words: DeskWords, asked: Reversed | Adjusted, names: Mapping[int, str], what: tuple[str, str, str]
) -> tuple[Action, ...]:
    title, post, same_eyes = what
    if asked.asked_by == found.who.user_id:
        return (Action(title=title, why_not=same_eyes),)
    decide: Permission = "reversals.decide" if isinstance(asked, Reversed) else "adjustments.decide"
    if not found.may(decide):
        return (Action(title=title, why_not=words.t("office.supervisor_only")),)
    name = names.get(asked.asked_by, str(asked.asked_by))
    note = words.t("office.asked_note", name=name, at=words.moment(asked.asked_at), reason=asked.reason)
    yes = Field(name="setuju", label="", kind="hidden", value="ya")
    no = Field(name="setuju", label="", kind="hidden", value="tidak")
    return (
        Action(title=title, note=note, post=post, fields=(yes,), button=words.t("office.agree")),
        Action(title=words.t("office.decline"), post=post, fields=(no,), tone="plain"),
    )
