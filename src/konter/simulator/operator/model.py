"""What the synthetic operator is made of. Pure and deterministic: the same seed gives the same names and numbers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec

from konter.channel.model import NewArea
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.simulator.operator.places import TOWNS, Town
from konter.simulator.operator.refusals import DEMO_SALES_WITHOUT_MONEY, DEMO_SIZE_OUT_OF_RANGE

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

WALLET_RP = 8_000_000
TOP_UP_RP = 4_000_000  # once a week
NUMBERS_PER_OUTLET = 3  # its reseller number, and a notification number for each of its two users
MERCHANTS = ("KOPISENJA", "WARUNGRAYA", "TOKOMELATI")  # of the demo's rewards; what people redeem is the first one's
NEIGHBOURS = 320  # how many customers an outlet's users have
# Parts of the operator that sell side by side, each in its own order and to customers of its own, so that what comes
# out does not depend on who was faster. Two keep the two cores of a small machine busy.
DISTRICTS = 2
SALES_PER_BATCH_MAX = 500

OUTLETS_MAX = 100_000
QUIET_OUTLETS, QUIET_FROM = 3, 40
SUBSCRIBERS_MAX = 50_000_000  # with the shops' own numbers they fit into eight digits
SALES_PER_OUTLET_MAX = 500  # a month's wallets pay for about 700 of the usual mix
# What the database takes on disk, measured on a full build and rounded up; its log never grows beyond the last.
BYTES_PER_NUMBER, BYTES_PER_SALE, LOG_BYTES_PER_SALE, LOG_BYTES_MAX = 700, 5_500, 10_000, 2_200_000_000


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large the operator is. `subscribers` are customers; the outlets' own numbers come on top."""

    outlets: int = 300
    subscribers: int = 50_000
    days: int = 30
    sales: int = 100_000

    @property
    def own_numbers(self) -> int:
        """Numbers that outlets use themselves: the first of all synthetic numbers."""
        return NUMBERS_PER_OUTLET * self.outlets

    @property
    def partner_place(self) -> int:
        """The number of a partner's admin: the second customer's; field sales have the next. Who works for a partner is
        a customer too. [D-108]
        """
        return self.own_numbers + 1

    @property
    def partner_people_fit(self) -> bool:
        """Whether enough customers are left for the partner's two people to be some of them."""
        return self.partner_place + 1 < self.numbers

    @property
    def merchant_places(self) -> range:
        """The numbers from which merchants burn codes, one each: behind those of the partner's people; none where not
        as many customers are left.
        """
        first = self.partner_place + 2
        return range(first, first + len(MERCHANTS)) if first + len(MERCHANTS) <= self.numbers else range(first, first)

    @property
    def quiet_outlets(self) -> int:
        """The last ones sell nothing, so that there is somebody to look at who may lose access. [D-71]"""
        return QUIET_OUTLETS if self.outlets >= QUIET_FROM else 0

    @property
    def numbers(self) -> int:
        """All numbers in use."""
        return self.own_numbers + self.subscribers

    @property
    def disk_bytes(self) -> int:
        """How much room on disk a build needs."""
        log = min(LOG_BYTES_PER_SALE * self.sales, LOG_BYTES_MAX)
        return BYTES_PER_NUMBER * self.numbers + BYTES_PER_SALE * self.sales + log

    def refusal(self) -> Refusal | None:
        """Why no operator can be built like this: too little, too much, or more sales than the wallets can pay."""
        bounds = (("--outlets", self.outlets, 1, OUTLETS_MAX), ("--subscribers", self.subscribers, 1, SUBSCRIBERS_MAX))
        for option, given, least, most in bounds:
            if not least <= given <= most:
                return DEMO_SIZE_OUT_OF_RANGE(option=option, given=given, least=least, most=most)
        most = SALES_PER_OUTLET_MAX * self.outlets
        if self.sales < 0:
            return DEMO_SIZE_OUT_OF_RANGE(option="--sales", given=self.sales, least=0, most=most)
        if self.sales > most:
            return DEMO_SALES_WITHOUT_MONEY(sales=self.sales, outlets=self.outlets, most=most)
        return None


SIZES = {"normal": Size(), "full": Size(outlets=5_000, subscribers=1_600_000, sales=1_000_000)}


def size_of(name: str | None, *, outlets: int | None, subscribers: int | None, sales: int | None) -> Size | None:
    """A size by its name and what is to be otherwise; None when nothing was said.

    Other outlets sell as much each as those of the named size, unless the sales are given too.
    """
    if name is None and outlets is None and subscribers is None and sales is None:
        return None
    size = SIZES[name or "normal"]
    if outlets is not None:
        size = msgspec.structs.replace(size, outlets=outlets, sales=size.sales * outlets // size.outlets)
    if subscribers is not None:
        size = msgspec.structs.replace(size, subscribers=subscribers)
    return size if sales is None else msgspec.structs.replace(size, sales=sales)


class OutletPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One outlet and its two users, before it is opened. The first is the demo's own."""

    code: str
    name: str
    town: Town
    place: int
    segment: str
    address: str
    owner: str
    seller: str
    username: str


def plan_outlets(size: Size, random: Random) -> list[OutletPlan]:
    """The outlets: `Sukses Cell` in Bandung first, the others spread over the towns."""
    plans = []
    for number in range(size.outlets):
        town = TOWNS[3] if number == 0 else random.choice(TOWNS)
        name = "Sukses Cell" if number == 0 else f"{random.choice(FIRST)} {random.choice(SECOND)} {number}"
        plans.append(
            OutletPlan(
                code=f"22{TOWNS.index(town):02d}{number + 1:06d}",
                name=name,
                town=town,
                place=number,
                segment="retail" if number == 0 else random.choice(SEGMENTS),
                address=f"Jl. {random.choice(STREETS)} {random.randint(1, 120)}, {town.name}",
                owner=f"{random.choice(GIVEN)} {random.choice(FAMILY)}",
                seller=f"{random.choice(GIVEN)} {random.choice(FAMILY)}",
                username=f"sukses{number + 1:03d}" if number == 0 else f"outlet{number + 1:04d}",
            )
        )
    return plans


def synthetic_msisdn(number: int) -> Msisdn:
    """The n-th synthetic number: 11 digits after the country code, spread over the operator's prefixes."""
    return Msisdn(int(f"62{PREFIXES[number % len(PREFIXES)]}{PEOPLE_FROM + number:08d}"))


def share(whole: int, part: int, parts: int) -> range:
    """The part-th of `parts` stretches of range(whole), of nearly the same length."""
    return range(whole * part // parts, whole * (part + 1) // parts)


def neighbourhood(place: int, outlets: int, customers: range) -> range:
    """The customers of one of so many outlets; neighbours share some, and everybody has an outlet nearby."""
    width = min(NEIGHBOURS, len(customers))
    first = (len(customers) - width) * place // max(1, outlets - 1)
    return customers[first : first + width]


def open_hours(begin: datetime, days: int, until: datetime) -> list[datetime]:
    """The beginnings of the hours in which outlets were open and that are wholly over; `begin` is a midnight."""
    hours = (begin + timedelta(days=day, hours=hour) for day in range(days) for hour in OPEN_HOURS)
    return [hour for hour in hours if hour + timedelta(hours=1) <= until]


def moments(hour: datetime, count: int) -> list[tuple[datetime, int]]:
    """How an hour's sales fall into batches: (moment, how many), spread over the hour."""
    batches = -(-count // SALES_PER_BATCH_MAX)
    return [
        (hour + timedelta(hours=1) * batch / batches, len(share(count, batch, batches))) for batch in range(batches)
    ]


def wish(random: Random, packages: Sequence[str], customers: range) -> tuple[str, Msisdn]:
    """What somebody buys next, and who: a product's code and a number."""
    if random.randrange(100) < PACKAGE_SHARE_PCT:
        product = random.choice(packages)
    else:
        (product,) = random.choices(list(RECHARGES), list(RECHARGES.values()))
    return product, synthetic_msisdn(random.choice(customers))
