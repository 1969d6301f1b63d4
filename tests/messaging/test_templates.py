"""Every text fits one part of 160 septets, in both languages, with the longest plausible data."""

from datetime import UTC, datetime

import msgspec
import pytest

from konter.messaging.gsm7 import length
from konter.messaging.model import TEMPLATES, Sms, quota, render, sms
from konter.platform.i18n import catalogue
from konter.platform.ids import Msisdn, cell_of_msisdn
from konter.rules.keys import SmsSender

AT = datetime(2026, 11, 21, 7, 5, tzinfo=UTC)
TO = Msisdn(6281212345678)
SENDERS = SmsSender(otp="1818", credentials="1819", sale="1820")
LONGEST = {
    "code": "WWWW-WWWW",
    "ttl_s": 3599,
    "ttl_h": 168,
    "days": 365,
    "outlet": "Wíjaya Kusuma Selular & Aksesoris 😀 [Cabang] Yogyakarta",
    "username": "WIR6289504-kasir-utama",
    "password": "wwwwwwwwww",
    "product": "Internet OMG! Nusantara Malam + Siang [Combo Sakti] 30 hari",
    "msisdn": 62812123456789,
    "balance_rp": 9_999_999_999,
    "nominal_rp": 10_000_000,
    "refund_rp": 10_000_000,
    "cost_rp": 10_000_000,
    "at": AT,
    "until": AT,
    "zone": "Asia/Jayapura",
    "form": "FP-281474976710655",
    "reason": "Foto KTP tidak terbaca dan alamat tidak cocok dengan kecamatan yang dipilih; ajukan lagi dengan foto baru",
    "voucher": "WWWWW-WWWWW-WWWWW-WWWWW-WWWWWW",
    "points": 10_000_000,
    "points_left": 999_999_999,
    "agent": "Chrome 120 di Android 14 Samsung SM-A155F",
    "buckets": [
        {"asset": "BYTES", "amount": 99 * (1 << 30) + (1 << 29), "source": "data-roaming-hajj"},
        {"asset": "BYTES", "amount": 99 * (1 << 30) + (1 << 29), "source": "data-learning"},
        {"asset": "SECONDS", "amount": 59_940, "source": "voice-all"},
        {"asset": "MESSAGES", "amount": 10_000, "source": "sms-all"},
        {"asset": "DAYS", "amount": 365, "source": "validity"},
    ],
}
PURPOSES = ("login", "password_reset", "pin_reset", "apply", "customer")


def made(template: str, keys, locale: str = "id", **values: object) -> Sms:
    data = {name: values.get(name, LONGEST.get(name, "login")) for name in TEMPLATES[template].fields}
    row = sms(template, to=TO, locale=locale, at=AT, data=data, keys=keys)
    body = msgspec.json.decode(msgspec.json.encode(row.body))  # as it comes back from the database
    return render(7, body, written_at=AT, now=AT, unseal=keys.unseal, senders=SENDERS)


def test_it_works(keys):
    text = made(
        "sale_seller",
        keys,
        code="K7Q2-9M4D",
        product="Pulsa 50.000",
        msisdn=6281212345678,
        balance_rp=1_195_500,
        zone="Asia/Jakarta",
    )
    assert text.text == "Trx K7Q2-9M4D BERHASIL. Pulsa 50.000 ke 081212345678. Saldo Rp1.195.500. 21/11/26 14:05"
    assert (text.to, text.sender, text.outbox_id) == (TO, "1820", 7)


@pytest.mark.requirement("D-06", "D-21", "D-23")
@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("template", [*(t for t in TEMPLATES if t != "otp"), *PURPOSES])
def test_the_longest_text_fits_one_part_whole(template, locale, keys):
    if template in PURPOSES:
        text = made("otp", keys, locale, purpose=template, code="00000000").text
    else:
        text = made(template, keys, locale).text
    # 160 itself would be what cutting leaves, so a text that had to be cut fails here.
    assert (length(text).alphabet, length(text).parts) == ("gsm7", 1)
    assert length(text).units < 160
    assert not text.endswith("..")


def test_every_template_has_its_words_and_no_words_are_left_over():
    keys = {key.removeprefix("sms.") for key in catalogue() if key.startswith("sms.")}
    assert keys == {*(t for t in TEMPLATES if t != "otp"), *(f"otp.{purpose}" for purpose in PURPOSES)}


@pytest.mark.requirement("D-23")
def test_an_otp_is_nowhere_in_its_row(keys):
    row = sms("otp", to=TO, locale="id", at=AT, data={"code": "493817", "ttl_s": 300, "purpose": "login"}, keys=keys)
    assert "493817" not in repr(row)
    assert "493817" in made("otp", keys, code="493817").text


@pytest.mark.requirement("D-06")
def test_credentials_say_user_name_and_password_from_their_own_sender(keys):
    text = made("credentials", keys, username="WIR6289504", password="kxw7mp2qra", outlet="Sukses Cell", ttl_h=24)
    assert text.text == (
        "Selamat, Sukses Cell terdaftar. Username WIR6289504, kata sandi kxw7mp2qra, berlaku 24 jam. "
        "Ganti kata sandi saat pertama masuk."
    )
    assert text.sender == "1819"


def test_a_secret_without_keys_is_refused():
    with pytest.raises(ValueError, match="needs keys"):
        sms("otp", to=TO, locale="id", at=AT, data={"code": "1", "ttl_s": 300, "purpose": "login"})


def test_data_that_a_template_does_not_know_is_refused():
    with pytest.raises(ValueError, match="needs"):
        sms("pin_changed", to=TO, locale="id", at=AT, data={"username": "kasir1", "at": AT})


def test_the_row_stands_in_the_cell_of_the_number():
    row = sms("pin_changed", to=TO, locale="id", at=AT, data={"username": "u", "at": AT, "zone": "Asia/Jakarta"})
    assert (row.cell, row.topic) == (cell_of_msisdn(TO), "sms")


def test_the_last_active_day_is_the_day_before_the_first_instant_without(keys):
    midnight_wib = datetime(2027, 1, 5, 17, 0, tzinfo=UTC)  # 6 January 00:00 in Jakarta
    assert "aktif s.d. 05/01/2027" in made("sale_customer_recharge", keys, until=midnight_wib).text


def test_one_emoji_in_a_name_does_not_halve_the_room(keys):
    assert length(made("credentials", keys, outlet="Jaya 😀 Cell").text).alphabet == "gsm7"


@pytest.mark.parametrize(
    ("asset", "amount", "words"),
    [
        ("BYTES", 3 << 30, "3 GB"),
        ("BYTES", 3 * (1 << 29), "1,5 GB"),
        ("BYTES", 500 << 20, "500 MB"),
        ("BYTES", 12, "12 B"),
        ("SECONDS", 3600, "60 menit"),
        ("MESSAGES", 1000, "1.000 SMS"),
        ("DAYS", 7, "7 hari"),
    ],
)
def test_quotas_in_words(asset, amount, words):
    assert quota(asset, amount, "id") == words


def a_bucket(source: str, gigabytes: int) -> dict[str, object]:
    return {"asset": "BYTES", "amount": gigabytes << 30, "source": source}


@pytest.mark.requirement("D-21")
@pytest.mark.parametrize(
    ("locale", "words"), [("id", "10 GB, 4 GB lokal, 2 GB malam"), ("en", "10 GB, 4 GB local, 2 GB night")]
)
def test_a_package_names_what_is_not_plain(keys, locale, words):
    buckets = [a_bucket("data", 10), a_bucket("data-local", 4), a_bucket("data-night", 2)]
    assert f": {words}. " in made("sale_customer_package", keys, locale, buckets=buckets).text


def test_a_source_without_a_word_and_a_row_of_an_older_release_show_the_amount(keys):
    buckets = [a_bucket("data-moon", 3), {"asset": "SECONDS", "amount": 3600}]
    assert ": 3 GB, 60 menit. " in made("sale_customer_package", keys, buckets=buckets).text


def test_quotas_without_room_are_counted_not_cut_in_the_middle(keys):
    buckets = [a_bucket("data-roaming-hajj", 10 + n) for n in range(9)]
    text = made("sale_customer_package", keys, buckets=buckets).text
    assert ": 10 GB roaming haji, 11 GB roaming haji, +7 lagi. " in text


def test_a_text_does_not_show_itself_in_a_log(keys):
    shown = repr(made("otp", keys, code="493817"))
    assert "493817" not in shown
    assert str(TO) not in shown
