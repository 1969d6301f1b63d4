"""How often pages of the office ask the database, beyond asking who is there: three times for whatever lists or finds."""

import pytest
from tests.web.office.conftest import Office
from tests.web.office.walk import fill
from tests.web.statements import asked_by

BARE = "/office/nomor"
LISTS = (
    "items",
    "items-filtered-empty",
    "adjustments",
    "reversals",
    "applications",
    "conflicts",
    "reviews",
    "phones",
    "outlets",
    "outlets-none",
    "partners",
    "search-start",
)
# Each adds up lists and stories that ask three times at most, one by one.
THINGS = {"outlet": 7, "partner": 5, "conflict": 3, "number": 13, "search-outlet": 5, "home": 17}


@pytest.mark.requirement("D-57", "D-58")
async def test_it_works(office: Office) -> None:
    addresses = await fill(office)
    clerk = await office.clerk("supervisor", "branch")
    lists = {name: await asked_by(clerk, office.stage.pool, addresses[name], bare=BARE) for name in LISTS}
    things = {name: await asked_by(clerk, office.stage.pool, addresses[name], bare=BARE) for name in THINGS}
    assert {name: count for name, count in lists.items() if count > 3} == {}
    assert {name: count for name, count in things.items() if count > THINGS[name]} == {}


@pytest.mark.parametrize(
    "order", ["", "?urut=kode", "?urut=sejak&arah=turun", "?urut=nama&arah=turun&status=suspended"]
)
async def test_in_every_order(office: Office, order: str) -> None:
    clerk = await office.clerk("branch")
    for place in ("outlet", "mitra"):
        assert await asked_by(clerk, office.stage.pool, f"/office/{place}{order}", bare="/office/akun") <= 3
