"""Lists that staff sort, page through and take away as files, however long; an empty one says what to do."""

import csv
import io
from datetime import timedelta

import pytest
from tests.web.office.conftest import Clerk, Office

from konter.web.desk import tables


def rows(clerk: Clerk) -> list[list[str]]:
    return list(csv.reader(io.StringIO(clerk.text.removeprefix("\ufeff"))))[1:]


def following(clerk: Clerk) -> str:
    """Where the link to the next page leads."""
    return clerk.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")


@pytest.mark.requirement("D-57")
async def test_it_works(office: Office) -> None:
    """Newest first, on from page to page, and the same order in the file."""
    opened = [await office.stage.outlet(name=f"Toko {n:02}") for n in range(53)]
    for n, outlet_id in enumerate(opened):
        at = office.stage.now + timedelta(minutes=n)
        await office.stage.pool.execute("UPDATE outlet SET opened_at = $2 WHERE id = $1", outlet_id, at)
    branch = await office.clerk("branch")
    await branch.get("/office/outlet?urut=sejak&arah=turun")
    assert 'aria-sort="descending"' in branch.text
    assert branch.text.index("Toko 52") < branch.text.index("Toko 51")
    assert "Toko 02" not in branch.text
    await branch.get(following(branch))
    assert "Toko 02" in branch.text
    assert "Toko 52" not in branch.text
    await branch.get("/office/outlet?urut=kode&arah=turun&bentuk=csv")
    codes = [row[1] for row in rows(branch)]
    assert len(codes) > 53
    assert codes == sorted(codes, reverse=True)


@pytest.mark.requirement("D-81")
async def test_a_long_file_holds_every_line_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two, written down before the first byte and with the length at the end."""
    monkeypatch.setattr("konter.web.desk.outlet_lists.CSV_PAGE", 2)
    monkeypatch.setattr(tables, "CSV_PAGE", 2)
    for n in range(7):
        await office.stage.outlet(name=f"Toko {n}")
    await office.stage.outlet(name="=cmd|' /C calc'!A0")
    branch = await office.clerk("branch")
    await branch.get("/office/outlet?bentuk=csv")
    names = [row[0] for row in rows(branch)]
    there = await office.stage.pool.fetchval("SELECT count(*) FROM outlet")
    assert len(names) == len(set(names)) == there
    assert "'=cmd|' /C calc'!A0" in names
    noted = await office.stage.pool.fetch(
        "SELECT data FROM audit WHERE action = 'export' AND subject_id = $1 ORDER BY id", branch.staff_id
    )
    assert [(row["data"]["what"], row["data"]["rows"]) for row in noted] == [("outlets", 2), ("outlets", there)]


async def test_a_file_that_is_cut_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("konter.web.desk.outlet_lists.CSV_PAGE", 2)
    monkeypatch.setattr(tables, "CSV_PAGE", 2)
    monkeypatch.setattr(tables, "CSV_ROWS_MAX", 4)
    for n in range(7):
        await office.stage.outlet(name=f"Toko {n}")
    branch = await office.clerk("branch")
    await branch.get("/office/outlet?bentuk=csv")
    assert len(rows(branch)) == 5
    assert "Berkas berhenti di 4 baris" in branch.text


async def test_partners_are_sorted_too(office: Office) -> None:
    for _ in range(3):
        await office.stage.other_partner()
    branch = await office.clerk("branch")
    await branch.get("/office/mitra?urut=kode&arah=turun&bentuk=csv")
    codes = [row[1] for row in rows(branch)]
    assert len(codes) >= 4
    assert codes == sorted(codes, reverse=True)


async def test_an_empty_list_says_what_to_do(office: Office) -> None:
    branch = await office.clerk("branch")
    await branch.get("/office/outlet?cari=rapi")
    assert "urut=" not in branch.text, "what was searched for stands by name"
    await branch.get("/office/outlet?cari=zzzz")
    assert 'href="/office/outlet">Tampilkan semua' in branch.text
    await branch.get("/office/outlet?cari=z")
    assert "Tulis tiga huruf pertama nama" in branch.text
    await branch.get("/office/outlet?dari=9-zzzzzz")
    assert "Mulai dari awal" in branch.text
    await branch.get("/office/tinjauan")
    assert "Yang baru muncul sendiri" in branch.text


@pytest.mark.parametrize(
    "query",
    [
        "dari=x",
        "dari=-",
        f"dari={'9' * 18}-1",
        "urut=x&arah=x",
        "urut=sejak&dari=zz-1",
        f"urut=sejak&dari=1-{'9' * 18}",
    ],
)
async def test_what_nobody_would_type(office: Office, query: str) -> None:
    branch = await office.clerk("branch")
    for place in ("outlet", "mitra", "tinjauan", "hp-hilang", "konflik", "permohonan"):
        await branch.get(f"/office/{place}?{query}")
        assert branch.page.status_code == 200


@pytest.mark.requirement("D-52")
async def test_a_lost_phone_has_a_time_by_which_it_is_looked_at(office: Office) -> None:
    branch = await office.clerk("branch")
    await branch.get("/office/hp-hilang")
    assert "laporkan di halaman ini" in branch.text
    await branch.submit("/office/hp-hilang", nomor=f"0{str(office.bureau.shop.user.nn_msisdn)[2:]}", note="")
    await branch.get("/office/hp-hilang")
    assert "24 jam" in branch.text
