"""A partner's lists: reviews page by page, users, and a number's story at its own outlets."""

from datetime import timedelta

import pytest
from tests.web.partner.conftest import Console

from konter.subscriber.msisdn import national, pretty


async def review(console: Console, outlet_id: int, n: int) -> None:
    """A review of an outlet, due after so many minutes."""
    stage = console.stage
    await stage.pool.execute(
        """
        INSERT INTO inactivity (id, cell, outlet_id, policy, state, since, last_kind, last_id, noticed_day, notices,
            opened_at, due_at, reason)
        VALUES (($1 + 9000000)::bigint << 8 | ($2 & 255), $2 & 255, $2, 'review', 'review', $3, 'opened', $2, 29, '[]',
            $3, $4, '')
        """,
        n,
        outlet_id,
        stage.now,
        stage.now + timedelta(minutes=n),
    )


@pytest.mark.requirement("D-71", "D-73")
async def test_it_works(console: Console) -> None:
    """Fifty reviews a page, the home page counts all of them."""
    for n in range(52):
        await review(console, await console.stage.outlet(name=f"Sepi {n:02}"), n)
    agent = await console.agent()
    await agent.get("/partner/tinjauan")
    assert "Sepi 49" in agent.text
    assert "Sepi 50" not in agent.text
    await agent.get(agent.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&"))
    assert "Sepi 51" in agent.text
    assert "Sepi 49" not in agent.text
    await agent.get("/partner/tinjauan?bentuk=csv")
    assert agent.text.count("\n") == 53
    await agent.get("/partner")
    assert ">52<" in agent.text.replace(" ", "")
    stranger = await console.agent(partner_id=await console.stage.other_partner())
    for place in ("/partner/tinjauan", "/partner/tinjauan?bentuk=csv"):
        await stranger.get(place)
        assert "Sepi" not in stranger.text


async def test_field_sales_take_no_file_away(console: Console) -> None:
    field = await console.agent(role="SBP_FIELD_SALES")
    await field.get("/partner/tinjauan?bentuk=csv")
    assert field.page.headers["content-type"].startswith("text/html")


@pytest.mark.requirement("D-57", "D-58")
async def test_a_number_is_found_by_its_partner_only(console: Console) -> None:
    msisdn = console.shop.user.nn_msisdn
    agent = await console.agent()
    await agent.get(f"/partner/cari?q={national(msisdn)}")
    assert f'href="/partner/nomor/{msisdn}"' in agent.text
    await agent.get(f"/partner/nomor?nomor={national(msisdn)}")
    assert agent.path == f"/partner/nomor/{msisdn}"
    assert pretty(msisdn) in agent.text
    assert f"/partner/outlet/{console.shop.user.outlet_id}" in agent.text
    assert "/office/" not in agent.text
    stranger = await console.agent(partner_id=await console.stage.other_partner())
    await stranger.get(f"/partner/nomor/{msisdn}")
    assert stranger.page.status_code == 404
    assert "Sukses Cell" not in stranger.text


@pytest.mark.parametrize("number", ["0812", "x", "9" * 40])
async def test_what_is_no_number(console: Console, number: str) -> None:
    agent = await console.agent()
    await agent.get(f"/partner/nomor/{number}")
    assert agent.page.status_code == 422


async def test_users_page(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("konter.web.partner.channel.PAGE", 1)
    admin = await console.agent()
    other = await console.agent(logged_in=False)
    await admin.get("/partner/pengguna")
    assert other.user.username not in admin.text
    await admin.get(f"/partner/pengguna?dari={admin.user.id}")
    assert other.user.username in admin.text
