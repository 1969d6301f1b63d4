"""What the programme leaves to the operator, and what a change of SIM leaves alone."""

from datetime import datetime, timedelta

import pytest
from tests.loyalty.people import People, subscription_of
from tests.loyalty.shipped import shipped_rules

from konter.platform.clock import WIB

NOON = datetime(2026, 11, 10, 12, tzinfo=WIB)


@pytest.mark.requirement("G-P24")
async def test_points_belong_to_the_subscription_and_not_to_the_sim(people: People) -> None:
    customer = subscription_of(await people.open(at=datetime(2026, 1, 5, tzinfo=WIB)))
    await people.recharge(customer, 62_000, at=NOON)
    await people.accrue(NOON + timedelta(hours=1))
    await people.fetch("UPDATE subscription SET sim_changed_at = $2 WHERE id = $1", customer, NOON + timedelta(hours=2))
    await people.recharge(customer, 13_000, at=NOON + timedelta(hours=3))
    await people.accrue(NOON + timedelta(hours=4))
    assert await people.points(customer, at=NOON + timedelta(hours=5)) == 15


@pytest.mark.parametrize("name", ["id-2014", "id-2026"])
@pytest.mark.requirement("G-P20", "G-P22")
def test_no_address_of_an_app_is_made_up_and_asking_for_points_costs_nothing(name: str) -> None:
    rules = shipped_rules(name)
    assert (rules.customer_app.url, rules.poin.sms_price_idr) == ("", 0)
