"""One sample of every page of points and rewards, as full as they get."""

from datetime import date, timedelta

import msgspec
from tests.web.me_samples import me
from tests.web.page_samples import AT, REF

from konter.web import views as v
from konter.web.me.views import Panel
from konter.web.poin import views as p

DAY = date(2027, 3, 31)
TERMS = "Masuk ke nomor yang menukar, hangus pada akhir masa berlakunya, dan tidak dapat diuangkan."
OLD = p.VintageLine(year=2025, points=1_200, last_day=date(2026, 3, 31))
NEW = p.VintageLine(year=2026, points=345, last_day=DAY)
POINTS = p.PointsPanelView(
    points=1_545,
    tier="PRIORITY",
    tier_last_day=date(2027, 5, 31),
    vintages=(OLD, NEW),
    soon=OLD,
    month_rp=20_000,
    minimum_rp=50_000,
    month_last_day=date(2026, 11, 30),
)
DEBT = msgspec.structs.replace(POINTS, points=-12, vintages=(), soon=None, month_rp=62_000, tier_last_day=None)
NAMES = ("Data 100 MB", "Potongan makan Rp50.000 di semua gerai", "Langganan musik 30 hari", "Botol minum")
LEFT = ("plenty", "few", "out")
WHY = ("", "Kurang 1.205 poin", "Perlu status PRIORITY", "Bisa lagi 01/12/2026")


def cards(kind: str, count: int, *, customer: bool) -> tuple[p.RewardCard, ...]:
    return tuple(
        p.RewardCard(
            code=f"{kind.upper()}{n}",
            name=NAMES[n % 4],
            kind=kind,
            points=(12, 250, 4_500)[n % 3],
            left=LEFT[n % 3],
            gives="500 MB + 20 menit + 50 SMS, 7 hari",
            who="Mulai status GOLD · Untuk pascabayar" if n % 2 else "",
            terms="" if kind == "telco" else f"{TERMS} {n}",
            cannot=WHY[n % 4] if customer else "",
        )
        for n in range(count)
    )


def catalogue(count: int = 20, *, panel: p.PointsPanelView | None = None) -> tuple[str, v.View]:
    shelves = tuple(
        p.Shelf(
            kind=kind,
            terms="" if kind == "merchant" else TERMS,
            for_all=kind == "telco",
            rewards=cards(kind, count, customer=bool(panel)),
        )
        for kind in ("telco", "digital", "merchant")
        if count
    )
    earning = tuple(
        f"Prabayar: 1 poin tiap Rp5.000 isi ulang, bila sebulan sedikitnya Rp{n}0.000." for n in range(1, 8)
    )
    tiers = tuple(
        p.TierLine(name=name, takes="Rata-rata isi ulang atau tagihan sedikitnya Rp1.000.000 sebulan.")
        for name in ("MASS", "RED", "GOLD", "PRIORITY")
    )
    return "poin/catalogue.html", p.CatalogueView(
        shelves=shelves,
        count=3 * count,
        can=5,
        earning=earning,
        tiers=tiers,
        tiers_how="Status dinilai tiap tanggal 1 dan berlaku 6 bulan.",
        panel=panel,
        next_from=60 if count else 0,
    )


GAINS = (
    v.Gain(asset="BYTES", amount=500 << 20, source="data", days=7),
    v.Gain(asset="SECONDS", amount=1200, source="voice", days=7),
)


def reward(**changes: object) -> tuple[str, v.View]:
    given: dict[str, object] = {
        "code": "COMBO",
        "name": "Paket kombo mini",
        "kind": "telco",
        "points": 80,
        "left": "few",
        "gains": GAINS,
        "gives": "500 MB + 20 menit, 7 hari",
        "who": "Mulai status GOLD · Untuk kartu Nusa, Kita",
        "limit": "4 kali sebulan",
        "last_day": DAY,
        "terms": TERMS,
    }
    return "poin/reward.html", p.RewardView(**{**given, **changes})  # type: ignore[arg-type]


def confirm(**changes: object) -> tuple[str, v.View]:
    given: dict[str, object] = {
        "client_ref": REF,
        "code": "COMBO",
        "name": "Potongan makan Rp50.000 di semua gerai",
        "kind": "merchant",
        "points": 1_300,
        "shown": {"poin": "1300", "sejak": "1767225600000000"},
        "points_before": 1_545,
        "gains": (),
        "gives": "Kode, berlaku 30 hari",
        "terms": TERMS,
        "paid_by": (OLD, msgspec.structs.replace(NEW, points=100)),
    }
    return "poin/confirm.html", p.ConfirmView(**{**given, **changes})  # type: ignore[arg-type]


def line(**changes: object) -> p.RedemptionLine:
    given: dict[str, object] = {
        "trx": "K7Q2-9M4D",
        "name": "Potongan makan Rp50.000",
        "points": 1_300,
        "status": "done",
        "at": AT,
        "now": AT,
        "deadline": None,
    }
    return p.RedemptionLine(**{**given, **changes})  # type: ignore[arg-type]


CODE = line(voucher="9F31C0D2A7B4", until=AT + timedelta(days=30))
USED = line(voucher="9F31C0D2A7B5", until=AT + timedelta(days=30), burnt_at=AT)
OVER = line(voucher="9F31C0D2A7B6", until=AT)
CHECKING = line(name="Langganan musik 30 hari", status="checking", deadline=AT + timedelta(minutes=10))
BACK = line(name="Nada sambung 30 hari", status="refunded")
LINES = (CODE, USED, OVER, CHECKING, BACK)


def redemption(of: p.RedemptionLine, **changes: object) -> tuple[str, v.View]:
    given: dict[str, object] = {
        "line": of,
        "code": "COMBO",
        "points_before": 1_545,
        "points_after": 245,
        "paid_by": (OLD, msgspec.structs.replace(NEW, points=100)),
        "gains": (),
        "active_until": None,
        "days": 0,
        "terms": TERMS,
        "rule": "id-2014@3",
        "reload_s": 0,
    }
    return "poin/redemption.html", p.RedemptionView(**{**given, **changes})  # type: ignore[arg-type]


WHY_12 = "12 poin: 12 kali Rp5.000 penuh dari isi ulang November 2026 Rp62.000, 1 poin tiap Rp5.000."
MOVES = tuple(
    p.MoveLine(at=AT - timedelta(days=n), points=12 + n, title="Poin masuk", why=f"{WHY_12[:-1]}, {n}.")
    if n % 2
    else p.MoveLine(
        at=AT, points=-1_300, title="Ditukar: Potongan makan Rp50.000", why="", href=f"/saya/penukaran/K7Q2-9M4{n}"
    )
    for n in range(30)
)
TIERS = tuple(
    p.TierChangeLine(
        name="GOLD", since=date(2026, 12, 1), last_day=date(2027, 5, 31), why=f"Naik: rata-rata Rp{n}10.000 sebulan."
    )
    for n in range(1, 20)
)
FULL = p.HistoryView(
    panel=POINTS,
    grant_h=24,
    grants_key="poin.grants_in",
    rules=("id-2014@3", "id-2026@1"),
    moves=MOVES,
    redemptions=LINES[:3],
    tiers=TIERS,
    before="1795233731000000",
    first=True,
)
EMPTY = p.HistoryView(
    panel=DEBT,
    grant_h=72,
    grants_key="poin.grants_in_bill",
    rules=(),
    moves=(),
    redemptions=(),
    tiers=(),
    before="",
    first=True,
)
CARD = p.CodeCard(code="9F31C0D2A7B4", name="Kopi susu gratis", terms=TERMS, until=AT + timedelta(days=30))
BAD = v.Alert(tone="error", sentence="Kode ini tidak dikenal.", advice="Kode salah masih bisa 57 kali lagi.")
USED_CARD = msgspec.structs.replace(CARD, burnt_at=AT)


def merchant(**changes: object) -> tuple[str, v.View]:
    return "poin/merchant.html", p.MerchantView(**{"merchant": "Kopi Senja", "now": AT, **changes})  # type: ignore[arg-type]


POIN: dict[str, tuple[str, v.View]] = {
    "poin": catalogue(),
    "poin_customer": catalogue(panel=POINTS),
    "poin_empty": catalogue(0, panel=DEBT),
    "poin_reward": reward(),
    "poin_reward_mine": reward(customer=True, can=True, points_now=1_545),
    "poin_reward_not": reward(customer=True, points_now=12, alert=v.Alert(tone="info", sentence="Kurang 68 poin.")),
    "poin_reward_merchant": reward(gains=(), gives="Kode, berlaku 30 hari", who="", limit="", last_day=None, can=True),
    "poin_confirm": confirm(),
    "poin_confirm_price": confirm(alert=v.Alert(tone="warn", sentence="Harga hadiah berubah.")),
    "poin_retry": (
        "poin/retry.html",
        p.RetryView(
            client_ref=REF, code="COMBO", shown={"poin": "80", "sejak": ""}, sentence="Kirim lagi dengan tombol ini."
        ),
    ),
    "poin_done_code": redemption(CODE),
    "poin_done_used": redemption(USED),
    "poin_done_over": redemption(OVER),
    "poin_done_quota": redemption(
        line(),
        gains=tuple(msgspec.structs.replace(each, days=0, expires_at=AT + timedelta(days=7)) for each in GAINS),
        active_until=AT + timedelta(days=30),
    ),
    "poin_done_provided": redemption(line(name="Langganan musik 30 hari"), days=30),
    "poin_checking": redemption(CHECKING, reload_s=5),
    "poin_refunded": redemption(BACK),
    "poin_redemptions": ("poin/redemptions.html", p.RedemptionsView(redemptions=LINES * 6, before="1-2")),
    "poin_no_redemptions": ("poin/redemptions.html", p.RedemptionsView(redemptions=(), before="")),
    "poin_history": ("poin/history.html", FULL),
    "poin_history_empty": ("poin/history.html", EMPTY),
    "poin_merchant": merchant(),
    "poin_merchant_bad": merchant(typed="KODE-SALAH", alert=BAD),
    "poin_merchant_found": merchant(card=msgspec.structs.replace(CARD, client_ref=REF)),
    "poin_merchant_used": merchant(card=USED_CARD, alert=BAD),
    "poin_merchant_burnt": merchant(card=USED_CARD, done=True),
    "me_points": me(
        panels=(
            Panel(template="poin/merchant_panel.html", view=p.MerchantPanelView(name="Kopi Senja")),
            Panel(template="poin/panel.html", view=POINTS),
        )
    ),
    "me_debt": me(panels=(Panel(template="poin/panel.html", view=DEBT),)),
}
