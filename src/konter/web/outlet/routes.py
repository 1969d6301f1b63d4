"""All of the outlet's pages. `konter.web.errors.HANDLERS` turns every failure in them into a page."""

from litestar import get
from litestar.params import FromPath

from konter.platform.refusal import NOT_FOUND, Refused
from konter.web import files
from konter.web.outlet import (
    account,
    cancel,
    day,
    deeds,
    first_steps,
    history,
    home,
    logged_in,
    login,
    lost,
    people,
    products,
    resets,
    sale,
    sell,
)
from konter.web.pages import AnyPage
from konter.web.public.offices import OUTLET_OFFICE_PAGES


@get("/outlet/{_rest:path}", include_in_schema=False, sync_to_thread=False)
def unknown_page(_rest: FromPath[str]) -> AnyPage:
    """Any other address under the outlet's pages."""
    raise Refused(NOT_FOUND())


OUTLET_ROUTES = [
    account.account_page,
    account.forget_post,
    account.revoke_others_post,
    account.revoke_post,
    cancel.cancel_post,
    day.day_page,
    day.moves_page,
    deeds.add_page,
    deeds.add_post,
    deeds.deed_page,
    deeds.deed_post,
    files.named_file,
    files.service_worker,
    files.static_file,
    first_steps.password_page,
    first_steps.password_post,
    first_steps.pin_page,
    first_steps.pin_post,
    first_steps.terms_page,
    first_steps.terms_post,
    history.history_page,
    home.home_page,
    home.language_post,
    logged_in.end_others_post,
    logged_in.end_post,
    logged_in.logged_in_page,
    login.log_out,
    login.login_page,
    login.login_post,
    login.otp_page,
    login.otp_post,
    login.otp_resend,
    lost.lost_page,
    lost.lost_post,
    people.people_page,
    people.person_page,
    products.products_page,
    resets.forgot_password_page,
    resets.forgot_password_post,
    resets.forgot_pin_page,
    resets.forgot_pin_post,
    resets.new_password_page,
    resets.new_password_post,
    resets.new_pin_page,
    resets.new_pin_post,
    sale.check_post,
    sale.complaint_page,
    sale.receipt_page,
    sale.sale_page,
    sell.confirm_page,
    sell.sell_post,
    *OUTLET_OFFICE_PAGES,
    unknown_page,
]
