"""The terms change at any time; anybody reads which version counted when, and use forms an agreement on it."""

from datetime import timedelta

import pytest
from tests.access.people import Stage, code_of
from tests.terms.test_terms import load, stage

from konter.platform.ids import Msisdn
from konter.subscriber.agreement import Agreement, agreement_of
from konter.subscriber.open import NewSubscription, open_subscriptions
from konter.terms.history import History, history_of, public_documents, version_in_force
from konter.terms.model import CUSTOMER_TERMS, Change, changes_between

__all__ = ["stage"]


async def history(stage: Stage, code: str, version: str | None = None) -> History:
    async with stage.pool.acquire() as connection:
        found = await history_of(connection, code, version=version, at=stage.now)
    assert isinstance(found, History), found
    return found


async def activate(stage: Stage, number: int):
    new = NewSubscription(msisdn=Msisdn(number), active_until=stage.now + timedelta(days=30), brand="nusa")
    async with stage.pool.acquire() as connection:
        (subscription,) = await open_subscriptions(connection, [new], now=stage.now, ids=stage.ids)
    return subscription


async def agreement(stage: Stage, subscription) -> Agreement:
    async with stage.pool.acquire() as connection:
        found = await agreement_of(connection, subscription, now=stage.now)
    assert found is not None
    return found


@pytest.mark.requirement("T-01")
async def test_an_activation_keeps_the_version_of_the_terms(stage: Stage) -> None:
    begun = stage.now
    subscription = await activate(stage, 6281299990001)
    assert await agreement(stage, subscription) == Agreement(formed_at=begun, version="1.0", binding="1.0")
    await load(stage, CUSTOMER_TERMS, "1.1", in_days=1)
    stage.clock.advance(timedelta(days=1))
    assert await agreement(stage, subscription) == Agreement(formed_at=begun, version="1.0", binding="1.1")
    later = await activate(stage, 6281299990002)
    assert (await agreement(stage, later)).version == "1.1"


@pytest.mark.requirement("T-01")
async def test_the_terms_name_every_service_and_that_use_forms_an_agreement(stage: Stage) -> None:
    text = (await history(stage, CUSTOMER_TERMS)).document.text_en
    for word in ("voice", "SMS", "data", "content", "features", "social media", "By activating a number or using"):
        assert word in text, word


async def test_where_no_terms_are_in_force_none_are_kept(stage: Stage) -> None:
    stage.clock.advance(timedelta(days=-1500))
    assert (await agreement(stage, await activate(stage, 6281299990003))).version is None
    async with stage.pool.acquire() as connection:
        assert await agreement_of(connection, 256, now=stage.now) is None


@pytest.mark.requirement("T-02")
async def test_a_new_version_counts_from_its_moment_on_without_notice(stage: Stage) -> None:
    await load(stage, CUSTOMER_TERMS, "2.0", in_days=2, text_en="1. Be kind.\n\n2. Pay.")
    async with stage.pool.acquire() as connection:
        assert await version_in_force(connection, CUSTOMER_TERMS, at=stage.now + timedelta(days=2, seconds=-1)) == "1.0"
        assert await version_in_force(connection, CUSTOMER_TERMS, at=stage.now + timedelta(days=2)) == "2.0"
        public = await public_documents(connection, at=stage.now + timedelta(days=2), rules=stage.rules)
    assert {each.code: each.version for each in public}[CUSTOMER_TERMS] == "2.0"


@pytest.mark.requirement("T-02", "D-63")
async def test_every_version_stays_readable_with_the_one_before_it(stage: Stage) -> None:
    await load(stage, CUSTOMER_TERMS, "1.1", in_days=-10)
    await load(stage, CUSTOMER_TERMS, "2.0", in_days=10)
    now = await history(stage, CUSTOMER_TERMS)
    assert [each.version for each in now.versions] == ["2.0", "1.1", "1.0"]
    assert (now.in_force, now.document.version, now.before and now.before.version) == ("1.1", "1.1", "1.0")
    first = await history(stage, CUSTOMER_TERMS, "1.0")
    assert (first.document.version, first.before) == ("1.0", None)
    async with stage.pool.acquire() as connection:
        for code, version in (("nothing", None), (CUSTOMER_TERMS, "9"), ("\0", None)):
            assert code_of(await history_of(connection, code, version=version, at=stage.now)) == "UNKNOWN_DOCUMENT"


@pytest.mark.requirement("T-02")
def test_what_changed_is_told_by_paragraph_whatever_their_numbers() -> None:
    old = "Terms.\n\n1. Pay.\n\n2. Be kind.\n\n3. Law."
    assert changes_between(old, old) == ()
    assert changes_between(old, "Terms.\n\n1. Pay.\n\n2. Smile.\n\n3. Be kind.\n\n4. Law.") == (
        Change("new", "2. Smile."),
    )
    assert changes_between(old, "Terms.\n\n1. Pay twice.\n\n2. Law.") == (
        Change("gone", "1. Pay."),
        Change("gone", "2. Be kind."),
        Change("new", "1. Pay twice."),
    )


@pytest.mark.requirement("D-74")
async def test_the_sellers_terms_say_who_bears_the_harm_of_an_ending(stage: Stage) -> None:
    found = await history(stage, "seller-terms")
    assert found.before is not None
    (new,) = (each for each in changes_between(found.before.text_en, found.document.text_en) if each.kind == "new")
    assert "hold us harmless" in new.paragraph
    assert "membebaskan kami" in found.document.text_id
