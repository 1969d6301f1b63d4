"""A billing system tells of bills over HTTP."""

import uuid
from datetime import timedelta

import pytest
from tests.api.world import World, problem

from konter.loyalty.bills.model import TOTAL_MAX_RP
from konter.platform.clock import business_day
from konter.platform.ids import Msisdn
from konter.subscriber.open import NewSubscription, open_subscriptions


class Billing:
    """A billing system with a key, and a postpaid customer."""

    def __init__(self, world: World) -> None:
        self.world, self.msisdn, self.key = world, "", ""

    async def open(self) -> "Billing":
        world, stage = self.world, self.world.stage
        body = {"name": "Penagihan", "scopes": ["bills"]}
        self.key = (await world.post("/clients", body, await world.staff("admin"))).json()["key"]
        msisdn = Msisdn(6281199900001)
        opened = stage.now - timedelta(days=90)
        new = NewSubscription(
            msisdn=msisdn, brand="prima", kind="postpaid", active_until=stage.now + timedelta(days=3650)
        )
        async with stage.pool.acquire() as connection:
            await open_subscriptions(connection, [new], now=opened, ids=stage.ids)
        self.msisdn = str(msisdn)
        return self

    def bill(self, number: str = "INV-1", **changed: object) -> dict:
        now = self.world.stage.now
        end = business_day(now) - timedelta(days=2)
        body = {
            "msisdn": self.msisdn,
            "number": number,
            "period_begin": str(end - timedelta(days=29)),
            "period_end": str(end),
            "total": 123_456,
            "tax": 12_234,
            "issued_at": (now - timedelta(days=1)).isoformat(),
        }
        return {**body, **changed}

    async def post(self, path: str, *items: dict, key: str = "") -> list[dict]:
        answer = await self.world.post(path, {"items": list(items)}, key or self.key)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]


@pytest.fixture
async def billing(world: World) -> Billing:
    return await Billing(world).open()


def said(outcomes: list[dict]) -> list[tuple[str, str | None]]:
    return [(each["outcome"], each["problem"]["code"] if each["problem"] else None) for each in outcomes]


@pytest.mark.requirement("P-02", "P-08")
async def test_it_works(billing: Billing) -> None:
    (made,) = await billing.post("/bills", billing.bill())
    assert (made["outcome"], made["number"], made["problem"]) == ("new", "INV-1", None)
    assert await billing.post("/bills", billing.bill()) == [{**made, "outcome": "known"}]
    row = await billing.world.stage.pool.fetchrow("SELECT id, total_rp, recorded_by FROM issued_bill")
    assert (str(row["id"]), row["total_rp"]) == (made["bill"], 123_456)
    assert row["recorded_by"].startswith("client:")


async def test_each_item_has_an_outcome_of_its_own(billing: Billing) -> None:
    prepaid = str(billing.world.customer)
    await billing.world.stage.pool.execute(
        "UPDATE subscription SET activated_at = activated_at - interval '400 days' WHERE msisdn = $1", int(prepaid)
    )
    outcomes = await billing.post(
        "/bills",
        billing.bill("A"),
        billing.bill("B", msisdn="halo"),
        billing.bill("C", msisdn="081100000000"),
        billing.bill("D", tax=200_000),
        billing.bill("E", msisdn=prepaid),
        billing.bill("A", total=1),
        billing.bill("F", period_begin="2020-01-01"),
    )
    assert said(outcomes) == [
        ("new", None),
        ("refused", "BAD_MSISDN"),
        ("refused", "UNKNOWN_SUBSCRIBER"),
        ("refused", "BILL_TAX_WRONG"),
        ("refused", "NUMBER_NOT_POSTPAID"),
        ("refused", "BILL_KNOWN_OTHERWISE"),
        ("refused", "BILL_PERIOD_WRONG"),
    ]
    assert [each["number"] for each in outcomes] == ["A", "B", "C", "D", "E", "A", "F"]


@pytest.mark.requirement("P-02")
async def test_payments_and_cancellations(billing: Billing) -> None:
    await billing.post("/bills", billing.bill("A"), billing.bill("B"))
    paid_at = billing.world.stage.now.isoformat()
    payment = {"msisdn": billing.msisdn, "number": "A", "paid_at": paid_at}
    for _ in range(2):
        assert said(await billing.post("/bills/payments", payment, {**payment, "number": "Z"})) == [
            ("noted", None),
            ("refused", "BILL_NOT_FOUND"),
        ]
    gone = {"msisdn": billing.msisdn, "number": "B"}
    for _ in range(2):
        assert said(await billing.post("/bills/cancellations", gone)) == [("noted", None)]
    assert said(await billing.post("/bills/payments", {**payment, "number": "B"})) == [("refused", "BILL_CANCELLED")]


async def test_a_body_that_cannot_be_is_refused_whole(billing: Billing) -> None:
    for changed in (
        {"total": -1},
        {"total": 1.5},
        {"total": TOTAL_MAX_RP + 1},
        {"number": ""},
        {"number": "a b"},
        {"number": "INV-1\n"},
        {"segment": "corporate_business\n"},
        {"issued_at": "2026-11-05T02:00:00"},
        {"issued_at": "0001-01-01T00:00:00+14:00"},
        {"period_begin": "0001-01-01"},
        {"period_end": "9999-12-31"},
        {"segment": "X"},
        {"colour": "red"},
    ):
        answer = await billing.world.post("/bills", {"items": [billing.bill(), billing.bill(**changed)]}, billing.key)
        assert problem(answer) == (422, "INVALID_INPUT"), changed
    for items in ([], [billing.bill()] * 201):
        answer = await billing.world.post("/bills", {"items": items}, billing.key)
        assert problem(answer) in ((422, "INVALID_INPUT"), (413, "BODY_TOO_LARGE"))
    assert await billing.world.stage.pool.fetchval("SELECT count(*) FROM issued_bill") == 0


async def test_only_with_the_scope(billing: Billing) -> None:
    world = billing.world
    body = {"name": f"Lain {uuid.uuid4().hex[:6]}", "scopes": ["vouchers.burn"]}
    key = (await world.post("/clients", body, await world.staff("admin"))).json()["key"]
    for path in ("/bills", "/bills/payments", "/bills/cancellations"):
        item = billing.bill()
        if path != "/bills":
            item = {"msisdn": billing.msisdn, "number": "A"} | (
                {"paid_at": item["issued_at"]} if path.endswith("payments") else {}
            )
        assert problem(await world.post(path, {"items": [item]}, key)) == (403, "SCOPE_MISSING")
        assert problem(await world.post(path, {"items": [item]}, world.token)) == (401, "BAD_API_KEY")
