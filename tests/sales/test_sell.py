"""Selling: the main path first, then each no, then replays."""

import uuid
from datetime import timedelta

import msgspec
import pytest
from tests.access.people import PIN
from tests.shop import Shop, open_shop

from konter.access.model import Origin
from konter.access.sessions import revoke_session
from konter.catalogue.availability import set_open
from konter.platform.audit import SYSTEM
from konter.sales.history.read import sale_story
from konter.sales.sell import sell


@pytest.mark.requirement("D-08", "D-44", "D-106", "D-107")
async def test_it_works(shop: Shop) -> None:
    outcome = await shop.sell()
    sale = outcome.sale
    assert sale is not None, outcome.refusal
    assert (sale.status, sale.price_rp, sale.cost_rp, sale.margin_rp) == ("done", 51_500, 49_500, 2_000)
    assert (sale.balance_before_rp, sale.balance_after_rp) == (1_000_000, 950_500)
    assert await shop.balance() == 950_500
    assert (await shop.look()).balance_rp == 50_000


@pytest.mark.requirement("T-11", "G-T01")
async def test_a_recharge_adds_its_days_to_what_is_left(shop: Shop) -> None:
    before = (await shop.look()).active_until
    await shop.sell()
    after = (await shop.look()).active_until
    assert (after.date() - before.date()).days == 45


@pytest.mark.requirement("D-21")
async def test_seller_and_customer_get_a_text(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    (to_seller,) = await shop.stage.texts(shop.user.nn_msisdn, "sale_seller")
    (to_customer,) = await shop.stage.texts(shop.customer, "sale_customer_recharge")
    assert (to_seller["code"], to_seller["balance_rp"]) == (sale.code, 950_500)
    assert (to_customer["nominal_rp"], to_customer["balance_rp"]) == (50_000, 50_000)


@pytest.mark.requirement("D-11")
async def test_a_package_fills_buckets_with_their_own_expiry(shop: Shop) -> None:
    sale = (await shop.sell(product="KB30")).sale
    view = await shop.look()
    assert {bucket.asset for bucket in view.buckets} >= {"BYTES", "SECONDS"}
    assert sale.delivery.buckets[0].expires_at == view.buckets[0].expires_at


@pytest.mark.requirement("D-43")
async def test_twice_with_the_same_ref_sells_once(shop: Shop) -> None:
    request = shop.request()
    (first,) = await shop.sell_all(request)
    (second,) = await shop.sell_all(request)
    assert not first.replay
    assert second.replay
    assert second.sale == first.sale
    assert await shop.balance() == 950_500


async def test_twins_in_one_batch_sell_once(shop: Shop) -> None:
    outcomes = await shop.sell_all(*[shop.request(client_ref=uuid.UUID(int=7))] * 20)
    assert [outcome.replay for outcome in outcomes] == [False] + [True] * 19
    assert await shop.balance() == 950_500


@pytest.mark.parametrize("change", [{"product": "PULSA20"}, {"amount_rp": 1}, {"second": True}, {"price_rp": 51_500}])
async def test_the_same_ref_with_another_body_is_refused(shop: Shop, change: dict) -> None:
    request = shop.request()
    await shop.sell_all(request)
    (outcome,) = await shop.sell_all(msgspec.structs.replace(request, **change))
    assert outcome.refusal.code == "REF_REUSED"


async def test_a_replay_needs_no_right_pin(shop: Shop) -> None:
    request = shop.request()
    await shop.sell_all(request)
    (again,) = await shop.sell_all(msgspec.structs.replace(request, pin="000000"))
    assert again.replay


@pytest.mark.requirement("D-107", "G-D33")
async def test_a_sale_above_the_balance_is_refused_and_moves_nothing(shop: Shop) -> None:
    outcome = await shop.sell(product="PULSA1000")
    await shop.sell(product="PULSA1000", msisdn=await shop.stage.number())
    outcome = await shop.sell(product="PULSA1000", msisdn=await shop.stage.number())
    assert outcome.refusal.code == "INSUFFICIENT_BALANCE"
    assert outcome.refusal.data["missing_rp"] == outcome.refusal.data["cost_rp"] - outcome.refusal.data["balance_rp"]


@pytest.mark.requirement("D-107")
async def test_a_balance_for_30_makes_30_of_200(shop: Shop) -> None:
    seller = await open_shop(shop.stage, way=shop.way, balance_rp=30 * 49_500 + 49_499)
    numbers = [await shop.stage.number() for _ in range(4)]
    requests = [seller.request(msisdn=numbers[n % 4], second=True) for n in range(200)]
    outcomes = await seller.sell_all(*requests)
    assert sum(outcome.sale is not None for outcome in outcomes) == 30
    assert await seller.balance() == 49_499


async def test_a_repeat_within_24_hours_needs_second(shop: Shop) -> None:
    first = (await shop.sell()).sale
    refused = await shop.sell()
    assert (refused.refusal.code, refused.refusal.data["code"]) == ("DUPLICATE_SALE", first.code)
    assert (await shop.sell(second=True)).sale is not None
    shop.stage.clock.advance(timedelta(hours=11))
    assert (await shop.sell()).refusal.code == "DUPLICATE_SALE"


async def test_another_product_or_number_is_no_repeat(shop: Shop) -> None:
    await shop.sell()
    assert (await shop.sell(product="PULSA20")).sale is not None
    assert (await shop.sell(msisdn=await shop.stage.number())).sale is not None


async def test_a_price_that_changed_since_the_inquiry_is_refused(shop: Shop) -> None:
    outcome = await shop.sell(price_rp=50_000)
    assert (outcome.refusal.code, outcome.refusal.data["price_rp"]) == ("PRICE_CHANGED", 51_500)
    assert await shop.balance() == 1_000_000


async def test_a_product_nobody_knows(shop: Shop) -> None:
    assert (await shop.sell(product="'; DROP TABLE sale; --")).refusal.code == "UNKNOWN_PRODUCT"


async def test_a_product_closed_a_moment_ago_is_refused_by_a_process_that_has_it_open(shop: Shop) -> None:
    await shop.sell()
    stage = shop.stage
    async with stage.pool.acquire() as connection:
        await set_open(connection, "PULSA25", is_open=False, now=stage.now, actor=SYSTEM, ids=stage.ids)
    assert (await shop.sell(product="PULSA25")).refusal.code == "PRODUCT_CLOSED"
    async with stage.pool.acquire() as connection:
        await set_open(connection, "PULSA25", is_open=True, now=stage.now, actor=SYSTEM, ids=stage.ids)
    assert (await shop.sell(product="PULSA25")).sale is not None


@pytest.mark.parametrize(("msisdn", "code"), [(6285612345678, "NOT_OUR_NUMBER"), (6281299999999, "UNKNOWN_SUBSCRIBER")])
async def test_a_number_that_is_not_ours_or_nobodys(shop: Shop, msisdn: int, code: str) -> None:
    assert (await shop.sell(msisdn=msisdn)).refusal.code == code


@pytest.mark.requirement("G-T02", "G-T03")
async def test_a_number_past_its_grace_cannot_be_recharged(shop: Shop) -> None:
    stage = shop.stage
    gone = await stage.number(active=False)
    assert (await shop.sell(msisdn=gone)).sale is not None  # in grace it can
    later = await stage.number(active=False)
    stage.clock.advance(timedelta(days=30))
    seller = await open_shop(stage, way=shop.way)
    assert (await seller.sell(msisdn=later)).refusal.code == "SUBSCRIBER_EXPIRED"


async def test_a_wrong_pin_is_counted_and_the_third_locks(shop: Shop) -> None:
    refusals = [(await shop.sell(pin="000001")).refusal for _ in range(3)]
    assert [refusal.code for refusal in refusals] == ["WRONG_PIN", "WRONG_PIN", "PIN_LOCKED"]
    assert refusals[0].data["tries_left"] == 2
    assert (await shop.sell()).refusal.code == "PIN_LOCKED"
    assert await shop.balance() == 1_000_000


async def test_wrong_pins_in_one_batch_count_in_order(shop: Shop) -> None:
    outcomes = await shop.sell_all(*[shop.request(pin=pin) for pin in ("1", "2", "3", PIN)])
    assert [outcome.refusal.code for outcome in outcomes] == ["WRONG_PIN", "WRONG_PIN", "PIN_LOCKED", "PIN_LOCKED"]


async def test_a_right_pin_forgets_the_wrong_ones(shop: Shop) -> None:
    await shop.sell(pin="000001")
    await shop.sell()
    assert (await shop.sell(pin="000001")).refusal.data["tries_left"] == 2


@pytest.mark.requirement("D-52")
async def test_a_revoked_session_sells_no_more(shop: Shop) -> None:
    stage = shop.stage
    principal = await stage.principal(shop.user)
    async with stage.pool.acquire() as connection:
        refusal = await revoke_session(
            connection, principal, shop.claims.session_id, origin=Origin("", ""), **stage.given
        )
    assert refusal is None
    assert (await shop.sell()).refusal.code == "SESSION_EXPIRED"


async def test_a_session_ends_by_itself(shop: Shop) -> None:
    shop.stage.clock.advance(timedelta(hours=shop.stage.rules.auth.session_ttl_h))
    assert (await shop.sell()).refusal.code == "SESSION_EXPIRED"


async def test_a_token_for_another_session_is_refused(shop: Shop) -> None:
    stranger = await open_shop(shop.stage, way=shop.way)
    mixed = msgspec.structs.replace(shop.claims, session_id=stranger.claims.session_id)
    assert (await shop.sell(claims=mixed)).refusal.code == "SESSION_EXPIRED"


@pytest.mark.requirement("D-07", "D-103")
@pytest.mark.parametrize(
    ("user", "code"),
    [({"password_initial": True}, "PASSWORD_CHANGE_REQUIRED"), ({"pin_hash": None}, "PIN_NOT_SET")],
)
async def test_the_first_steps_come_before_any_sale(shop: Shop, user: dict, code: str) -> None:
    newcomer = await open_shop(shop.stage, way=shop.way, **user)
    assert (await newcomer.sell()).refusal.code == code


async def test_who_agreed_to_nothing_cannot_sell(shop: Shop) -> None:
    await shop.stage.pool.execute("DELETE FROM acceptance WHERE user_id = $1 AND code = 'privacy-policy'", shop.user.id)
    assert (await shop.sell()).refusal.code == "TERMS_NOT_ACCEPTED"


async def test_a_sale_of_another_outlet_is_not_found(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    stranger = await open_shop(shop.stage, way=shop.way)
    async with shop.stage.pool.acquire() as connection:
        found = await sale_story(connection, sale.id, outlet_id=stranger.user.outlet_id)
    assert found.code == "SALE_NOT_FOUND"


@pytest.mark.requirement("D-81")
async def test_every_sale_and_refusal_is_in_the_audit(shop: Shop) -> None:
    sale = (await shop.sell(address="203.0.113.9", agent="Android 4.4")).sale
    await shop.sell()
    rows = await shop.stage.pool.fetch(
        "SELECT actor, action, data FROM audit WHERE subject_id = ANY($1) AND action LIKE 'sell%' ORDER BY at, action",
        [sale.id, shop.user.outlet_id],
    )
    assert [(row["action"], row["actor"]) for row in rows] == [
        ("sell", f"outlet_user:{shop.user.id}"),
        ("sell_refused", f"outlet_user:{shop.user.id}"),
    ]
    assert rows[0]["data"]["by"]["address"] == "203.0.113.9"


async def test_a_batch_takes_six_round_trips(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.sell(product="PULSA20")  # rules, catalogue and statements are at hand now
    requests = [shop.request(msisdn=await shop.stage.number()) for _ in range(10)]
    async with shop.stage.pool.acquire() as connection:
        seen: list[str] = []
        with connection.query_logger(lambda query: seen.append(query.query)):
            await sell(
                connection,
                requests,
                clock=shop.stage.clock,
                ids=shop.stage.ids,
                keys=shop.stage.keys,
                references=shop.references,
            )
    assert len(seen) <= 6, seen
