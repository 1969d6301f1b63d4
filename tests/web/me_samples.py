"""One sample of every page of a customer."""

from datetime import timedelta

from tests.web.page_samples import AT

from konter.web import views as v
from konter.web.me import views as m

BAD = v.Alert(tone="error", sentence="Kode itu salah. Anda masih bisa mencoba 3 kali lagi.")
SENT = v.Sent(number="0812-****-7890", expires_at=AT + timedelta(minutes=5))
QUOTAS = m.Panel(
    template="me/quotas.html",
    view=m.QuotasView(
        gains=(
            v.Gain(asset="BYTES", amount=16 << 30, source="data", expires_at=AT + timedelta(days=29)),
            v.Gain(asset="BYTES", amount=2 << 30, source="data-night", expires_at=AT + timedelta(days=2)),
            v.Gain(asset="SECONDS", amount=3600, source="voice-onnet", expires_at=AT + timedelta(days=30)),
        )
    ),
)
SESSIONS = tuple(
    v.SessionLine(id=str(n), agent="Android 4.4, Chrome 30", address=f"203.0.113.{n}", created_at=AT, mine=n == 1)
    for n in range(1, 11)
)


def me(**changes: object) -> tuple[str, v.View]:
    given: dict[str, object] = {
        "number": "0812-3456-7890",
        "brand": "Nusa",
        "prepaid": True,
        "state": "ACTIVE",
        "active_until": AT + timedelta(days=30),
        "grace_until": AT + timedelta(days=60),
        "balance_rp": 1_999_500,
        "panels": (QUOTAS,),
    }
    return "me/home.html", m.MeView(**{**given, **changes})  # type: ignore[arg-type]


ME: dict[str, tuple[str, v.View]] = {
    "me_number": ("me/number.html", m.NumberView()),
    "me_number_merchant": (
        "me/number.html",
        m.NumberView(next="/poin/mitra", title_key="poin.merchant", lead_key="poin.merchant_log_in"),
    ),
    "me_error_merchant": (
        "me/error.html",
        m.MeErrorView(
            status=403,
            title_key="error.forbidden",
            sentence="Nomor Anda belum terdaftar untuk penjual hadiah.",
            advice="",
            links=(v.Link(href="/saya", text_key="me.home"),),
            other_number_for="/poin/mitra",
        ),
    ),
    "me_number_bad": ("me/number.html", m.NumberView(number="0856", next="/poin", alert=BAD)),
    "me_code": ("me/code.html", m.CodeView(action="/x", resend_action="/x", sent=SENT, cooling_h=24)),
    "me_code_wrong": (
        "me/code.html",
        m.CodeView(action="/x", resend_action="/x", sent=v.Sent(), cooling_h=0, next="/poin", alert=BAD),
    ),
    "me": me(),
    "me_empty": me(panels=(m.Panel(template="me/quotas.html", view=m.QuotasView(gains=())),), balance_rp=0),
    "me_grace": me(state="GRACE", active_until=AT - timedelta(days=3)),
    "me_postpaid": me(prepaid=False),
    "me_sessions": ("me/sessions.html", m.SessionsView(sessions=SESSIONS)),
    "me_session": ("me/sessions.html", m.SessionsView(sessions=SESSIONS[:1], alert=BAD)),
    "me_error": (
        "me/error.html",
        m.MeErrorView(
            status=404,
            title_key="error.not_found",
            sentence="Halaman itu tidak ada.",
            advice="",
            links=(v.Link(href="/saya", text_key="me.home"),),
        ),
    ),
}
