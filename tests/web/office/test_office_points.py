"""The programme as pictures, and what other thresholds would make of everybody."""

import asyncio
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.loyalty.rewards.conftest import Counter
from tests.web.office.conftest import Office
from tests.web.statements import asked_by

from konter.loyalty.points.figures import PointDay, roll_up_points
from konter.loyalty.rewards.redemption.figures import roll_up_rewards
from konter.loyalty.tiers.figures import roll_up_tiers
from konter.platform.clock import WIB, business_day
from konter.web.desk.views import Bar, Chart, Table
from konter.web.desk.words import DeskWords
from konter.web.office.points import what_if
from konter.web.office.points.charts import Moved, compact, moves_by_period
from konter.web.render import _ENVIRONMENT

WORDS = DeskWords("id", "Asia/Jakarta")


def numbers(text: str, id_: str) -> list[list[str]]:
    """The rows of the table that stands with a chart."""
    part = text.split(f'id="{id_}-title"')[1].split("</section>", maxsplit=1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", part.split("<tbody>")[1].split("</tbody>")[0], re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows]


@pytest.fixture
def counter(office: Office, tmp_path: Path) -> Counter:
    return Counter(office.stage, tmp_path)


async def add_up(office: Office) -> date:
    """The night after today."""
    day = business_day(office.stage.now)
    office.stage.clock.advance(timedelta(days=1))
    async with office.stage.pool.acquire() as connection:
        for roll_up in (roll_up_points, roll_up_tiers, roll_up_rewards):
            await roll_up(connection, day, rules=office.stage.rules)
    return day


@pytest.mark.requirement("P-17", "P-32")
async def test_it_works(office: Office, counter: Counter) -> None:
    customer = await counter.customer(100, y2027=30)
    merchant = await counter.merchant()
    voucher = await counter.vouchers(2, merchant=merchant)
    await counter.burn(counter.burning(merchant, await counter.code_of(customer, voucher)))
    day = await add_up(office)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin")
    assert numbers(clerk.text, "points-granted")[-1] == [WORDS.day(day), "130"]
    assert numbers(clerk.text, "points-redeemed")[-1] == [WORDS.day(day), "12"]
    assert "Poin ditarik</h2>" not in clerk.text  # what never happened has no picture
    assert numbers(clerk.text, "liability") == [
        ["Tahun 2026", "88", "31 Mar 2027"],
        ["Tahun 2027", "30", "31 Mar 2028"],
    ]
    assert "118 poin di tangan pelanggan; 88 hangus pada 31 Mar 2027" in clerk.text
    assert numbers(clerk.text, "redemptions") == [["Hadiah", "Toko Melati", "1", "0", "12", "1"]]
    assert numbers(clerk.text, "by-merchant") == [["Toko Melati", "1", "12", "1"]]
    assert numbers(clerk.text, "tiers-now")[0][0] == "MASS"


async def test_what_was_counted_last_night_and_is_over_by_now_is_owed_no_more(office: Office, counter: Counter) -> None:
    await counter.customer(100)
    await add_up(office)
    office.stage.clock.advance(datetime(2027, 3, 31, 23, tzinfo=WIB) - office.stage.now)
    await add_up(office)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin")
    assert (">0 poin di tangan pelanggan" in clerk.text, "Tahun 2026" in clerk.text) == (True, False)
    assert "100 habis pada 31 Mar 2027, dihitung hangus malam ini" in clerk.text


async def test_figures_in_a_file_are_figures(office: Office, counter: Counter) -> None:
    """A dot parts thousands for people and a fraction for spreadsheets."""
    await counter.customer(1_300)
    await add_up(office)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin?tabel=liability&bentuk=csv")
    assert clerk.page.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Tahun 2026,1300," in clerk.text


async def test_by_month(office: Office, counter: Counter) -> None:
    await counter.customer(100)
    await add_up(office)
    clerk = await office.clerk("finance")
    await clerk.get("/office/poin?per=bulan")
    rows = numbers(clerk.text, "points-granted")
    assert (len(rows), rows[-1]) == (12, ["Nov 2026", "100"])


async def test_every_table_is_a_file_too(office: Office, counter: Counter) -> None:
    await counter.customer(100)
    await add_up(office)
    clerk = await office.clerk("supervisor")
    for table in ("moves", "liability", "tiers-now", "tier-flows", "clocks"):
        await clerk.get("/office/poin")
        assert f"tabel={table}" in clerk.text
        await clerk.get(f"/office/poin?tabel={table}&bentuk=csv")
        assert clerk.page.headers["content-type"].startswith("text/csv"), table
    taken = await office.stage.pool.fetchval("SELECT count(*) FROM audit WHERE action = 'export'")
    assert taken == 5
    catalogue = await office.clerk("catalogue")
    await catalogue.get("/office/poin?tabel=moves&bentuk=csv")
    assert catalogue.page.headers["content-type"].startswith("text/html")


async def test_before_the_first_night(office: Office) -> None:
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin")
    assert clerk.page.status_code == 200
    assert "Belum ada angka." in clerk.text
    assert ("belum diukur" in clerk.text, "ditepati" in clerk.text) == (True, False)


async def test_nights_that_no_worker_added_up_are_no_days_without_points(office: Office, counter: Counter) -> None:
    await counter.customer(100)
    day = await add_up(office)
    office.stage.clock.advance(timedelta(days=3))
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin")
    assert numbers(clerk.text, "points-granted")[-1] == [WORDS.day(day), "100"]
    assert f"sampai {WORDS.date(day)}" in clerk.text
    assert "100 poin di tangan pelanggan" in clerk.text


async def test_few_statements(office: Office, counter: Counter) -> None:
    await counter.customer(100)
    await add_up(office)
    clerk = await office.clerk("supervisor")
    for address in ("/office/poin", "/office/poin?per=bulan"):
        assert await asked_by(clerk, office.stage.pool, address, bare="/office/nomor") <= 6


def test_months_and_days_without_moves_are_there_too() -> None:
    days = [
        PointDay(day=date(2026, 11, 3), vintage=vintage, granted=5, taken_back=1, redeemed=2, expired=0)
        for vintage in (2026, 0)
    ]
    by_day = moves_by_period(days, date(2026, 11, 2), date(2026, 11, 4), monthly=False)
    assert [each.granted for each in by_day] == [0, 10, 0]
    by_month = moves_by_period(days, date(2026, 10, 1), date(2026, 11, 4), monthly=True)
    assert by_month[0] == Moved(begin=date(2026, 10, 1), monthly=True)
    assert (by_month[1].taken_back, by_month[1].redeemed) == (2, 4)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (9_999, "9.999"),
        (12_400, "12 rb"),
        (1_249_000, "1,2 jt"),
        (-12_400, "-12 rb"),
        (45_000_000, "45,0 jt"),
    ],
)
def test_a_number_over_a_bar(number: int, text: str) -> None:
    assert compact(WORDS, number) == text


async def spend(office: Office, amount_rp: int) -> None:
    """A customer's average of six months, and nobody else has one."""
    await office.stage.pool.execute(
        "INSERT INTO point_month (subscription_id, cell, month, counted_rp, points)"
        " SELECT id, cell, '2026-11-01', $1, 0 FROM subscription ORDER BY id LIMIT 1",
        6 * amount_rp,
    )


@pytest.mark.requirement("P-31", "P-33")
async def test_with_other_thresholds_more_are_gold(office: Office) -> None:
    await spend(office, 120_000)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin/andai")
    await clerk.submit("/office/poin/andai", red="50.000", gold="100.000", priority="2000000")
    assert clerk.page.status_code == 200
    then = {row[0]: row[1] for row in numbers(clerk.text, "then")}
    assert (then["GOLD"], then["RED"]) == ("1", "0")
    assert {row[0]: row[1] for row in numbers(clerk.text, "now")}["GOLD"] == "0"
    assert 'value="100000"' in clerk.text  # what was typed stays
    await clerk.submit("/office/poin/andai", red="50000", gold="130000")
    assert {row[0]: row[1] for row in numbers(clerk.text, "then")}["RED"] == "1"
    written = await office.stage.pool.fetchval("SELECT (SELECT count(*) FROM tier_member) + count(*) FROM tier_change")
    assert written == 0


@pytest.mark.requirement("P-33", "P-36")
async def test_who_would_be_no_gold_is_seen_though_nobody_falls_before_the_end(office: Office) -> None:
    await spend(office, 400_000)
    await office.stage.pool.execute(
        "INSERT INTO tier_member (subscription_id, cell, tier, since, until, counted_from, cause, changes)"
        " SELECT id, cell, 'gold', '2026-11-01', '2027-05-01', '0001-01-01', 'upgrade', 1 FROM subscription ORDER BY id LIMIT 1"
    )
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin/andai")
    await clerk.submit("/office/poin/andai", red="50000", gold="900000", priority="1000000")
    seen = {when: {row[0]: row[1] for row in numbers(clerk.text, when)} for when in ("earned", "then")}
    assert (seen["earned"]["GOLD"], seen["earned"]["RED"], seen["then"]["GOLD"]) == ("0", "1", "1")
    assert "GOLD Rp900.000" in clerk.text


async def test_before_anything_is_tried_who_is_where_now_is_seen(office: Office, counter: Counter) -> None:
    await counter.customer(100)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin/andai")
    assert 'id="tiers-now' not in clerk.text
    await add_up(office)
    clerk = await office.clerk("supervisor")  # a night later
    await clerk.get("/office/poin/andai")
    everybody = await office.stage.pool.fetchval("SELECT count(*) FROM subscription WHERE ended_at IS NULL")
    assert numbers(clerk.text, "tiers-now")[0] == ["MASS", str(everybody)]


async def test_thresholds_that_do_not_ascend(office: Office) -> None:
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin/andai")
    await clerk.submit("/office/poin/andai", red="300000", gold="100000")
    assert clerk.page.status_code == 422
    assert "Ambang GOLD harus lebih tinggi daripada ambang RED." in clerk.text


@pytest.mark.parametrize("typed", ["", "0", "-5", "lima", "1" * 13, "1\u0664"])
async def test_what_is_no_amount(office: Office, typed: str) -> None:
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin/andai")
    await clerk.submit("/office/poin/andai", red=typed)
    assert clerk.page.status_code == 422
    assert "Ambang RED belum benar: tulis jumlah rupiah" in clerk.text


async def test_one_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = asyncio.Lock()
    await busy.acquire()
    monkeypatch.setattr(what_if, "AT_WORK", busy)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin/andai")
    await clerk.submit("/office/poin/andai")
    assert clerk.page.status_code == 429
    assert "Hitungan lain sedang berjalan." in clerk.text
    busy.release()
    await clerk.get("/office/poin/andai")
    await clerk.submit("/office/poin/andai")
    assert clerk.page.status_code == 200
    assert not busy.locked()


async def test_care_alone_tries_nothing(office: Office) -> None:
    clerk = await office.clerk("care")
    for address in ("/office/poin", "/office/poin/andai"):
        await clerk.get(address)
        assert clerk.page.status_code == 403


def bars(text: str, id_: str) -> list[tuple[str, str]]:
    """The bars of an upright chart: what each says, and how high it is."""
    part = text.split(f'id="{id_}-title"')[1].split("</svg>", maxsplit=1)[0]
    return re.findall(r"<title>([^<]*)</title>.*?height=\"(\d+)\"", part)


@pytest.mark.requirement("P-32", "P-36", "P-37")
async def test_who_rose_and_who_fell_is_a_picture_month_by_month(office: Office, counter: Counter) -> None:
    await counter.customer(100)
    await add_up(office)
    await office.stage.pool.execute(
        "INSERT INTO tier_day (day, tier_before, tier, cause, changes) VALUES"
        " ('2026-10-01', 'mass', 'red', 'entry', 4), ('2026-10-01', 'mass', 'gold', 'upgrade', 2),"
        " ('2026-11-01', 'gold', 'red', 'downgrade', 3), ('2026-11-01', 'red', 'red', 'renewal', 5)"
    )
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin")
    assert bars(clerk.text, "tiers-up")[-2:] == [("Okt: 6", "120"), ("Nov: 0", "0")]
    assert bars(clerk.text, "tiers-down")[-2:] == [("Okt: 0", "0"), ("Nov: 3", "120")]
    assert numbers(clerk.text, "tiers-up")[-2:] == [["Okt 2026", "6"], ["Nov 2026", "0"]]
    newest = clerk.text.split('id="tier-flows-newest-title"')[1].split("</ul>")[0]
    assert re.findall(r"<li><span>([^<]*)</span>", newest) == ["GOLD → RED", "tetap RED"]
    assert "Dari status mana ke mana, Nov 2026" in clerk.text


async def test_a_picture_without_redemptions_says_so(office: Office, counter: Counter) -> None:
    await counter.customer(100)
    await add_up(office)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/poin")
    picture = clerk.text.split('id="redemptions-title"')[1].split("</section>")[0]
    assert "Tidak ada hadiah yang ditukar dalam 30 hari terakhir." in picture
    assert "<svg" not in picture


@pytest.mark.parametrize(("upright", "size"), [(True, "height"), (False, "width")])
def test_a_bar_of_nothing_has_no_size_whatever_it_says(upright: bool, size: str) -> None:
    shown = (Bar(label="a", value=0, text="nihil", share=0), Bar(label="b", value=1, text="0", share=0))
    table = Table(id="x", title="x", columns=(), rows=(), empty="")
    asked = "{% from 'desk/parts.html' import chart with context %}{{ chart(each) }}"
    template = _ENVIRONMENT.from_string(asked)
    each = Chart(id="x", title="x", bars=shown, table=table, upright=upright)
    page = template.render(WORDS.vocabulary(), each=each)
    sizes = re.findall(rf'class="bar info"[^>]*?\b{size}="(\d+)"', page)
    assert [found == "0" for found in sizes] == [True, False]
