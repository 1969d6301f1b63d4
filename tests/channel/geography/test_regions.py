from collections import Counter

import msgspec
import pytest
from tests.conftest import NOON

from konter.channel.geography.find import children_of, find_districts, path_of
from konter.channel.geography.load import ensure_regions, load_regions
from konter.channel.geography.model import as_written, region
from konter.channel.geography.source import shipped_regions
from konter.platform.audit import SYSTEM
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks

GIVEN = {"actor": SYSTEM, "now": NOON}


@pytest.fixture
async def loaded(db: Pool, ids: IdBlocks) -> Pool:
    """This worker's database with all regions."""
    async with db.acquire() as connection:
        await load_regions(connection, ids=ids, **GIVEN)
    return db


@pytest.mark.requirement("D-57", "D-64")
async def test_all_of_indonesia_is_there(loaded: Pool) -> None:
    levels = Counter([row["level"] for row in await loaded.fetch("SELECT level FROM region")])
    assert levels["province"] == 38
    assert levels["regency"] == 514
    assert levels["district"] > 7_200
    zones = Counter([row["zone"] for row in await loaded.fetch("SELECT zone FROM region WHERE parent IS NULL")])
    assert zones == {"Asia/Jakarta": 18, "Asia/Makassar": 12, "Asia/Jayapura": 8}


async def test_loading_again_changes_what_was_renamed_and_nothing_else(own_db: Pool, ids: IdBlocks) -> None:
    regions = shipped_regions()
    async with own_db.acquire() as connection:
        assert await ensure_regions(connection, ids=ids, **GIVEN)
        assert not await ensure_regions(connection, ids=ids, **GIVEN)
        again = await load_regions(connection, ids=ids, **GIVEN)
        assert (again.added, again.changed, again.total) == (0, 0, len(regions))
        regions[-1] = msgspec.structs.replace(regions[-1], name="Distrik Baru")
        renamed = await load_regions(connection, ids=ids, regions=regions[-2:], **GIVEN)
        assert (renamed.added, renamed.changed, renamed.total) == (0, 1, len(regions))
        assert (await path_of(connection, regions[-1].code))[-1].name == "Distrik Baru"
    assert await own_db.fetchval("SELECT count(*) FROM audit WHERE action = 'regions.loaded'") == 2


async def test_people_choose_from_province_to_district(loaded: Pool) -> None:
    async with loaded.acquire() as connection:
        provinces = await children_of(connection)
        assert len(provinces) == 38
        cities = await children_of(connection, next(each.code for each in provinces if each.name == "Jawa Barat"))
        depok = next(each for each in cities if each.name == "Kota Depok")
        assert "Pancoran Mas" in {each.name for each in await children_of(connection, depok.code)}
        assert await children_of(connection, "99") == []
        assert await children_of(connection, "\0") == []


@pytest.mark.requirement("D-64")
@pytest.mark.parametrize(
    ("prefix", "place", "zone"),
    [
        ("PANCORAN m", "Pancoran Mas, Kota Depok, Jawa Barat", "Asia/Jakarta"),
        ("denpasar s", "Denpasar Selatan, Kota Denpasar, Bali", "Asia/Makassar"),
        ("abepu", "Abepura, Kota Jayapura, Papua", "Asia/Jayapura"),
    ],
)
async def test_a_district_is_found_by_the_beginning_of_its_name(
    loaded: Pool, prefix: str, place: str, zone: str
) -> None:
    async with loaded.acquire() as connection:
        (found,) = await find_districts(connection, prefix)
    assert (f"{found.name}, {found.regency}, {found.province}", found.zone) == (place, zone)


async def test_a_long_list_of_districts_comes_in_pages(loaded: Pool) -> None:
    async with loaded.acquire() as connection:
        first = await find_districts(connection, "su", limit=50)
        second = await find_districts(connection, "su", after=first[-1], limit=50)
        assert await find_districts(connection, "  ") == []
        assert await find_districts(connection, "su\0") == []
        assert await find_districts(connection, "'; --") == []
    names = [each.name.lower() for each in first + second]
    assert len(names) == 100
    assert len({each.code for each in first + second}) == 100
    assert names == sorted(names)


async def test_a_region_knows_what_it_lies_in(loaded: Pool) -> None:
    async with loaded.acquire() as connection:
        path = await path_of(connection, "32.76.01")
        assert [each.name for each in path] == ["Jawa Barat", "Kota Depok", "Pancoran Mas"]
        assert await path_of(connection, "32.76.99") == []
        assert await path_of(connection, "") == []


@pytest.mark.parametrize(
    ("found", "written"),
    [
        ("BOGOR", "Bogor"),
        ("KI'E", "Ki'e"),
        ("Kot olin", "Kot Olin"),
        ("KOTO XI TARUSAN", "Koto XI Tarusan"),
        ("STL Ulu Terawas", "STL Ulu Terawas"),
        ("2 x 11 Kayu Tanam", "2 x 11 Kayu Tanam"),
        ("Kabupaten Kep. Siau Tagulandang Biaro", "Kabupaten Kepulauan Siau Tagulandang Biaro"),
        ("Pangkajene dan Kepulauan", "Pangkajene dan Kepulauan"),
        ("Pulau-pulau Babar Timur", "Pulau-Pulau Babar Timur"),
    ],
)
def test_names_stand_as_people_write_them(found: str, written: str) -> None:
    assert as_written(found) == written
    assert region("11.01.01", found).name == written


async def test_a_search_by_name_uses_the_index(loaded: Pool) -> None:
    async with loaded.acquire() as connection:
        plan = await connection.fetch(
            """
            EXPLAIN SELECT code FROM region WHERE level = 'district'
              AND lower(name) COLLATE "C" >= 'su' AND lower(name) COLLATE "C" < 'sv'
            ORDER BY lower(name) COLLATE "C", code LIMIT 20
            """
        )

    assert "region_name" in " ".join(row[0] for row in plan)
