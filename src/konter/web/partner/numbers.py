"""A number as a partner sees it: what it was and is at its own outlets, and nothing of its owner's. [D-57, D-58]"""

from litestar import get
from litestar.params import FromPath, FromQuery

from konter.channel.numbers.read import number_story
from konter.channel.scope import scope_of
from konter.platform.refusal import Refusal, Refused
from konter.subscriber.msisdn import parse_msisdn, pretty
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.desk.finding import find_view
from konter.web.desk.frame import desk_page, member
from konter.web.desk.number_stories import in_channel, registered
from konter.web.desk.views import ThingView
from konter.web.pages import AnyPage, go
from konter.web.partner.places import CONSOLE, NUMBERS

NUMBER_CHARS_MAX = 30


@get("/partner/nomor", include_in_schema=False)
async def find_page(request: AnyRequest, nomor: FromQuery[str] = "") -> AnyPage:
    """A number, as somebody reads it out."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, CONSOLE, NUMBERS)
    if typed := nomor[:NUMBER_CHARS_MAX]:
        if (msisdn := parse_msisdn(typed)) is None:
            raise Refused(BAD_MSISDN(msisdn=typed))
        return go(f"{NUMBERS.href}/{msisdn}")
    view = find_view(found, "partner.number.", NUMBERS.href, "nomor")
    return desk_page(request, CONSOLE, "desk/find.html", view)


@get("/partner/nomor/{number:str}", include_in_schema=False)
async def number_page(request: AnyRequest, number: FromPath[str]) -> AnyPage:
    """One number with its story. One that never was at an outlet of the partner's is as unknown as any."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, CONSOLE, NUMBERS)
        if (msisdn := parse_msisdn(number[:NUMBER_CHARS_MAX])) is None:
            raise Refused(BAD_MSISDN(msisdn=number[:NUMBER_CHARS_MAX]))
        story = await number_story(connection, msisdn, scope=scope_of(found.who))
    if isinstance(story, Refusal):
        raise Refused(story)
    words = found.words
    told = sorted(registered(words, story, CONSOLE.root), key=lambda line: line.at, reverse=True)
    view = ThingView(
        title=pretty(msisdn),
        kind=words.t("office.number.title"),
        back_href=NUMBERS.href,
        back_name=words.t(NUMBERS.text_key),
        badges=(),
        facts=(in_channel(words, story, CONSOLE.root),),
        story=tuple(told),
        actions=(),
    )
    return desk_page(request, CONSOLE, "desk/thing.html", view)


NUMBER_ROUTES = [find_page, number_page]
