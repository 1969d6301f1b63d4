"""Ids tell their cell; blocks give each number once, whoever takes."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.ledger.model import ASSETS, HOUSE_KINDS, house_account
from konter.platform.db import Pool
from konter.platform.ids import (
    BLOCK_SIZE,
    IdBlocks,
    cell_of_id,
    cell_of_msisdn,
    cell_of_text,
    make_id,
    spread_cell,
)


@given(st.integers(1, (1 << 55) - 1), st.integers(0, 255))
def test_an_id_tells_its_cell(seq: int, cell: int) -> None:
    id_ = make_id(seq, cell)
    assert (cell_of_id(id_), id_ >> 8) == (cell, seq)
    assert id_ < 1 << 63


def test_the_cell_of_a_number_never_changes() -> None:
    """Written down, because every row of a customer stands where this says."""
    assert [cell_of_msisdn(n) for n in (6281212345678, 6281212345679, 62899123456789)] == [79, 237, 87]
    assert [cell_of_text(text) for text in ("siti", "OTL-1")] == [207, 1]


async def test_the_database_agrees_on_the_cell_of_a_number(db: Pool) -> None:
    for msisdn in (6281212345678, 6281100000001, 62899123456789):
        assert await db.fetchval("SELECT ($1::bigint * 40503) >> 8 & 255", msisdn) == cell_of_msisdn(msisdn)


@pytest.mark.parametrize("cell_of", [cell_of_msisdn, spread_cell])
def test_neighbours_spread_evenly_over_the_cells(cell_of) -> None:
    counts = [0] * 256
    for n in range(25_600):
        counts[cell_of(6281200000000 + n)] += 1
    assert min(counts) > 60
    assert max(counts) < 140


async def test_numbers_are_given_once_whoever_takes(db: Pool) -> None:
    async def take_some() -> list[int]:
        taken = []
        for _ in range(5):
            async with db.acquire() as connection:
                own = await shared.reserve(connection, 300)
                await asyncio.sleep(0)
                taken += own.take(300)
        return taken

    shared = IdBlocks(blocks_at_once=1)
    everyone = [seq for taken in await asyncio.gather(*[take_some() for _ in range(4)]) for seq in taken]
    async with db.acquire() as connection:
        other = await IdBlocks().reserve(connection, 2_000)
    everyone += other.take(2_000)
    assert len(everyone) == len(set(everyone)) == 4 * 5 * 300 + 2_000


async def test_many_more_than_a_block(db: Pool) -> None:
    ids = IdBlocks(blocks_at_once=1)
    async with db.acquire() as connection:
        await ids.ensure(connection, 3 * BLOCK_SIZE + 1)
    taken = list(ids.take(3 * BLOCK_SIZE + 1))
    assert len(set(taken)) == len(taken) == 3 * BLOCK_SIZE + 1


async def test_within_one_process_numbers_ascend(db: Pool) -> None:
    """Within one moment the order of ids is the order of deciding; history and reversals rest on it."""
    ids = IdBlocks(blocks_at_once=2)
    async with db.acquire() as connection:
        own = await ids.reserve(connection, 1_500)
    taken = list(own.take(1_500))
    assert taken == sorted(taken)


def test_taking_more_than_there_is_is_loud() -> None:
    with pytest.raises(AssertionError, match="ensure"):
        IdBlocks().take(1)


async def test_no_block_reaches_the_house_accounts(db: Pool) -> None:
    async with db.acquire() as connection:
        own = await IdBlocks().reserve(connection, 1)
    first = make_id(next(own.take(1)), 0)
    assert first > max(house_account(kind, asset, 255) for kind in HOUSE_KINDS for asset in ASSETS)
