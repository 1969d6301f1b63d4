"""Applications for the branch: the queue, one of them, approve or reject. [D-01, D-05, D-55, G-D09]"""

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.channel.onboarding.decide import decide
from konter.channel.onboarding.model import NOTE_CHARS_MAX, Decision
from konter.channel.onboarding.queues.model import Form
from konter.channel.onboarding.refusals import APPLICATION_DECIDED, NOT_YET_RECOMMENDED
from konter.channel.onboarding.scope import reviewer_of
from konter.channel.scope import scope_of
from konter.web.app import AnyRequest, app_of
from konter.web.desk.application_pages import one_view, photo_answer, queue_page
from konter.web.desk.applications import application_id
from konter.web.desk.done import asked_for, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.views import Action, Field
from konter.web.office.places import APPLICATIONS, DECIDE_APPLICATIONS, OFFICE
from konter.web.pages import AnyPage


@get("/office/permohonan", include_in_schema=False)
async def applications_page(
    request: AnyRequest, status: FromQuery[str] = "", dari: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """What waits for the branch, or still for the partner."""
    return await queue_page(
        request,
        OFFICE,
        APPLICATIONS,
        {"status": status, "dari": dari, "bentuk": bentuk},
        first="recommended",
        note_key="office.applications.note",
        exports=lambda found: found.may("lists.export"),
    )


@get("/office/permohonan/{form:str}", include_in_schema=False)
async def application_page(
    request: AnyRequest, form: FromPath[str], buka: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> AnyPage:
    """One application; with `buka` also whom it is about, which is written down."""
    found, view = await one_view(request, OFFICE, APPLICATIONS, form, opened=buka == "ya", actions=_actions)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


@get("/office/permohonan/{form:str}/foto", include_in_schema=False)
async def photo_file(request: AnyRequest, form: FromPath[str]) -> Response[bytes]:
    """The identity card; the look is written down."""
    return await photo_answer(request, OFFICE, APPLICATIONS, form)


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
        reviewer=reviewer_of(found.who, found.here.origin),
        **found.here.step,
    )
    return asked_for(request, outcome, where, "terima" if approve else "tolak_pemohon")


APPLICATION_ROUTES = [applications_page, application_page, photo_file, decide_post]
