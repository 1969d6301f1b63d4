"""Who may call what: every route of API and pages by name. A route that is not here fails the walk."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import msgspec
from litestar.routes import HTTPRoute
from tests.api.world import settings_of

from konter.access.staff.roles import PERMISSIONS, Permission, Role
from konter.api.operations import OPT, Says
from konter.asgi import create_app

STAFF_ROLES: tuple[str, ...] = get_args(Role)
SELLERS = frozenset({"cashier", "owner", "stranger"})
PARTNERS = frozenset({"partner", "stranger_partner"})
STAFF = frozenset(f"staff:{role}" for role in STAFF_ROLES)
CUSTOMERS = frozenset({"customer", "stranger_customer"})
EVERYBODY = frozenset({"anybody", "client"}) | CUSTOMERS | SELLERS | PARTNERS | STAFF


def staff_with(permission: Permission) -> frozenset[str]:
    """The members of staff, one of each role, that have a permission."""
    return frozenset(f"staff:{role}" for role in PERMISSIONS[permission])


# By operation of the API. `own`: the caller's own things, for everybody who is logged in.
OWN = SELLERS | PARTNERS | STAFF
API: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            *("start_login", "give_otp", "give_totp", "send_otp_again"),
            *("start_password_reset", "check_password_reset_code", "set_password_by_otp", "report_own_phone"),
            *("start_proof", "resend_proof", "open_application"),
            *("get_documents", "get_document", "reference", "reference_style", "openapi_json"),
            *("list_offices", "get_office", "list_versions"),
            *("start_customer_login", "resend_customer_code", "give_customer_code", "list_rewards"),
        ),
        EVERYBODY,
    ),
    **dict.fromkeys(
        (
            *("me", "post_password", "get_sessions", "delete_session", "log_out", "get_devices", "delete_device"),
            *("report_lost_phone",),  # whose phone, the verb decides: see tests/channel/test_lost_phones.py
        ),
        OWN,
    ),
    "post_acceptance": SELLERS | PARTNERS,
    **dict.fromkeys(
        (
            *("start_pin_reset", "set_pin_by_otp", "post_pin", "list_categories", "list_products", "inquire_sale"),
            *("list_sales", "create_sale", "get_sale", "refresh_sale", "get_complaint", "cancel_sale", "total_sales"),
            *("get_wallet", "get_day", "list_moves"),
        ),
        SELLERS,
    ),
    "get_outlet_sessions": frozenset({"owner", "partner"}) | staff_with("sessions.look"),
    "delete_outlet_session": frozenset({"owner", "partner"}) | staff_with("sessions.end"),
    **dict.fromkeys(
        ("list_partner_users", "create_partner_user", "post_partner_credentials", "post_partner_user_status"),
        frozenset({"partner"}) | staff_with("partner_users.manage"),
    ),
    "post_partner_end": staff_with("partners.end"),
    "get_outlet_numbers": frozenset({"owner", "partner"}) | staff_with("numbers.look"),
    **dict.fromkeys(("get_number", "find_outlets"), PARTNERS | staff_with("numbers.look")),
    **dict.fromkeys(
        ("put_reseller_number", "create_frontliner", "put_notification_number", "put_number_type", "delete_user"),
        frozenset({"owner", "partner"}) | staff_with("numbers.change"),
    ),
    **dict.fromkeys(("list_conflicts", "settle_conflict"), staff_with("conflicts.settle")),
    "put_outlet_status": staff_with("outlets.stop"),
    "list_availability": staff_with("closures.look"),
    "put_availability": staff_with("closures.set"),
    "list_reward_stock": staff_with("closures.look"),
    "put_reward_availability": staff_with("closures.set"),
    "put_hold": staff_with("holds.set"),
    **dict.fromkeys(("list_reversals", "create_reversal"), staff_with("reversals.ask")),
    "decide": staff_with("reversals.decide"),
    **dict.fromkeys(("list_work_items", "get_work_item", "take_work_item", "solve_work_item"), staff_with("work.do")),
    **dict.fromkeys(("create_adjustment", "list_adjustments"), staff_with("adjustments.ask")),
    "decide_on_adjustment": staff_with("adjustments.decide"),
    "get_subscriber": staff_with("subscribers.look"),
    "list_lost_phones": staff_with("phones.report"),
    "lift_lost_phone": staff_with("phones.lift"),
    "get_partner_sessions": staff_with("sessions.look"),
    **dict.fromkeys(
        ("delete_all_outlet_sessions", "delete_all_partner_sessions", "delete_partner_session"),
        staff_with("sessions.end"),
    ),
    "get_staff_sessions": staff_with("staff.look"),
    **dict.fromkeys(("delete_all_staff_sessions", "delete_staff_session"), staff_with("staff.propose")),
    "list_staff": staff_with("staff.look"),
    **dict.fromkeys(
        ("propose_staff", "propose_account", "propose_totp_reset", "propose_password_reset", "post_staff_end"),
        staff_with("staff.propose"),
    ),
    **dict.fromkeys(("list_proposals", "post_ruling"), STAFF),  # which ones, the kind's permissions decide
    **dict.fromkeys(("list_blacklist", "search_blacklist"), staff_with("blacklist.look")),
    **dict.fromkeys(("add_to_blacklist", "propose_lift"), staff_with("blacklist.add")),
    **dict.fromkeys(("propose_outcome", "propose_take_back_outcome"), staff_with("outcomes.propose")),
    "list_clients": staff_with("clients.look"),
    **dict.fromkeys(("create_client", "create_key", "delete_key", "post_client_end"), staff_with("clients.manage")),
    **dict.fromkeys(
        (
            *("get_client", "report_by_machine", "verify_voucher", "burn_voucher"),
            *("post_bills", "post_bill_payments", "post_bill_cancellations"),
        ),
        frozenset({"client"}),
    ),
    # The applicant, by the token of an application, which none of these has.
    **dict.fromkeys(
        (
            *("read_own_application", "put_who", "put_where", "add_own_number", "put_numbers", "put_photo"),
            *("put_declaration", "submit_application", "withdraw_application"),
        ),
        frozenset(),
    ),
    **dict.fromkeys(
        ("list_applications", "read_application", "read_identity", "read_photo"),
        PARTNERS | {"staff:branch"},  # which ones, their scope says: see tests/api/test_applications.py
    ),
    "recommend_application": PARTNERS,
    "decide_application": frozenset({"staff:branch"}),
    **dict.fromkeys(
        (
            *("get_customer", "get_customer_sessions", "delete_customer_sessions", "delete_customer_session"),
            *("get_points", "list_points_moves", "list_own_rewards"),
            *("create_redemption", "list_redemptions", "get_redemption"),
        ),
        CUSTOMERS,
    ),
    "take_answer": frozenset(),  # the network, by a guard of its own
}

# Pages by method and path: for anybody, or for users of outlets alone.
PUBLIC_PAGES = frozenset(
    {
        *("GET /", "GET /t", "GET /t/{code}", "GET /dokumen", "GET /dokumen/{code}", "GET /static/{name}"),
        *("GET /install", "GET /produk", "GET /apply", "POST /apply", "GET /apply/lanjut", "POST /apply/lagi"),
        *("GET /apply/kode/{proof_id}", "POST /apply/kode/{proof_id}", "POST /apply/kode/{proof_id}/kirim-ulang"),
        *("POST /apply/keluar", "GET /apply/siapa", "POST /apply/siapa", "GET /apply/tempat", "POST /apply/tempat"),
        *("GET /apply/nomor", "POST /apply/nomor", "GET /apply/nomor/lain", "POST /apply/nomor/lain"),
        *("GET /apply/nomor/lain/{proof_id}", "POST /apply/nomor/lain/{proof_id}"),
        *("POST /apply/nomor/lain/{proof_id}/kirim-ulang", "GET /apply/foto", "POST /apply/foto"),
        *("GET /apply/foto/lihat", "GET /apply/pernyataan", "POST /apply/pernyataan", "GET /apply/periksa"),
        *("POST /apply/kirim", "GET /apply/status", "GET /apply/tarik", "POST /apply/tarik"),
        *("GET /saya/masuk", "POST /saya/masuk", "GET /saya/kode/{login_id}", "POST /saya/kode/{login_id}"),
        *("POST /saya/kode/{login_id}/kirim-ulang", "POST /saya/keluar", "GET /saya/{_rest}"),
        *("GET /poin", "GET /poin/{code}"),
        *("GET /kantor-layanan", "POST /kantor-layanan"),
        *("GET /healthz", "GET /readyz", "GET /metrics"),
        *("GET /outlet/icon-192.png", "GET /outlet/icon-512.png", "GET /outlet/manifest.webmanifest"),
        *("GET /outlet/sw.js", "GET /outlet/masuk", "POST /outlet/masuk", "GET /outlet/masuk/{login_id}"),
        *("POST /outlet/masuk/{login_id}", "POST /outlet/masuk/{login_id}/kirim-ulang", "POST /outlet/keluar"),
        *("GET /outlet/hp-hilang", "POST /outlet/hp-hilang"),
        *("POST /outlet/bahasa", "GET /outlet/lupa-sandi", "POST /outlet/lupa-sandi"),
        *("GET /outlet/lupa-sandi/{login_id}", "POST /outlet/lupa-sandi/{login_id}", "GET /outlet/{_rest}"),
    }
)
OUTLET_PAGES = frozenset(
    {
        *("GET /outlet", "GET /outlet/akun", "POST /outlet/akun/sesi/{session_id}/cabut", "GET /outlet/produk"),
        *("GET /outlet/tutup-hari", "GET /outlet/tutup-hari/{kind}", "GET /outlet/riwayat"),
        *("GET /outlet/sandi", "POST /outlet/sandi", "GET /outlet/pin", "POST /outlet/pin"),
        *("GET /outlet/ketentuan", "POST /outlet/ketentuan", "GET /outlet/jual", "POST /outlet/jual"),
        *("GET /outlet/lupa-pin", "POST /outlet/lupa-pin"),
        *("GET /outlet/lupa-pin/{login_id}", "POST /outlet/lupa-pin/{login_id}"),
        *("GET /outlet/transaksi/{code}", "GET /outlet/transaksi/{code}/struk"),
        *("GET /outlet/transaksi/{code}/keluhan", "POST /outlet/transaksi/{code}/cek"),
        *("POST /outlet/transaksi/{code}/batal", "GET /outlet/kantor-layanan", "POST /outlet/kantor-layanan"),
        *("POST /outlet/akun/cabut-semua", "POST /outlet/akun/tepercaya/{device}/cabut"),
        *("GET /outlet/pengguna", "GET /outlet/pengguna/tambah", "POST /outlet/pengguna/tambah"),
        *("GET /outlet/pengguna/{user}", "GET /outlet/pengguna/{user}/{deed}", "POST /outlet/pengguna/{user}/{deed}"),
        *("GET /outlet/perangkat", "POST /outlet/perangkat/{session_id}/cabut", "POST /outlet/perangkat/cabut-semua"),
    }
)
ME_PAGES = frozenset(
    {
        *("GET /saya", "GET /saya/perangkat", "POST /saya/perangkat/{session_id}/cabut"),
        *("POST /saya/perangkat/cabut-semua", "GET /saya/poin", "GET /saya/penukaran", "GET /saya/penukaran/{code}"),
        *("GET /poin/{code}/tukar", "POST /poin/{code}/tukar"),
        *("GET /poin/mitra", "POST /poin/mitra/cek", "POST /poin/mitra/pakai"),
    }
)
# The two desks, each behind a door of its own: what stands before it is for anybody.
OFFICE_DOOR = frozenset(
    {
        *("GET /office/masuk", "POST /office/masuk", "GET /office/masuk/{login_id}", "POST /office/masuk/{login_id}"),
        *("POST /office/bahasa", "POST /office/keluar", "GET /office/{_rest}"),
    }
)
OFFICE_PAGES = frozenset(
    {
        *("GET /office", "GET /office/akun", "POST /office/akun/sesi/{session_id}/cabut", "GET /office/cari"),
        *("GET /office/sandi", "POST /office/sandi", "GET /office/perkara", "GET /office/perkara/{item}"),
        *("POST /office/perkara/{item}/ambil", "POST /office/perkara/{item}/selesai", "GET /office/penyesuaian"),
        *("GET /office/pembatalan", "GET /office/transaksi", "GET /office/transaksi/{code}"),
        *("POST /office/transaksi/{code}/pembatalan", "POST /office/transaksi/{code}/pembatalan/putusan"),
        *("POST /office/transaksi/{code}/penyesuaian", "POST /office/transaksi/{code}/penyesuaian/putusan"),
        *("GET /office/produk", "GET /office/produk/{code}", "POST /office/produk/{code}"),
        *("GET /office/nomor", "GET /office/nomor/{number}", "GET /office/outlet", "GET /office/outlet/{outlet}"),
        *("POST /office/outlet/{outlet}/status", "POST /office/outlet/{outlet}/tahan", "GET /office/wilayah"),
        *("POST /office/outlet/{outlet}/akhiri",),
        *("GET /office/mitra", "GET /office/mitra/{partner}", "GET /office/tinjauan", "GET /office/tinjauan/{review}"),
        *("POST /office/tinjauan/{review}", "GET /office/hp-hilang", "POST /office/hp-hilang"),
        *("POST /office/hp-hilang/cabut", "GET /office/permohonan", "GET /office/permohonan/{form}"),
        *("POST /office/permohonan/{form}", "GET /office/permohonan/{form}/foto", "GET /office/konflik"),
        *("GET /office/konflik/{id_}", "POST /office/konflik/{id_}", "GET /office/kunjungan", "POST /office/kunjungan"),
        *("GET /office/usulan", "GET /office/usulan/{proposal}", "POST /office/usulan/{proposal}"),
        *("GET /office/daftar-hitam", "POST /office/daftar-hitam", "POST /office/daftar-hitam/cari"),
        *("GET /office/daftar-hitam/{entry}", "POST /office/daftar-hitam/{entry}/cabut"),
        *("GET /office/petugas", "POST /office/petugas", "GET /office/petugas/{staff}"),
        *("POST /office/petugas/{staff}/akun", "POST /office/petugas/{staff}/totp"),
        *("POST /office/petugas/{staff}/sandi", "POST /office/petugas/{staff}/akhiri"),
        *("GET /office/mesin", "POST /office/mesin", "GET /office/mesin/{client}", "POST /office/mesin/{client}/kunci"),
        *("POST /office/mesin/{client}/kunci/{key}/cabut", "POST /office/mesin/{client}/tutup"),
        *("GET /office/outlet/{outlet}/sesi", "GET /office/mitra/{partner}/sesi", "GET /office/petugas/{staff}/sesi"),
        *("POST /office/outlet/{outlet}/sesi/{session}/cabut", "POST /office/mitra/{partner}/sesi/{session}/cabut"),
        *("POST /office/petugas/{staff}/sesi/{session}/cabut", "POST /office/transaksi/{code}/hasil"),
        *("GET /office/nomor/{number}/poin", "GET /office/nomor/{number}/poin/{reward}"),
        *("POST /office/nomor/{number}/poin/{reward}", "GET /office/poin", "GET /office/poin/andai"),
        *("POST /office/poin/andai", "GET /office/hadiah", "GET /office/hadiah/impor", "POST /office/hadiah/impor"),
        *("GET /office/hadiah/{code}", "POST /office/hadiah/{code}", "POST /office/hadiah/{code}/kode"),
        *("GET /office/hadiah/{code}/kode", "GET /office/hadiah/impor/contoh", "GET /office/hadiah/impor/contoh-kode"),
        *("GET /office/hadiah/penjual", "POST /office/hadiah/penjual", "GET /office/hadiah/penjual/{merchant}"),
        *("POST /office/hadiah/penjual/{merchant}/nomor", "POST /office/hadiah/penjual/{merchant}/mesin"),
        *("POST /office/hadiah/penjual/{merchant}/mesin/{client}", "POST /office/hadiah/penjual/{merchant}/tutup"),
    }
)
PARTNER_DOOR = frozenset(
    {
        *("GET /partner/masuk", "POST /partner/masuk", "GET /partner/masuk/{login_id}"),
        *("POST /partner/masuk/{login_id}", "POST /partner/masuk/{login_id}/kirim-ulang"),
        *("POST /partner/bahasa", "POST /partner/keluar", "GET /partner/{_rest}"),
    }
)
PARTNER_PAGES = frozenset(
    {
        *("GET /partner", "GET /partner/akun", "POST /partner/akun/sesi/{session_id}/cabut", "GET /partner/cari"),
        *("GET /partner/sandi", "POST /partner/sandi", "GET /partner/ketentuan", "POST /partner/ketentuan"),
        *("GET /partner/permohonan", "GET /partner/permohonan/{form}", "POST /partner/permohonan/{form}"),
        *("GET /partner/permohonan/{form}/foto", "GET /partner/outlet", "GET /partner/outlet/{outlet}"),
        *("GET /partner/pengguna", "GET /partner/kunjungan", "POST /partner/kunjungan"),
        *("GET /partner/kunjungan/{outlet}", "POST /partner/kunjungan/{outlet}", "GET /partner/tinjauan"),
        *("GET /partner/hp-hilang", "POST /partner/hp-hilang"),
        *("GET /partner/nomor", "GET /partner/nomor/{number}"),
    }
)
# Not mounted in a live installation, or Litestar's own and closed.
NOT_WALKED = ("/simulator", "/-")


class Operation(msgspec.Struct, frozen=True):
    """A route of the application."""

    name: str
    method: str
    path: str
    caller: str | None


def routes() -> list[Operation]:
    """All routes but those that are not walked."""
    found = []
    app = create_app(settings_of(Path("/nowhere")), "")
    for route in (route for route in app.routes if isinstance(route, HTTPRoute)):
        if route.path_format.startswith(NOT_WALKED):
            continue
        for handler, _ in route.route_handler_map.values():
            said = handler.opt.get(OPT)
            caller = said.caller if isinstance(said, Says) else None
            methods = sorted(str(method) for method in handler.http_methods if str(method) != "OPTIONS")
            found += [Operation(handler.handler_name, method, route.path_format, caller) for method in methods]
    return found


ROUTES = routes()
API_ROUTES = [route for route in ROUTES if route.path.startswith("/api/v1")]
PAGE_ROUTES = [route for route in ROUTES if not route.path.startswith("/api/v1")]
