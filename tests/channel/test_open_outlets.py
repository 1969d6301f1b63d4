import asyncio

import pytest
from tests.access.people import Stage, code_of

from konter.channel.model import NewPartner, Outlet
from konter.channel.partners import open_partners
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn, PartnerId, cell_of_id


@pytest.mark.requirement("D-01", "D-59", "G-D08")
async def test_it_works(stage: Stage) -> None:
    shop, person = await stage.new_outlet(), await stage.new_outlet(kind="individual", zone="Asia/Jayapura")
    outlets = await stage.open_outlets(shop, person)
    assert [isinstance(outlet, Outlet) for outlet in outlets] == [True, True]
    rows = await stage.pool.fetch(
        """
        SELECT o.kind, o.status, o.zone, a.kind AS account, a.asset, a.balance, w.kind AS owner
        FROM outlet o JOIN account a ON a.id = o.wallet_id AND a.owner_id = o.id JOIN owner w ON w.id = o.id
        WHERE o.id = ANY($1) ORDER BY o.kind
        """,
        [outlet.id for outlet in outlets],
    )
    assert [tuple(row) for row in rows] == [
        ("individual", "active", "Asia/Jayapura", "wallet", "IDR", 0, "outlet"),
        ("outlet", "active", "Asia/Jakarta", "wallet", "IDR", 0, "outlet"),
    ]
    found = await stage.pool.fetchval("SELECT outlet_id FROM outlet_code WHERE code = $1", shop.code)
    assert found == outlets[0].id


async def test_three_hundred_at_once_are_as_many_statements_as_one(stage: Stage) -> None:
    new = [await stage.new_outlet() for _ in range(300)]
    async with stage.pool.acquire() as connection:
        queries: list[str] = []
        connection.add_query_logger(lambda logged: queries.append(logged.query))
        from konter.channel.open_outlets import open_outlets

        outlets = await open_outlets(connection, new, actor=SYSTEM, now=stage.now, ids=stage.ids, rules=stage.rules)
    assert all(isinstance(outlet, Outlet) for outlet in outlets)
    assert len(queries) <= 17, queries
    assert len({cell_of_id(outlet.id) for outlet in outlets}) > 100


@pytest.mark.requirement("D-31", "D-33", "D-34")
async def test_a_reseller_number_is_at_one_outlet_and_the_refusal_names_no_other(stage: Stage) -> None:
    first = await stage.new_outlet()
    second = await stage.new_outlet(reseller_msisdn=first.reseller_msisdn)
    opened, refusal = await stage.open_outlets(first, second)
    assert isinstance(opened, Outlet)
    assert code_of(refusal) == "RS_ALREADY_REGISTERED"
    assert set(refusal.data) == {"msisdn"}
    (again,) = await stage.open_outlets(second)
    assert code_of(again) == "RS_ALREADY_REGISTERED"


@pytest.mark.requirement("D-31", "D-34")
async def test_twins_with_the_same_reseller_number(stage: Stage) -> None:
    first = await stage.new_outlet()
    second = await stage.new_outlet(reseller_msisdn=first.reseller_msisdn)
    async with stage.pool.acquire() as holder, holder.transaction():
        # Both wait where a third one holds the key, then find it free.
        await holder.execute(
            "INSERT INTO outlet_number (msisdn, cell, outlet_id) VALUES ($1, $2, 1)",
            first.reseller_msisdn,
            (first.reseller_msisdn * 40503 >> 8) & 255,
        )
        twins = [asyncio.create_task(stage.open_outlets(new)) for new in (first, second)]
        await asyncio.sleep(0.2)
        assert not any(twin.done() for twin in twins)
        await holder.execute("DELETE FROM outlet_number WHERE msisdn = $1", first.reseller_msisdn)
    outcomes = [outcome for (outcome,) in await asyncio.gather(*twins)]
    assert sorted(isinstance(outcome, Outlet) for outcome in outcomes) == [False, True]
    assert {outcome.code for outcome in outcomes} >= {"RS_ALREADY_REGISTERED"}


@pytest.mark.requirement("D-19")
async def test_a_reseller_number_is_an_active_number_of_the_operator(stage: Stage) -> None:
    foreign, idle = Msisdn(6281712345678), await stage.number(active=False)
    unused = Msisdn(6281299999999)
    new = [await stage.new_outlet(reseller_msisdn=number) for number in (foreign, idle, unused)]
    assert [code_of(refusal) for refusal in await stage.open_outlets(*new)] == ["RS_NOT_OPERATOR"] * 3


@pytest.mark.requirement("G-D05")
async def test_a_number_that_notifies_a_user_elsewhere_is_no_reseller_number(stage: Stage) -> None:
    user = await stage.user()
    (refusal,) = await stage.open_outlets(await stage.new_outlet(reseller_msisdn=user.nn_msisdn))
    assert code_of(refusal) == "RS_ALREADY_REGISTERED"


@pytest.mark.requirement("D-59")
async def test_no_outlet_without_an_active_partner(stage: Stage) -> None:
    nobody = await stage.new_outlet(partner_id=PartnerId(1))
    await stage.pool.execute("UPDATE partner SET status = 'ended' WHERE id = $1", stage.partner_id)
    ended = await stage.new_outlet()
    assert [code_of(refusal) for refusal in await stage.open_outlets(nobody, ended)] == ["PARTNER_NOT_ACTIVE"] * 2


async def test_a_taken_code_or_an_unknown_area_is_refused_and_keeps_nothing(stage: Stage) -> None:
    first = await stage.new_outlet()
    same_code = await stage.new_outlet(code=first.code)
    nowhere = await stage.new_outlet(area="ATLANTIS")
    outcomes = await stage.open_outlets(first, same_code, nowhere)
    assert [code_of(outcome) for outcome in outcomes[1:]] == ["OUTLET_CODE_TAKEN", "UNKNOWN_AREA"]
    reused = await stage.new_outlet(reseller_msisdn=same_code.reseller_msisdn)
    assert isinstance((await stage.open_outlets(reused))[0], Outlet)


@pytest.mark.parametrize(
    "name",
    [
        *("", "  ", "x" * 81, "x" * 300, "Toko\x00Jaya", "Toko\nJaya", "Toko\u2028Jaya", "Toko\ud800"),
        *("\u202eayaJ okoT", "Toko\u2066Jaya", "Toko\u200bJaya", "Toko\xadJaya", "\ufeffToko", "Toko\ue000"),
        *("\u200b", "\u200d", "\u3164", "\u2800 \u115f", "\u0301"),
    ],
)
async def test_names_that_cannot_be_read_are_refused(stage: Stage, name: str) -> None:
    assert code_of((await stage.open_outlets(await stage.new_outlet(name=name)))[0]) == "INVALID_INPUT"


@pytest.mark.parametrize(
    "name", ["Sukses Cell 😀", "Toko 👩\u200d🌾", "Café Été", "ꦠꦺꦴꦏꦺꦴ", "'; DROP TABLE outlet; --", "<b>Toko</b>"]
)
async def test_any_readable_name_will_do(stage: Stage, name: str) -> None:
    (outlet,) = await stage.open_outlets(await stage.new_outlet(name=name))
    assert await stage.pool.fetchval("SELECT name FROM outlet WHERE id = $1", outlet.id) == name


async def test_partners_need_a_free_code_and_a_known_area(stage: Stage) -> None:
    code = f"P-{stage.partner_id}"[:20]
    new = [
        NewPartner(code=code, name="Mitra Jaya", area="JBJB"),
        NewPartner(code=code, name="Mitra Lain", area="JBJB"),
        NewPartner(code=f"{code}X"[:20], name="Mitra Jauh", area="ATLANTIS"),
        NewPartner(code="kecil", name="Mitra Kecil", area="JBJB"),
    ]
    async with stage.pool.acquire() as connection:
        opened, *refusals = await open_partners(connection, new, actor=SYSTEM, now=stage.now, ids=stage.ids)
    assert isinstance(opened, int)
    assert [code_of(refusal) for refusal in refusals] == ["PARTNER_CODE_TAKEN", "UNKNOWN_AREA", "INVALID_INPUT"]
