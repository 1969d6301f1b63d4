"""One sample of every page of an application, and of what anybody may read before it."""

from datetime import timedelta

import msgspec
from tests.web.page_samples import AT, DOCUMENTS, NUMBER, REF, WIB

from konter.channel.geography.model import District
from konter.channel.onboarding.queues.model import Form
from konter.platform.ids import ApplicationId, Msisdn, PartnerId
from konter.web import views as v
from konter.web.apply import views as a
from konter.web.public import views as pub


def application(**changes: object) -> Form:
    given: dict[str, object] = {
        "id": ApplicationId(268_812_345_678),
        "form_number": "FP-268812345678",
        "form_version": "1.0",
        "state": "draft",
        "missing": (),
        "numbers": (NUMBER, Msisdn(NUMBER + 137)),
        "kind": "outlet",
        "outlet_name": "Sukses Cell & Aksesoris Cabang Margonda Raya Nomor Dua",
        "owner_name": "Sari Contoh Ningrumwulandari",
        "nik_masked": "3276************",
        "address": "Jl. Margonda Raya No. 12, seberang pasar, samping bengkel",
        "district": DEPOK,
        "position": None,
        "rs": NUMBER,
        "nn": Msisdn(NUMBER + 137),
        "ussd": NUMBER,
        "photo_at": AT,
        "signatory": "Sari Contoh Ningrumwulandari",
        "capacity": "authorised",
        "declared_at": AT,
        "started_at": AT,
        "submitted_at": None,
        "due_at": None,
        "recommended_at": None,
        "supports": None,
        "note": None,
        "returned_at": None,
        "returned_code": None,
        "decided_at": None,
        "reason": None,
        "outlet_id": None,
        "partner_id": PartnerId(7),
        "partner_name": "Mitra Jaya Sentosa Abadi",
    }
    return Form(**{**given, **changes})  # type: ignore[arg-type]


def status(**changes: object) -> tuple[str, v.View]:
    return "apply/status.html", a.StatusView(form=application(**changes), now=AT, sla_h=48, why="")


DEPOK = District(code="32.76.01", name="Pancoran Mas", regency="Kota Depok", province="Jawa Barat", zone=WIB)
BAD = v.Alert(tone="error", sentence="NIK itu tidak mungkin benar. Periksa lagi 16 angkanya seperti di KTP.")
SENT = v.Sent(number="0812-****-7890", expires_at=AT + timedelta(minutes=5))
READ = tuple(
    a.DocumentLink(code=each.code, title=each.title, version=each.version, valid_from=each.valid_from)
    for each in DOCUMENTS
)
WAITING = {"submitted_at": AT, "due_at": AT + timedelta(hours=48)}
OFFICE = pub.OfficeLine(
    name="Kantor Layanan Bandung Utara",
    address="Jalan Teratai 12",
    place="Sukasari, Kota Bandung",
    hours=(("Senin-Jumat", "08:00-16:00"), ("Sabtu", "09:00-13:00")),
    zone_name="WIB",
    services="ganti SIM, registrasi, keluhan, bantuan penjual",
    away="1,7 km",
    open=True,
)
NO_POSITION = v.Alert(tone="warn", sentence="Lokasi tidak dapat dibaca. Cari nama kota, atau pilih provinsi.")


def offices(**changes: object) -> pub.OfficesView:
    given: dict[str, object] = {
        "root": "/kantor-layanan",
        "q": "",
        "title": "Terdekat dari Anda",
        "offices": tuple(msgspec.structs.replace(OFFICE, open=n % 2 == 0) for n in range(5)),
        "provinces": tuple(
            pub.ProvinceLine(href=f"/kantor-layanan?daerah={n}", name="Daerah Istimewa Yogyakarta", count="12 kantor")
            for n in range(11, 49)
        ),
    }
    return pub.OfficesView(**{**given, **changes})  # type: ignore[arg-type]


def document_page(**changes: object) -> pub.DocumentPageView:
    given: dict[str, object] = {
        "document": DOCUMENTS[0],
        "state": "in_force",
        "before": "1.0",
        "changes": (
            pub.ChangeLine(gone=True, paragraph="Lama. " * 20),
            pub.ChangeLine(gone=False, paragraph="Baru. " * 20),
        ),
        "versions": tuple(
            pub.VersionLink(version=version, valid_from=AT, state=state, here=version == "1.1")
            for version, state in (("1.2", "coming"), ("1.1", "in_force"), ("1.0", "past"))
        ),
    }
    return pub.DocumentPageView(**{**given, **changes})  # type: ignore[arg-type]


APPLY: dict[str, tuple[str, v.View]] = {
    "apply": ("apply/enter.html", a.EnterView(action="/apply", first=True)),
    "apply_refused": ("apply/enter.html", a.EnterView(action="/apply", first=True, number="0856", alert=BAD)),
    "apply_other": ("apply/enter.html", a.EnterView(action="/apply/nomor/lain", first=False)),
    "apply_code": ("apply/code.html", a.CodeView(action="/x", resend_action="/x", again="/apply", sent=SENT)),
    "apply_who": (
        "apply/who.html",
        a.WhoView(kind="outlet", outlet_name="", owner_name="", nik="", nik_masked=""),
    ),
    "apply_who_wrong": (
        "apply/who.html",
        a.WhoView(
            kind="individual",
            outlet_name="Sari",
            owner_name="Sari",
            nik="3276",
            nik_masked="3276************",
            alert=BAD,
        ),
    ),
    "apply_where": ("apply/where.html", a.WhereView(address="", district_name="", chosen=None)),
    "apply_which": (
        "apply/where.html",
        a.WhereView(
            address="Jl. 1",
            district_name="Pancoran",
            chosen=None,
            position="-6.402500,106.794200",
            found=(DEPOK,) * 12,
            more=True,
        ),
    ),
    "apply_numbers": ("apply/numbers.html", a.NumbersView(numbers=(NUMBER,), rs=NUMBER, nn=NUMBER, ussd=None)),
    "apply_numbers_two": (
        "apply/numbers.html",
        a.NumbersView(numbers=(NUMBER, Msisdn(NUMBER + 137)), rs=NUMBER, nn=NUMBER, ussd=NUMBER),
    ),
    "apply_photo": ("apply/photo.html", a.PhotoView(kept_at=None)),
    "apply_photo_kept": ("apply/photo.html", a.PhotoView(kept_at=AT)),
    "apply_declaration": (
        "apply/declaration.html",
        a.DeclarationView(
            form_number="FP-268812345678", form_version="1.0", signatory="Sari", capacity="owner", documents=READ
        ),
    ),
    "apply_review": ("apply/review.html", a.ReviewView(form=application(), client_ref=REF)),
    "apply_draft": status(),
    "apply_returned": status(**WAITING, returned_at=AT, returned_code="RS_ALREADY_REGISTERED"),
    "apply_submitted": status(state="submitted", **WAITING),
    "apply_recommended": status(state="recommended", recommended_at=AT, **WAITING),
    "apply_approved": status(state="approved", decided_at=AT, **WAITING),
    "apply_rejected": status(state="rejected", decided_at=AT, reason="Foto KTP tidak terbaca.", **WAITING),
    "apply_withdraw": ("apply/withdraw.html", a.WithdrawView(form_number="FP-268812345678")),
    "install": (
        "public/install.html",
        pub.InstallView(
            address="http://127.0.0.1:8080/outlet",
            version="0.1.0",
            store_url="https://store.example/konter",
            pwa=True,
            android_min="4.4",
            android_refused=False,
            cache_max_mb=5,
        ),
    ),
    "product": (
        "public/product.html",
        pub.ProductView(
            benefits=("price", "sure", "phone", "answer"),
            questions=("who", "cost", "time", "card", "money", "wrong", "lost", "old_phone"),
            documents=READ,
        ),
    ),
    "offices": ("public/offices.html", offices()),
    "offices_found": (
        "public/offices.html",
        offices(listed=True, q="bandung", title='Hasil untuk "bandung"', provinces=(), next_from="32.73.02~KL-BDG"),
    ),
    "offices_none": ("public/offices.html", offices(listed=True, q="atlantis", provinces=(), offices=())),
    "offices_failed": ("public/offices.html", offices(offices=(), alert=NO_POSITION, root="/outlet/kantor-layanan")),
    "document": ("public/document.html", document_page()),
    "document_past": ("public/document.html", document_page(state="past", changes=(), before="")),
}
