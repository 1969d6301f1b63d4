"""What the office does to an outlet while its people have the phone in the hand."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from tests.access.people import PASSWORD, PIN, Stage
from tests.channel.numbers.desk import Desk
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.app import App
from konter.subscriber.msisdn import national

Phones = Callable[[], Awaitable[Phone]]
PEOPLE = "/outlet/pengguna"


@pytest.fixture
async def owner(stage: Stage, shop: App, phone: Phones) -> Counter:
    made = Counter(stage, shop, await phone(), await stage.user(role="OUTLET_OWNER", nn_type="OWNER"))
    await made.buy(1_000_000)
    await made.log_in()
    return made


async def balance(counter: Counter) -> int:
    return await counter.stage.pool.fetchval(
        "SELECT balance FROM account WHERE owner_id = $1 AND kind = 'wallet'", counter.user.outlet_id
    )


@pytest.mark.requirement("D-52", "D-71")
async def test_an_outlet_that_ends_while_its_owner_fills_the_forms(owner: Counter) -> None:
    stage, p = owner.stage, owner.phone
    number = await stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    sale_form = p.text
    await Desk(stage).set_outlet(owner.user.outlet_id, "terminated")
    before = await balance(owner)
    await p.submit("/outlet/jual", pin=PIN)
    assert p.path.startswith("/outlet/masuk"), p.text
    assert p.page.status_code == 200
    assert await balance(owner) == before
    assert await owner.sales() == []
    assert sale_form
    await p.submit("/outlet/masuk", username=owner.user.username, password=PASSWORD)
    assert p.page.status_code < 500
    assert p.path == "/outlet/masuk"
    for path in ("/outlet", PEOPLE, f"{PEOPLE}/tambah", "/outlet/akun", "/outlet/riwayat"):
        await p.get(path)
        assert p.path.startswith("/outlet/masuk"), path


@pytest.mark.requirement("D-52", "D-71")
async def test_an_outlet_that_ends_while_its_owner_adds_a_user(owner: Counter) -> None:
    stage, p = owner.stage, owner.phone
    number = await stage.number()
    await p.get(f"{PEOPLE}/tambah")
    await Desk(stage).set_outlet(owner.user.outlet_id, "terminated")
    typed = {"nama": "Budi", "username": "budi.akhir", "nomor": national(number), "jenis": "FAMILY"}
    await p.send_form(f"{PEOPLE}/tambah", **typed)
    assert p.path.startswith("/outlet/masuk")
    assert await stage.texts(number, "credentials") == []
    assert await stage.pool.fetchval("SELECT count(*) FROM outlet_user WHERE username = 'budi.akhir'") == 0


@pytest.mark.requirement("D-52", "D-71")
async def test_an_outlet_that_ends_between_password_and_code(stage: Stage, shop: App, phone: Phones) -> None:
    counter = Counter(stage, shop, await phone(), await stage.user())
    await counter.phone.get("/outlet/masuk")
    await counter.phone.submit("/outlet/masuk", username=counter.user.username, password=PASSWORD)
    await Desk(stage).set_outlet(counter.user.outlet_id, "terminated")
    await counter.enter_otp()
    assert counter.phone.page.status_code in (200, 401, 403, 410, 422, 423), counter.phone.text
    await counter.phone.get("/outlet")
    assert counter.phone.path.startswith("/outlet/masuk")


@pytest.mark.requirement("D-07", "G-D01")
async def test_first_steps_in_two_tabs_and_an_initial_password_that_lapses_between_them(
    stage: Stage, shop: App, phone: Phones
) -> None:
    counter = Counter(stage, shop, await phone(), await stage.newcomer())
    p, ttl_h = counter.phone, stage.rules.auth.initial_password_ttl_h
    stage.clock.advance(timedelta(hours=ttl_h, minutes=-1))
    await counter.log_in()
    assert p.path == "/outlet/sandi"
    first = p.form("/outlet/sandi")
    stage.clock.advance(timedelta(minutes=2))
    await p.get("/outlet")
    assert p.path == "/outlet/sandi", "who is in goes on where they were"
    typed = [(name, value) for name, value in first["fields"] if name == "csrf"]
    names = [name for name, _ in first["fields"] if name not in ("csrf", "username")]
    new = [(name, PASSWORD if name == "old" else "teh-manis-53") for name in names]
    await p.send("/outlet/sandi", "post", [*typed, *new])
    assert p.path == "/outlet/ketentuan", p.text
    await p.send("/outlet/sandi", "post", [*typed, *new])
    assert p.page.status_code < 500
    await p.get("/outlet")
    assert p.path == "/outlet/ketentuan"
