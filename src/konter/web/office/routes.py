"""All of the office's pages. `OFFICE_HANDLERS` turns every failure in them into a page of the office."""

from litestar import get
from litestar.params import FromPath

from konter.platform.refusal import NOT_FOUND, Refused
from konter.web.desk.errors import handlers
from konter.web.office.access.blacklist import BLACKLIST_ROUTES
from konter.web.office.access.clients import CLIENT_PAGE_ROUTES
from konter.web.office.access.proposals import PROPOSAL_ROUTES
from konter.web.office.access.sessions import SESSION_PAGE_ROUTES
from konter.web.office.access.staff import STAFF_PAGE_ROUTES
from konter.web.office.channel.applications import APPLICATION_ROUTES
from konter.web.office.channel.areas import AREA_ROUTES
from konter.web.office.channel.conflicts import CONFLICT_ROUTES
from konter.web.office.channel.outlets import OUTLET_ROUTES
from konter.web.office.channel.partners import PARTNER_ROUTES
from konter.web.office.channel.phones import PHONE_ROUTES
from konter.web.office.channel.reviews import REVIEW_ROUTES
from konter.web.office.channel.visits import VISIT_ROUTES
from konter.web.office.entry import ENTRY_ROUTES
from konter.web.office.home import home_page
from konter.web.office.numbers.number import NUMBER_ROUTES
from konter.web.office.numbers.points import NUMBER_POINT_ROUTES
from konter.web.office.places import OFFICE
from konter.web.office.points.programme import PROGRAMME_ROUTES
from konter.web.office.points.what_if import WHAT_IF_ROUTES
from konter.web.office.rewards.catalogue import REWARD_DESK_ROUTES
from konter.web.office.rewards.files import REWARD_FILE_ROUTES
from konter.web.office.rewards.machines import MERCHANT_MACHINE_ROUTES
from konter.web.office.rewards.merchants import MERCHANT_DESK_ROUTES
from konter.web.office.sales.items import ITEM_ROUTES
from konter.web.office.sales.outcomes import OUTCOME_PAGE_ROUTES
from konter.web.office.sales.products import PRODUCT_ROUTES
from konter.web.office.sales.queues import QUEUE_ROUTES
from konter.web.office.sales.sale import SALE_ROUTES
from konter.web.office.search import SEARCH_ROUTES
from konter.web.pages import AnyPage


@get("/office/{_rest:path}", include_in_schema=False, sync_to_thread=False)
def unknown_page(_rest: FromPath[str]) -> AnyPage:
    """Any other address under the office."""
    raise Refused(NOT_FOUND())


OFFICE_HANDLERS = handlers(OFFICE)
OFFICE_ROUTES = [
    home_page,
    *ENTRY_ROUTES,
    *ITEM_ROUTES,
    *QUEUE_ROUTES,
    *SALE_ROUTES,
    *PRODUCT_ROUTES,
    *NUMBER_ROUTES,
    *NUMBER_POINT_ROUTES,
    *PROGRAMME_ROUTES,
    *WHAT_IF_ROUTES,
    *REWARD_DESK_ROUTES,
    *REWARD_FILE_ROUTES,
    *MERCHANT_DESK_ROUTES,
    *MERCHANT_MACHINE_ROUTES,
    *OUTLET_ROUTES,
    *PARTNER_ROUTES,
    *AREA_ROUTES,
    *REVIEW_ROUTES,
    *PHONE_ROUTES,
    *APPLICATION_ROUTES,
    *CONFLICT_ROUTES,
    *VISIT_ROUTES,
    *SEARCH_ROUTES,
    *PROPOSAL_ROUTES,
    *OUTCOME_PAGE_ROUTES,
    *BLACKLIST_ROUTES,
    *STAFF_PAGE_ROUTES,
    *CLIENT_PAGE_ROUTES,
    *SESSION_PAGE_ROUTES,
    unknown_page,
]
