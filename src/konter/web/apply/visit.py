"""One request to the pages of an application: who holds it open, and how far it has come."""

from urllib.parse import urlencode

from litestar.datastructures import Cookie

from konter.access.proofs.model import ProofStarted
from konter.channel.onboarding.model import Step
from konter.channel.onboarding.prove import still_awaited
from konter.channel.onboarding.queues.model import Form
from konter.channel.onboarding.queues.read import mine
from konter.channel.onboarding.start import Opened
from konter.platform.db import Connection
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.pages import AnyPage, cookie, go, words
from konter.web.views import Alert, Link
from konter.web.visit import Visit, masked_number

APPLY_COOKIE = "konter_apply"
PROOF_COOKIE = "konter_proof"  # the ticket of the OTP that this phone asked for last
STEP_PAGES: dict[Step, str] = {
    "who": "/apply/siapa",
    "where": "/apply/tempat",
    "numbers": "/apply/nomor",
    "photo": "/apply/foto",
    "declaration": "/apply/pernyataan",
}
REVIEW, STATUS = "/apply/periksa", "/apply/status"
LOG_IN = Link(href="/outlet/masuk", text_key="login.go")
OTHER_NUMBER = Link(href="/apply", text_key="apply.other_number")
# Which way leads on from a refusal on these pages.
WAYS_ON: dict[str, tuple[Link, ...]] = {
    "NUMBER_ALREADY_SELLS": (LOG_IN,),
    "PROOF_NOT_FOUND": (OTHER_NUMBER,),
    "OTP_EXPIRED": (),
    "NUMBER_NOT_PROVED": (Link(href="/apply/nomor/lain", text_key="apply.add_number"),),
    "RS_MUST_DIFFER": (Link(href="/apply/nomor/lain", text_key="apply.add_number"),),
    "APPLICATION_SENT": (Link(href=STATUS, text_key="apply.see_status"),),
}


def token_of(request: AnyRequest) -> str:
    """The token of the application that is open on this phone; empty for none."""
    return request.cookies.get(APPLY_COOKIE, "")


async def form_of(request: AnyRequest, connection: Connection, here: Visit) -> Form:
    """The application that is open on this phone. Raises Refused(APPLICATION_SIGNED_OUT)."""
    found = await mine(
        connection, token_of(request), now=here.now, ids=here.app.ids, keys=here.app.keys, rules=here.rules
    )
    if isinstance(found, Refusal):
        raise Refused(found)
    return found


def next_page(form: Form) -> str:
    """Where the applicant goes on: the first step that is missing, else the review, else the status."""
    if form.state != "draft":
        return STATUS
    return STEP_PAGES[form.missing[0]] if form.missing else REVIEW


def opened(request: AnyRequest, outcome: Opened, here: Visit) -> AnyPage:
    """The phone holds the application from now on."""
    ttl_s = int((outcome.expires_at - here.now).total_seconds())
    cookies = [cookie(app_of(request), APPLY_COOKIE, outcome.token, max_age_s=ttl_s)]
    return go("/apply/lanjut", cookies=cookies)


def refused(request: AnyRequest, refusal: Refusal, *, named: str = "") -> Alert:
    """A refusal as a box above the form; a field is called by its name on the page."""
    speak = words(request)
    if refusal.code == "INVALID_INPUT" and named:
        return Alert(tone="error", sentence=speak.t("apply.bad_field", field=speak.t(named)))
    return Alert(tone="error", sentence=speak.sentence(refusal), links=WAYS_ON.get(refusal.code, ()))


def code_address(base: str, started: ProofStarted) -> str:
    """Where an OTP on its way is entered."""
    sent = {"ke": masked_number(started.msisdn), "sampai": str(int(started.expires_at.timestamp()))}
    return f"{base}/{started.proof_id}?{urlencode(sent)}"


def proof_cookie(request: AnyRequest, started: ProofStarted, here: Visit) -> Cookie:
    """The phone remembers which OTP it waits for, so that it finds its way back to the page that takes the code."""
    ttl_s = int((started.expires_at - here.now).total_seconds())
    return cookie(app_of(request), PROOF_COOKIE, started.proof_id, max_age_s=ttl_s)


async def way_to_code(
    request: AnyRequest, connection: Connection, here: Visit, refusal: Refusal, msisdn: Msisdn, base: str
) -> tuple[Link, ...]:
    """Who may not ask for another OTP yet, but for this number on this phone, enters the one that was sent."""
    if refusal.code not in ("OTP_RESEND_TOO_SOON", "OTP_TOO_MANY"):
        return ()
    held = request.cookies.get(PROOF_COOKIE, "")
    found = await still_awaited(connection, held, msisdn, now=here.now, keys=here.app.keys, rules=here.rules)
    return (Link(href=code_address(base, found), text_key="apply.enter_code"),) if found is not None else ()
