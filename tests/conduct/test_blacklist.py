"""Keep somebody from registering, find it by what they register with, and lift it with four eyes."""

import asyncio
import itertools

import pytest
from tests.access.people import Stage, code_of

from konter.conduct.blacklist import blacklist, blacklist_entries, is_blacklisted, lift_blacklist
from konter.conduct.model import Blacklisting, Lifting, Suspects
from konter.platform.audit import Actor
from konter.platform.ids import BlacklistId
from konter.platform.refusal import Refusal

ONE, OTHER = Actor("staff", 256), Actor("staff", 512)
_niks = itertools.count(1)


def nik() -> str:
    return f"320101010190{next(_niks):04d}"


async def add(stage: Stage, *new: Blacklisting) -> list[Refusal | BlacklistId]:
    async with stage.pool.acquire() as connection:
        return await blacklist(connection, new, actor=ONE, now=stage.now, ids=stage.ids, keys=stage.keys)


async def against(stage: Stage, *suspects: Suspects) -> list[list[str]]:
    async with stage.pool.acquire() as connection:
        found = await is_blacklisted(connection, suspects, keys=stage.keys)
    return [[entry.reason for entry in entries] for entries in found]


async def lift(stage: Stage, entry: BlacklistId, *, asked_by: Actor = ONE, decided_by: Actor = OTHER) -> object:
    wanted = Lifting(entry_id=entry, reason="keliru orang", asked_by=asked_by, decided_by=decided_by)
    async with stage.pool.acquire() as connection:
        return (await lift_blacklist(connection, [wanted], now=stage.now, ids=stage.ids))[0]


@pytest.mark.requirement("D-96")
async def test_it_works(stage: Stage) -> None:
    barred, number, free = nik(), await stage.number(), nik()
    outcomes = await add(
        stage,
        Blacklisting(kind="nik", nik=barred, reason="voucher palsu"),
        Blacklisting(kind="rs", msisdn=number, reason="penjualan fiktif"),
    )
    assert not [each for each in outcomes if isinstance(each, Refusal)]
    found = await against(
        stage, Suspects(niks=(barred,), numbers=(number,)), Suspects(niks=(free,)), Suspects(numbers=(number,))
    )
    assert [sorted(each) for each in found] == [["penjualan fiktif", "voucher palsu"], [], ["penjualan fiktif"]]
    assert await stage.audit(outcomes[0]) == ["blacklist.added"]


@pytest.mark.requirement("D-55", "D-96")
async def test_the_table_holds_no_nik(stage: Stage) -> None:
    barred = nik()
    await add(stage, Blacklisting(kind="nik", nik=barred, reason="voucher palsu"))
    for table in ("blacklist", "audit"):
        assert not await stage.pool.fetchval(f"SELECT count(*) FROM {table} t WHERE t::text LIKE $1", f"%{barred}%")


async def test_one_question_for_any_number_of_people(stage: Stage) -> None:
    batch = [Suspects(niks=(nik(),), numbers=(await stage.number(),)) for _ in range(20)]
    async with stage.pool.acquire() as connection:
        seen: list[str] = []
        with connection.query_logger(lambda record: seen.append(record.query)):
            await is_blacklisted(connection, batch, keys=stage.keys)
    assert len(seen) == 1


async def test_the_same_again_changes_nothing(stage: Stage) -> None:
    entry = Blacklisting(kind="nik", nik=nik(), reason="voucher palsu")
    first, second = await add(stage, entry, entry)
    assert not isinstance(first, Refusal)
    assert code_of(second) == "ALREADY_BLACKLISTED"
    assert code_of((await add(stage, entry))[0]) == "ALREADY_BLACKLISTED"


async def test_twins_make_one_entry(stage: Stage) -> None:
    entry = Blacklisting(kind="nn", msisdn=await stage.number(), reason="penipuan")
    outcomes = [each for batch in await asyncio.gather(*[add(stage, entry) for _ in range(5)]) for each in batch]
    assert sorted(isinstance(each, Refusal) for each in outcomes) == [False, True, True, True, True]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "baris\nbaru"])
async def test_a_reason_must_be_readable(stage: Stage, reason: str) -> None:
    (outcome,) = await add(stage, Blacklisting(kind="nik", nik=nik(), reason=reason))
    assert code_of(outcome) == "INVALID_INPUT"


@pytest.mark.requirement("D-96")
async def test_two_people_lift_it_and_it_may_be_added_again(stage: Stage) -> None:
    entry = Blacklisting(kind="nik", nik=nik(), reason="voucher palsu")
    (added,) = await add(stage, entry)
    assert not isinstance(added, Refusal)
    assert code_of(await lift(stage, added, decided_by=ONE)) == "SECOND_PERSON_NEEDED"
    assert await against(stage, Suspects(niks=(entry.nik or "",))) == [["voucher palsu"]]
    assert await lift(stage, added) == added
    assert await against(stage, Suspects(niks=(entry.nik or "",))) == [[]]
    assert code_of(await lift(stage, added)) == "BLACKLIST_ENTRY_LIFTED"
    assert code_of(await lift(stage, BlacklistId(256))) == "BLACKLIST_ENTRY_NOT_FOUND"
    (again,) = await add(stage, entry)
    assert again not in (added, None)
    assert await stage.audit(added) == ["blacklist.added", "blacklist.lifted"]


async def test_the_list_is_paged_the_newest_first(stage: Stage) -> None:
    added = [(await add(stage, Blacklisting(kind="nik", nik=nik(), reason="uji")))[0] for _ in range(3)]
    async with stage.pool.acquire() as connection:
        page = await blacklist_entries(connection, limit=2)
        rest = await blacklist_entries(connection, after=page[-1].id, limit=1)
    shown = [entry.id for entry in [*page, *rest]]
    assert shown == sorted(shown, reverse=True)
    assert set(added) & set(shown)
