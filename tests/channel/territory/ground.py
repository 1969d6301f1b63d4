"""Ground for tests of places: all regions, a tree of areas over Depok and Jayapura, and two partners with depots."""

import itertools

from tests.access.people import Stage

from konter.channel.geography.load import ensure_regions
from konter.channel.model import NewArea, NewPartner
from konter.channel.partners import open_partners, set_areas
from konter.channel.territory.assign import assign_territories
from konter.channel.territory.model import Territory
from konter.platform.audit import SYSTEM
from konter.platform.ids import PartnerId

DEPOK, BEJI, JAYAPURA, NOBODYS = "32.76.01", "32.76.06", "91.71.03", "32.76.02"
_numbers = itertools.count(1)


class Ground:
    """Two clusters with a depot each: the first of `mine` holds Depok and Beji, the second of `theirs` Jayapura."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.n = stage, next(_numbers)
        self.mine = self.theirs = PartnerId(0)

    @property
    def given(self) -> dict:
        return {"actor": SYSTEM, "now": self.stage.now, "ids": self.stage.ids}

    def code(self, name: str) -> str:
        return f"{name}-{self.n}"

    def tree(self) -> list[NewArea]:
        """Two of everything, parents first."""
        areas = []
        for side, partner in (("W", self.mine), ("E", self.theirs)):
            parent = None
            for level in ("area", "region", "branch", "cluster"):
                code = self.code(f"{level[0].upper()}{side}")
                areas.append(NewArea(code=code, name=f"{level} {side}", level=level, parent=parent))
                parent = code
            areas.append(
                NewArea(code=self.code(f"D{side}"), name="depot", level="depot", parent=parent, partner_id=partner)
            )
        return areas

    async def set(self) -> "Ground":
        async with self.stage.pool.acquire() as connection:
            await ensure_regions(connection, **self.given)
            new = [
                NewPartner(code=self.code(f"SBP-{side}"), name=f"Mitra {side}", area="JBJB")
                for side in ("WEST", "EAST")
            ]
            self.mine, self.theirs = await open_partners(connection, new, **self.given)
        assert await self.set_areas(*self.tree()) == [area.code for area in self.tree()]
        west = [Territory(district=each, cluster=self.code("CW"), depot=self.code("DW")) for each in (DEPOK, BEJI)]
        east = Territory(district=JAYAPURA, cluster=self.code("CE"), depot=self.code("DE"))
        assert await self.assign(*west, east) == [DEPOK, BEJI, JAYAPURA]
        return self

    async def set_areas(self, *areas: NewArea) -> list:
        async with self.stage.pool.acquire() as connection:
            return await set_areas(connection, areas, **self.given)

    async def assign(self, *territories: Territory) -> list:
        async with self.stage.pool.acquire() as connection:
            return await assign_territories(connection, territories, **self.given)
