"""The areas of the staff office, and who may enter each."""

from msgspec.structs import replace

from konter.web.desk.door import Desk, Place
from konter.web.pages import Door

HOME = Place(href="/office", text_key="desk.work", icon="home")
ITEMS = Place(href="/office/perkara", text_key="office.items.title", icon="scale", rights=("work.do",))
ADJUSTMENTS = Place(
    href="/office/penyesuaian", text_key="office.adjustments.title", icon="adjustments", rights=("work.do",)
)
REVERSALS = Place(
    href="/office/pembatalan", text_key="office.reversals.title", icon="arrow-back-up", rights=("work.do",)
)
PRODUCTS = Place(href="/office/produk", text_key="office.products.title", icon="package", rights=("closures.look",))
CLOSE_PRODUCTS = replace(PRODUCTS, rights=("closures.set",))
SALES = Place(href="/office/transaksi", text_key="office.sale.find", icon="receipt", rights=("work.do",))
DECIDE_REVERSAL = replace(SALES, rights=("reversals.decide",))
DECIDE_ADJUSTMENT = replace(SALES, rights=("adjustments.decide",))
PROPOSE_OUTCOME = replace(SALES, rights=("outcomes.propose",))
APPLICATIONS = Place(
    href="/office/permohonan", text_key="desk.applications.title", icon="file-text", rights=("applications.look",)
)
DECIDE_APPLICATIONS = replace(APPLICATIONS, rights=("applications.decide",))
CONFLICTS = Place(href="/office/konflik", text_key="office.conflicts.title", icon="replace", rights=("channel.look",))
SETTLE = replace(CONFLICTS, rights=("conflicts.settle",))
OUTLETS = Place(href="/office/outlet", text_key="desk.outlet.list", icon="building-store", rights=("channel.look",))
STOPS = replace(OUTLETS, rights=("outlets.stop",))
HOLDS = replace(OUTLETS, rights=("holds.set",))
PARTNERS = Place(href="/office/mitra", text_key="desk.partner.list", icon="users", rights=("channel.look",))
AREAS = Place(href="/office/wilayah", text_key="office.areas.title", icon="map-pin", rights=("channel.look",))
VISITS = Place(
    href="/office/kunjungan",
    text_key="partner.round.title",
    icon="calendar-event",
    rights=("channel.look",),
    module="visits",
)
REVIEWS = Place(href="/office/tinjauan", text_key="office.reviews.title", icon="hourglass", rights=("channel.look",))
DECIDE_REVIEWS = replace(REVIEWS, rights=("reviews.decide",))
PHONES = Place(href="/office/hp-hilang", text_key="desk.phones.title", icon="phone-off", rights=("phones.report",))
LIFT_PHONES = replace(PHONES, rights=("phones.lift",))
NUMBERS = Place(href="/office/nomor", text_key="office.number.find", icon="device-mobile", rights=("subscribers.look",))
REDEEM_FOR = replace(NUMBERS, rights=("rewards.redeem",))
POINTS = Place(href="/office/poin", text_key="office.programme.title", icon="chart-bar", rights=("points.look",))
TRY = Place(href="/office/poin/andai", text_key="office.what_if.title", icon="chart-bar", rights=("points.try",))
REWARDS = Place(href="/office/hadiah", text_key="office.rewards.title", icon="package", rights=("closures.look",))
CLOSE_REWARDS = replace(REWARDS, rights=("closures.set",))
IMPORT_REWARDS = replace(REWARDS, rights=("rewards.import",))
MERCHANTS = "/office/hadiah/penjual"
PROPOSALS = Place(
    href="/office/usulan",
    text_key="office.proposals.title",
    icon="shield-check",
    rights=(
        "staff.propose",
        "staff.decide",
        "blacklist.add",
        "blacklist.decide",
        "outcomes.propose",
        "outcomes.decide",
    ),
    hidden=True,
)
BLACKLIST = Place(
    href="/office/daftar-hitam", text_key="office.blacklist.title", icon="ban", rights=("blacklist.look",), hidden=True
)
BLACKLIST_ADD = replace(BLACKLIST, rights=("blacklist.add",))
STAFF = Place(href="/office/petugas", text_key="office.staff.title", icon="user", rights=("staff.look",), hidden=True)
STAFF_PROPOSE = replace(STAFF, rights=("staff.propose",))
CLIENTS = Place(
    href="/office/mesin", text_key="office.clients.title", icon="key", rights=("clients.look",), hidden=True
)
CLIENTS_MANAGE = replace(CLIENTS, rights=("clients.manage",))
SESSIONS = Place(
    href="/office/sesi",
    text_key="office.sessions.title",
    icon="lock",
    rights=("sessions.look", "staff.look"),
    hidden=True,
)

OFFICE = Desk(
    name="office",
    kind="staff",
    door=Door(root="/office", session="konter_staff", seed="konter_staff_form", path="/office"),
    title_key="office.brand",
    note_key="office.login_note",
    places=(
        HOME,
        APPLICATIONS,
        CONFLICTS,
        REVIEWS,
        ITEMS,
        ADJUSTMENTS,
        REVERSALS,
        PRODUCTS,
        PHONES,
        OUTLETS,
        PARTNERS,
        AREAS,
        VISITS,
        SALES,
        NUMBERS,
        POINTS,
        REWARDS,
        PROPOSALS,
        BLACKLIST,
        STAFF,
        CLIENTS,
    ),
)
