"""Where people are helped in person, on the pages of anybody and of outlets."""

from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path

import pytest
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.app import App
from konter.channel.geography.load import ensure_regions
from konter.channel.offices.load import OfficeReport, import_offices
from konter.platform.audit import SYSTEM

Phones = Callable[[], Awaitable[Phone]]
pytestmark = pytest.mark.requirement("D-53")


@pytest.fixture(autouse=True)
async def offices(shop: App) -> None:
    """The demo's."""
    source = Path(str(resources.files("konter.simulator") / "data" / "offices.csv"))
    async with shop.pool.acquire() as connection:
        await ensure_regions(connection, actor=SYSTEM, now=shop.clock.now(), ids=shop.ids)
        report = await import_offices(connection, source, actor=SYSTEM, now=shop.clock.now(), ids=shop.ids)
        assert isinstance(report, OfficeReport), report


async def test_anybody_finds_one_by_province_and_city(phone: Phones) -> None:
    p = await phone()
    await p.get("/install")
    assert 'href="/kantor-layanan"' in p.text
    await p.get("/kantor-layanan")
    assert "Jawa Barat" in p.text
    assert "Kantor Layanan Bandung" not in p.text
    await p.get("/kantor-layanan?daerah=32.73")
    for words in (
        "<h2>Kota Bandung</h2>",
        "Kantor Layanan Bandung Utara",
        "Senin-Jumat",
        "08:00-16:00 WIB",
        "ganti SIM",
    ):
        assert words in p.text, words
    assert "Bekasi" not in p.text
    await p.submit("/kantor-layanan", cari="papua")
    assert "Kantor Layanan Jayapura" in p.text
    assert "WIT<" in p.text
    await p.submit("/kantor-layanan", cari="atlantis")
    assert "Tidak ada kantor layanan yang cocok" in p.text


async def test_the_nearest_by_the_phones_position_which_no_address_holds(phone: Phones) -> None:
    p = await phone()
    await p.get("/kantor-layanan")
    assert "tidak disimpan" in p.text
    fields = [("csrf", p.text.split('name="csrf" value="')[1].split('"')[0])]
    await p.send("/kantor-layanan", "post", [*fields, ("lat", "-6.880"), ("lon", "107.600")])
    assert (p.page.status_code, p.page.url.query) == (200, b"")
    assert p.text.index("Kantor Layanan Bandung") < p.text.index("Kantor Layanan Bogor")
    assert "1,7 km" in p.text
    for lat, lon in (("", ""), ("91", "0"), ("x", "1"), ("1e9", "1")):
        await p.send("/kantor-layanan", "post", [*fields, ("lat", lat), ("lon", lon)])
        assert p.page.status_code == 422
        assert "Lokasi tidak dapat dibaca" in p.text


async def test_a_position_without_the_pages_own_form_is_refused(phone: Phones) -> None:
    p = await phone()
    await p.send("/kantor-layanan", "post", [("lat", "-6.9"), ("lon", "107.6")])
    assert p.page.status_code == 403


async def test_a_seller_sees_those_near_the_outlet(counter: Counter) -> None:
    p = counter.phone
    await counter.shop.pool.execute("UPDATE outlet SET district = '32.73.05' WHERE id = $1", counter.user.outlet_id)
    await p.get("/outlet/akun")
    assert 'href="/outlet/kantor-layanan"' in p.text
    await p.get("/outlet/kantor-layanan")
    assert "Terdekat dari outlet Anda" in p.text
    assert p.text.index("Kantor Layanan Bandung") < p.text.index("Kantor Layanan Bogor")
    await p.get("/outlet/kantor-layanan?cari=manado")
    assert "Kantor Layanan Manado" in p.text


async def test_without_a_place_a_seller_chooses_one(counter: Counter) -> None:
    await counter.phone.get("/outlet/kantor-layanan")
    assert "Terdekat" not in counter.phone.text
    assert "Pilih provinsi" in counter.phone.text


@pytest.mark.parametrize(
    "query", ["daerah=%00", "daerah=' OR 1", "cari=%00x", "daerah=32&dari=%00", "daerah=32&dari=~", "cari=%25"]
)
async def test_what_nobody_types_finds_nothing(phone: Phones, query: str) -> None:
    p = await phone()
    await p.get(f"/kantor-layanan?{query}")
    assert p.page.status_code == 200


async def test_a_long_list_comes_in_pages(phone: Phones) -> None:
    p = await phone()
    await p.get("/kantor-layanan?cari=kantor")
    assert p.text.count("<section") == 20
    await p.get(p.text.split('class="btn quiet" href="')[-1].split('"')[0].replace("&amp;", "&"))
    assert p.text.count("<section") == 5
