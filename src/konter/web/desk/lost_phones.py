"""Reporting a number lost: the form, which staff and partners have alike, and what it does. [D-48, D-52]"""

from collections.abc import Awaitable, Callable

from konter.channel.lost_phones.model import LostPhone
from konter.channel.lost_phones.report import report_lost
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import status_again, typed_again
from konter.web.desk.door import Desk, Place
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.views import Action, Field, ListView
from konter.web.pages import AnyPage, go

NUMBER_CHARS_MAX, NOTE_CHARS_MAX = 30, 200


def report_action(found: Member, href: str) -> Action:
    """A form to report a number lost; staff and partners have the same."""
    words = found.words
    return Action(
        title=words.t("desk.phones.report"),
        note=words.t("desk.phones.report_note"),
        post=href,
        tone="danger",
        fields=(
            Field(name="nomor", label=words.t("desk.phones.number"), length_max=NUMBER_CHARS_MAX),
            Field(
                name="note", label=words.t("desk.phones.note"), kind="area", length_max=NOTE_CHARS_MAX, required=False
            ),
        ),
    )


async def report_by_form(
    request: AnyRequest, desk: Desk, place: Place, page: Callable[[Connection, Member], Awaitable[ListView]]
) -> AnyPage:
    """Report the number in the form of `report_action`, as far as whoever sends it answers for it; a number that cannot
    be reported is said on the `page` of the form.
    """
    form = await desk_form(request, desk)
    typed, note = form.text("nomor")[:NUMBER_CHARS_MAX], " ".join(form.text("note").split())[:NOTE_CHARS_MAX]
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk, place)
        outcome = await _reported(connection, found, typed, note)
        if not isinstance(outcome, Refusal):
            return go(f"{place.href}?pesan=lapor")
        view = typed_again(found, await page(connection, found), outcome, place.href, {"nomor": typed, "note": note})
    return desk_page(request, desk, "desk/list.html", view, status=status_again(outcome))


async def _reported(connection: Connection, found: Member, typed: str, note: str) -> Refusal | LostPhone:
    if (msisdn := parse_msisdn(typed)) is None:
        return BAD_MSISDN(msisdn=typed)
    return await report_lost(
        connection,
        msisdn,
        note=note if note.isprintable() else "",
        principal=found.who,
        origin=found.here.origin,
        step=await found.here.whole_step(connection),
    )
