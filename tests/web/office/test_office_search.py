"""One field finds redemptions, rewards and merchants too, for whoever may enter their pages."""

from pathlib import Path

import pytest
from tests.loyalty.rewards.conftest import Counter
from tests.web.office.conftest import Office

from konter.channel.model import NewArea
from konter.channel.partners import set_areas
from konter.platform.audit import SYSTEM
from konter.subscriber.view import find_subscription


@pytest.fixture
def counter(office: Office, tmp_path: Path) -> Counter:
    return Counter(office.stage, tmp_path)


@pytest.mark.requirement("P-30")
async def test_it_works(office: Office, counter: Counter) -> None:
    """The number that a customer reads out leads to the redemption, and from there to the number's points."""
    customer, reward = await counter.customer(100), await counter.reward()
    redeemed = (await counter.redeem(customer, reward)).redemption
    assert redeemed is not None
    clerk = await office.clerk("care")
    for typed in (redeemed.code, f"trx{redeemed.code.lower()}", redeemed.code.replace("-", " ")):
        await clerk.get(f"/office/cari?q={typed}")
        assert f'href="/office/nomor/{customer.msisdn}/poin#redemptions">{redeemed.code}</a>' in clerk.text, typed
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    assert redeemed.code in clerk.text


@pytest.mark.requirement("P-24")
async def test_rewards_and_merchants_by_code_and_name(office: Office, counter: Counter) -> None:
    merchant = await counter.merchant()
    voucher = await counter.vouchers(1, merchant=merchant, name_id="Es kopi melati", name_en="Iced jasmine coffee")
    care, branch = await office.clerk("care"), await office.clerk("branch")
    for typed in (voucher.lower(), "kopi MEL", "iced jas"):
        await care.get(f"/office/cari?q={typed}")
        assert f'href="/office/hadiah/{voucher}"' in care.text, typed
        await branch.get(f"/office/cari?q={typed}")
        assert "/office/hadiah" not in branch.text, typed
    for typed in (merchant.lower(), "melati"):
        await care.get(f"/office/cari?q={typed}")
        assert f'href="/office/hadiah/penjual/{merchant}"' in care.text, typed
    await care.get("/office/cari?q=me")
    assert "/office/hadiah/penjual/" not in care.text, "two letters are no beginning of a name"


@pytest.mark.requirement("D-57", "D-81")
async def test_a_redemption_is_found_where_its_number_may_be_seen(office: Office, counter: Counter) -> None:
    stage, number = office.stage, office.bureau.shop.user.nn_msisdn
    async with stage.pool.acquire() as connection:
        areas = [NewArea(code="SULW", name="Sulawesi", level="area")]
        await set_areas(connection, areas, actor=SYSTEM, now=stage.now, ids=stage.ids)
        seller = await find_subscription(connection, number)
    assert seller is not None
    await counter.grant(seller, 100, stage.now.year)
    redeemed = (await counter.redeem(seller, await counter.reward())).redemption
    assert redeemed is not None
    for clerk, finds in (
        (await office.clerk("care", area="JBJB"), True),
        (await office.clerk("care", area="SULW"), False),
        (await office.clerk("branch"), False),
    ):
        await clerk.get(f"/office/cari?q={redeemed.code}")
        assert (f"/office/nomor/{number}/poin" in clerk.text) is finds


@pytest.mark.requirement("D-58")
async def test_a_redemption_of_a_number_that_is_nobodys_is_not_found(office: Office, counter: Counter) -> None:
    """The number's page would show the points of whoever has it next."""
    customer, reward = await counter.customer(100), await counter.reward()
    redeemed = (await counter.redeem(customer, reward)).redemption
    assert redeemed is not None
    await office.stage.pool.execute(
        "UPDATE subscription SET ended_at = $2 WHERE id = $1", customer.id, office.stage.now
    )
    clerk = await office.clerk("care")
    await clerk.get(f"/office/cari?q={redeemed.code}")
    assert str(customer.msisdn) not in clerk.text
