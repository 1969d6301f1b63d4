"""Trusted phones: nothing of it is seen while the rules trust none; where they do, a log-in without an OTP. [G-D03]"""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import pytest
from tests.access.people import PASSWORD, Stage
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.app import App
from konter.rules.model import Rulebook

Phones = Callable[[], Awaitable[Phone]]


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that trust a phone for thirty days."""
    at = Rulebook.at

    def trusts(self: Rulebook, moment):
        rules = at(self, moment)
        return msgspec.structs.replace(rules, otp=msgspec.structs.replace(rules.otp, trusted_device_days=30))

    monkeypatch.setattr(Rulebook, "at", trusts)


async def trusted(stage: Stage, shop: App, phone: Phone) -> Counter:
    """A user whose phone is trusted since the last log-in, and who has logged out."""
    made = Counter(stage, shop, phone, await stage.user())
    await phone.get("/outlet/masuk")
    await phone.submit("/outlet/masuk", username=made.user.username, password=PASSWORD)
    assert "Percayai HP ini 30 hari" in phone.text
    await phone.submit("/outlet/masuk/", code=await stage.last_otp(made.user.nn_msisdn), trust="1")
    assert phone.path == "/outlet"
    await leave(made)
    return made


async def leave(counter: Counter) -> None:
    counter.stage.clock.advance(timedelta(minutes=2))
    await counter.phone.get("/outlet/akun")
    await counter.phone.submit("/outlet/keluar")


async def enter(counter: Counter) -> str:
    """Name and password; the path that follows."""
    await counter.phone.get("/outlet/masuk")
    await counter.phone.submit("/outlet/masuk", username=counter.user.username, password=PASSWORD)
    return counter.phone.path


def cookies(phone: Phone) -> dict[str, str]:
    return {each.name: each.value for each in phone.client.cookies.jar if each.name == "konter_device"}


@pytest.mark.requirement("D-24", "G-D03")
async def test_off_nothing_of_it_is_seen_and_there_is_no_cookie(stage: Stage, shop: App, phone: Phones) -> None:
    made = Counter(stage, shop, await phone(), await stage.user())
    await enter(made)
    assert "Percayai" not in made.phone.text
    assert 'name="trust"' not in made.phone.text
    form = made.phone.form("/outlet/masuk/")
    code = await stage.last_otp(made.user.nn_msisdn)
    fields = [(name, code if name == "code" else value) for name, value in form["fields"]]
    await made.phone.send(form["action"], "post", [*fields, ("trust", "1")])
    assert made.phone.path == "/outlet"
    assert cookies(made.phone) == {}
    await made.phone.get("/outlet/akun")
    assert "tepercaya" not in made.phone.text.lower()


@pytest.mark.requirement("G-D03")
@pytest.mark.usefixtures("trusting")
async def test_a_trusted_phone_is_asked_for_no_otp_and_its_token_works_once(
    stage: Stage, shop: App, phone: Phones
) -> None:
    made = await trusted(stage, shop, await phone())
    sent, first = len(await stage.texts(made.user.nn_msisdn)), cookies(made.phone)
    assert await enter(made) == "/outlet"
    assert len(await stage.texts(made.user.nn_msisdn)) == sent
    second = cookies(made.phone)
    assert first["konter_device"] != second["konter_device"] != ""
    copied = Counter(stage, shop, await phone(), made.user)
    copied.phone.client.cookies.set("konter_device", first["konter_device"], domain="konter.test", path="/outlet/masuk")
    stage.clock.advance(timedelta(minutes=2))
    assert (await enter(copied)).startswith("/outlet/masuk/"), "the first token was used up"
    assert len(await stage.texts(made.user.nn_msisdn)) == sent + 1


@pytest.mark.usefixtures("trusting")
async def test_the_cookie_is_for_no_script_and_for_the_log_in_alone(stage: Stage, shop: App, phone: Phones) -> None:
    p = await phone()
    user = await stage.user()
    await p.get("/outlet/masuk")
    await p.submit("/outlet/masuk", username=user.username, password=PASSWORD)
    form = p.form("/outlet/masuk/")
    fields = {**dict(form["fields"]), "code": await stage.last_otp(user.nn_msisdn), "trust": "1"}
    answer = await p.client.post(form["action"], data=fields, follow_redirects=False)
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("konter_device=")]
    assert "HttpOnly" in cookie
    assert "Path=/outlet/masuk" in cookie
    assert "Max-Age=2592000" in cookie
    assert "samesite=lax" in cookie.lower()


@pytest.mark.usefixtures("trusting")
async def test_after_its_days_the_phone_is_asked_again(stage: Stage, shop: App, phone: Phones) -> None:
    made = await trusted(stage, shop, await phone())
    stage.clock.advance(timedelta(days=30))
    assert (await enter(made)).startswith("/outlet/masuk/")


@pytest.mark.usefixtures("trusting")
async def test_the_account_lists_trusted_phones_and_ends_them(stage: Stage, shop: App, phone: Phones) -> None:
    made, p = await trusted(stage, shop, await phone()), None
    await enter(made)
    p = made.phone
    await p.get("/outlet/akun")
    assert "HP tepercaya" in p.text
    device = re.search(r"/outlet/akun/tepercaya/(\d+)/cabut", p.text)[1]
    await p.submit("/outlet/akun/tepercaya/")
    assert "tidak dipercaya lagi" in p.text
    assert "HP tepercaya" not in p.text
    await p.send(f"/outlet/akun/tepercaya/{device}/cabut", "post", [("csrf", p.field("/outlet/bahasa", "csrf"))])
    assert p.page.status_code == 404
    await leave(made)
    assert (await enter(made)).startswith("/outlet/masuk/")


@pytest.mark.requirement("D-52", "G-D03")
@pytest.mark.usefixtures("trusting")
async def test_a_lost_phone_ends_its_trust(stage: Stage, shop: App, phone: Phones) -> None:
    made, elsewhere = await trusted(stage, shop, await phone()), await phone()
    await elsewhere.get("/outlet/hp-hilang")
    await elsewhere.submit("/outlet/hp-hilang", username=made.user.username, password=PASSWORD)
    await enter(made)
    assert "dilaporkan hilang" in made.phone.text
    await stage.pool.execute("UPDATE outlet_user SET lost_at = NULL WHERE id = $1", made.user.id)
    assert (await enter(made)).startswith("/outlet/masuk/"), "found again, it is trusted no longer"


@pytest.mark.requirement("G-D03")
@pytest.mark.usefixtures("trusting")
async def test_another_password_ends_the_trust_of_every_phone(stage: Stage, shop: App, phone: Phones) -> None:
    made = await trusted(stage, shop, await phone())
    await enter(made)
    await made.phone.get("/outlet/sandi")
    new = "teh-manis-hangat-7"
    await made.phone.submit("/outlet/sandi", old=PASSWORD, new=new, again=new)
    await leave(made)
    await made.phone.submit("/outlet/masuk", username=made.user.username, password=new)
    assert made.phone.path.startswith("/outlet/masuk/")


async def test_who_ends_all_other_own_sessions_stays(stage: Stage, shop: App, phone: Phones) -> None:
    first = Counter(stage, shop, await phone(), await stage.user())
    await first.log_in()
    stage.clock.advance(timedelta(minutes=2))
    second = Counter(stage, shop, await phone(), first.user)
    await second.log_in()
    await second.phone.get("/outlet/akun")
    await second.phone.submit("/outlet/akun/cabut-semua")
    assert "Semua perangkat lain sudah dikeluarkan" in second.phone.text
    assert "cabut-semua" not in second.phone.text
    await first.phone.get("/outlet")
    assert first.phone.path == "/outlet/masuk"
