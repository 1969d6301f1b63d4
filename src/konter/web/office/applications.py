"""Applications for the branch: the queue, one of them, approve or reject. [D-01, D-05, D-55, G-D09]"""

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.channel.onboarding.decide import decide
from konter.channel.onboarding.model import NOTE_CHARS_MAX, Decision
from konter.channel.onboarding.queues.model import Form
from konter.channel.onboarding.queues.read import photo
from konter.channel.onboarding.refusals import APPLICATION_DECIDED, NOT_YET_RECOMMENDED
from konter.channel.scope import scope_of
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.applications import (
    application_id,
    application_view,
    applications_table,
    read_application,
    reviewer_of,
)
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.views import Action, Field, ListView
from konter.web.office.places import APPLICATIONS, DECIDE_APPLICATIONS, OFFICE
from konter.web.office.queues import place_of
from konter.web.office.wording import asked_for, notice
from konter.web.pages import AnyPage

PHOTO_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@get("/office/permohonan", include_in_schema=False)
async def applications_page(
    request: AnyRequest, status: FromQuery[str] = "", dari: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """What waits for the branch, or still for the partner."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, APPLICATIONS)
        table = await applications_table(
            connection,
            found,
            APPLICATIONS.href,
            {"status": status, "dari": dari, "bentuk": bentuk},
            first="recommended",
            place=place_of(dari),
            exports=found.may("lists.export"),
        )
    if isinstance(table, Response):
        return table
    words = found.words
    view = ListView(title=words.t("desk.applications.title"), note=words.t("office.applications.note"), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", view)


@get("/office/permohonan/{form:str}", include_in_schema=False)
async def application_page(
    request: AnyRequest, form: FromPath[str], buka: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> AnyPage:
    """One application; with `buka` also whom it is about, which is written down."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, APPLICATIONS)
        made, seen, story = await read_application(connection, found, application_id(form), opened=buka == "ya")
    view = application_view(found, APPLICATIONS.href, made, seen, story, _actions(found, made.form))
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


@get("/office/permohonan/{form:str}/foto", include_in_schema=False)
async def photo_file(request: AnyRequest, form: FromPath[str]) -> Response[bytes]:
    """The identity card; the look is written down."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, APPLICATIONS)
        here = found.here
        seen = await photo(
            connection,
            scope_of(found.who),
            application_id(form),
            actor=found.actor,
            now=here.now,
            ids=here.app.ids,
            keys=here.app.keys,
        )
    if isinstance(seen, Refusal):
        raise Refused(seen)
    return Response(content=seen, media_type="image/jpeg", headers=PHOTO_HEADERS)


def _actions(found: Member, form: Form) -> tuple[Action, ...]:
    words, post_to = found.words, f"{APPLICATIONS.href}/{form.id}"
    approve, reject = words.t("office.applications.approve"), words.t("office.applications.reject")
    if form.state not in ("submitted", "recommended"):
        return (Action(title=approve, why_not=words.sentence(APPLICATION_DECIDED())),)
    if not DECIDE_APPLICATIONS.open_to(found.who.roles):
        return (Action(title=approve, why_not=words.t("office.applications.branch_only")),)
    yes = Field(name="putusan", label="", kind="hidden", value="ya")
    no = Field(name="putusan", label="", kind="hidden", value="tidak")
    reason = Field(
        name="reason",
        label=words.t("office.applications.reason"),
        kind="area",
        length_min=1,
        length_max=NOTE_CHARS_MAX,
        hint=words.t("office.applications.reason_hint"),
    )
    first = (
        Action(title=approve, why_not=words.sentence(NOT_YET_RECOMMENDED()))
        if form.state == "submitted"
        else Action(title=approve, note=words.t("office.applications.approve_note"), post=post_to, fields=(yes,))
    )
    return (first, Action(title=reject, post=post_to, fields=(reason, no), tone="danger"))


@post("/office/permohonan/{form:str}", include_in_schema=False)
async def decide_post(request: AnyRequest, form: FromPath[str]) -> AnyPage:
    """Approve, which opens the outlet and sends credentials, or reject with a reason that the applicant reads."""
    sent, where = await desk_form(request, OFFICE), f"{APPLICATIONS.href}/{form}"
    approve, reason = sent.text("putusan") == "ya", " ".join(sent.text("reason").split())
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, DECIDE_APPLICATIONS)
    app = found.here.app
    wanted = Decision(application_id=application_id(form), approve=approve, reason=reason)
    (outcome,) = await decide(
        app.pool,
        app.passwords,
        [wanted],
        scope=scope_of(found.who),
        reviewer=reviewer_of(found),
        **found.here.step,
    )
    return asked_for(request, outcome, where, "terima" if approve else "tolak_pemohon")


APPLICATION_ROUTES = [applications_page, application_page, photo_file, decide_post]
