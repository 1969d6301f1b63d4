"""Inactivity reviews: sellers whose access is to end, with the evidence, and the decision. [D-71, D-73]"""

from typing import Literal

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.channel.directory.find import outlet_card
from konter.channel.directory.model import OutletCard
from konter.channel.inactivity.model import Countdown
from konter.channel.inactivity.read import review_of
from konter.channel.inactivity.refusals import REVIEW_DECIDED, REVIEW_NOT_FOUND
from konter.channel.inactivity.review import REASON_CHARS_MAX, decide_review
from konter.channel.scope import scope_of
from konter.platform.audit import audit_of
from konter.platform.refusal import Refusal, Refused
from konter.sales.activity.newest import newest_by
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.review_lists import reviews_table
from konter.web.desk.story import audit_story, names_in
from konter.web.desk.views import Action, Badge, Fact, Facts, Field, ListView, StoryLine, ThingView
from konter.web.office.channel.outlets import within_reach
from konter.web.office.places import DECIDE_REVIEWS, OFFICE, OUTLETS, REVIEWS
from konter.web.pages import AnyPage, go, id_of


@get("/office/tinjauan", include_in_schema=False)
async def reviews_page(request: AnyRequest, dari: FromQuery[str] = "", bentuk: FromQuery[str] = "") -> Response[bytes]:
    """Reviews that wait, those due first."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REVIEWS)
        table = await reviews_table(
            connection,
            found,
            REVIEWS.href,
            {"dari": dari, "bentuk": bentuk},
            href_of=lambda each: f"{REVIEWS.href}/{each.countdown.id}",
            exports=found.may("lists.export"),
        )
    if isinstance(table, Response):
        return table
    words = found.words
    view = ListView(title=words.t("office.reviews.title"), note=words.t("office.reviews.note"), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", view)


@get("/office/tinjauan/{review:str}", include_in_schema=False)
async def review_page(request: AnyRequest, review: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One review: since when nothing was sold or bought, who was told when, and the decision."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REVIEWS)
        countdown = await review_of(connection, _id(review))
        if countdown is None:
            raise Refused(REVIEW_NOT_FOUND())
        card = await outlet_card(connection, countdown.outlet_id, scope=scope_of(found.who))
        if isinstance(card, Refusal):
            raise Refused(card)
        lines = await audit_of(connection, [countdown.outlet_id])
        names = await names_in(connection, lines)
    view = _thing(found, countdown, card, audit_story(lines, found.words, names))
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


def _thing(found: Member, countdown: Countdown, card: OutletCard, story: list[StoryLine]) -> ThingView:
    words, now = found.words, found.here.now
    told = [
        StoryLine(
            at=each.at,
            what=words.t("office.reviews.noticed", n=each.day),
            who=words.t("desk.actor.system"),
            tone="info",
        )
        for each in countdown.notices
    ]
    waits = countdown.state == "review"
    badge = (
        words.due(countdown.due_at, now)
        if waits and countdown.due_at
        else Badge(text=words.t(f"office.review_state.{countdown.state}"))
    )
    facts = (
        Fact(label=words.t("desk.outlet.title"), text=card.name, href=f"{OUTLETS.href}/{card.id}", note=card.code),
        Fact(label=words.t("desk.partner.title"), text=card.partner_name),
        Fact(
            label=words.t("desk.outlet.kind"),
            text=words.known(f"desk.outlet_kind.{card.kind}", card.kind),
            note=words.segment(card.segment),
        ),
        Fact(
            label=words.t("office.reviews.since"),
            text=words.long(countdown.since),
            note=words.ago(countdown.since, now),
        ),
        Fact(label=words.t("office.reviews.last"), text=words.t(f"office.last_kind.{countdown.last_kind}")),
        Fact(label=words.t("desk.column.reason"), text=countdown.reason or words.t("desk.none")),
        Fact(
            label=words.t("office.reviews.harmless"),
            text=words.t("office.reviews.harmless_text"),
            href="/dokumen/seller-terms",
        ),
    )
    return ThingView(
        title=card.name,
        kind=words.t("office.reviews.one"),
        back_href=REVIEWS.href,
        back_name=words.t("office.reviews.title"),
        badges=(badge,),
        facts=(Facts(title=words.t("desk.outlet.about"), facts=facts),),
        story=tuple(sorted([*story, *told], key=lambda line: line.at, reverse=True)),
        actions=_actions(found, countdown),
        note=words.t("office.reviews.help", days=found.here.rules.seller.inactivity_days),
    )


def _actions(found: Member, countdown: Countdown) -> tuple[Action, ...]:
    words = found.words
    if countdown.state != "review":
        return (Action(title=words.t("office.reviews.decide"), why_not=words.sentence(REVIEW_DECIDED())),)
    if not DECIDE_REVIEWS.open_to(found.who.roles):
        return (Action(title=words.t("office.reviews.decide"), why_not=words.t("desk.outlet.stop_roles")),)
    reason = reason_field(words, most=REASON_CHARS_MAX)
    post = f"{REVIEWS.href}/{countdown.id}"
    spare = Field(name="putusan", label="", kind="hidden", value="spare")
    end = Field(name="putusan", label="", kind="hidden", value="end")
    return (
        Action(
            title=words.t("office.reviews.spare"),
            note=words.t("office.reviews.spare_note"),
            post=post,
            fields=(reason, spare),
        ),
        Action(
            title=words.t("office.reviews.end"),
            note=words.t("office.reviews.end_note"),
            post=post,
            fields=(reason, end),
            tone="danger",
        ),
    )


@post("/office/tinjauan/{review:str}", include_in_schema=False)
async def decide_post(request: AnyRequest, review: FromPath[str]) -> AnyPage:
    """End a seller's access for good, or spare the seller."""
    form, where = await desk_form(request, OFFICE), f"{REVIEWS.href}/{review}"
    decision: Literal["end", "spare"] = "end" if form.text("putusan") == "end" else "spare"
    reason = reason_of(form, most=REASON_CHARS_MAX)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, DECIDE_REVIEWS)
        if reason is None:
            return go(f"{where}?pesan=alasan")
        here = found.here
        countdown = await review_of(connection, _id(review))
        if countdown is None:
            raise Refused(REVIEW_NOT_FOUND())
        await within_reach(connection, found, countdown.outlet_id)
        outcome = await decide_review(
            connection,
            _id(review),
            decision,
            reason=reason,
            newest=newest_by(here.rules),
            actor=found.actor,
            now=here.now,
            ids=here.app.ids,
            rules=here.rules,
        )
    return asked_for(request, outcome, where, "akhiri" if decision == "end" else "jalan")


def _id(text: str) -> int:
    if not (id_ := id_of(text)):
        raise Refused(REVIEW_NOT_FOUND())
    return id_


REVIEW_ROUTES = [reviews_page, review_page, decide_post]
