"""The terms for anybody, with every version and what changed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.platform.ids import make_id

Phones = Callable[[], Awaitable[Phone]]


@pytest.mark.requirement("T-02", "D-74")
async def test_anybody_reads_what_changed_and_every_version(phone: Phones) -> None:
    p = await phone()
    await p.get("/dokumen")
    assert 'href="/dokumen/customer-terms"' in p.text
    await p.get("/dokumen/seller-terms")
    for words in (
        "Berlaku sekarang",
        "Versi 1.1, berlaku",
        "Yang berubah sejak versi 1.0",
        "Baru:</b> <ins>9. Berakhir karena tidak aktif.",
        "membebaskan kami dari tuntutan",
        "tanpa pemberitahuan lebih dulu",
    ):
        assert words in p.text, words
    assert "<del>" not in p.text
    await p.get("/dokumen/seller-terms?versi=1.0")
    assert "Tidak berlaku lagi" in p.text
    assert "membebaskan kami" not in p.text


@pytest.mark.parametrize("address", ["nothing", "customer-terms?versi=9", "x%00", "customer-terms?versi=%00"])
async def test_what_is_not_there_is_said_so(phone: Phones, address: str) -> None:
    p = await phone()
    await p.get(f"/dokumen/{address}")
    assert p.page.status_code == 404


@pytest.mark.requirement("D-71", "D-74")
async def test_who_is_about_to_lose_access_reads_who_bears_the_harm(counter: Counter) -> None:
    """With the notice, on the home page, until something is sold."""
    stage, outlet = counter.stage, counter.user.outlet_id
    await counter.phone.get("/outlet")
    assert "membebaskan kami" not in counter.phone.text
    await stage.pool.execute(
        "INSERT INTO inactivity (id, cell, outlet_id, policy, state, since, last_kind, last_id, noticed_day, notices,"
        " opened_at) VALUES ($1, $2, $3, 'auto', 'warned', $4, 'sale', 1, 23, '[]', $4)",
        make_id(await stage.pool.fetchval("SELECT nextval('id_block')") * 1024, outlet & 255),
        outlet & 255,
        outlet,
        stage.now - timedelta(days=23),
    )
    await counter.phone.get("/outlet")
    for words in ("Sudah 23 hari tanpa penjualan", "membebaskan kami dari tuntutan", 'href="/dokumen/seller-terms"'):
        assert words in counter.phone.text, words
