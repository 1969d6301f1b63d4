"""HTTP of the simulated handsets, under /simulator. For a script: messages, sms, clock; for a person: pages."""

import re
from datetime import datetime
from importlib import resources
from typing import Annotated, Any, Literal

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter, URLEncodedBody
from litestar.response import Redirect

from konter.messaging import handsets
from konter.messaging.ussd.converse import hang_up
from konter.messaging.ussd.model import INPUT_CHARS_MAX, Answer
from konter.platform.forms import whole
from konter.platform.i18n import locale_of
from konter.platform.ids import Msisdn
from konter.platform.refusal import NOT_FOUND, Refusal, Refused
from konter.simulator.handsets import queries
from konter.simulator.handsets.act import dial, move_clock, send_text
from konter.simulator.handsets.model import DIAL, HANDSETS_MAX, Desk, Laid, read_laid
from konter.simulator.handsets.refusals import TOO_MANY_HANDSETS
from konter.simulator.handsets.view import Alert, Ground, page, read_phones, refusal_sentence
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.pages import HEADERS, LANGUAGE_COOKIE

AnyRequest = Request[Any, Any, Any]
SEE_OTHER: Literal[303] = 303
SESSION_NAME = whole("[A-Za-z0-9-]{0,80}")
STEP_MAX = 10_000
_STEP = re.compile(r"[0-9]{1,4}")
_FILES = resources.files("konter.simulator") / "pages"


class SmsBody(msgspec.Struct, forbid_unknown_fields=True):
    """A text to send from a handset."""

    to: str
    text: str


class UssdBody(msgspec.Struct, forbid_unknown_fields=True):
    """A code to dial, or an answer to a menu, repeatable with `session` and `step` as the answer before told them."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=INPUT_CHARS_MAX)]
    session: Annotated[str, msgspec.Meta(pattern=SESSION_NAME)] = ""
    step: Annotated[int, msgspec.Meta(ge=0, le=STEP_MAX)] | None = None


class ClockBody(msgspec.Struct, forbid_unknown_fields=True):
    """How far to move the clock forward: `40d`, `3h`, `30m`."""

    advance: str


class Received(msgspec.Struct):
    """A text that arrived on a handset."""

    at: datetime
    from_: str = msgspec.field(name="from")
    text: str = ""


class Inbox(msgspec.Struct):
    """Texts that arrived, oldest first."""

    messages: list[Received]


class Sent(msgspec.Struct):
    """A text that left a handset; `to` as it stands on the handset."""

    to: str


class UssdView(msgspec.Struct):
    """What the phone shows, whether it waits for an answer, and how that is told apart from a repeated one."""

    text: str
    open: bool
    session: str
    step: int


class ClockView(msgspec.Struct):
    """The moved clock."""

    now: datetime
    offset_s: int


@get("/handsets/{msisdn:str}/messages", operation_id="SimulatorMessages")
async def inbox(request: AnyRequest, msisdn: FromPath[str]) -> Inbox:
    """What arrived on a handset, oldest first."""
    async with _ground(request).pool.acquire() as connection:
        messages = await handsets.messages_of(connection, _number(msisdn))
    return Inbox([Received(at=m.at, from_=m.peer, text=m.text) for m in messages if m.direction == "in"])


@post("/handsets/{msisdn:str}/sms", status_code=201, operation_id="SimulatorSms")
async def sms(request: AnyRequest, msisdn: FromPath[str], data: JSONBody[SmsBody]) -> Sent:
    """Send a text from a handset."""
    sent = await _send(request, _number(msisdn), to=data.to, words=data.text)
    if isinstance(sent, Refusal):
        raise Refused(sent)
    return Sent(to=sent)


@post("/handsets/{msisdn:str}/ussd", status_code=200, operation_id="SimulatorUssd")
async def ussd(request: AnyRequest, msisdn: FromPath[str], data: JSONBody[UssdBody]) -> UssdView:
    """Dial a code from a handset, or answer the menu on its screen."""
    answer = await _dial(request, _number(msisdn), typed=data.text, ref=data.session, step=data.step)
    return UssdView(text=answer.text, open=answer.is_open, session=answer.ref, step=answer.step)


@post("/clock", status_code=200, operation_id="SimulatorClock")
async def clock(request: AnyRequest, data: JSONBody[ClockBody]) -> ClockView:
    """Move the demo's clock forward; jobs that fall due run, quotas and active periods end."""
    if refusal := await _move(request, data.advance):
        raise Refused(refusal)
    ground = _ground(request)
    return ClockView(now=ground.clock.now(), offset_s=int(ground.clock.offset.total_seconds()))


@get("/", media_type=MediaType.HTML, include_in_schema=False)
async def desk_page(
    request: AnyRequest, laid: Annotated[list[str] | None, QueryParameter(name="h")] = None
) -> Response[str]:
    """Several handsets side by side; without any named, the first seller and the first customer."""
    desk, alert = _desk(request, laid or [])
    if not desk.laid:
        desk = await _first_desk(_ground(request))
    return await _page(request, desk, alert)


@get("/handsets/{msisdn:str}", media_type=MediaType.HTML, include_in_schema=False)
async def handset_page(
    request: AnyRequest, msisdn: FromPath[str], peer: Annotated[str, QueryParameter(name="with", max_length=24)] = ""
) -> Response[str]:
    """One handset, filling the page."""
    return await _page(request, Desk((Laid(_number(msisdn), peer),), alone=True))


@post("/texts", media_type=MediaType.HTML, include_in_schema=False)
async def send_from_page(
    request: AnyRequest,
    data: URLEncodedBody[dict[str, str]],
    laid: Annotated[list[str], QueryParameter(name="h")],
    index: Annotated[int, QueryParameter(name="i", ge=0, lt=HANDSETS_MAX)] = 0,
    alone: Annotated[int, QueryParameter(name="alone", ge=0, le=1)] = 0,
) -> Response[str] | Redirect:
    """Send a text from a handset on a page, then show the thread it went to."""
    desk, _ = _desk(request, laid)
    if index >= len(desk.laid):
        raise Refused(NOT_FOUND())
    desk = Desk(desk.laid, alone=bool(alone))
    to, words = data.get("to", ""), data.get("text", "")
    sent = await _send(request, desk.laid[index].msisdn, to=to, words=words)
    if isinstance(sent, Refusal):
        alert = Alert(refusal_sentence(sent, _locale(request)), index, to, words)
        return await _page(request, desk, alert, status=sent.status)
    return Redirect(desk.showing(index, sent).href, status_code=SEE_OTHER)


@post("/dial", media_type=MediaType.HTML, include_in_schema=False)
async def dial_from_page(
    request: AnyRequest,
    data: URLEncodedBody[dict[str, str]],
    laid: Annotated[list[str], QueryParameter(name="h")],
    index: Annotated[int, QueryParameter(name="i", ge=0, lt=HANDSETS_MAX)] = 0,
    alone: Annotated[int, QueryParameter(name="alone", ge=0, le=1)] = 0,
) -> Redirect:
    """Dial or answer from a page, then show what came back. A code chosen from the list goes before what is typed."""
    desk, _ = _desk(request, laid)
    if index >= len(desk.laid):
        raise Refused(NOT_FOUND())
    desk = Desk(desk.laid, alone=bool(alone))
    session, step = data.get("session", ""), data.get("step", "")
    await _dial(
        request,
        desk.laid[index].msisdn,
        typed=(data.get("code") or data.get("text", ""))[:INPUT_CHARS_MAX],
        ref=session if re.fullmatch(SESSION_NAME, session) else "",
        step=int(step) if _STEP.fullmatch(step) else None,
    )
    return Redirect(desk.showing(index, DIAL).href, status_code=SEE_OTHER)


@post("/hang-up", media_type=MediaType.HTML, include_in_schema=False)
async def hang_up_from_page(
    request: AnyRequest,
    data: URLEncodedBody[dict[str, str]],
    laid: Annotated[list[str], QueryParameter(name="h")],
    index: Annotated[int, QueryParameter(name="i", ge=0, lt=HANDSETS_MAX)] = 0,
    alone: Annotated[int, QueryParameter(name="alone", ge=0, le=1)] = 0,
) -> Redirect:
    """Leave the menu on the screen, then show the list of texts. The network ends the session."""
    desk, _ = _desk(request, laid)
    if index >= len(desk.laid):
        raise Refused(NOT_FOUND())
    desk = Desk(desk.laid, alone=bool(alone))
    session = data.get("session", "")
    if re.fullmatch(SESSION_NAME, session):
        ground = _ground(request)
        async with ground.pool.acquire() as connection:
            await hang_up(connection, desk.laid[index].msisdn, ref=session, now=ground.clock.now())
    return Redirect(desk.showing(index, "").href, status_code=SEE_OTHER)


@post("/clock/page", media_type=MediaType.HTML, include_in_schema=False)
async def move_from_page(
    request: AnyRequest,
    data: URLEncodedBody[dict[str, str]],
    laid: Annotated[list[str] | None, QueryParameter(name="h")] = None,
) -> Response[str] | Redirect:
    """Move the clock from the desk, then show the desk again."""
    desk, _ = _desk(request, laid or [])
    if refusal := await _move(request, data.get("advance", "")):
        return await _page(request, desk, Alert(refusal_sentence(refusal, _locale(request))), status=refusal.status)
    return Redirect(desk.href, status_code=SEE_OTHER)


@get("/handsets.css", media_type=MediaType.CSS, include_in_schema=False, sync_to_thread=False)
def style() -> Response[bytes]:
    """The pages' style sheet."""
    return _file("handsets.css")


@get("/network.css", media_type=MediaType.CSS, include_in_schema=False, sync_to_thread=False)
def network_style() -> Response[bytes]:
    """What the network's page adds to it."""
    return _file("network.css")


@get("/handsets.js", media_type="text/javascript", include_in_schema=False, sync_to_thread=False)
def script() -> Response[bytes]:
    """The pages' script: refreshes what is on the screens."""
    return _file("handsets.js")


@get("/handsets.svg", media_type="image/svg+xml", include_in_schema=False, sync_to_thread=False)
def icon() -> Response[bytes]:
    """The pages' icon."""
    return _file("handsets.svg")


def _file(name: str) -> Response[bytes]:
    return Response((_FILES / name).read_bytes(), headers={**HEADERS, "Cache-Control": "no-cache"})


def _ground(request: AnyRequest) -> Ground:
    ground: Ground = request.app.state.app
    return ground


def _locale(request: AnyRequest) -> str:
    return locale_of(request.headers.get("accept-language"), request.cookies.get(LANGUAGE_COOKIE))


def _number(text: str) -> Msisdn:
    msisdn = parse_msisdn(text)
    if msisdn is None:
        raise Refused(BAD_MSISDN(msisdn=text[:24]))
    return msisdn


def _desk(request: AnyRequest, tokens: list[str]) -> tuple[Desk, Alert | None]:
    """The desk of an address. Numbers that are none, doubles and more than fit are left out, with the reason."""
    laid: dict[Msisdn, Laid] = {}
    refusal = None
    for token in filter(None, tokens[: 2 * HANDSETS_MAX]):
        one = read_laid(token)
        if one is None:
            refusal = BAD_MSISDN(msisdn=token[:24])
        elif one.msisdn not in laid and len(laid) == HANDSETS_MAX:
            refusal = TOO_MANY_HANDSETS(handsets_max=HANDSETS_MAX)
        else:
            laid.setdefault(one.msisdn, one)
    return Desk(tuple(laid.values())), Alert(refusal_sentence(refusal, _locale(request))) if refusal else None


async def _first_desk(ground: Ground) -> Desk:
    async with ground.pool.acquire() as connection:
        found = [await queries.first_seller(connection), await queries.first_customer(connection)]
    return Desk(tuple(Laid(msisdn) for msisdn in found if msisdn is not None))


async def _page(request: AnyRequest, desk: Desk, alert: Alert | None = None, *, status: int = 200) -> Response[str]:
    ground, locale = _ground(request), _locale(request)
    now = ground.clock.now()
    async with ground.pool.acquire() as connection:
        rules = await ground.rules(connection, now)
        phones = await read_phones(connection, desk, now=now, rules=rules, locale=locale)
        others = await queries.points_phones(connection)
    codes = sorted(ground.served(rules).menus)
    moved = ground.clock.moved
    html = page(desk, phones, codes=codes, others=others, now=now, moved=moved, locale=locale, alert=alert)
    return Response(
        html, media_type=MediaType.HTML, status_code=status, headers={**HEADERS, "Cache-Control": "no-store"}
    )


async def _send(request: AnyRequest, msisdn: Msisdn, *, to: str, words: str) -> str | Refusal:
    ground, now = _ground(request), _ground(request).clock.now()
    async with ground.pool.acquire() as connection:
        rules = await ground.rules(connection, now)
        return await send_text(
            connection,
            msisdn,
            to=to,
            words=words,
            locale=_locale(request),
            now=now,
            ids=ground.ids,
            rules=rules,
            served=ground.served(rules),
        )


async def _dial(request: AnyRequest, msisdn: Msisdn, *, typed: str, ref: str, step: int | None) -> Answer:
    ground, now = _ground(request), _ground(request).clock.now()
    async with ground.pool.acquire() as connection:
        rules = await ground.rules(connection, now)
    return await dial(
        ground.pool,
        msisdn,
        typed=typed,
        ref=ref,
        step=step,
        now=now,
        ids=ground.ids,
        rules=rules,
        served=ground.served(rules),
    )


async def _move(request: AnyRequest, advance: str) -> Refusal | None:
    """Move the table's clock and, at once, this process's; other processes read the table."""
    ground = _ground(request)
    async with ground.pool.acquire() as connection:
        offset = await move_clock(connection, advance=advance)
    if isinstance(offset, Refusal):
        return offset
    ground.clock.offset = offset
    return None


SIMULATOR_ROUTES = [
    inbox,
    sms,
    ussd,
    clock,
    desk_page,
    handset_page,
    send_from_page,
    dial_from_page,
    hang_up_from_page,
    move_from_page,
    style,
    network_style,
    script,
    icon,
]
