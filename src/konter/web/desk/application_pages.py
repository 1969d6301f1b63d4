"""The pages of applications that both desks have: the queue, one application, its photo. What may be done with one is
each desk's own.
"""

from collections.abc import Callable, Mapping

from litestar import Response

from konter.channel.onboarding.queues.model import Form, QueueState
from konter.channel.onboarding.queues.read import photo
from konter.channel.scope import scope_of
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.applications import application_id, application_view, applications_table, read_application
from konter.web.desk.door import Desk, Place
from konter.web.desk.frame import Member, desk_page, member
from konter.web.desk.views import Action, ListView, ThingView

PHOTO_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def queue_page(
    request: AnyRequest,
    desk: Desk,
    place: Place,
    query: Mapping[str, str],
    *,
    first: QueueState,
    note_key: str,
    exports: Callable[[Member], bool],
) -> Response[bytes]:
    """What waits, or the file of it; `first` is the state that is this desk's work."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk, place)
        table = await applications_table(connection, found, place.href, query, first=first, exports=exports(found))
    if isinstance(table, Response):
        return table
    words = found.words
    view = ListView(title=words.t("desk.applications.title"), note=words.t(note_key), tables=(table,))
    return desk_page(request, desk, "desk/list.html", view)


async def one_view(
    request: AnyRequest,
    desk: Desk,
    place: Place,
    form: str,
    *,
    opened: bool,
    actions: Callable[[Member, Form], tuple[Action, ...]],
) -> tuple[Member, ThingView]:
    """One application; `opened`: also whom it is about, which is written down. Raises Refused(APPLICATION_NOT_FOUND)
    for one outside what this person sees.
    """
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk, place)
        made, seen, story = await read_application(connection, found, application_id(form), opened=opened)
    return found, application_view(found, place.href, made, seen, story, actions(found, made.form))


async def photo_answer(request: AnyRequest, desk: Desk, place: Place, form: str) -> Response[bytes]:
    """The identity card; the look is written down. Raises Refused for one that is not there."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk, place)
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
