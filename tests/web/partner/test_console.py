"""A partner's people see what is theirs, and nothing of a stranger's."""

import pytest
from tests.web.partner.conftest import Console

from konter.subscriber.msisdn import national


@pytest.mark.requirement("D-57", "D-60")
async def test_it_works(console: Console) -> None:
    """Log in with the code from the SMS, find an outlet, read its story."""
    sold = await console.shop.sell()
    assert sold.sale is not None
    agent = await console.agent()
    assert agent.path == "/partner", agent.text
    assert "Halo, Rina Mitra" in agent.text
    await agent.get("/partner/cari?q=sukses")
    outlet_id = console.shop.user.outlet_id
    assert f"/partner/outlet/{outlet_id}" in agent.text
    await agent.get(f"/partner/outlet/{outlet_id}")
    assert "Siti Kasir" in agent.text
    assert sold.sale.code in agent.text
    assert str(sold.sale.msisdn) not in agent.text, "the customer's number is none of the partner's business"
    assert "/office/" not in agent.text
    code = await console.stage.pool.fetchval("SELECT code FROM outlet WHERE id = $1", outlet_id)
    await agent.get(f"/partner/outlet/{code}")
    assert agent.path == f"/partner/outlet/{outlet_id}", "a code leads to the outlet's page"


@pytest.mark.requirement("D-59", "D-60")
async def test_a_stranger_partner_gets_404(console: Console) -> None:
    outlet_id = console.shop.user.outlet_id
    stranger = await console.agent(partner_id=await console.stage.other_partner())
    code = await console.stage.pool.fetchval("SELECT code FROM outlet WHERE id = $1", outlet_id)
    await stranger.get(f"/partner/outlet/{code}")
    assert stranger.page.status_code == 404
    await stranger.get(f"/partner/outlet/{outlet_id}")
    assert stranger.page.status_code == 404
    await stranger.get("/partner/cari?q=sukses")
    assert "Sukses Cell" not in stranger.text
    await stranger.get("/partner/outlet?bentuk=csv")
    assert "Sukses Cell" not in stranger.text


async def test_field_sales_see_no_list_of_users(console: Console) -> None:
    field = await console.agent(role="SBP_FIELD_SALES")
    await field.get("/partner/pengguna")
    assert field.page.status_code == 403
    assert 'href="/partner/pengguna"' not in field.text
    admin = await console.agent()
    await admin.get("/partner/pengguna")
    assert field.user.username in admin.text


@pytest.mark.requirement("D-52")
async def test_a_phone_is_reported_lost(console: Console) -> None:
    agent = await console.agent()
    await agent.get("/partner/hp-hilang")
    await agent.submit("/partner/hp-hilang", nomor=national(console.shop.user.nn_msisdn), note="hilang di pasar")
    assert "langsung mati" in agent.text
    refused = await console.shop.sell()
    assert refused.refusal is not None
    await agent.submit("/partner/hp-hilang", nomor="0812", note="")
    assert agent.page.status_code == 422


@pytest.mark.parametrize(
    "place",
    [
        "",
        "/outlet",
        "/kunjungan",
        "/tinjauan",
        "/pengguna",
        "/hp-hilang",
        "/nomor",
        "/nomor/62812",
        "/akun",
        "/cari?q=x",
    ],
)
async def test_every_page_asks_who_is_there(console: Console, place: str) -> None:
    nobody = await console.agent(logged_in=False)
    await nobody.get(f"/partner{place}")
    assert nobody.path == "/partner/masuk"
