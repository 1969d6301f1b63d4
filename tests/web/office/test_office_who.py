"""Pages say who did something by name, and what was done in words; a number that was typed wrong is said on the spot."""

import pytest
from tests.channel.numbers.desk import Desk as Numbers
from tests.web.office.conftest import Office

from konter.access.clients.manage import make_client
from konter.access.clients.model import NewClient
from konter.channel.lost_phones.report import report_by_client
from konter.platform.audit import Actor
from konter.subscriber.msisdn import national


@pytest.mark.requirement("D-58", "D-81")
async def test_it_works(office: Office) -> None:
    """A sale's story names its seller."""
    sale = await office.bureau.sold()
    clerk = await office.clerk("care")
    await clerk.get(f"/office/transaksi/{sale.code}")
    story = clerk.text.split('id="story-title"')[1]
    assert "<b>Dijual</b>" in story
    assert "Siti Kasir (pengguna outlet)" in story
    assert str(office.bureau.shop.user.id) not in story


async def test_a_refused_sale_has_a_word_too(office: Office) -> None:
    assert (await office.bureau.shop.sell(pin="999999")).refusal is not None
    branch = await office.clerk("branch")
    await branch.get(f"/office/outlet/{office.bureau.shop.user.outlet_id}")
    assert "sell_refused" not in branch.text
    assert "Siti Kasir (pengguna outlet)" in branch.text.split('id="story-title"')[1]


@pytest.mark.requirement("D-32")
async def test_a_conflict_tells_who_decided_what_and_why(office: Office) -> None:
    conflict, _, older, _ = await Numbers(office.stage).conflict()
    branch = await office.clerk("branch")
    name = await office.stage.pool.fetchval("SELECT name FROM outlet WHERE id = $1", older)
    await branch.get(f"/office/konflik/{conflict}")
    fields = [("csrf", branch.field("/office/keluar", "csrf")), ("simpan", str(older)), ("reason", "bukti kartu")]
    await branch.send(f"/office/konflik/{conflict}", "post", fields)
    assert "bukti kartu" in branch.text
    facts, story = branch.text.split('id="story-title"')
    assert "Tanpa Peran (petugas): bukti kartu" in facts
    assert f"<b>{name} memegang nomornya</b>" in story
    assert "Tanpa Peran (petugas)" in story
    assert str(branch.staff_id) not in branch.text


@pytest.mark.requirement("D-52")
async def test_who_reported_a_phone_is_named(office: Office) -> None:
    stage, number = office.stage, office.bureau.shop.user.nn_msisdn
    async with stage.pool.acquire() as connection:
        machine, actor = NewClient(name="Pusat panggilan", scopes=("phones.report",)), Actor("staff", 11)
        made = await make_client(connection, machine, days=30, actor=actor, step=await stage.step(connection))
        client = Actor("client", made.client_id)
        await report_by_client(connection, number, note="", actor=client, step=await stage.step(connection))
    branch = await office.clerk("branch")
    await branch.get("/office/hp-hilang")
    assert "Pusat panggilan (klien API)" in branch.text
    await branch.submit("/office/hp-hilang/cabut", nomor=national(number), why="ketemu lagi")
    await branch.get("/office/hp-hilang")
    await branch.submit("/office/hp-hilang", nomor=national(number), note="")
    await branch.get("/office/hp-hilang")
    assert "Tanpa Peran (petugas)" in branch.text
    assert str(branch.staff_id) not in branch.text


@pytest.mark.requirement("D-52")
async def test_a_mistyped_lost_phone_keeps_what_was_typed(office: Office) -> None:
    """It was a page of its own, "not found", and the form was gone."""
    branch = await office.clerk("branch")
    await branch.get("/office/hp-hilang")
    for typed, status in (("0812 9999 0000", 422), ("0812", 422)):
        await branch.submit("/office/hp-hilang", nomor=typed, note="hilang di pasar")
        assert branch.page.status_code == status
        assert 'id="alert"' in branch.text
        assert branch.field("/office/hp-hilang", "nomor") == typed
        assert "hilang di pasar</textarea>" in branch.text
    await branch.submit("/office/hp-hilang", nomor=national(office.bureau.shop.user.nn_msisdn))
    assert "langsung mati" in branch.text
    await branch.submit("/office/hp-hilang/cabut", nomor="0812 9999 0000", why="ketemu lagi")
    assert branch.page.status_code == 422
    assert branch.field("/office/hp-hilang/cabut", "nomor") == "0812 9999 0000"
    assert "ketemu lagi</textarea>" in branch.text
    await branch.submit("/office/hp-hilang/cabut", nomor=national(office.bureau.shop.user.nn_msisdn), why="ketemu lagi")
    assert "dicabut" in branch.text
