"""One sample of every page, filled with synthetic people and sales: for weights, accessibility and looks."""

from datetime import UTC, date, datetime, timedelta

from konter.platform.ids import Msisdn
from konter.sales.history.timeline import Event, for_anybody
from konter.web import views as v
from konter.web.outlet import access_views as a
from konter.web.outlet import views as o
from konter.web.public import views as p

AT = datetime(2026, 11, 21, 3, 2, 11, tzinfo=UTC)
WIB = "Asia/Jakarta"
NUMBER = Msisdn(6281234567890)
REF = "5f0c3f9e-7c1e-4b52-9d6e-0d2f8d1c9a10"

WRONG_PIN = v.Alert(tone="error", sentence="PIN salah. Sisa 2 percobaan.", advice="Belum ada yang terpotong.")


def line(number: int, **changes: object) -> o.SaleLine:
    given: dict[str, object] = {
        "href": f"/outlet/transaksi/{number}",
        "at": AT - timedelta(minutes=7 * number),
        "product": "Pulsa 50.000",
        "msisdn": Msisdn(NUMBER + 137 * number),
        "cost_rp": 49_500,
        "status": "done",
        "now": AT,
        "balance_before_rp": 1_245_000,
        "balance_after_rp": 1_195_500,
        "code": "K7Q2-9M4D",
        "user": "Sari Kasir",
    }
    return o.SaleLine(**{**given, **changes})  # type: ignore[arg-type]


LINES = (
    line(1, deadline=AT + timedelta(minutes=9), status="checking"),
    line(2, product="Internet Harian 5 GB + Aplikasi Video", cost_rp=24_150),
    line(3, status="refunded", refund_before_rp=1_195_500, refund_after_rp=1_245_000),
    line(4, reversed=True),
    line(5, product="Pulsa 1.000.000", cost_rp=985_000),
)
CATEGORIES = (
    o.CategoryLink(code="recharge", name="Pulsa"),
    o.CategoryLink(code="data", name="Data"),
    o.CategoryLink(code="voice", name="Telepon"),
    o.CategoryLink(code="sms", name="SMS"),
    o.CategoryLink(code="digital", name="Digital"),
    o.CategoryLink(code="roaming", name="Roaming"),
    o.CategoryLink(code="songs", name="Lagu"),
    o.CategoryLink(code="other", name="Lainnya"),
)
OPEN_STEPS = (
    Event(at=AT, what="accepted"),
    Event(at=AT, what="transit"),
    Event(at=AT, what="sent"),
    Event(at=AT + timedelta(minutes=9), what="more", count=14),
    Event(at=AT + timedelta(minutes=10), what="looked"),
    Event(at=AT + timedelta(minutes=11), what="asked"),
    Event(at=AT + timedelta(hours=22), what="working"),
    Event(at=AT + timedelta(hours=23), what="amount"),
)
HELD_STEPS = (*OPEN_STEPS[:2], Event(at=AT, what="held", until=AT + timedelta(seconds=30)))
REFUNDED_STEPS = (*OPEN_STEPS, Event(at=AT + timedelta(hours=24), what="refunded"))
NOMINALS = (5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000)
PRODUCTS = (
    *(
        o.ProductLine(code=f"R{n}", name=f"Pulsa {n * 1000:,}".replace(",", "."), price_rp=n * 1030, cost_rp=n * 990)
        for n in NOMINALS
    ),
    o.ProductLine(
        code="RX",
        name="Pulsa bebas",
        price_rp=None,
        cost_rp=None,
        amount_min_rp=5_000,
        amount_max_rp=1_000_000,
        amount_step_rp=1_000,
    ),
)
TROUBLED = tuple(
    o.ProductLine(**{**{name: getattr(each, name) for name in each.__struct_fields__}, "health": health})
    for each, health in zip(PRODUCTS[-4:], ("slow", "closed", "off", "slow"), strict=True)
)
FAILING = v.Alert(
    tone="warn",
    sentence="Produk ini sedang gangguan.",
    advice="Sejak 10.02 sebagian besar tidak terkirim. Sebaiknya pilih produk lain atau tunggu.",
)
GAINS = (
    v.Gain(asset="BYTES", source="data", amount=5 << 30, days=30),
    v.Gain(asset="BYTES", source="data-night", amount=2 << 30, days=30),
    v.Gain(asset="SECONDS", source="voice-roaming", amount=6_000, days=30),
    v.Gain(asset="MESSAGES", source="sms-of-a-new-product", amount=100, days=7),
)
DOCUMENTS = tuple(
    v.DocumentView(
        code=code,
        version="1.1",
        title=title,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        paragraphs=("Dokumen contoh. " * 30,) * 8,
    )
    for code, title in (
        ("tc", "Syarat dan Ketentuan"),
        ("tou", "Ketentuan Penggunaan"),
        ("privacy", "Kebijakan Privasi"),
    )
)


def confirm(**changes: object) -> o.ConfirmView:
    given: dict[str, object] = {
        "client_ref": REF,
        "product": "R50",
        "product_name": "Pulsa 50.000",
        "amount_rp": None,
        "msisdn": NUMBER,
        "msisdn_text": "081234567890",
        "category": "recharge",
        "prepaid": True,
        "state": "ACTIVE",
        "price_rp": 51_500,
        "cost_rp": 49_500,
        "margin_rp": 2_000,
        "balance_rp": 1_245_000,
        "gains": (v.Gain(asset="IDR", amount=50_000),),
        "active_before": AT + timedelta(days=9),
        "active_after": AT + timedelta(days=54),
        "zone": WIB,
    }
    return o.ConfirmView(**{**given, **changes})  # type: ignore[arg-type]


def sale(**changes: object) -> o.SaleView:
    given: dict[str, object] = {
        "code": "K7Q2-9M4D",
        "status": "done",
        "product_name": "Pulsa 50.000",
        "category": "recharge",
        "msisdn": NUMBER,
        "user": "Sari Kasir",
        "outlet": "Sukses Cell",
        "outlet_code": "NS-0001",
        "at": AT,
        "price_rp": 51_500,
        "cost_rp": 49_500,
        "margin_rp": 2_000,
        "tax_rp": 5_103,
        "balance_before_rp": 1_245_000,
        "balance_after_rp": 1_195_500,
        "gains": (v.Gain(asset="IDR", amount=50_000),),
        "steps": (
            Event(at=AT, what="accepted"),
            Event(at=AT, what="paid"),
            Event(at=AT + timedelta(seconds=1), what="delivered"),
        ),
        "now": AT,
        "again_href": "/outlet/jual?produk=R50&nomor=081234567890",
        "active_until": AT + timedelta(days=54),
        "deadline": None,
        "share_url": "http://127.0.0.1:8080/t/K7Q2-9M4D?v=8F3KQ2Z7TM",
        "verify_code": "8F3KQ2Z7TM",
        "rule": "id-2014@3",
        "zone": WIB,
    }
    return o.SaleView(**{**given, **changes})  # type: ignore[arg-type]


def home(**changes: object) -> o.HomeView:
    given: dict[str, object] = {
        "outlet": "Sukses Cell",
        "user": "Sari Kasir",
        "balance_rp": 1_245_000,
        "held_rp": 0,
        "msisdn_text": "",
        "quick": tuple(o.QuickProduct(code=f"R{n}", nominal_rp=n * 1000) for n in (10, 20, 25, 50, 100, 150)),
        "categories": CATEGORIES,
        "lately": LINES,
        "zone": WIB,
    }
    return o.HomeView(**{**given, **changes})  # type: ignore[arg-type]


def history(**changes: object) -> o.HistoryView:
    totals = (
        o.Total(name="20 Nov 2026", count=41, cost_rp=2_029_500, price_rp=2_110_000),
        o.Total(name="21 Nov 2026", count=1, cost_rp=49_500, price_rp=51_500),
    )
    given: dict[str, object] = {
        "period": "week",
        "day_from": date(2026, 11, 15),
        "day_to": date(2026, 11, 21),
        "category": "",
        "user": "",
        "q": "",
        "categories": (v.Choice(value="recharge", name="Pulsa"),),
        "users": (v.Choice(value="1", name="Sari Kasir"),),
        "lines": LINES * 4,
        "count": 42,
        "cost_rp": 2_079_000,
        "price_rp": 2_161_500,
        "by_day": totals,
        "by_product": totals,
        "by_user": totals,
        "next_href": "/outlet/riwayat?periode=week&sesudah=99",
        "zone": WIB,
    }
    return o.HistoryView(**{**given, **changes})  # type: ignore[arg-type]


COMPLAINT = """KELUHAN TRANSAKSI K7Q2-9M4D
Status: sedang dicek, paling lambat 22/11/2026 10:02:11 WIB
Outlet: Sukses Cell (NS-0001)
Alamat: Jalan Contoh Nomor 1, Kota Contoh
Nomor reseller: 081200000001
Pengguna: Sari Kasir
Waktu: 21/11/2026 10:02:11 WIB
Produk: Pulsa 50.000
Nominal: Rp50.000
Nomor pelanggan: 081234567890
Saldo: Rp1.245.000 → Rp1.195.500
Riwayat:
21/11/2026 10:02:11 WIB diterima
21/11/2026 10:02:11 WIB saldo outlet dipotong, uangnya ditahan sampai pasti
21/11/2026 10:02:11 WIB dikirim ke jaringan
21/11/2026 10:02:41 WIB dicek: belum ada jawaban"""
LOST = v.Alert(
    tone="error", sentence="Nama pengguna atau kata sandi salah.", advice="Setelah 5 kali salah akun terkunci 15 menit."
)
TWICE = v.Alert(
    tone="warn",
    sentence="Produk ini sudah dijual ke nomor ini hari ini pukul 10:02.",
    advice="Jika pelanggan memang ingin lagi, tulis PIN lalu tekan Jual kedua kali.",
    links=(v.Link(href="/outlet/transaksi/1", text_key="confirm.see_sale"),),
)

SENT = v.Sent(number="0812-****-7890", expires_at=AT + timedelta(minutes=5))


PAGES: dict[str, tuple[str, v.View]] = {
    "login": ("outlet/login.html", a.LoginView()),
    "login_wrong": ("outlet/login.html", a.LoginView(username="sari", alert=LOST)),
    "otp": (
        "outlet/otp.html",
        a.OtpView(
            action="/outlet/masuk/1/otp",
            resend_action="/outlet/masuk/1/kirim-ulang",
            sent=SENT,
        ),
    ),
    "password": (
        "outlet/password.html",
        a.PasswordView(action="/outlet/sandi", ask_old=True, forced=True, length_min=8, username="sari"),
    ),
    "terms": ("outlet/terms.html", a.TermsView(documents=DOCUMENTS)),
    "pin": ("outlet/pin.html", a.PinView(action="/outlet/pin", first=True)),
    "forgot_password": ("outlet/forgot.html", a.ForgotView(field="username", action="/outlet/lupa-sandi")),
    "forgot_pin": ("outlet/forgot.html", a.ForgotView(field="password", action="/outlet/lupa-pin")),
    "reset_password": (
        "outlet/password.html",
        a.PasswordView(
            action="/outlet/lupa-sandi/1", ask_old=False, forced=False, length_min=8, username="sari", sent=v.Sent()
        ),
    ),
    "reset_pin": ("outlet/pin.html", a.PinView(action="/outlet/lupa-pin/1", first=False, sent=SENT)),
    "home": ("outlet/home.html", home()),
    "home_held": ("outlet/home.html", home(held_rp=985_000)),
    "home_empty": ("outlet/home.html", home(lately=(), balance_rp=0)),
    "products": (
        "outlet/products.html",
        o.ProductsView(
            msisdn_text="0812-3456-7890",
            number="081234567890",
            category="recharge",
            category_name="Pulsa",
            categories=CATEGORIES,
            products=PRODUCTS,
        ),
    ),
    "products_troubled": (
        "outlet/products.html",
        o.ProductsView(
            msisdn_text="0812-3456-7890",
            number="081234567890",
            category="recharge",
            category_name="Pulsa",
            categories=CATEGORIES,
            products=TROUBLED,
        ),
    ),
    "products_wrong_amount": (
        "outlet/products.html",
        o.ProductsView(
            msisdn_text="0812-3456-7890",
            number="081234567890",
            category="recharge",
            category_name="Pulsa",
            categories=CATEGORIES,
            products=PRODUCTS,
            wrong="RX",
            wrong_amount="5.500",
            wrong_sentence="Nominal harus Rp5.000 sampai Rp1.000.000, kelipatan Rp1.000. Belum ada yang terpotong.",
        ),
    ),
    "categories": (
        "outlet/products.html",
        o.ProductsView(
            msisdn_text="0812-3456-7890",
            number="081234567890",
            category="",
            category_name="Pilih kategori",
            categories=CATEGORIES,
            products=(),
        ),
    ),
    "confirm": ("outlet/confirm.html", confirm()),
    "confirm_package": ("outlet/confirm.html", confirm(product_name="Combo Hemat 5 GB", gains=GAINS)),
    "confirm_wrong_pin": ("outlet/confirm.html", confirm(alert=WRONG_PIN)),
    "confirm_twice": ("outlet/confirm.html", confirm(alert=TWICE, second=True, button_key="confirm.sell_second")),
    "confirm_meant": ("outlet/confirm.html", confirm(meant=Msisdn(NUMBER + 3), trouble=FAILING)),
    "confirm_short": ("outlet/confirm.html", confirm(balance_rp=40_000)),
    "retry": (
        "outlet/retry.html",
        o.RetryView(
            client_ref=REF,
            product="R50",
            product_name="Pulsa 50.000",
            amount_rp=None,
            price_rp=51_500,
            sentence="Uang Anda aman. Jika tadi sudah terjual, tombol ini menunjukkannya.",
            number="0812-3456-7890",
            second=False,
        ),
    ),
    "sale": ("outlet/sale.html", sale()),
    "sale_checking": (
        "outlet/sale.html",
        sale(status="checking", steps=OPEN_STEPS, deadline=AT + timedelta(hours=24), reload_s=5),
    ),
    "sale_held": (
        "outlet/sale.html",
        sale(
            status="checking",
            steps=HELD_STEPS,
            deadline=AT + timedelta(hours=24),
            held_until=AT + timedelta(seconds=30),
            reload_s=5,
        ),
    ),
    "sale_refunded": (
        "outlet/sale.html",
        sale(
            status="refunded",
            steps=REFUNDED_STEPS,
            reason="NUMBER_BARRED",
            refund_before_rp=1_195_500,
            refund_after_rp=1_245_000,
        ),
    ),
    "complaint": (
        "outlet/complaint.html",
        o.ComplaintView(
            code="K7Q2-9M4D",
            status="checking",
            text=COMPLAINT,
            service_number="357",
            whatsapp_href="https://wa.me/?text=Baris",
            now=AT,
            deadline=AT + timedelta(hours=24),
            zone=WIB,
        ),
    ),
    "sale_adjusted": (
        "outlet/sale.html",
        sale(status="refunded", reason="DEADLINE", gains=(), active_until=None, adjusted_at=AT, charged_rp=49_500),
    ),
    "receipt_refunded": ("outlet/receipt.html", sale(status="refunded", gains=(), active_until=None)),
    "sale_reversed": ("outlet/sale.html", sale(reversed_at=AT + timedelta(hours=1), refund_rp=49_500)),
    "receipt": ("outlet/receipt.html", sale()),
    "history": ("outlet/history.html", history()),
    "history_none_today": (
        "outlet/history.html",
        history(period="today", lines=(), count=0, next_href="", week_href="/outlet/riwayat?periode=week"),
    ),
    "day": (
        "outlet/day.html",
        o.DayView(
            day=date(2026, 11, 21),
            today=date(2026, 11, 21),
            opening_rp=745_000,
            lines=(
                o.DayLine(text_key="day.sales", count=42, amount_rp=-2_079_000, href="/outlet/riwayat"),
                o.DayLine(text_key="day.reversals", count=1, amount_rp=49_500, href="/outlet/riwayat"),
                o.DayLine(text_key="day.purchases", count=1, amount_rp=2_480_000, href="/outlet/riwayat"),
            ),
            closing_rp=1_195_500,
            open=True,
            zone=WIB,
        ),
    ),
    "moves": (
        "outlet/moves.html",
        o.MovesView(
            day=date(2026, 11, 21),
            text_key="day.purchases",
            lines=(
                o.MoveLine(at=AT, amount_rp=2_480_000, balance_after_rp=3_225_000, text="Isi saldo", href=""),
                o.MoveLine(
                    at=AT,
                    amount_rp=-62_000,
                    balance_after_rp=3_163_000,
                    text="Lengkap 10 GB + 4 GB lokal + 2 GB malam",
                    href="/outlet/transaksi/1",
                    msisdn=NUMBER,
                    code="K7Q2-9M4D",
                ),
            ),
            next_href="",
            zone=WIB,
        ),
    ),
    "account": (
        "outlet/account.html",
        a.AccountView(
            user="Sari Kasir",
            username="sari",
            outlet="Sukses Cell",
            outlet_code="NS-0001",
            number="0812-****-7890",
            owner=True,
            devices=(
                a.DeviceLine(id="3", agent="Chrome, Android 4.4", created_at=AT, expires_at=AT + timedelta(days=30)),
            ),
            sessions=(
                v.SessionLine(id="1", agent="Chrome 30, Android 4.4", address="10.0.0.7", created_at=AT, mine=True),
                v.SessionLine(id="2", agent="Firefox 140, Linux", address="10.0.0.9", created_at=AT, mine=False),
            ),
            zone=WIB,
        ),
    ),
    "error": (
        "outlet/error.html",
        v.ErrorView(
            status=404,
            title_key="error.not_found",
            sentence="Tidak ditemukan.",
            advice="",
            links=(v.Link(href="/outlet", text_key="error.home"),),
        ),
    ),
    "public_wrong_code": (
        "public/wrong_code.html",
        v.ErrorView(
            status=404,
            title_key="public.not_found",
            sentence="Kode cek salah; lihat lagi struknya.",
            advice="",
            links=(),
        ),
    ),
    "public_sale": (
        "public/sale.html",
        p.PublicSaleView(
            code="K7Q2-9M4D",
            status="done",
            product_name="Pulsa 50.000",
            number_masked="0812-****-7890",
            outlet="Sukses Cell",
            at=AT,
            now=AT,
            deadline=None,
            reversed=False,
            steps=sale().steps,
            zone=WIB,
        ),
    ),
    "public_sale_checking": (
        "public/sale.html",
        p.PublicSaleView(
            code="K7Q2-9M4D",
            status="checking",
            product_name="Pulsa 50.000",
            number_masked="0812-****-7890",
            outlet="Sukses Cell",
            at=AT,
            now=AT,
            deadline=AT + timedelta(hours=24),
            reversed=False,
            steps=tuple(for_anybody(list(OPEN_STEPS))),
            zone=WIB,
            reload_s=5,
        ),
    ),
    "documents": ("public/documents.html", p.DocumentsView(documents=DOCUMENTS)),
}
