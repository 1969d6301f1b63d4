"""The terms for anybody, with every version and what changed."""

from collections.abc import Awaitable, Callable

import pytest
from tests.web.phone import Phone

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
