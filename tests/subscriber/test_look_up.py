"""A look of staff at a number, and the line that it leaves."""

import pytest
from tests.access.people import Stage

from konter.platform.audit import Actor
from konter.platform.ids import Msisdn, cell_of_msisdn
from konter.platform.refusal import Refusal
from konter.subscriber.look_up import look_up
from konter.subscriber.model import SubscriberView

RINA = Actor("staff", 77, 9, "203.0.113.7", "Firefox")
NOBODYS = Msisdn(6281299999123)


async def look(stage: Stage, msisdn: Msisdn) -> SubscriberView | Refusal:
    async with stage.pool.acquire() as connection:
        return await look_up(connection, msisdn, actor=RINA, now=stage.now, ids=stage.ids, rules=stage.rules)


@pytest.mark.requirement("D-58")
async def test_it_works(stage: Stage) -> None:
    number = await stage.number()
    seen = await look(stage, number)
    assert isinstance(seen, SubscriberView)
    assert (seen.msisdn, seen.balance_rp) == (number, 0)
    rows = await stage.pool.fetch("SELECT * FROM audit WHERE subject_id = $1 AND cell = $2", seen.id, seen.id & 255)
    assert [(row["actor"], row["action"], row["at"]) for row in rows] == [("staff:77", "view_subscriber", stage.now)]


@pytest.mark.requirement("D-58", "D-81")
async def test_a_look_at_a_number_that_nobody_uses_is_written_down_too(stage: Stage) -> None:
    refusal = await look(stage, NOBODYS)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "UNKNOWN_SUBSCRIBER"
    (data,) = await stage.pool.fetch(
        "SELECT data FROM audit WHERE action = 'view_subscriber' AND subject_id = 0 AND cell = $1",
        cell_of_msisdn(NOBODYS),
    )
    assert (data["data"]["msisdn"], data["data"]["code"]) == (str(NOBODYS), "UNKNOWN_SUBSCRIBER")
    assert data["data"]["by"]["address"] == "203.0.113.7"
