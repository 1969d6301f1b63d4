"""Who closed a product, when and why, stays known after it was opened again."""

from datetime import timedelta

from tests.access.people import Stage, code_of
from tests.shop import own_stage
from tests.stage import passwords, stage

from konter.catalogue.availability import last_closures, set_open
from konter.catalogue.model import Closure, Product
from konter.platform.audit import Actor
from konter.platform.refusal import Refusal

__all__ = ["own_stage", "passwords", "stage"]
DEWI, BUDI = Actor("staff", 1), Actor("staff", 2)


async def put(stage: Stage, who: Actor, *, is_open: bool, reason: str = "", code: str = "PULSA25") -> Product | Refusal:
    async with stage.pool.acquire() as connection:
        return await set_open(connection, code, is_open=is_open, now=stage.now, actor=who, ids=stage.ids, reason=reason)


async def last(stage: Stage) -> Closure | None:
    async with stage.pool.acquire() as connection:
        return (await last_closures(connection)).get("PULSA25")


async def test_it_works(own_stage: Stage) -> None:
    assert await last(own_stage) is None
    begun = own_stage.now
    await put(own_stage, DEWI, is_open=False, reason="gangguan")
    closure = await last(own_stage)
    assert (closure.closed_by, closure.closed_at, closure.reason, closure.opened_at) == (
        "staff:1",
        begun,
        "gangguan",
        None,
    )
    own_stage.clock.advance(timedelta(hours=1))
    await put(own_stage, BUDI, is_open=True)
    closure = await last(own_stage)
    assert (closure.closed_at, closure.opened_at, closure.opened_by) == (begun, own_stage.now, "staff:2")


async def test_closing_what_is_closed_keeps_the_first_reason(own_stage: Stage) -> None:
    await put(own_stage, DEWI, is_open=False, reason="gangguan")
    own_stage.clock.advance(timedelta(hours=1))
    await put(own_stage, BUDI, is_open=False, reason="lain")
    assert (await last(own_stage)).reason == "gangguan"


async def test_of_many_closures_the_last_is_told(own_stage: Stage) -> None:
    for reason in ("satu", "dua", "tiga"):
        await put(own_stage, DEWI, is_open=False, reason=reason)
        await put(own_stage, DEWI, is_open=True)
        own_stage.clock.advance(timedelta(hours=1))
    assert (await last(own_stage)).reason == "tiga"
    assert await own_stage.pool.fetchval("SELECT count(*) FROM product_closure") == 3


async def test_twice_within_one_moment_is_one_closure(own_stage: Stage) -> None:
    for reason in ("satu", "dua"):
        await put(own_stage, DEWI, is_open=False, reason=reason)
        await put(own_stage, DEWI, is_open=True)
    assert (await last(own_stage)).reason == "dua"


async def test_what_an_import_opened_is_closed_anew(own_stage: Stage) -> None:
    """The sheet has a column of its own for it; its closure ends with the next one at the latest."""
    await put(own_stage, DEWI, is_open=False, reason="satu")
    await own_stage.pool.execute("UPDATE product SET open = true WHERE code = 'PULSA25'")
    own_stage.clock.advance(timedelta(hours=1))
    await put(own_stage, BUDI, is_open=False, reason="dua")
    assert (await last(own_stage)).reason == "dua"
    assert await own_stage.pool.fetchval("SELECT count(*) FROM product_closure WHERE opened_at IS NULL") == 1


async def test_a_product_that_is_not_there_has_none(own_stage: Stage) -> None:
    assert code_of(await put(own_stage, DEWI, is_open=False, code="NOTHING")) == "UNKNOWN_PRODUCT"
