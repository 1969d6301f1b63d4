"""All of the partner console's pages. `CONSOLE_HANDLERS` turns every failure in them into a page of the console."""

from litestar import get
from litestar.params import FromPath

from konter.platform.refusal import NOT_FOUND, Refused
from konter.web.desk.errors import handlers
from konter.web.pages import AnyPage
from konter.web.partner.applications import APPLICATION_ROUTES
from konter.web.partner.channel import CHANNEL_ROUTES
from konter.web.partner.entry import ENTRY_ROUTES
from konter.web.partner.numbers import NUMBER_ROUTES
from konter.web.partner.places import CONSOLE
from konter.web.partner.visits import VISIT_ROUTES


@get("/partner/{_rest:path}", include_in_schema=False, sync_to_thread=False)
def unknown_page(_rest: FromPath[str]) -> AnyPage:
    """Any other address under the console."""
    raise Refused(NOT_FOUND())


CONSOLE_HANDLERS = handlers(CONSOLE)
CONSOLE_ROUTES = [
    *ENTRY_ROUTES,
    *APPLICATION_ROUTES,
    *CHANNEL_ROUTES,
    *NUMBER_ROUTES,
    *VISIT_ROUTES,
    unknown_page,
]
