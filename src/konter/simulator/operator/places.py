"""Where the synthetic operator works: its tree of areas over real cities, and where outlets stand there. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from konter.channel.geography.model import Region
from konter.channel.model import NewArea
from konter.channel.territory.model import Territory
from konter.channel.territory.places import Position
from konter.platform.ids import PartnerId

CLUSTERS_PER_TOWN = 2
SPREAD_UDEG = 40_000  # outlets stand within some four kilometres of the middle of a town


class Town(msgspec.Struct, frozen=True):
    """A city: the area and the region it belongs to, the state's code, which partner serves it, and its middle."""

    area: str
    region: str
    region_name: str
    code: str
    name: str
    regency: str
    partner: int
    middle: Position


# The third partner also supplies the east.
TOWNS = (
    Town("SUM", "SUMBAGUT", "Sumatera Bagian Utara", "MDN", "Medan", "12.71", 0, Position(3_589_700, 98_673_600)),
    Town(
        "SUM", "SUMBAGSEL", "Sumatera Bagian Selatan", "PLG", "Palembang", "16.71", 0, Position(-2_976_100, 104_775_400)
    ),
    Town("SUM", "SUMBAGTENG", "Sumatera Bagian Tengah", "PDG", "Padang", "13.71", 0, Position(-924_500, 100_363_000)),
    Town("JBJB", "JABAR", "Jawa Barat", "BDG", "Bandung", "32.73", 1, Position(-6_914_700, 107_609_800)),
    Town("JBJB", "JABOTABEK", "Jabotabek", "BKS", "Bekasi", "32.75", 1, Position(-6_238_300, 106_975_600)),
    Town("JBJB", "JABOTABEK", "Jabotabek", "BGR", "Bogor", "32.71", 1, Position(-6_595_000, 106_816_600)),
    Town("JWBL", "JATIM", "Jawa Timur", "SBY", "Surabaya", "35.78", 2, Position(-7_257_500, 112_752_100)),
    Town("JWBL", "JATIM", "Jawa Timur", "MLG", "Malang", "35.73", 2, Position(-7_966_600, 112_632_600)),
    Town(
        "JWBL", "BALINUSRA", "Bali dan Nusa Tenggara", "DPS", "Denpasar", "51.71", 2, Position(-8_670_500, 115_212_600)
    ),
    Town("PMSK", "SULAWESI", "Sulawesi", "MKS", "Makassar", "73.71", 2, Position(-5_147_700, 119_432_700)),
    Town("PMSK", "SULAWESI", "Sulawesi", "MND", "Manado", "71.71", 2, Position(1_474_800, 124_842_100)),
    Town("PMSK", "MALUPA", "Maluku dan Papua", "JYP", "Jayapura", "91.71", 2, Position(-2_591_600, 140_669_000)),
)


def plan_tree(partners: Sequence[PartnerId]) -> list[NewArea]:
    """What hangs under the four areas: regions, a branch for each town, two clusters in each and a depot in each."""
    regions = {town.region: town for town in TOWNS}
    areas = [
        NewArea(code=code, name=town.region_name, level="region", parent=town.area) for code, town in regions.items()
    ]
    for town in TOWNS:
        areas.append(NewArea(code=town.code, name=town.name, level="branch", parent=town.region))
        for n in range(CLUSTERS_PER_TOWN):
            cluster = _cluster(town, n)
            areas.append(NewArea(code=cluster, name=f"{town.name} {n + 1}", level="cluster", parent=town.code))
            areas.append(
                NewArea(
                    code=f"{cluster}-D",
                    name=f"Depot {town.name} {n + 1}",
                    level="depot",
                    parent=cluster,
                    partner_id=partners[town.partner],
                )
            )
    return areas


def plan_territories(districts: Mapping[str, Sequence[Region]]) -> list[Territory]:
    """The districts of each town, by its regency, in turn to its clusters and their depots."""
    return [
        Territory(district=district.code, cluster=_cluster(town, n), depot=f"{_cluster(town, n)}-D")
        for town in TOWNS
        for place, district in enumerate(districts[town.regency])
        for n in (place % CLUSTERS_PER_TOWN,)
    ]


def _cluster(town: Town, n: int) -> str:
    return f"{town.code}-{n + 1}"


def district_of(town: Town, place: int, districts: Mapping[str, Sequence[Region]]) -> str:
    """In which district the outlet with this number stands: they fill up evenly."""
    there = districts[town.regency]
    return there[place % len(there)].code


def position_of(town: Town, place: int) -> Position:
    """Where it stands: strewn around the middle by its number, so that the same seed gives the same map."""
    north, east = ((place * step) % (2 * SPREAD_UDEG) - SPREAD_UDEG for step in (7_919, 104_729))
    return Position(town.middle.latitude_udeg + north, town.middle.longitude_udeg + east)
