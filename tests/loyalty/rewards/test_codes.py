"""Files of codes: taken whole or refused whole, sealed, and counted but never shown."""

import asyncio
from datetime import timedelta

import pytest
from tests.loyalty.rewards.conftest import Counter, sheet
from tests.sales.test_round_trips import said_in

from konter.loyalty.rewards.codes.importing import ImportedCodes
from konter.loyalty.rewards.codes.model import code_hash
from konter.loyalty.rewards.codes.read import CodeCount, code_counts
from konter.platform.refusal import Refusal


def faults(refusal: ImportedCodes | Refusal) -> list[tuple[int, str]]:
    assert isinstance(refusal, Refusal), refusal
    assert all(fault.sentence(locale) for fault in refusal.data["faults"] for locale in ("id", "en"))
    return [(fault.line, fault.reason) for fault in refusal.data["faults"]]


async def count(counter: Counter, reward: str) -> CodeCount | None:
    async with counter.stage.pool.acquire() as connection:
        found = await code_counts(connection, [reward], now=counter.stage.now)
    return found.get(reward)


@pytest.mark.requirement("P-22", "P-23")
async def test_it_works(counter: Counter) -> None:
    reward = await counter.vouchers(1)
    codes = counter.new_codes(3)
    report = await counter.codes(reward, codes, last_day="2027-01-31")
    assert (report.codes, report.again) == (3, False)
    assert await count(counter, reward) == CodeCount(reward=reward, free=4, lapsed=0, issued=0, burnt=0)
    rows = await counter.stage.pool.fetch("SELECT * FROM reward_code WHERE reward = $1", reward)
    assert not any(code in str(dict(row)) for code in codes for row in rows)


async def test_counts_tell_what_became_of_codes(counter: Counter) -> None:
    merchant = await counter.merchant()
    reward = await counter.vouchers(3, merchant=merchant)
    await counter.codes(reward, counter.new_codes(2), last_day="2026-11-21")
    customer = await counter.customer()
    await counter.burn(counter.burning(merchant, await counter.code_of(customer, reward)))
    counter.stage.clock.advance(timedelta(days=1))
    assert await count(counter, reward) == CodeCount(reward=reward, free=3, lapsed=1, issued=1, burnt=1)


async def test_counting_reads_no_code_of_another_reward(counter: Counter) -> None:
    """It read all codes there were, of every reward, and with many of them met the limit of a statement's time."""
    reward, now = await counter.vouchers(2), counter.stage.now
    await counter.vouchers(3)
    _, (asked,) = await said_in(counter, lambda connection: code_counts(connection, [reward], now=now))
    async with counter.stage.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = await connection.fetch(f"EXPLAIN {asked}", [reward], now)
    lines = "\n".join(row[0] for row in plan)
    assert "Index Only Scan using reward_code_free" in lines
    assert "reward_code_used" in lines


async def test_the_same_file_again_changes_nothing(counter: Counter) -> None:
    reward, file = await counter.vouchers(1), sheet(counter.folder, "code", {"code": "KOPI-SENJA-1"})
    first, again = await counter.take_codes(reward, file), await counter.take_codes(reward, file)
    assert (first.again, again.again, again.codes) == (False, True, 1)
    assert (await count(counter, reward)).free == 2


async def test_a_file_that_another_reward_has_taken(counter: Counter) -> None:
    """Whoever only looks whether it was refused would think that this reward has codes now."""
    first, second = await counter.vouchers(1), await counter.vouchers(1)
    file = sheet(counter.folder, "code", {"code": "KOPI-SENJA-9"})
    await counter.take_codes(first, file)
    assert faults(await counter.take_codes(second, file)) == [(1, "codes_of_another")]


async def test_a_files_name_that_is_no_text(counter: Counter) -> None:
    file = sheet(counter.folder, "code", {"code": "KOPI-SENJA-8"}).rename(counter.folder / "kode\udcff.csv")
    assert (await counter.take_codes(await counter.vouchers(1), file)).file == "kode?.csv"


async def test_duplicates_refuse_the_file_and_lose_nothing(counter: Counter) -> None:
    """Within the file, also written another way, and against what is known; the mended file is then taken."""
    reward = await counter.vouchers(1)
    known, new, other = counter.new_codes(3)
    await counter.codes(reward, [known])
    twice = f" {new[:4]}-{new[4:]} ".lower()
    assert faults(await counter.codes(reward, [new, other, twice])) == [(4, "stated_twice")]
    assert faults(await counter.codes(reward, [new, known, other])) == [(3, "code_known")]
    assert (await count(counter, reward)).free == 2
    assert (await counter.codes(reward, [new, other])).codes == 2


async def test_no_fault_repeats_a_code(counter: Counter) -> None:
    reward = await counter.vouchers(1)
    refusal = await counter.codes(reward, ["KODE RAHASIA", "RAHASIA9", "RAHASIA9", "ABC", ""])
    assert faults(refusal) == [(2, "not_a_reward_code"), (4, "stated_twice"), (5, "not_a_reward_code")]
    assert "RAHASIA" not in str(refusal.data).upper()


async def test_hyphens_do_not_make_a_code_long_enough(counter: Counter) -> None:
    """What merchants type is looked for without them, so a code of two signs could be guessed."""
    reward = await counter.vouchers(1)
    refusal = await counter.codes(reward, ["A----B", "1-2-3-4", "A-B-C-D-E-F"])
    assert faults(refusal) == [(2, "not_a_reward_code"), (3, "not_a_reward_code")]


async def test_codes_that_are_over(counter: Counter) -> None:
    reward = await counter.vouchers(1)
    assert faults(await counter.codes(reward, ["LAMPAU1"], last_day="2026-11-20")) == [(2, "code_is_over")]
    assert faults(await counter.codes(reward, ["LAMPAU1"], last_day="kemarin")) == [(2, "not_a_moment")]


async def test_codes_that_end_before_their_reward_begins(counter: Counter) -> None:
    """A new offer of a reward that has begun leaves its codes as they are."""
    merchant = await counter.merchant()
    coming = await counter.vouchers(1, valid_from="2027-01-01")
    running = await counter.vouchers(1, merchant=merchant)
    await counter.reward(code=running, kind="merchant", points=30, merchant=merchant, valid_from="2027-01-01")
    assert faults(await counter.codes(coming, ["SEBELUM1"], last_day="2026-12-31")) == [(2, "code_ends_first")]
    assert (await counter.codes(coming, ["SESUDAH1"], last_day="2027-01-01")).codes == 1
    assert (await counter.codes(running, ["TENGAH1"], last_day="2026-12-31")).codes == 1


async def test_files_of_another_form(counter: Counter) -> None:
    reward = await counter.vouchers(1)
    for columns, reason in (("kode", "unknown_column"), ("last_day", "column_missing")):
        told = faults(await counter.take_codes(reward, sheet(counter.folder, columns)))
        assert reason in {each for _, each in told}
    assert faults(await counter.take_codes(reward, sheet(counter.folder, "code"))) == [(1, "empty_file")]
    assert faults(await counter.take_codes(reward, counter.folder / "none.csv")) == [(1, "unreadable")]


async def test_a_hundred_faults_are_told_and_all_counted(counter: Counter) -> None:
    reward = await counter.vouchers(1)
    refusal = await counter.codes(reward, ["x"] * 150)
    assert (refusal.data["count"], len(refusal.data["faults"])) == (150, 100)


async def test_a_reward_that_takes_no_codes_or_is_not_there(counter: Counter) -> None:
    codes = counter.new_codes(1)
    assert (await counter.codes(await counter.reward(), codes)).code == "REWARD_TAKES_NO_CODES"
    assert (await counter.codes("TIDAKADA", codes)).code == "REWARD_NOT_FOUND"


async def test_twins_take_a_file_once(counter: Counter) -> None:
    reward = await counter.vouchers(1)
    codes = counter.new_codes(50)
    same = sheet(counter.folder, "code", *[{"code": code} for code in codes])
    reports = await asyncio.gather(*[counter.take_codes(reward, same) for _ in range(4)])
    assert sorted(report.again for report in reports) == [False, True, True, True]
    assert (await count(counter, reward)).free == 51


async def test_two_files_with_a_code_in_common_at_once(counter: Counter) -> None:
    reward, (common, one, two) = await counter.vouchers(1), counter.new_codes(3)
    reports = await asyncio.gather(counter.codes(reward, [common, one]), counter.codes(reward, [two, common]))
    assert sorted(isinstance(report, Refusal) for report in reports) == [False, True]
    assert (await count(counter, reward)).free == 3


def test_a_code_is_found_however_it_is_written(keys) -> None:
    assert code_hash(keys, "kopi-12 34ab") == code_hash(keys, "KOPI1234AB")
    assert code_hash(keys, "KOPI1234AC") != code_hash(keys, "KOPI1234AB")
