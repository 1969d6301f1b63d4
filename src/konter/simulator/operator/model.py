"""What the synthetic operator is made of. Pure and deterministic: the same seed gives the same names and numbers."""

from random import Random
from typing import Literal

import msgspec

from konter.channel.model import NewArea
from konter.platform.ids import Msisdn

OPERATOR = "Nusantara Seluler"
PREFIXES = ("812", "813", "821", "822", "852", "853", "851")
PEOPLE_FROM = 10_000_000  # the eight digits of the first synthetic number

AREAS = (
    NewArea(code="SUM", name="Sumatera", level="area"),
    NewArea(code="JBJB", name="Jabotabek dan Jawa Barat", level="area"),
    NewArea(code="JWBL", name="Jawa dan Bali", level="area"),
    NewArea(code="PMSK", name="Papua, Maluku, Sulawesi, Kalimantan", level="area"),
)
PARTNERS = (
    ("SBP-MEDAN", "Mitra Andalan Sumatera", "SUM"),
    ("SBP-BANDUNG", "Mitra Priangan Jaya", "JBJB"),
    ("SBP-SURABAYA", "Mitra Timur Sentosa", "JWBL"),
)
Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
# area, town, zone; the third partner also supplies the east.
TOWNS: tuple[tuple[str, str, Zone, int], ...] = (
    ("SUM", "Medan", "Asia/Jakarta", 0),
    ("SUM", "Palembang", "Asia/Jakarta", 0),
    ("SUM", "Padang", "Asia/Jakarta", 0),
    ("JBJB", "Bandung", "Asia/Jakarta", 1),
    ("JBJB", "Bekasi", "Asia/Jakarta", 1),
    ("JBJB", "Bogor", "Asia/Jakarta", 1),
    ("JWBL", "Surabaya", "Asia/Jakarta", 2),
    ("JWBL", "Malang", "Asia/Jakarta", 2),
    ("JWBL", "Denpasar", "Asia/Makassar", 2),
    ("PMSK", "Makassar", "Asia/Makassar", 2),
    ("PMSK", "Manado", "Asia/Makassar", 2),
    ("PMSK", "Jayapura", "Asia/Jayapura", 2),
)
FIRST = (
    "Sukses",
    "Berkah",
    "Maju",
    "Sinar",
    "Cahaya",
    "Mandiri",
    "Jaya",
    "Abadi",
    "Makmur",
    "Sentosa",
    "Mulia",
    "Lestari",
    "Prima",
    "Bintang",
    "Mekar",
    "Rejeki",
)
SECOND = ("Cell", "Ponsel", "Seluler", "Phone", "Pulsa", "Konter", "Komunika", "Gadget")
STREETS = ("Merdeka", "Sudirman", "Diponegoro", "Kartini", "Pahlawan", "Melati", "Kenanga", "Mawar", "Pasar", "Stasiun")
GIVEN = (
    "Siti",
    "Budi",
    "Dewi",
    "Agus",
    "Rina",
    "Joko",
    "Wati",
    "Eko",
    "Sri",
    "Andi",
    "Lestari",
    "Bayu",
    "Putri",
    "Hendra",
    "Ayu",
    "Rudi",
)
FAMILY = (
    "Santoso",
    "Wijaya",
    "Lubis",
    "Siregar",
    "Hidayat",
    "Nugroho",
    "Pratama",
    "Sitompul",
    "Wibowo",
    "Saputra",
    "Rahayu",
    "Kusuma",
)
SEGMENTS = ("retail", "retail", "retail", "retail", "pareto", "pareto", "big_pareto")

# What sells, and how often, by product code; packages by their share of the rest.
RECHARGES = {
    "PULSA5": 18,
    "PULSA10": 22,
    "PULSA15": 6,
    "PULSA20": 14,
    "PULSA25": 10,
    "PULSA50": 12,
    "PULSA100": 5,
    "PULSA200": 1,
}
PACKAGE_SHARE_PCT = 35
OPEN_HOURS = range(7, 22)
LOGIN_HOURS = (7, 15)  # a session lasts half a day


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large the operator is."""

    outlets: int = 300
    subscribers: int = 50_000
    days: int = 30
    sales: int = 100_000


class OutletPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One outlet and its two users, before it is opened. The first is the demo's own."""

    code: str
    name: str
    partner: int
    area: str
    zone: Zone
    segment: str
    address: str
    owner: str
    seller: str
    username: str


def plan_outlets(size: Size, random: Random) -> list[OutletPlan]:
    """The outlets: `Sukses Cell` in Bandung first, the others spread over the towns."""
    plans = []
    for number in range(size.outlets):
        area, town, zone, partner = TOWNS[3] if number == 0 else random.choice(TOWNS)
        name = "Sukses Cell" if number == 0 else f"{random.choice(FIRST)} {random.choice(SECOND)} {number}"
        plans.append(
            OutletPlan(
                code=f"22{TOWNS.index((area, town, zone, partner)):02d}{number + 1:06d}",
                name=name,
                partner=partner,
                area=area,
                zone=zone,
                segment="retail" if number == 0 else random.choice(SEGMENTS),
                address=f"Jl. {random.choice(STREETS)} {random.randint(1, 120)}, {town}",
                owner=f"{random.choice(GIVEN)} {random.choice(FAMILY)}",
                seller=f"{random.choice(GIVEN)} {random.choice(FAMILY)}",
                username=f"sukses{number + 1:03d}" if number == 0 else f"outlet{number + 1:04d}",
            )
        )
    return plans


def synthetic_msisdn(number: int) -> Msisdn:
    """The n-th synthetic number: 11 digits after the country code, spread over the operator's prefixes."""
    return Msisdn(int(f"62{PREFIXES[number % len(PREFIXES)]}{PEOPLE_FROM + number:08d}"))
