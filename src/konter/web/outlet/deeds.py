"""What is done with an outlet's users and their numbers: add, change, let go, end, report lost. [D-22, D-26, D-52]"""

from datetime import datetime
from typing import TypedDict

from litestar import get, post
from litestar.params import FromPath

from konter.access.own_password import confirm_password
from konter.access.step import actor_of
from konter.channel.add_users import end_users
from konter.channel.credentials import add_with_credentials
from konter.channel.lost_phones.report import report_lost
from konter.channel.model import NewUser
from konter.channel.numbers.model import NnChange
from konter.channel.numbers.notification import change_notification_numbers
from konter.channel.numbers.read import UserLine
from konter.channel.numbers.types import change_types
from konter.channel.scope import scope_of
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, UserId
from konter.platform.refusal import NOT_FOUND, Refusal, Refused
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.login import refused, require_session
from konter.web.outlet.people import DEEDS, deed_refusal, numbers_of, owner, person
from konter.web.outlet.people_forms import NOTE_CHARS_MAX, PEOPLE, add_view, deed_view, type_of
from konter.web.outlet.visit import Seller, seller
from konter.web.pages import AnyPage, Form, ended_session, go, page, posted, words
from konter.web.views import Alert
from konter.web.visit import Visit, visit

REASON = "by the owner, on the outlet's pages"
NOTHING_TYPED = Form([])


class By(TypedDict):
    """By whom and when, for every verb of the channel."""

    actor: Actor
    now: datetime
    ids: IdBlocks


@get(f"{PEOPLE}/tambah", include_in_schema=False)
async def add_page(request: AnyRequest) -> AnyPage:
    """Who shall sell here too, and with which number."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        owner(await seller(request, connection, here))
    return page(request, "outlet/deed.html", add_view(words(request), here.rules, NOTHING_TYPED))


@post(f"{PEOPLE}/tambah", include_in_schema=False)
async def add_post(request: AnyRequest) -> AnyPage:
    """Add a front-liner; the first password goes to the number by SMS. [D-06, D-22, D-27, D-28]"""
    form = await posted(request)
    app = app_of(request)
    async with app.connection() as connection:
        here = await visit(request, connection)
        found = owner(await seller(request, connection, here))
    outcome = await _add(found, form, here)
    if isinstance(outcome, Refusal):
        view = add_view(words(request), here.rules, form, alert=_in_words(request, outcome))
        return page(request, "outlet/deed.html", view, status=outcome.status)
    return go(f"{PEOPLE}/{outcome}?pesan=tambah")


@get(f"{PEOPLE}/{{user:str}}/{{deed:str}}", include_in_schema=False)
async def deed_page(request: AnyRequest, user: FromPath[str], deed: FromPath[str]) -> AnyPage:
    """What would happen at that moment, and the form that does it."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        line = await _may(connection, found, user, deed)
    mine = line.user_id == found.who.user_id
    return page(
        request, "outlet/deed.html", deed_view(words(request), here.rules, line, deed, NOTHING_TYPED, mine=mine)
    )


@post(f"{PEOPLE}/{{user:str}}/{{deed:str}}", include_in_schema=False)
async def deed_post(request: AnyRequest, user: FromPath[str], deed: FromPath[str]) -> AnyPage:
    """Do it. Whoever did it to the own number is logged out with it."""
    form = await posted(request)
    app = app_of(request)
    async with app.connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        line = await _may(connection, found, user, deed)
    mine = line.user_id == found.who.user_id
    outcome = None
    if mine and deed == "nomor":  # whoever finds the owner's phone open must not make the outlet theirs
        asked = form.secret("password")
        outcome = await confirm_password(
            app.pool, app.passwords, found.who, password=asked, origin=here.origin, **here.step
        )
    if outcome is None:
        async with app.connection() as connection:
            outcome = await _do(connection, found, line, deed, form, here)
    if isinstance(outcome, Refusal):
        require_session(outcome)
        alert = refused(request, outcome)
        view = deed_view(words(request), here.rules, line, deed, form, mine=mine, alert=alert)
        return page(request, "outlet/deed.html", view, status=outcome.status)
    if mine and deed in ("nomor", "hilang"):
        return go(f"/outlet/masuk?pesan={deed}", cookies=[ended_session(app)])
    return go(f"{PEOPLE}?pesan={deed}" if deed == "akhiri" else f"{PEOPLE}/{line.user_id}?pesan={deed}")


def _in_words(request: AnyRequest, refusal: Refusal) -> Alert:
    """A field that is not as it must be is called what the form calls it."""
    if refusal.code != "INVALID_INPUT":
        return refused(request, refusal)
    key = "deed.bad_name" if refusal.data.get("field") == "name" else "deed.bad_username"
    return Alert(tone="error", sentence=words(request).t(key))


async def _may(connection: Connection, found: Seller, user: str, deed: str) -> UserLine:
    """The user, if the visitor may see and do this. Raises Refused: 404 for strangers, 403 for what is not hers."""
    if deed not in DEEDS:
        raise Refused(NOT_FOUND())
    line = person(found, await numbers_of(connection, found), user)
    if (refusal := deed_refusal(found, line, deed)) is not None:
        raise Refused(refusal)
    return line


async def _add(found: Seller, form: Form, here: Visit) -> Refusal | UserId:
    if (msisdn := parse_msisdn(form.text("nomor"))) is None:
        return BAD_MSISDN(msisdn=form.text("nomor"))
    new = NewUser(
        outlet_id=found.outlet_id,
        username=form.text("username"),
        name=form.text("nama"),
        role="FRONTLINER",
        nn_msisdn=msisdn,
        nn_type=type_of(form),
        locale=found.who.locale,
    )
    actor = actor_of(found.who, here.origin)
    return await add_with_credentials(here.app.pool, here.app.passwords, new, actor=actor, **here.step)


async def _do(
    connection: Connection, found: Seller, line: UserLine, deed: str, form: Form, here: Visit
) -> Refusal | None:
    actor, scope = actor_of(found.who, here.origin), scope_of(found.who)
    by = By(actor=actor, now=here.now, ids=here.app.ids)
    outcome: object
    if deed == "hilang":
        outcome = await _report(connection, found, line, form, here)
    elif deed == "akhiri":
        (outcome,) = await end_users(connection, [line.user_id], rules=here.rules, **by)
    elif deed == "jenis":
        (outcome,) = await change_types(connection, [(line.user_id, type_of(form))], scope=scope, **by)
    else:
        msisdn = None if deed == "lepas" else parse_msisdn(form.text("nomor"))
        if deed == "nomor" and msisdn is None:
            return BAD_MSISDN(msisdn=form.text("nomor"))
        change = NnChange(user_id=line.user_id, msisdn=msisdn, type=type_of(form), reason=REASON)
        (outcome,) = await change_notification_numbers(connection, [change], scope=scope, rules=here.rules, **by)
    return outcome if isinstance(outcome, Refusal) else None


async def _report(connection: Connection, found: Seller, line: UserLine, form: Form, here: Visit) -> Refusal | object:
    assert line.msisdn is not None, "only a number is lost"
    step = await here.whole_step(connection)
    note = form.text("catatan").replace("\0", "")[:NOTE_CHARS_MAX]
    return await report_lost(connection, line.msisdn, note=note, principal=found.who, origin=here.origin, step=step)
