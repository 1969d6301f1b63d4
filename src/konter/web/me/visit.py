"""One request of a customer. Pages of points, rewards and merchants ask here who it is; see `web/README.md`."""

from urllib.parse import urlencode

from konter.access.customers.model import Customer
from konter.access.customers.sessions import authenticate_customer
from konter.access.model import LoginStarted
from konter.platform.db import Connection
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest
from konter.web.visit import Visit, masked_number

ME_COOKIE = "konter_saya"
LOGIN_COOKIE = "konter_saya_kode"  # the ticket of the OTP that this phone asked for last
HOME, LOG_IN, CODE = "/saya", "/saya/masuk", "/saya/kode"
MERCHANT = "/poin/mitra"  # some come for the merchant whose number they hold, not for their own
NEXT_CHARS_MAX = 500


async def customer(request: AnyRequest, connection: Connection, here: Visit) -> Customer:
    """The customer who asks. Raises Refused(SESSION_EXPIRED), on which `ME_HANDLERS` leads to the log-in and back."""
    found = await maybe_customer(request, connection, here)
    if isinstance(found, Refusal):
        raise Refused(found)
    return found


async def maybe_customer(request: AnyRequest, connection: Connection, here: Visit) -> Customer | Refusal:
    """The customer who asks, or SESSION_EXPIRED: for pages that anybody may see."""
    token = request.cookies.get(ME_COOKIE, "")
    return await authenticate_customer(connection, token, now=here.now, keys=here.app.keys, rules=here.rules)


def code_address(started: LoginStarted, following: str) -> str:
    """Where an OTP on its way is entered."""
    said = {"ke": masked_number(started.msisdn), "sampai": str(int(started.expires_at.timestamp()))}
    if following:
        said["next"] = following
    return f"{CODE}/{started.login_id}?{urlencode(said)}"


def log_in_address(following: str) -> str:
    """The log-in page that leads on to a page of ours."""
    return f"{LOG_IN}?{urlencode({'next': following})}" if following and following != HOME else LOG_IN
