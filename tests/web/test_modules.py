"""A module that is off is on no page, its routes say no in words, and everything else works; by a rule with a date."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.app import App
from konter.platform.audit import SYSTEM
from konter.platform.db import Pool
from konter.rules.load import Loaded, load_ruleset
from konter.subscriber.msisdn import national

Phones = Callable[[], Awaitable[Phone]]
pytestmark = pytest.mark.requirement("D-54")


@pytest.fixture
async def db(own_db: Pool) -> Pool:
    """Rules of the test's own."""
    return own_db


async def publish(shop: App, folder: Path, *lines: str) -> None:
    """From in an hour on."""
    begin = shop.clock.now() + timedelta(hours=1)
    file = folder / "switch.toml"
    text = ['name = "switch"', 'title = "Switch"', "[[rules]]", f"valid_from = {begin.isoformat()}", *lines]
    file.write_text("\n".join(text))
    async with shop.pool.acquire() as connection:
        loaded = await load_ruleset(connection, file, now=shop.clock.now(), actor=SYSTEM, ids=shop.ids)
    assert isinstance(loaded, Loaded), loaded


async def test_it_goes_off_at_its_moment_without_a_restart(counter: Counter, tmp_path: Path) -> None:
    p = counter.phone
    await publish(counter.shop, tmp_path, 'feature.day_close = { default = "off" }')
    await p.get("/outlet")
    assert "/outlet/tutup-hari" in p.text
    await p.get("/outlet/tutup-hari")
    assert p.page.status_code == 200
    counter.stage.clock.advance(timedelta(hours=1))
    await p.get("/outlet")
    assert "/outlet/tutup-hari" not in p.text
    for address in ("/outlet/tutup-hari", "/outlet/tutup-hari/sale"):
        await p.get(address)
        assert p.page.status_code == 404
        assert "Fungsi ini belum tersedia" in p.text
    await counter.sells()


@pytest.mark.parametrize(
    ("where", "off"), [("segment:retail", True), ("segment:kiosk", False), ("area:NOWHERE", False)]
)
async def test_packages_are_off_for_a_segment_or_an_area_alone(
    counter: Counter, tmp_path: Path, where: str, *, off: bool
) -> None:
    p = counter.phone
    number = national(await counter.stage.number())
    await publish(counter.shop, tmp_path, f'feature.packages = {{ default = "on", "{where}" = "off" }}')
    await p.get(f"/outlet/jual?produk=D16C30&nomor={number}")
    assert p.page.status_code == 200
    counter.stage.clock.advance(timedelta(hours=1))
    await p.get(f"/outlet/produk?nomor={number}&kategori=data")
    assert ("D16C30" in p.text) is not off
    await p.get("/outlet")
    assert (">Data<" in p.text) is not off
    await p.get(f"/outlet/jual?produk=D16C30&nomor={number}")
    assert (p.page.status_code == 404) is off
    await counter.sells()


async def test_a_page_that_was_open_sells_no_package_any_more(counter: Counter, tmp_path: Path) -> None:
    p = counter.phone
    await publish(counter.shop, tmp_path, 'feature.packages = { default = "off" }')
    await p.get(f"/outlet/jual?produk=D16C30&nomor={national(await counter.stage.number())}")
    counter.stage.clock.advance(timedelta(hours=1))
    await p.submit("/outlet/jual", pin="739164")
    assert p.page.status_code == 404
    assert "Fungsi ini belum tersedia" in p.text
    assert await counter.sales() == []


async def test_nobody_begins_to_apply_and_nothing_leads_there(phone: Phones, shop: App, tmp_path: Path) -> None:
    p = await phone()
    await publish(shop, tmp_path, 'feature.apply = { default = "off" }', 'feature.offices = { default = "off" }')
    await p.get("/produk")
    assert 'href="/apply"' in p.text
    shop.clock.advance(timedelta(hours=1))
    for address in ("/produk", "/install", "/outlet/masuk"):
        await p.get(address)
        assert p.page.status_code == 200
        assert 'href="/apply"' not in p.text, address
        assert "/kantor-layanan" not in p.text, address
    for address in ("/apply", "/apply/siapa", "/kantor-layanan"):
        await p.get(address)
        assert p.page.status_code == 404, address
        assert "Fungsi ini belum tersedia" in p.text
    status = await p.client.get("/apply/status")
    assert status.headers["location"] == "/apply?pesan=tutup", "what was begun can be seen and taken back"


async def test_a_held_sale_cannot_be_taken_back_where_that_is_off(counter: Counter, tmp_path: Path) -> None:
    p = counter.phone
    await counter.shop.pool.execute("UPDATE outlet SET hold_s = 60 WHERE id = $1", counter.user.outlet_id)
    await publish(counter.shop, tmp_path, 'feature.cancel = { default = "off" }')
    counter.stage.clock.advance(timedelta(hours=1))
    code = await counter.sells()
    assert "/batal" not in p.text
    csrf = p.text.split('name="csrf" value="')[1].split('"')[0]
    await p.send(f"/outlet/transaksi/{code}/batal", "post", [("csrf", csrf)])
    assert p.page.status_code == 404
    assert [sale["status"] for sale in await counter.sales()] == ["checking"]
