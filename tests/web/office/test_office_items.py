"""The main job of the office: see what does not fit, take it, have it put right with four eyes."""

import pytest
from tests.sales.reconciliation.bureau import file, line
from tests.web.office.conftest import Office


@pytest.mark.requirement("D-46", "G-D12")
async def test_it_works(office: Office) -> None:
    """From the home page to an adjustment that two people made."""
    sale = await office.late_delivery()
    rani, budi = await office.clerk("care"), await office.clerk("supervisor")
    await rani.get("/office")
    assert "Halo, Rani Care" in rani.text
    assert sale.code in rani.text
    await rani.get("/office/perkara")
    item = rani.text.split("/office/perkara/")[1].split('"')[0]
    await rani.get(f"/office/perkara/{item}")
    assert "Dana kembali, tetapi terkirim" in rani.text
    await rani.submit(f"/office/perkara/{item}/ambil")
    assert "sekarang Anda kerjakan" in rani.text
    await rani.get(f"/office/transaksi/{sale.code}")
    await rani.submit(f"/office/transaksi/{sale.code}/penyesuaian", reason="berkas jaringan: terkirim")
    assert "menunggu petugas lain" in rani.text
    assert "bukan oleh yang memintanya" in rani.text, "who asked sees why they may not decide"
    await budi.get("/office/penyesuaian")
    assert "berkas jaringan: terkirim" in budi.text
    await budi.get(f"/office/transaksi/{sale.code}")
    assert "Diminta Rani Care" in budi.text
    await budi.submit(f"/office/transaksi/{sale.code}/penyesuaian/putusan")
    assert "Disetujui." in budi.text
    await budi.get(f"/office/perkara/{item}")
    assert "oleh penyesuaian" in budi.text
    assert await office.bureau.kinds() == []


async def test_an_item_is_taken_over_and_solved_with_a_reason(office: Office) -> None:
    sale = await office.bureau.sold()
    await office.bureau.compare(file([line(sale, nominal_rp=10_000)]))
    rani, budi = await office.clerk("care"), await office.clerk("supervisor")
    item = (await office.bureau.the_item()).id
    await rani.get(f"/office/perkara/{item}")
    await rani.submit(f"/office/perkara/{item}/ambil")
    await budi.get(f"/office/perkara/{item}")
    assert "Sedang dikerjakan Rani Care." in budi.text
    await budi.submit(f"/office/perkara/{item}/ambil")
    assert "sekarang Anda kerjakan" in budi.text
    await budi.submit(f"/office/perkara/{item}/selesai", why="x")
    assert "Tulis alasannya" in budi.text
    await budi.submit(f"/office/perkara/{item}/selesai", why="berkas jaringan keliru")
    assert "Perkara ini selesai." in budi.text
    assert "berkas jaringan keliru" in budi.text
    await budi.get("/office/perkara")
    assert "Tidak ada perkara" in budi.text
    await budi.get("/office/perkara?status=solved&arah=turun")
    assert str(item) in budi.text


async def test_a_refused_post_leads_back_to_its_page(office: Office) -> None:
    await office.late_delivery()
    rani = await office.clerk("care")
    item = (await office.bureau.the_item()).id
    await rani.get(f"/office/perkara/{item}")
    await rani.submit(f"/office/perkara/{item}/selesai", why="tanpa penyesuaian")
    assert rani.page.status_code == 409
    assert f'href="/office/perkara/{item}"' in rani.text


@pytest.mark.parametrize("item", ["1", "x", "9" * 30, "0"])
async def test_an_item_that_is_not_there(office: Office, item: str) -> None:
    rani = await office.clerk("care")
    await rani.get(f"/office/perkara/{item}")
    assert rani.page.status_code == 404


async def test_supervisors_take_the_list_away_and_it_is_written_down(office: Office) -> None:
    sale = await office.late_delivery()
    budi, rani = await office.clerk("supervisor"), await office.clerk("care")
    await budi.get("/office/perkara?bentuk=csv")
    assert budi.page.headers["content-type"].startswith("text/csv")
    assert budi.text.startswith("\ufeffTentang,")
    assert sale.code in budi.text
    assert "export" in await office.stage.audit(budi.staff_id)
    await rani.get("/office/perkara?bentuk=csv")
    assert rani.page.headers["content-type"].startswith("text/html"), "care reads, and takes nothing away"
    assert "download" not in rani.text
