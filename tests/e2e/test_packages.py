"""A data, a voice, an SMS, a digital, a roaming and a music package: quotas with an end of their own at the customer."""

from datetime import datetime

import pytest
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PACKAGES = {  # code: category and name on the pages, what the customer gets
    "D5G7": ("Data", "BYTES"),
    "V100M3": ("Telepon", "SECONDS"),
    "S200D7": ("SMS", "MESSAGES"),
    "GV3G7": ("Digital", "BYTES"),
    "RA3G7": ("Roaming", "BYTES"),
    "NM7": ("Lagu", "DAYS"),
}


@pytest.mark.requirement("D-11", "D-21")
async def test_packages_of_all_kinds_reach_the_customer(operator: Operator, browse: Browse) -> None:
    visitor = await browse(script=False)
    person, customer = await operator.seller(), await operator.customer()
    phone = await visitor.handset(customer)
    await visitor.log_in(person)
    async with operator.app.pool.acquire() as connection:
        _, catalogue = await operator.app.references.current(connection)
    for code, (category, _) in PACKAGES.items():
        name = catalogue.product(code).name_id
        await visitor.sell(person, customer, name, category)
        await phone.next_text(f"{name} sudah aktif")

    seen = await operator.care(customer)
    buckets = seen["buckets"]
    now = operator.app.clock.now()
    assert sorted(bucket["asset"] for bucket in buckets) == sorted(asset for _, asset in PACKAGES.values())
    days_left = {(datetime.fromisoformat(bucket["expires_at"]) - now).days for bucket in buckets}
    assert len(days_left) > 1, "each quota ends on a day of its own"
    assert min(days_left) >= 1
    assert all(bucket["balance"] > 0 for bucket in buckets)
    assert seen["balance"] == 0
    await phone.top()
    await phone.page.get_by_text(f"+{len(PACKAGES) - 3} lagi").click()
    assert await phone.page.locator(".quotas").get_by_role("listitem").count() == len(PACKAGES)
