"""An outlet's people and numbers on the phone: who sees whom, what is said before it happens, and what then happens."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from tests.access.people import PASSWORD, PIN, Stage
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.access.model import User
from konter.app import App
from konter.subscriber.msisdn import national, pretty

Phones = Callable[[], Awaitable[Phone]]
PEOPLE = "/outlet/pengguna"


@pytest.fixture
async def owner(stage: Stage, shop: App, phone: Phones) -> Counter:
    """The owner, logged in on a phone of her own."""
    made = Counter(stage, shop, await phone(), await stage.user(role="OUTLET_OWNER", nn_type="OWNER"))
    await made.log_in()
    return made


@pytest.fixture
async def cashier(stage: Stage, shop: App, phone: Phones, owner: Counter) -> Counter:
    """A front-liner of the owner's outlet, logged in, who can sell."""
    made = Counter(stage, shop, await phone(), await stage.user(owner.user.outlet_id, name="Sari Kasir"))
    await made.buy(1_000_000)
    await made.log_in()
    return made


def of(user: User, deed: str = "") -> str:
    return f"{PEOPLE}/{user.id}/{deed}".rstrip("/")


@pytest.mark.requirement("D-27", "D-28")
async def test_the_owner_sees_everybody_with_number_and_type(owner: Counter, cashier: Counter) -> None:
    p = owner.phone
    await p.get("/outlet/akun")
    assert f'href="{PEOPLE}"' in p.text
    await p.get(PEOPLE)
    for shown in ("Sari Kasir", pretty(cashier.user.nn_msisdn), pretty(owner.user.nn_msisdn), "Pemilik", "Kasir"):
        assert shown in p.text
    await p.get(of(cashier.user))
    assert "Nomor kasir" in p.text
    assert re.findall(rf'href="{of(cashier.user)}/(\w+)"', p.text) == ["nomor", "jenis", "lepas", "hilang", "akhiri"]
    await p.get(of(owner.user))
    assert re.findall(rf'href="{of(owner.user)}/(\w+)"', p.text) == ["nomor", "jenis", "hilang"]


@pytest.mark.requirement("D-34", "D-60")
async def test_a_front_liner_sees_only_herself_and_does_nothing_to_others(owner: Counter, cashier: Counter) -> None:
    p = cashier.phone
    await p.get(PEOPLE)
    assert pretty(cashier.user.nn_msisdn) in p.text
    assert pretty(owner.user.nn_msisdn) not in p.text
    await p.get(of(cashier.user))
    assert re.findall(rf'href="{of(cashier.user)}/(\w+)"', p.text) == ["hilang"]
    for path, status in (
        (of(owner.user), 404),
        (of(owner.user, "hilang"), 404),
        (of(cashier.user, "nomor"), 403),
        (of(cashier.user, "akhiri"), 403),
        (f"{PEOPLE}/tambah", 403),
        ("/outlet/perangkat", 403),
    ):
        await p.get(path)
        assert p.page.status_code == status, path


@pytest.mark.requirement("D-34")
async def test_a_stranger_outlet_finds_nobody(owner: Counter, stage: Stage, shop: App, phone: Phones) -> None:
    stranger = Counter(stage, shop, await phone(), await stage.user(role="OUTLET_OWNER", nn_type="OWNER"))
    await stranger.log_in()
    await stranger.phone.get(PEOPLE)
    csrf = stranger.phone.field("/outlet/bahasa", "csrf")
    for user in (str(owner.user.id), "0", "x", "9" * 30):
        await stranger.phone.get(f"{PEOPLE}/{user}")
        assert stranger.phone.page.status_code == 404
        for deed in ("nomor", "jenis", "lepas", "hilang", "akhiri", "lain"):
            await stranger.phone.get(f"{PEOPLE}/{user}/{deed}")
            assert stranger.phone.page.status_code == 404
            await stranger.phone.send(f"{PEOPLE}/{user}/{deed}", "post", [("csrf", csrf)])
            assert stranger.phone.page.status_code == 404
    await owner.phone.get("/outlet/akun")
    assert owner.phone.path == "/outlet/akun"


@pytest.mark.requirement("D-06", "D-22", "D-27", "D-28", "D-30")
async def test_the_owner_adds_a_user_who_gets_the_first_password(owner: Counter, shop: App, phone: Phones) -> None:
    stage, p = owner.stage, owner.phone
    number = await stage.number()
    await p.get(f"{PEOPLE}/tambah")
    assert re.search(r"berlaku \d+ jam", p.text)
    typed = {"nama": "Budi Baru", "username": "budi.baru", "nomor": national(number), "jenis": "FAMILY"}
    await p.send_form(f"{PEOPLE}/tambah", **typed)
    assert "Pengguna ditambahkan" in p.text
    assert "Nomor keluarga pemilik" in p.text
    (words,) = await stage.texts(number, "credentials")
    newcomer = await phone()
    await newcomer.get("/outlet/masuk")
    await newcomer.submit("/outlet/masuk", username="budi.baru", password=words["password"])
    await newcomer.submit("/outlet/masuk/", code=await stage.last_otp(number))
    assert newcomer.path == "/outlet/sandi"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"nomor": "12"}, "nomor"),
        ({"nomor": "081799999999"}, "bukan nomor"),
        ({"nomor": "taken"}, "sudah"),
        ({"username": "taken"}, "sudah"),
        ({"username": "x"}, "nama pengguna terdiri"),
        ({"nama": " "}, "tulis namanya"),
    ],
)
async def test_what_cannot_be_added_is_said_and_what_was_typed_is_kept(
    owner: Counter, cashier: Counter, changed: dict[str, str], said: str
) -> None:
    p, stage = owner.phone, owner.stage
    taken = {"nomor": national(cashier.user.nn_msisdn), "username": cashier.user.username}
    typed = {"nama": "Budi", "username": "budi.dua", "nomor": national(await stage.number()), "jenis": "RESELLER"}
    typed |= {name: taken[name] if value == "taken" else value for name, value in changed.items()}
    await p.get(f"{PEOPLE}/tambah")
    await p.send_form(f"{PEOPLE}/tambah", **typed)
    assert p.page.status_code in (409, 422)
    assert said in re.search(r'id="alert">(.*?)</div>', p.text, re.DOTALL)[1].lower()
    assert 'value="RESELLER" checked' in p.text
    assert await stage.pool.fetchval("SELECT count(*) FROM outlet_user WHERE username = 'budi.dua'") == 0


@pytest.mark.requirement("D-22", "D-26", "G-D06")
async def test_another_number_says_what_dies_and_the_old_phone_is_out(owner: Counter, cashier: Counter) -> None:
    stage, p, new = owner.stage, owner.phone, await owner.stage.number()
    await p.get(of(cashier.user, "nomor"))
    assert f"{pretty(cashier.user.nn_msisdn)} keluar dari aplikasi" in p.text
    assert "setelah 24 jam" in p.text
    await p.send_form(of(cashier.user, "nomor"), nomor=national(new), jenis="FAMILY")
    assert "Nomor sudah diganti" in p.text
    assert pretty(new) in p.text
    await cashier.phone.get("/outlet")
    assert cashier.phone.path == "/outlet/masuk"
    await p.get(of(owner.user, "nomor"))
    typed = {"nomor": national(cashier.user.nn_msisdn), "jenis": "OWNER", "password": PASSWORD}
    await p.send_form(of(owner.user, "nomor"), **typed)
    assert p.page.status_code == 409, "it cools down"
    assert "24 jam" in p.text
    assert await stage.pool.fetchval("SELECT type FROM notification_number WHERE msisdn = $1", new) == "FAMILY"


async def test_who_changes_the_own_number_logs_in_again_with_the_new_one(owner: Counter) -> None:
    p, new = owner.phone, await owner.stage.number()
    await p.get(of(owner.user, "nomor"))
    assert "Anda langsung keluar" in p.text
    await p.send_form(of(owner.user, "nomor"), nomor=national(new), jenis="OWNER", password="bukan ini")
    assert p.page.status_code in {401, 422}, "an open phone is not enough"
    assert "bukan ini" not in p.text
    assert (await owner.stage.reread(owner.user.id)).nn_msisdn == owner.user.nn_msisdn
    await p.send_form(of(owner.user, "nomor"), nomor=national(new), jenis="OWNER", password=PASSWORD)
    assert p.path == "/outlet/masuk"
    assert "OTP dikirim ke nomor baru" in p.text
    owner.user = await owner.stage.reread(owner.user.id)
    assert owner.user.nn_msisdn == new
    await owner.log_in()
    assert p.path == "/outlet"


@pytest.mark.requirement("D-28", "D-30")
async def test_the_type_changes_and_nothing_else(owner: Counter, cashier: Counter) -> None:
    p, pool = owner.phone, owner.stage.pool
    await p.get(of(cashier.user, "jenis"))
    for _ in range(2):
        await p.send_form(of(cashier.user, "jenis"), jenis="FAMILY", csrf=p.field("/outlet/bahasa", "csrf"))
        assert "Jenis nomor sudah diganti" in p.text
        await p.get(of(cashier.user, "jenis"))
    assert 'value="FAMILY" checked' in p.text
    kept = await pool.fetchrow("SELECT type, ended_at FROM number_registration WHERE user_id = $1", cashier.user.id)
    assert tuple(kept) == ("FAMILY", None)
    assert (await owner.stage.audit(cashier.user.id)).count("user.nn_type") == 1
    await cashier.phone.get("/outlet")
    assert cashier.phone.path == "/outlet", "still logged in"


@pytest.mark.requirement("D-26", "G-D06")
async def test_a_released_number_cools_down_in_words_and_another_makes_the_user_whole(
    owner: Counter, cashier: Counter
) -> None:
    p = owner.phone
    await p.get(of(cashier.user, "lepas"))
    assert "setelah 24 jam" in p.text
    await p.submit(of(cashier.user, "lepas"))
    assert "Nomor sudah dilepas" in p.text
    assert f"{pretty(cashier.user.nn_msisdn)} sudah dilepas. Mulai" in p.text
    assert "/lepas" not in p.text
    await cashier.phone.get("/outlet")
    assert cashier.phone.path == "/outlet/masuk"
    await p.get(of(cashier.user, "nomor"))
    assert "keluar dari aplikasi" not in p.text, "there is no number that dies"
    new = await owner.stage.number()
    await p.send_form(of(cashier.user, "nomor"), nomor=national(new), jenis="FRONTLINER")
    assert (await owner.stage.reread(cashier.user.id)).status == "active"
    owner.stage.clock.advance(timedelta(hours=25))
    await owner.log_in()
    await p.get(of(cashier.user))
    assert "sudah dilepas" not in p.text


async def test_nobody_takes_the_owner_away(owner: Counter) -> None:
    await owner.phone.get(PEOPLE)
    csrf = owner.phone.field("/outlet/bahasa", "csrf")
    for deed in ("lepas", "akhiri"):
        await owner.phone.send(of(owner.user, deed), "post", [("csrf", csrf)])
        assert owner.phone.page.status_code == 403
    assert (await owner.stage.reread(owner.user.id)).status == "active"


@pytest.mark.requirement("D-26")
async def test_an_ended_user_is_out_and_off_the_list(owner: Counter, cashier: Counter) -> None:
    p = owner.phone
    await p.get(of(cashier.user, "akhiri"))
    assert "Ini tidak bisa dibatalkan" in p.text
    await p.submit(of(cashier.user, "akhiri"))
    assert "Pengguna sudah diakhiri" in p.text
    assert "Sari Kasir" not in p.text
    await cashier.phone.get("/outlet")
    assert cashier.phone.path == "/outlet/masuk"
    await p.get(of(cashier.user))
    assert p.page.status_code == 404


@pytest.mark.requirement("D-52")
async def test_the_owner_reports_a_phone_lost_and_it_sells_no_more(owner: Counter, cashier: Counter) -> None:
    p = owner.phone
    await cashier.phone.get(f"/outlet/jual?produk=PULSA50&nomor={national(await owner.stage.number())}")
    await p.get(of(cashier.user, "hilang"))
    for said in ("Saat itu juga", "OTP yang sudah dikirim tidak berlaku", "Tidak ada penjualan baru", "e-KTP"):
        assert said in p.text
    await p.submit(of(cashier.user, "hilang"), catatan="di angkot")
    assert "sudah dilaporkan hilang" in p.text
    assert "Dilaporkan hilang" in p.text
    await cashier.phone.submit("/outlet/jual", pin=PIN)
    assert cashier.phone.path == "/outlet/masuk"
    assert await cashier.sales() == []
    await cashier.phone.submit("/outlet/masuk", username=cashier.user.username, password=PASSWORD)
    assert "dilaporkan hilang" in cashier.phone.text
    report = await owner.stage.pool.fetchrow(
        "SELECT way, note FROM lost_phone WHERE msisdn = $1", cashier.user.nn_msisdn
    )
    assert tuple(report) == ("owner", "di angkot")
    await p.get(of(cashier.user, "hilang"))
    assert p.page.status_code == 403, "it is reported already"


@pytest.mark.requirement("D-48", "D-52")
async def test_who_has_lost_the_phone_reports_it_from_the_log_in_page(cashier: Counter, phone: Phones) -> None:
    p = await phone()
    await p.get("/outlet/masuk")
    assert 'href="/outlet/hp-hilang"' in p.text
    await p.get("/outlet/hp-hilang")
    await p.submit("/outlet/hp-hilang", username=cashier.user.username, password="bukan ini")
    assert p.page.status_code == 401
    assert p.field("/outlet/hp-hilang", "username") == cashier.user.username
    assert "bukan ini" not in p.text
    await cashier.phone.get("/outlet")
    assert cashier.phone.path == "/outlet"
    await p.submit("/outlet/hp-hilang", username=cashier.user.username, password=PASSWORD, catatan="jatuh")
    assert p.path == "/outlet/masuk"
    assert "HP sudah dilaporkan hilang" in p.text
    await cashier.phone.get("/outlet")
    assert cashier.phone.path == "/outlet/masuk"


async def test_who_reports_the_own_phone_is_logged_out_here_too(cashier: Counter) -> None:
    p = cashier.phone
    await p.get(of(cashier.user, "hilang"))
    assert "Anda juga keluar dari perangkat ini" in p.text
    await p.submit(of(cashier.user, "hilang"))
    assert p.path == "/outlet/masuk"
    await p.get("/outlet")
    assert p.path == "/outlet/masuk"


@pytest.mark.requirement("D-52", "D-81")
async def test_the_owner_sees_who_is_logged_in_and_ends_one_or_all_others(
    owner: Counter, cashier: Counter, stage: Stage, shop: App, phone: Phones
) -> None:
    p = owner.phone
    stranger = Counter(stage, shop, await phone(), await stage.user())
    await stranger.log_in()
    await p.get("/outlet/perangkat")
    assert p.text.count('class="item"') == 2
    assert "Sari Kasir" in p.text
    theirs = await stage.pool.fetchval("SELECT id FROM session WHERE user_id = $1", stranger.user.id)
    csrf = p.field("/outlet/bahasa", "csrf")
    await p.send(f"/outlet/perangkat/{theirs}/cabut", "post", [("csrf", csrf)])
    assert p.page.status_code == 404
    await p.get("/outlet/perangkat")
    await p.submit("/outlet/perangkat/")
    assert "sudah dikeluarkan" in p.text
    assert "Hanya perangkat ini" in p.text
    await cashier.phone.get("/outlet")
    assert cashier.phone.path == "/outlet/masuk"
    stage.clock.advance(timedelta(minutes=2))
    await cashier.log_in()
    await p.get("/outlet/perangkat")
    await p.submit("/outlet/perangkat/cabut-semua")
    assert "Semua perangkat lain sudah dikeluarkan" in p.text
    await cashier.phone.get("/outlet")
    assert cashier.phone.path == "/outlet/masuk"
    await stranger.phone.get("/outlet")
    assert stranger.phone.path == "/outlet", "a stranger's outlet is left alone"
    assert (await stage.audit(owner.user.outlet_id)).count("session.others_revoked") == 1


async def test_who_guesses_the_password_at_the_owners_open_phone_is_logged_out(owner: Counter) -> None:
    p, typed = owner.phone, {"nomor": national(await owner.stage.number()), "jenis": "OWNER", "password": "bukan ini"}
    for _ in range(5):
        await p.get(of(owner.user, "nomor"))
        await p.send_form(of(owner.user, "nomor"), **typed)
    assert p.path == "/outlet/masuk"
    assert (await owner.stage.reread(owner.user.id)).nn_msisdn == owner.user.nn_msisdn
