"""The areas of the partner console, and which of a partner's people may enter each. [D-57, D-60]"""

from konter.web.desk.door import Desk, Place
from konter.web.pages import Door

HOME = Place(href="/partner", text_key="desk.work", icon="home")
APPLICATIONS = Place(
    href="/partner/permohonan", text_key="desk.applications.title", icon="file-text", roles=("SBP_ADMIN",)
)
OUTLETS = Place(href="/partner/outlet", text_key="desk.outlet.list", icon="building-store")
ROUND = Place(href="/partner/kunjungan", text_key="partner.round.title", icon="calendar-event", module="visits")
REVIEWS = Place(href="/partner/tinjauan", text_key="office.reviews.title", icon="hourglass")
PEOPLE = Place(href="/partner/pengguna", text_key="desk.partner.people", icon="users", roles=("SBP_ADMIN",))
NUMBERS = Place(href="/partner/nomor", text_key="partner.number.find", icon="device-mobile")
PHONES = Place(href="/partner/hp-hilang", text_key="desk.phones.title", icon="phone-off")

CONSOLE = Desk(
    name="partner",
    kind="partner",
    door=Door(root="/partner", session="konter_partner", seed="konter_partner_form", path="/partner"),
    title_key="partner.brand",
    note_key="partner.login_note",
    places=(HOME, APPLICATIONS, OUTLETS, ROUND, REVIEWS, PEOPLE, PHONES, NUMBERS),
)
