"""An existing channel from files: what goes in, what is named, what waits."""

from pathlib import Path

import pytest
from tests.access.people import Stage, code_of
from tests.channel.numbers.desk import Desk

from konter.channel.importing import bring, outlets
from konter.channel.importing.bring import import_channel
from konter.channel.importing.report import Report
from konter.channel.numbers.seller import know_sellers
from konter.platform.audit import SYSTEM
from konter.subscriber.msisdn import national


class Depot:
    """Files for one partner, each with codes of its own."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.folder, self.n = stage, folder, 0
        self.partner = ""
        self.told: list[int] = []

    async def code(self) -> str:
        self.n += 1
        if not self.partner:
            self.partner = await self.stage.pool.fetchval(
                "SELECT code FROM partner WHERE id = $1", self.stage.partner_id
            )
        return f"IMP-{self.stage.partner_id}-{self.n}"[-20:].lstrip("-")

    async def row(self, **changed: str) -> dict[str, str]:
        code = await self.code()
        row = {
            "code": code,
            "name": "Sukses Cell",
            "partner": self.partner,
            "area": "JBJB",
            "reseller_number": changed.get("reseller_number") or national(await self.stage.number()),
        }
        return {**row, **changed}

    async def bring(
        self, *rows: dict[str, str], delimiter: str = ",", end: str = "\n", bom: bool = False, extra: str = ""
    ):
        head = delimiter.join(rows[0])
        text = end.join([head, *(delimiter.join(row.values()) for row in rows), extra])
        file = self.folder / "outlets.csv"
        file.write_bytes((b"\xef\xbb\xbf" if bom else b"") + text.encode())
        return await self.bring_file(file)

    async def bring_file(self, file: Path):
        stage = self.stage
        async with stage.pool.acquire() as connection:
            report = await import_channel(
                connection,
                file,
                actor=SYSTEM,
                now=stage.now,
                ids=stage.ids,
                rules=stage.rules,
                advance=self.told.append,
            )
        if isinstance(report, Report):
            assert all(report.sentences(locale) for locale in ("id", "en"))
            assert all(each.sentence("id") for each in (*report.faults, *report.differences))
        return report

    async def outlet(self, code: str):
        return await self.stage.pool.fetchrow("SELECT * FROM outlet WHERE code = $1", code)


@pytest.fixture
def depot(stage: Stage, tmp_path: Path) -> Depot:
    return Depot(stage, tmp_path)


def named(report: Report) -> list[tuple[int, str]]:
    return [(fault.line, fault.reason) for fault in sorted(report.faults, key=lambda fault: fault.line)]


@pytest.mark.requirement("D-01", "D-19", "D-31")
async def test_it_works(depot: Depot, desk: Desk) -> None:
    rows = [await depot.row() for _ in range(3)]
    rows[1] |= {"name": "Toko Maju"}
    report = await depot.bring(*rows)
    assert (report.added, report.same, report.faults) == (3, 0, [])
    outlet = await depot.outlet(rows[1]["code"])
    assert (outlet["name"], outlet["status"], national(outlet["rs_msisdn"])) == (
        "Toko Maju",
        "active",
        rows[1]["reseller_number"],
    )
    assert await desk.past(outlet["rs_msisdn"]) == [("RS", "imported", None)]


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [True, False])
async def test_as_windows_and_spreadsheets_write_it(depot: Depot, delimiter: str, end: str, bom: bool) -> None:
    report = await depot.bring(await depot.row(), await depot.row(), delimiter=delimiter, end=end, bom=bom)
    assert (report.added, report.faults) == (2, [])


async def test_again_it_changes_nothing_and_tells_what_is_said_otherwise(depot: Depot) -> None:
    rows = [await depot.row() for _ in range(3)]
    await depot.bring(*rows)
    again = await depot.bring(*rows)
    assert (again.added, again.same, again.differences) == (0, 3, [])
    rows[2] |= {"name": "Nama Lain", "reseller_number": national(await depot.stage.number())}
    other = await depot.bring(*rows)
    assert (other.added, other.same) == (0, 2)
    assert [(each.line, each.columns) for each in other.differences] == [(4, ("name", "reseller_number"))]
    assert (await depot.outlet(rows[2]["code"]))["name"] == "Sukses Cell"


@pytest.mark.requirement("D-32", "G-D07")
async def test_a_number_of_two_rows_is_a_conflict_and_the_second_outlet_waits(depot: Depot, desk: Desk) -> None:
    first = await depot.row()
    second = await depot.row(reseller_number=first["reseller_number"])
    rows = [first, await depot.row(), second]
    report = await depot.bring(*rows)
    assert (report.added, report.conflicts, report.faults) == (3, 1, [])
    older, newer = await depot.outlet(first["code"]), await depot.outlet(second["code"])
    assert (older["status"], newer["status"], newer["rs_msisdn"]) == ("active", "suspended", None)
    conflict = await depot.stage.pool.fetchrow("SELECT * FROM number_conflict WHERE newer_outlet_id = $1", newer["id"])
    assert (conflict["older_outlet_id"], conflict["source"]) == (older["id"], "outlets.csv:4")
    again = await depot.bring(*rows)
    assert (again.added, again.same, again.conflicts, again.differences) == (0, 3, 0, [])
    await desk.settle(conflict["id"], newer["id"])
    assert (await depot.outlet(second["code"]))["status"] == "active"
    settled = await depot.bring(*rows)
    assert [each.columns for each in settled.differences] == [("reseller_number",)]


@pytest.mark.requirement("D-32")
async def test_a_number_that_an_outlet_has_already_is_a_conflict(depot: Depot, desk: Desk) -> None:
    number = await depot.stage.number()
    outlet = (await desk.opened(reseller_msisdn=number)).id
    report = await depot.bring(await depot.row(reseller_number=national(number)))
    assert (report.added, report.conflicts) == (1, 1)
    assert await depot.stage.pool.fetchval("SELECT older_outlet_id FROM number_conflict WHERE msisdn = $1", number) == (
        outlet
    )


async def test_each_broken_row_is_named_and_the_good_ones_go_in(depot: Depot, stage: Stage) -> None:
    user = await stage.user()
    same = await depot.row()
    rows = [
        same,
        await depot.row(name="x" * 300),
        await depot.row(partner="NOBODY"),
        await depot.row(area="ATLANTIS"),
        await depot.row(reseller_number="0217654321"),
        await depot.row(reseller_number=national(await stage.number(active=False))),
        await depot.row(reseller_number=national(user.nn_msisdn)),
        await depot.row(code=same["code"]),
        await depot.row(code="kecil"),
        await depot.row(),
    ]
    report = await depot.bring(*rows, extra='2200000009,"open quote')
    assert report.added == 2
    assert named(report) == [
        (3, "INVALID_INPUT"),
        (4, "PARTNER_NOT_ACTIVE"),
        (5, "UNKNOWN_AREA"),
        (6, "not_a_number"),
        (7, "RS_NOT_OPERATOR"),
        (8, "RS_ALREADY_REGISTERED"),
        (9, "OUTLET_CODE_TAKEN"),
        (10, "INVALID_INPUT"),
        (12, "quotes"),
    ]
    assert [await depot.outlet(rows[place]["code"]) is not None for place in (0, 9)] == [True, True]


async def test_when_the_first_of_two_rows_is_refused_the_second_waits_and_is_named(depot: Depot) -> None:
    first = await depot.row(area="ATLANTIS")
    second = await depot.row(reseller_number=first["reseller_number"])
    report = await depot.bring(first, second)
    assert (report.added, report.conflicts) == (1, 0)
    assert named(report) == [(2, "UNKNOWN_AREA"), (3, "left_without")]


@pytest.mark.requirement("D-20")
async def test_seller_numbers_are_linked_or_new(depot: Depot, stage: Stage) -> None:
    known, unknown = await stage.number(prefix="62813"), await stage.number(prefix="62813")
    sellers = depot.folder / "sellers.csv"
    sellers.write_text(f"seller_number;name\n{national(known)};Sukses\nabc;Salah\n")
    report = await depot.bring_file(sellers)
    assert (report.kind, report.added, named(report)) == ("sellers", 1, [(3, "not_a_number")])
    rows = [await depot.row(seller_number=national(number)) for number in (known, unknown, known)]
    report = await depot.bring(*rows)
    assert (report.sellers_linked, report.sellers_unknown) == (1, 1)
    assert named(report) == [(4, "SELLER_NUMBER_LINKED")]
    first = await depot.outlet(rows[0]["code"])
    assert await stage.pool.fetchval("SELECT outlet_id FROM seller_number WHERE msisdn = $1", known) == first["id"]
    async with stage.pool.acquire() as connection:
        assert await know_sellers(connection, [], now=stage.now) == 0


@pytest.mark.requirement("D-20", "D-22", "D-32")
@pytest.mark.parametrize("killed_in", ["link_seller_numbers", "add_users"])
async def test_killed_in_the_middle_and_again_nothing_is_missing(
    depot: Depot, stage: Stage, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    """An outlet that stands is left alone the next time, so it must not stand without what its row says."""
    seller, owner = await stage.number(prefix="62813"), await stage.number()
    async with stage.pool.acquire() as connection:
        await know_sellers(connection, [(seller, "Sukses")], now=stage.now)
    person = {"username": f"imp{owner}", "user_name": "Siti", "notification_number": national(owner)}
    row = await depot.row(seller_number=national(seller), **person)

    async def killed(*_: object, **__: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(outlets, killed_in, killed)
        with pytest.raises(ConnectionResetError):
            await depot.bring(row)
    report = await depot.bring(row)
    assert (report.added, report.same, report.sellers_linked, report.users) == (1, 0, 1, 1)


@pytest.mark.requirement("D-22", "D-28", "D-60")
async def test_an_outlet_may_bring_its_owner(depot: Depot, stage: Stage) -> None:
    numbers = [await stage.number() for _ in range(2)]
    person = {"username": "", "user_name": "Siti", "notification_number": "", "number_type": ""}
    rows = [
        await depot.row(**{**person, "username": f"imp{number}", "notification_number": national(number)})
        for number in (numbers[0], numbers[1], numbers[1])
    ]
    report = await depot.bring(*rows)
    assert (report.added, report.users, named(report)) == (3, 2, [(4, "USERNAME_TAKEN")])
    row = await stage.pool.fetchrow(
        "SELECT type, role FROM notification_number n JOIN outlet_user u ON u.id = n.user_id WHERE n.msisdn = $1",
        numbers[0],
    )
    assert tuple(row) == ("OWNER", "OUTLET_OWNER")


@pytest.mark.requirement("D-20", "D-22", "D-32")
async def test_an_owner_and_a_seller_number_that_were_refused_come_with_the_mended_row(
    depot: Depot, stage: Stage
) -> None:
    first, second, other = [await stage.number() for _ in range(3)]
    known, free = await stage.number(prefix="62813"), await stage.number(prefix="62813")
    async with stage.pool.acquire() as connection:
        await know_sellers(connection, [(known, "Sukses"), (free, "Maju")], now=stage.now)
    person = {"user_name": "Siti", "number_type": ""}
    rows = [
        await depot.row(
            **person, username=f"imp{number}", notification_number=national(nn), seller_number=national(known)
        )
        for number, nn in ((first, first), (second, first))
    ]
    report = await depot.bring(*rows)
    assert named(report) == [(3, "SELLER_NUMBER_LINKED"), (3, "NN_ALREADY_LINKED")]
    rows[1] |= {"notification_number": national(other), "seller_number": national(free)}
    report = await depot.bring(*rows)
    assert (report.added, report.same, report.users, report.sellers_linked, named(report)) == (0, 2, 1, 1, [])
    second_id = (await depot.outlet(rows[1]["code"]))["id"]
    assert await stage.pool.fetchval("SELECT outlet_id FROM notification_number WHERE msisdn = $1", other) == second_id
    assert await stage.pool.fetchval("SELECT outlet_id FROM seller_number WHERE msisdn = $1", free) == second_id
    report = await depot.bring(*rows)
    assert (report.same, report.users, report.sellers_linked, named(report)) == (2, 0, 0, [])


@pytest.mark.requirement("D-57")
async def test_partners_first(depot: Depot, stage: Stage) -> None:
    code = f"MJ-{stage.partner_id}"[:20]
    file = depot.folder / "partners.csv"
    file.write_text(f"code,name,area\n{code},Mitra Jaya,JBJB\n{code}X,Mitra Jauh,ATLANTIS\n")
    report = await depot.bring_file(file)
    assert (report.added, named(report)) == (1, [(3, "UNKNOWN_AREA")])
    file.write_text(f"code,name,area\n{code},Mitra Baru,JBJB\n")
    again = await depot.bring_file(file)
    assert [(each.code, each.columns) for each in again.differences] == [(code, ("name",))]
    assert (await depot.bring(await depot.row(partner=code))).added == 1


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04" + bytes(5000), b'{"code": 1}', b"a,b\n1,2\n"]
)
async def test_what_is_no_csv_is_refused_whole(depot: Depot, content: bytes) -> None:
    file = depot.folder / "photo.csv"
    file.write_bytes(content)
    refusal = await depot.bring_file(file)
    assert code_of(refusal) == "CHANNEL_FILE_REFUSED"
    assert [fault.line for fault in refusal.data["faults"]] == [1]
    missing = await depot.bring_file(depot.folder / "nowhere.csv")
    assert missing.data["faults"][0].reason == "unreadable"


async def test_many_batches_are_as_good_as_one(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring, "ROWS_PER_BATCH", 2)
    rows = [await depot.row() for _ in range(4)]
    rows.append(await depot.row(reseller_number=rows[0]["reseller_number"]))
    report = await depot.bring(*rows)
    assert (report.added, report.conflicts, report.faults) == (5, 1, [])
    assert sum(depot.told) == len((depot.folder / "outlets.csv").read_text()) - len(",".join(rows[0])) - 1
