"""The demo's channel over real cities: a tree in all three time zones, every outlet in a district that is served."""

from pathlib import Path

import pytest

from konter.channel.territory.read import outlets_by_area
from konter.platform.config import Settings
from konter.platform.db import Pool
from konter.simulator.demo import prepare
from konter.simulator.operator.model import Size
from konter.simulator.operator.phases import Unwatched


@pytest.mark.requirement("D-57", "D-64")
async def test_outlets_stand_in_all_three_time_zones_and_under_the_four_areas(
    tmp_path: Path, own_dsn: str, own_db: Pool
) -> None:
    settings = Settings(
        data=tmp_path, mode="demo", pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA="
    )
    size = Size(outlets=60, subscribers=400, days=1, sales=0)
    await prepare(settings, own_dsn, seed=7, size=size, watcher=Unwatched())
    async with own_db.acquire() as connection:
        counts = {each.area.code: each.active for each in await outlets_by_area(connection)}
    assert set(counts) == {"SUM", "JBJB", "JWBL", "PMSK"}
    assert min(counts.values()) > 0
    assert sum(counts.values()) == 61  # one came by an application that was approved
    zones = await own_db.fetch("SELECT DISTINCT zone FROM outlet ORDER BY zone")
    assert [row["zone"] for row in zones] == ["Asia/Jakarta", "Asia/Jayapura", "Asia/Makassar"]
    levels = await own_db.fetch("SELECT level, count(*) AS n FROM area GROUP BY level")
    assert {row["level"]: row["n"] for row in levels} == {
        "area": 4,
        "region": 9,
        "branch": 12,
        "cluster": 24,
        "depot": 24,
    }
