"""Applications for the partner of the place: the queue, one of them, recommend it or not. [D-59, G-D08, G-D09]"""

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.channel.onboarding.model import NOTE_CHARS_MAX, Recommendation
from konter.channel.onboarding.queues.model import Form
from konter.channel.onboarding.recommend import recommend
from konter.channel.onboarding.refusals import ALREADY_RECOMMENDED, APPLICATION_DECIDED
from konter.channel.onboarding.scope import reviewer_of
from konter.channel.scope import scope_of
from konter.web.app import AnyRequest, app_of
from konter.web.desk.application_pages import one_view, photo_answer, queue_page
from konter.web.desk.applications import application_id
from konter.web.desk.done import asked_for, notice
from konter.web.desk.frame import Member, desk_form, desk_page
from konter.web.desk.views import Action, Field
from konter.web.pages import AnyPage
from konter.web.partner.channel import of_partner
from konter.web.partner.places import APPLICATIONS, CONSOLE


@get("/partner/permohonan", include_in_schema=False)
async def applications_page(
    request: AnyRequest, status: FromQuery[str] = "", dari: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """What waits for this partner, or already for the branch."""
    return await queue_page(
        request,
        CONSOLE,
        APPLICATIONS,
        {"status": status, "dari": dari, "bentuk": bentuk},
        first="submitted",
        note_key="partner.applications.note",
        exports=lambda _: True,
    )


@get("/partner/permohonan/{form:str}", include_in_schema=False)
async def application_page(
    request: AnyRequest, form: FromPath[str], buka: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> AnyPage:
    """One application; with `buka` also whom it is about, which is written down."""
    found, view = await one_view(request, CONSOLE, APPLICATIONS, form, opened=buka == "ya", actions=_actions)
    return desk_page(request, CONSOLE, "desk/thing.html", notice(found, view, pesan))


@get("/partner/permohonan/{form:str}/foto", include_in_schema=False)
async def photo_file(request: AnyRequest, form: FromPath[str]) -> Response[bytes]:
    """The identity card; the look is written down."""
    return await photo_answer(request, CONSOLE, APPLICATIONS, form)


def _actions(found: Member, form: Form) -> tuple[Action, ...]:
    words, post_to = found.words, f"{APPLICATIONS.href}/{form.id}"
    title = words.t("partner.applications.recommend")
    if form.state == "recommended":
        return (Action(title=title, why_not=words.sentence(ALREADY_RECOMMENDED())),)
    if form.state != "submitted":
        return (Action(title=title, why_not=words.sentence(APPLICATION_DECIDED())),)
    note = Field(
        name="note",
        label=words.t("partner.applications.note_field"),
        kind="area",
        length_max=NOTE_CHARS_MAX,
        required=False,
    )
    reason = Field(
        name="note",
        label=words.t("desk.column.reason"),
        kind="area",
        length_min=1,
        length_max=NOTE_CHARS_MAX,
        hint=words.t("partner.applications.against_hint"),
    )
    yes = Field(name="dukung", label="", kind="hidden", value="ya")
    no = Field(name="dukung", label="", kind="hidden", value="tidak")
    against = words.t("partner.applications.against")
    return (
        Action(title=title, post=post_to, fields=(note, yes), note=words.t("partner.applications.recommend_note")),
        Action(title=against, post=post_to, fields=(reason, no), tone="plain"),
    )


@post("/partner/permohonan/{form:str}", include_in_schema=False)
async def recommend_post(request: AnyRequest, form: FromPath[str]) -> AnyPage:
    """Say what the partner thinks, for the branch to decide."""
    sent, where = await desk_form(request, CONSOLE), f"{APPLICATIONS.href}/{form}"
    supports, note = sent.text("dukung") == "ya", " ".join(sent.text("note").split())
    async with app_of(request).connection() as connection:
        found, _ = await of_partner(request, connection, APPLICATIONS)
        here = found.here
        wanted = Recommendation(application_id=application_id(form), supports=supports, note=note)
        (outcome,) = await recommend(
            connection,
            [wanted],
            scope=scope_of(found.who),
            reviewer=reviewer_of(found.who, here.origin),
            now=here.now,
            ids=here.app.ids,
            rules=here.rules,
        )
    return asked_for(request, outcome, where, "dukung")


APPLICATION_ROUTES = [applications_page, application_page, photo_file, recommend_post]
