"""Reporting a number lost: the form, which staff and partners have alike, and what it does. [D-48, D-52]"""

from konter.channel.lost_phones.report import report_lost
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for
from konter.web.desk.door import Desk, Place
from konter.web.desk.frame import Member, desk_form, member
from konter.web.desk.views import Action, Field
from konter.web.pages import AnyPage

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


async def report_by_form(request: AnyRequest, desk: Desk, place: Place) -> AnyPage:
    """Report the number in the form of `report_action`, as far as whoever sends it answers for it."""
    form = await desk_form(request, desk)
    typed, note = form.text("nomor")[:NUMBER_CHARS_MAX], " ".join(form.text("note").split())[:NOTE_CHARS_MAX]
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk, place)
        if (msisdn := parse_msisdn(typed)) is None:
            return asked_for(request, BAD_MSISDN(msisdn=typed), place.href, "")
        outcome = await report_lost(
            connection,
            msisdn,
            note=note if note.isprintable() else "",
            principal=found.who,
            origin=found.here.origin,
            step=await found.here.whole_step(connection),
        )
    return asked_for(request, outcome, place.href, "lapor")
