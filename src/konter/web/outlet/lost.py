"""Report the own lost phone without it: user name and password are enough, as no OTP can reach it. [D-48, D-52]"""

from litestar import get, post

from konter.access.login import Attempt, with_password
from konter.access.model import User
from konter.access.step import Step
from konter.channel.lost_phones.model import LostPhone
from konter.channel.lost_phones.report import report_own
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.login import refused
from konter.web.outlet.people_forms import NOTE_CHARS_MAX, note_field, password_field
from konter.web.outlet.people_views import DeedView, Field
from konter.web.pages import AnyPage, Form, ended_session, go, page, posted, words
from konter.web.views import Alert
from konter.web.visit import origin, step_before_login
from konter.web.words import Words

USERNAME_CHARS_MAX = 64
LOST = "/outlet/hp-hilang"


@get(LOST, include_in_schema=False, sync_to_thread=False)
def lost_page(request: AnyRequest) -> AnyPage:
    """What dies at that moment, and the form that anybody can send who knows user name and password."""
    return page(request, "outlet/deed.html", lost_view(words(request), Form([])))


@post(LOST, include_in_schema=False)
async def lost_post(request: AnyRequest) -> AnyPage:
    """From now on the number neither logs in, nor gets an OTP, nor sells. A wrong password counts as at a log-in."""
    form = await posted(request)
    app, here = app_of(request), origin(request)
    note = form.text("catatan").replace("\0", "")[:NOTE_CHARS_MAX]

    async def report(connection: Connection, user: User, step: Step) -> Refusal | LostPhone:
        return await report_own(connection, user, note=note, origin=here, step=step)

    attempt = Attempt(username=form.text("username"), password=form.secret("password"), origin=here, only="outlet")
    outcome = await with_password(app.pool, app.passwords, attempt, report, **await step_before_login(request))
    if isinstance(outcome, Refusal):
        view = lost_view(words(request), form, alert=refused(request, outcome))
        return page(request, "outlet/deed.html", view, status=outcome.status)
    return go("/outlet/masuk?pesan=hilang", cookies=[ended_session(app)])


def lost_view(words: Words, form: Form, alert: Alert | None = None) -> DeedView:
    """The form for whoever has no phone to log in with."""
    t = words.t
    username = Field(
        name="username",
        label=t("login.username"),
        kind="username",
        value=form.text("username")[:USERNAME_CHARS_MAX],
        length_max=USERNAME_CHARS_MAX,
    )
    return DeedView(
        title=t("lost.title"),
        lead=t("lost.lead"),
        effects=(t("deed.hilang_dies"), t("deed.hilang_otp"), t("deed.hilang_sales"), t("deed.hilang_back")),
        fields=(username, password_field(words), note_field(words, form)),
        action=LOST,
        button=t("deed.go_hilang"),
        back="/outlet/masuk",
        grave=True,
        alert=alert,
    )
