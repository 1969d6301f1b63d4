"""Staff find an outlet by whatever somebody reads out, and page through names."""

import pytest
from tests.access.people import Stage, code_of

from konter.channel.directory.find import (
    outlet_card,
    outlet_people,
    outlets_by_province,
    partner_card,
    partners_by_name,
    search_outlets,
)
from konter.channel.directory.model import BY_NAME, OutletCard, PartnerCard
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.ids import OutletId, PartnerId
from konter.subscriber.msisdn import national


@pytest.mark.requirement("D-57", "D-58")
async def test_it_works(stage: Stage) -> None:
    """Code, id, reseller number and notification number all name the same outlet."""
    number = await stage.number()
    new = await stage.new_outlet(reseller_msisdn=number)
    (outlet,) = await stage.open_outlets(new)
    user = await stage.user(outlet.id)
    async with stage.pool.acquire() as connection:
        for text in (new.code, f" {new.code} ", str(outlet.id), national(number), str(user.nn_msisdn)):
            found = (await search_outlets(connection, text, scope=EVERYWHERE)).outlets
            assert [each.id for each in found] == [outlet.id], text
        card = await outlet_card(connection, outlet.id, scope=EVERYWHERE)
        people = await outlet_people(connection, outlet.id)
    assert isinstance(card, OutletCard)
    assert (card.code, card.name, card.numbers, card.partner_name) == (new.code, new.name, (number,), "Mitra Jaya")
    assert [(each.username, each.role) for each in people] == [(user.username, "FRONTLINER")]


async def test_names_are_found_by_their_beginning_whatever_the_capitals(stage: Stage) -> None:
    first = await stage.outlet(name="Zamrud Ponsel A")
    second = await stage.outlet(name="zamrud ponsel B")
    await stage.outlet(name="Toko Zamrud Ponsel")
    async with stage.pool.acquire() as connection:
        found = (await search_outlets(connection, "ZAMRUD  pon", scope=EVERYWHERE)).outlets
        assert [each.id for each in found] == [first, second]
        few = await search_outlets(connection, "za", scope=EVERYWHERE)
        assert few.outlets == (), "two letters would be half of the country"
        rest = (await search_outlets(connection, "zamrud", after=BY_NAME.place(found[0]), scope=EVERYWHERE)).outlets
    assert [each.id for each in rest] == [second]


async def test_pages_hold_every_outlet_once(own_stage: Stage) -> None:
    made = {await own_stage.outlet(name=f"Sama {n // 2}") for n in range(7)}
    seen: list[OutletId] = []
    after = None
    async with own_stage.pool.acquire() as connection:
        while True:
            page = await search_outlets(connection, "sama", after=after, limit=2, scope=EVERYWHERE)
            seen += [each.id for each in page.outlets]
            if (after := page.after) is None:
                break
    assert (len(seen), set(seen)) == (7, made)


@pytest.mark.requirement("D-59")
async def test_another_partners_outlet_is_not_found(stage: Stage) -> None:
    outlet_id = await stage.outlet(name="Punya Mitra Jaya")
    stranger = await stage.other_partner()
    async with stage.pool.acquire() as connection:
        assert code_of(await outlet_card(connection, outlet_id, scope=Scope(partner_id=stranger))) == "OUTLET_NOT_FOUND"
        assert isinstance(
            await outlet_card(connection, outlet_id, scope=Scope(partner_id=stage.partner_id)), OutletCard
        )
        assert not (await search_outlets(connection, str(outlet_id), scope=Scope(partner_id=stranger))).outlets
        assert not (await search_outlets(connection, "punya mitra", scope=Scope(partner_id=stranger))).outlets
        assert (await search_outlets(connection, "punya mitra", scope=Scope(partner_id=stage.partner_id))).outlets


async def test_lists_are_narrowed_by_state(stage: Stage) -> None:
    outlet_id = await stage.outlet(name="Xylo Satu")
    async with stage.pool.acquire() as connection:
        active = (await search_outlets(connection, "xylo", status="active", scope=EVERYWHERE)).outlets
        suspended = (await search_outlets(connection, "xylo", status="suspended", scope=EVERYWHERE)).outlets
    assert ([each.id for each in active], suspended) == ([outlet_id], ())


async def test_a_partner_by_code_or_id(stage: Stage) -> None:
    await stage.outlet()
    async with stage.pool.acquire() as connection:
        card = await partner_card(connection, stage.partner_id, scope=EVERYWHERE)
        assert isinstance(card, PartnerCard)
        assert card.active >= 1
        assert await partner_card(connection, card.code, scope=EVERYWHERE) == card
        assert code_of(await partner_card(connection, PartnerId(1), scope=EVERYWHERE)) == "PARTNER_NOT_FOUND"
        assert code_of(await partner_card(connection, "\0", scope=EVERYWHERE)) == "PARTNER_NOT_FOUND"
        assert stage.partner_id in [
            each.id for each in await partners_by_name(connection, scope=EVERYWHERE, text="mitra j", limit=200)
        ]


async def test_every_province_is_counted(stage: Stage) -> None:
    async with stage.pool.acquire() as connection:
        counted = await outlets_by_province(connection, scope=EVERYWHERE)
    assert all(each.active >= 0 for each in counted)
