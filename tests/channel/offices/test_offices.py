"""Service offices: from files, and found by whoever needs one."""

from datetime import datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.people import Stage
from tests.conftest import NOON

from konter.access.passwords import Passwords
from konter.channel.geography.load import ensure_regions
from konter.channel.offices.find import (
    nearest,
    nearest_to_outlet,
    office,
    offices_by_province,
    offices_in,
    offices_named,
)
from konter.channel.offices.load import OfficeReport, import_offices
from konter.channel.offices.model import hours_of, is_open
from konter.channel.offices.refusals import OFFICE_FILE_REFUSED, OFFICE_NOT_FOUND
from konter.channel.territory.places import Position, distance_m
from konter.platform.audit import SYSTEM
from konter.platform.clock import FrozenClock
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks, OutletId
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys

pytestmark = pytest.mark.requirement("D-53")
HEAD = "code,name,address,district,latitude,longitude,hours,services"
BANDUNG = "KL-BDG,Kantor Layanan Bandung,Jalan Dahlia 3,32.73.02,-6.8915,107.6107,Mo-Fr 08:00-16:00; Sa 09:00-13:00,sim_replacement complaint"
DEPOK = "KL-DPK,Kantor Layanan Depok,Jalan Tanjung 9,32.76.01,,,Mo-Sa 08:00-17:00,complaint"
JAYAPURA = "KL-JYP,Kantor Layanan Jayapura,Jalan Matoa 24,91.71.01,-2.5337,140.7181,Mo-Fr 08:00-16:00,sim_replacement"


class Files:
    """Files of offices on a database of the test's own."""

    def __init__(self, connection: Connection, ids: IdBlocks, folder: Path) -> None:
        self.connection, self.ids, self.file = connection, ids, folder / "offices.csv"

    async def bring(self, *rows: str, head: str = HEAD, end: str = "\n", bom: bool = False) -> OfficeReport | Refusal:
        self.file.write_bytes((b"\xef\xbb\xbf" if bom else b"") + end.join([head, *rows, ""]).encode())
        return await self.again()

    async def again(self) -> OfficeReport | Refusal:
        report = await import_offices(self.connection, self.file, actor=SYSTEM, now=NOON, ids=self.ids)
        if isinstance(report, OfficeReport):
            assert all(report.sentences(locale) for locale in ("id", "en"))
            assert all(each.sentence("en") for each in report.faults)
        return report


@pytest.fixture
async def files(own_db: Pool, ids: IdBlocks, tmp_path: Path):
    async with own_db.acquire() as connection:
        await ensure_regions(connection, actor=SYSTEM, now=NOON, ids=ids)
        yield Files(connection, ids, tmp_path)


def counts(report: OfficeReport | Refusal) -> tuple[int, int, int]:
    assert isinstance(report, OfficeReport), report
    return report.added, report.changed, report.same


async def test_it_works(files: Files) -> None:
    assert counts(await files.bring(BANDUNG, DEPOK, bom=True, end="\r\n")) == (2, 0, 0)
    found = await office(files.connection, "KL-BDG")
    assert not isinstance(found, Refusal)
    assert (found.district_name, found.regency_name, found.province_name) == ("Coblong", "Kota Bandung", "Jawa Barat")
    assert (found.zone, found.office.services) == ("Asia/Jakarta", ("sim_replacement", "complaint"))


async def test_again_changes_only_what_changed(files: Files) -> None:
    await files.bring(BANDUNG, DEPOK)
    before = await files.connection.fetch("SELECT code, xmin::text FROM service_office ORDER BY code")
    assert counts(await files.again()) == (0, 0, 2)
    assert await files.connection.fetch("SELECT code, xmin::text FROM service_office ORDER BY code") == before
    assert counts(await files.bring(BANDUNG.replace("Dahlia 3", "Dahlia 5"), DEPOK, JAYAPURA)) == (1, 1, 1)
    after = dict(await files.connection.fetch("SELECT code, xmin::text FROM service_office"))
    assert after["KL-DPK"] == dict(before)["KL-DPK"]
    assert await files.connection.fetchval("SELECT count(*) FROM audit WHERE action = 'offices.imported'") == 2


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (BANDUNG.replace("KL-BDG", "kl bdg"), "code", "not_a_code"),
        (BANDUNG.replace("Kantor Layanan Bandung", ""), "name", "blank"),
        (BANDUNG.replace("Jalan Dahlia 3", "x" * 201), "address", "too_long"),
        (BANDUNG.replace("32.73.02", "32.73"), "district", "no_district"),
        (BANDUNG.replace("32.73.02", "32.73.99"), "district", "no_district"),
        (BANDUNG.replace("-6.8915", "south"), "latitude", "not_degrees"),
        (BANDUNG.replace("107.6107", ""), "longitude", "not_degrees"),
        (BANDUNG.replace("-6.8915", "-96"), "latitude", "not_degrees"),
        (BANDUNG.replace("08:00-16:00", "16:00-08:00"), "hours", "not_hours"),
        (BANDUNG.replace("Mo-Fr 08:00-16:00; Sa 09:00-13:00", "always"), "hours", "not_hours"),
        (BANDUNG.replace("complaint", "coffee"), "services", "not_one_of"),
        (BANDUNG + ",x", "", "width"),
        ('"' + BANDUNG, "", "quotes"),
        (BANDUNG.replace("Dahlia", "\u200b"), "", "not_printable"),
    ],
)
async def test_a_broken_row_is_named_and_the_others_go_in(files: Files, row: str, column: str, reason: str) -> None:
    report = await files.bring(row, DEPOK)
    assert counts(report) == (1, 0, 0)
    assert [(each.line, each.column, each.reason) for each in report.faults] == [(2, column, reason)]


async def test_a_code_twice_in_one_file_is_named(files: Files) -> None:
    report = await files.bring(BANDUNG, BANDUNG.replace("Dahlia", "Mawar"))
    assert counts(report) == (1, 0, 0)
    assert [(each.line, each.reason) for each in report.faults] == [(3, "office_twice")]


async def test_a_file_of_something_else_is_refused(files: Files, tmp_path: Path) -> None:
    for head in ("code,name,area", "", "code,code"):
        refusal = await files.bring(head=head)
        assert isinstance(refusal, Refusal)
        assert refusal.code == OFFICE_FILE_REFUSED.__name__
    files.file = tmp_path / "nowhere.csv"
    assert isinstance(await files.again(), Refusal)


async def test_an_office_that_closed_is_on_no_page(files: Files) -> None:
    await files.bring(BANDUNG, DEPOK)
    report = await files.bring(BANDUNG + ",closed", DEPOK + ",", head=HEAD + ",status")
    assert counts(report) == (0, 1, 1)
    connection = files.connection
    assert await office(connection, "KL-BDG") == OFFICE_NOT_FOUND()
    assert [each.office.code for each in await offices_in(connection, "32")] == ["KL-DPK"]
    assert await nearest(connection, Position(-6_891_500, 107_610_700)) == []
    assert await offices_named(connection, "bandung") == []
    assert await offices_by_province(connection) == [("32", "Jawa Barat", 1)]


async def test_people_find_one_by_province_city_and_name(files: Files) -> None:
    await files.bring(BANDUNG, DEPOK, JAYAPURA)
    connection = files.connection
    assert await offices_by_province(connection) == [("32", "Jawa Barat", 2), ("91", "Papua", 1)]
    for region, codes in (("32", ["KL-BDG", "KL-DPK"]), ("32.76", ["KL-DPK"]), ("3", []), ("91.71.01", ["KL-JYP"])):
        assert [each.office.code for each in await offices_in(connection, region)] == codes, region
    for text, codes in (
        ("  kota  BANDUNG ", ["KL-BDG"]),
        ("coblong", ["KL-BDG"]),
        ("papua", ["KL-JYP"]),
        ("tanjung 9", ["KL-DPK"]),
        ("%", []),
        ("\0", []),
        ("", []),
    ):
        assert [each.office.code for each in await offices_named(connection, text)] == codes, text
    (first,) = await offices_in(connection, "32", limit=1)
    (second,) = await offices_in(connection, "32", after=(first.office.district, first.office.code), limit=1)
    assert [first.office.code, second.office.code] == ["KL-BDG", "KL-DPK"]


async def test_the_nearest_come_first_with_their_distance(files: Files) -> None:
    source = Path(str(resources.files("konter.simulator") / "data" / "offices.csv"))
    files.file = source
    assert counts(await files.again())[0] == 25
    cimahi = Position(-6_880_000, 107_540_000)
    found = await nearest(files.connection, cimahi)
    assert [each.office.code for each in found[:2]] == ["KL-BDG2", "KL-BDG"]
    every = await nearest(files.connection, cimahi, limit=50)
    known = [distance_m(each.office.position, cimahi) for each in every if each.office.position]
    assert [each.away_m for each in every] == known == sorted(known)


async def test_the_demo_has_offices_under_all_three_clocks(files: Files) -> None:
    files.file = Path(str(resources.files("konter.simulator") / "data" / "offices.csv"))
    await files.again()
    found = await offices_named(files.connection, "kantor")
    assert {each.zone for each in found} == {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}


async def test_an_outlet_sees_those_near_it(
    files: Files, own_db: Pool, ids: IdBlocks, keys: Keys, clock: FrozenClock, passwords: Passwords
) -> None:
    """By its position; without one by district, regency, province; without a place none."""
    await files.bring(BANDUNG, DEPOK, JAYAPURA)
    connection = files.connection
    assert await nearest_to_outlet(connection, OutletId(256)) == []
    outlet = (await (await Stage(own_db, ids, keys, clock, passwords).set()).user()).outlet_id
    assert await nearest_to_outlet(connection, outlet) == []
    await connection.execute("UPDATE outlet SET district = '32.76.02'")
    found = await nearest_to_outlet(connection, outlet)
    assert [(each.office.code, each.away_m) for each in found] == [("KL-DPK", None), ("KL-BDG", None)]
    await connection.execute("UPDATE outlet SET latitude_udeg = -2500000, longitude_udeg = 140700000")
    assert [each.office.code for each in await nearest_to_outlet(connection, outlet, limit=1)] == ["KL-JYP"]


@pytest.mark.parametrize(
    ("zone", "clock", "is_it"),
    [
        ("Asia/Jakarta", "2026-11-20 07:59", False),  # a Friday
        ("Asia/Jakarta", "2026-11-20 08:00", True),
        ("Asia/Jakarta", "2026-11-20 16:00", False),
        ("Asia/Jakarta", "2026-11-21 12:59", True),
        ("Asia/Jakarta", "2026-11-22 10:00", False),
        ("Asia/Jayapura", "2026-11-20 15:59", True),
    ],
)
def test_an_office_is_open_by_its_own_clock(zone: str, clock: str, is_it: bool) -> None:
    hours = hours_of("Mo-Fr 08:00-16:00; Sa 09:00-13:00")
    assert hours is not None
    assert is_open(hours, zone, datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone))) is is_it


@given(st.text(max_size=80))
def test_hours_are_understood_or_not_and_never_break(text: str) -> None:
    assert hours_of(text) is None or ":" in text
