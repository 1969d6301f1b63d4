"""Files at the desk of rewards: an example to begin with, files from anywhere, and what is still to come."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from tests.loyalty.rewards.conftest import REWARD_COLUMNS, WORDS, Counter, sheet
from tests.web.office.conftest import Clerk, Office
from tests.web.office.test_office_rewards import counter, row, send_file
from tests.web.statements import asked_by

from konter.loyalty.rewards.catalogue.read import rewards_for
from konter.loyalty.rewards.redemption.figures import roll_up_rewards
from konter.platform.clock import business_day
from konter.web.office.rewards import files as reward_files
from konter.web.uploads import Upload

__all__ = ["counter"]
IMPORT = "/office/hadiah/impor"


def line_of(clerk: Clerk, reward: str) -> list[str]:
    """The cells of a reward in the list: state, price, how many were redeemed, and of how many."""
    line = clerk.text.split(f'href="/office/hadiah/{reward}"')[1].split("</tr>")[0]
    return [" ".join(part.split("</td>")[0].replace("<", " <").split()) for part in line.split("<td")[1:]]


def faults_of(clerk: Clerk) -> list[tuple[str, str]]:
    """Lines and columns at fault, as the page names them."""
    table = clerk.text.split('id="faults"')[1].split("</tbody>")[0].split("<tbody>")[1]
    cells = [part.split("</div>")[0].split("<div>")[1] for part in table.split("<td")[1:]]
    return list(zip(cells[::3], cells[1::3], strict=True))


async def nothing_taken(office: Office) -> bool:
    counted = "SELECT (SELECT count(*) FROM reward_offer) + (SELECT count(*) FROM merchant)"
    return await office.stage.pool.fetchval(f"{counted} + (SELECT count(*) FROM reward_code_file)") == 0


@pytest.mark.requirement("P-21")
async def test_a_reward_without_limit_says_how_many_were_redeemed(office: Office, counter: Counter) -> None:
    customer, reward, stage = await counter.customer(200), await counter.reward(), office.stage
    await counter.redeem(customer, reward)
    stage.clock.advance(timedelta(days=1))
    async with stage.pool.acquire() as connection:  # one stands in what a night has added up, one does not yet
        await roll_up_rewards(connection, business_day(stage.now - timedelta(days=1)), rules=stage.rules)
    await counter.redeem(customer, reward)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/hadiah")
    assert "<div>2" in line_of(clerk, reward)[2]
    assert "tidak dibatasi" in line_of(clerk, reward)[2]
    await clerk.get(f"/office/hadiah/{reward}")
    assert "<dt>Sudah ditukar</dt><dd>2" in clerk.text


async def test_as_many_statements_for_many_rewards(office: Office, counter: Counter) -> None:
    clerk, counts = await office.clerk("supervisor"), []
    for more in (1, 4):
        for _ in range(more):
            await counter.reward()
        counts.append(await asked_by(clerk, office.stage.pool, "/office/hadiah", bare="/office/nomor"))
    assert counts[0] == counts[1] <= 3


@pytest.mark.requirement("P-24", "P-42")
async def test_what_is_to_come_is_seen_by_staff_alone_and_gets_its_codes(office: Office, counter: Counter) -> None:
    fields = {"kind": "merchant", "points": 12, "merchant": await counter.merchant(), "valid_from": "2026-12-24"}
    reward, stage = await counter.reward(**fields), office.stage
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/hadiah?keadaan=coming")
    assert "mulai 24 Des 2026" in line_of(clerk, reward)[0]
    await clerk.get(f"/office/hadiah/{reward}")
    assert "mulai 24 Des 2026" in clerk.text
    page = f"/office/hadiah/{reward}/kode"
    await send_file(clerk, page, page, b"code\nAAAA-1111\nBBBB-2222\n", "natal.csv")
    assert "2 kode disimpan" in clerk.text
    await clerk.get(f"/office/hadiah/{reward}")
    story = clerk.text.split('<ol class="desk-story">')[1].split("</ol>")[0]
    assert "natal.csv: 2 kode" in story
    assert "12 poin, mulai 24 Des 2026" in story
    assert "Budi Supervisor (petugas)" in story
    for day, offered in ((0, False), (40, True)):
        stage.clock.advance(timedelta(days=day))
        async with stage.pool.acquire() as connection:
            lines = await rewards_for(connection, None, now=stage.now, rules=stage.rules)
        assert (reward in [line.offer.reward for line in lines]) is offered


async def test_an_offer_to_come_does_not_hide_the_one_in_force(office: Office, counter: Counter) -> None:
    reward = await counter.reward()
    for day, points in (("2027-01-01", 30), ("2026-12-24", 25)):
        await counter.reward(code=reward, points=points, valid_from=day)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/hadiah")
    assert "ditawarkan" in line_of(clerk, reward)[0]
    assert "20" in line_of(clerk, reward)[1]


@pytest.mark.requirement("P-24")
async def test_the_example_can_be_taken_and_offers_nothing_as_it_is(office: Office) -> None:
    clerk = await office.clerk("catalogue")
    await clerk.get(IMPORT)
    assert "<details open>" in clerk.text
    assert 'href="/office/hadiah"' in clerk.text.split("<h1>")[0]
    assert f'href="{IMPORT}/contoh"' in clerk.text
    await clerk.get(f"{IMPORT}/contoh")
    example = clerk.page.content
    assert clerk.page.headers["content-type"].startswith("text/csv")
    header = next(csv.reader(io.StringIO(example.decode("utf-8-sig"))))
    await clerk.get(IMPORT)
    assert all(f"<div>{column}</div>" in clerk.text for column in header)
    await send_file(clerk, IMPORT, IMPORT, example)
    assert (clerk.page.status_code, await nothing_taken(office)) == (422, True)
    await send_file(clerk, IMPORT, IMPORT, example.replace(b"\n#", b"\n"))
    assert "1 penjual dan 3 penawaran ditulis" in clerk.text


async def test_the_example_of_codes_brings_no_code(office: Office, counter: Counter) -> None:
    reward = await counter.vouchers(1)
    clerk, page = await office.clerk("supervisor"), f"/office/hadiah/{reward}/kode"
    await clerk.get(page)
    assert "<title>Kode Hadiah" in clerk.text
    assert f'href="/office/hadiah/{reward}"' in clerk.text.split("<h1>")[0]
    await clerk.get(f"{IMPORT}/contoh-kode")
    example = clerk.page.content
    await send_file(clerk, page, page, example)
    assert clerk.page.status_code == 422
    await send_file(clerk, page, page, example.replace(b"#", b""))
    assert "1 kode disimpan" in clerk.text


async def test_a_reward_without_codes_has_no_page_for_them(office: Office, counter: Counter) -> None:
    reward = await counter.reward()
    clerk = await office.clerk("supervisor")
    for address, status in ((reward, 409), ("TIDAKADA", 404), ("X" * 31, 404)):
        await clerk.get(f"/office/hadiah/{address}/kode")
        assert clerk.page.status_code == status, address
        assert "Poin" not in clerk.text.split("<main")[1].split("</main>")[0]


async def test_a_code_that_only_begins_as_an_address_is_not_closed(office: Office, counter: Counter) -> None:
    reward = await counter.reward(code="A" * 30)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/hadiah")
    fields = [("csrf", clerk.field("/office/keluar", "csrf")), ("reason", "salah alamat"), ("buka", "tidak")]
    await clerk.send(f"/office/hadiah/{reward}A", "post", fields)
    assert clerk.page.status_code == 404
    assert await office.stage.pool.fetchval("SELECT count(*) FROM reward_closure") == 0


@pytest.mark.requirement("P-24")
@pytest.mark.parametrize("dressed", ["bom", "semicolons", "crlf", "capitals"])
async def test_files_as_spreadsheets_write_them_are_taken(office: Office, counter: Counter, dressed: str) -> None:
    fields = {"tier": "RED", "kinds": "Prepaid", "kind": "Telco"} if dressed == "capitals" else {"tier": "red"}
    text = sheet(counter.folder, REWARD_COLUMNS, row("KUOTA", **fields)).read_text("utf-8")
    if dressed == "semicolons":
        rows = csv.reader(io.StringIO(text))
        made = io.StringIO()
        csv.writer(made, delimiter=";").writerows(rows)
        text = made.getvalue()
    lines = "\r\n".join(text.splitlines()) + "\r\n" if dressed == "crlf" else text
    clerk = await office.clerk("catalogue")
    raw = lines.encode("utf-8-sig" if dressed == "bom" else "utf-8")
    await send_file(clerk, IMPORT, IMPORT, raw)
    assert "1 penawaran ditulis" in clerk.text
    assert await office.stage.pool.fetchval("SELECT tier FROM reward_offer") == "red"


HEADER = REWARD_COLUMNS.replace(" ", ",").encode()
GOOD = b"merchant,BAIK,Toko Baik" + b"," * 21 + b"\n"


@pytest.mark.requirement("P-24")
@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (b"", "", "Berkas ini kosong. Tidak ada yang diubah."),
        (HEADER + b"\n", "1", "berkas kosong"),
        (b"nama,kode\nA,B\n", "1", "kolom ini tidak dikenal."),
        (HEADER + b",row\n" + GOOD, "1", "kolom ini ada dua kali."),
        (HEADER + b"\n" + GOOD + b"merchant,KAFE,Caf\xe9" + b"," * 21 + b"\n", "3", "simpan sebagai CSV UTF-8"),
        ((HEADER + b"\n" + GOOD).decode().encode("utf-16"), "1", "simpan sebagai CSV UTF-8"),
        (HEADER + b"\n" + GOOD + GOOD, "3", "sudah ada di baris 2."),
        (HEADER + b"\n" + GOOD + b'merchant,JAHAT,"=HYPERLINK(""http://x"")"' + b"," * 21 + b"\n", "3", "rumus"),
        (HEADER + b"\n" + GOOD + b'merchant,"BUKA,x\n', "3", "tanda kutip tidak berpasangan"),
        (HEADER + b"\n" + GOOD + b"merchant,NOL\0,Toko" + b"," * 21 + b"\n", "3", "bukan kode yang benar"),
        (HEADER + b"\n" + GOOD + b"merchant,BARU,Toko" + b"," * 30 + b"x\n", "3", "lebih dari 24 sel"),
    ],
)
async def test_a_hostile_file_of_rewards_is_refused_whole(office: Office, raw: bytes, line: str, said: str) -> None:
    clerk = await office.clerk("catalogue")
    await send_file(clerk, IMPORT, IMPORT, raw)
    assert (clerk.page.status_code, said in clerk.text) == (422, True), clerk.text
    if line:
        assert line in [each for each, _ in faults_of(clerk)]
    assert await nothing_taken(office)


@pytest.mark.parametrize("points", ["-8", "0", "99999999", "9" * 40])
async def test_a_number_out_of_range_is_called_so(office: Office, counter: Counter, points: str) -> None:
    clerk = await office.clerk("catalogue")
    raw = sheet(counter.folder, REWARD_COLUMNS, row("KUOTA", points=points)).read_bytes()
    await send_file(clerk, IMPORT, IMPORT, raw)
    assert faults_of(clerk) == [("2", "points")]
    assert "harus bilangan bulat antara 1 dan 10.000.000." in clerk.text


async def test_five_megabytes_of_nonsense(office: Office) -> None:
    clerk = await office.clerk("catalogue")
    await send_file(clerk, IMPORT, IMPORT, HEADER + b"\n" + b"reward,x,y\n" * 480_000)
    assert clerk.page.status_code == 422
    assert [line for line, _ in faults_of(clerk)] == ["20002"]
    assert "lebih dari 20.000 baris" in clerk.text
    assert await nothing_taken(office)


async def test_an_upload_that_lasts_changes_no_offer_that_began_meanwhile(
    office: Office, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was shown the offer confirms it by its beginning, so it may not change after that."""
    begins, whole = (office.stage.now + timedelta(seconds=30)).isoformat(), reward_files.upload

    async def slow(*asked: Any) -> Upload:
        sent = await whole(*asked)
        office.stage.clock.advance(timedelta(minutes=1))
        return sent

    reward = await counter.reward(valid_from=begins)
    given = {"row": "reward", "code": reward, "kind": "telco", "points": 20, "valid_from": begins, **WORDS}
    file = sheet(counter.folder, REWARD_COLUMNS, {**given, "source": "data", "quantity": "1 MB", "days": 1})
    monkeypatch.setattr(reward_files, "upload", slow)
    clerk = await office.clerk("catalogue")
    await send_file(clerk, IMPORT, IMPORT, file.read_bytes())
    assert (clerk.page.status_code, "sudah berlaku dan tidak berubah" in clerk.text) == (422, True)


async def test_of_many_faults_the_first_are_told(office: Office) -> None:
    clerk = await office.clerk("catalogue")
    await send_file(clerk, IMPORT, IMPORT, HEADER + b"\n" + b"reward,x,y\n" * 300)
    assert "Hanya 200 yang pertama." in clerk.text
    assert len(faults_of(clerk)) == 200


@pytest.mark.requirement("P-23")
@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (b"\xef\xbb\xbfcode\n", "1", "berkas kosong"),
        (b"kode\nAAAA-1111\n", "1", "kolom ini tidak dikenal."),
        (b"code;last_day\nAAAA-1111;2027-01-31\nBBBB-2222;kemarin\n", "3", "bukan tanggal"),
        (b"code\nAAAA-1111\nBBBB-2222\naaaa1111\n", "4", "sudah ada di baris 2."),
        (b"code\nAAAA-1111\n=1+1+AAAA\n", "3", "6 sampai 30 huruf"),
        (b"code\nAAAA-1111\nKAF\xc9-2222\n", "3", "simpan sebagai CSV UTF-8"),
        (b"code\nAAAA-1111\nAAAA\0-2222\n", "3", "6 sampai 30 huruf"),
    ],
)
async def test_a_hostile_file_of_codes_is_refused_whole(
    office: Office, counter: Counter, raw: bytes, line: str, said: str
) -> None:
    reward = await counter.vouchers(1)
    clerk, page = await office.clerk("supervisor"), f"/office/hadiah/{reward}/kode"
    await send_file(clerk, page, page, raw)
    assert (clerk.page.status_code, said in clerk.text) == (422, True)
    assert line in [each for each, _ in faults_of(clerk)]
    assert "AAAA" not in clerk.text
    assert await office.stage.pool.fetchval("SELECT count(*) FROM reward_code WHERE reward = $1", reward) == 1


async def test_a_file_with_a_strange_name(office: Office, counter: Counter) -> None:
    clerk = await office.clerk("catalogue")
    raw = sheet(counter.folder, REWARD_COLUMNS, row("KUOTA")).read_bytes()
    for name in ("../../etc/<b>pass\0wd</b>.csv", "\u202evsc.exe", "x" * 400):
        await send_file(clerk, IMPORT, IMPORT, raw, name)
        assert (clerk.page.status_code, "<b>pass" in clerk.text) == (200, False), name
    assert await office.stage.pool.fetchval("SELECT count(*) FROM reward_offer") == 1  # the same file three times


async def test_a_name_with_what_no_database_takes(office: Office, counter: Counter) -> None:
    """Browsers write it as `%00`; whoever writes the form by hand need not."""
    clerk = await office.clerk("catalogue")
    await clerk.get(IMPORT)
    raw = sheet(counter.folder, REWARD_COLUMNS, row("KUOTA")).read_bytes()
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + clerk.field(IMPORT, "csrf").encode(),
        b'--x\r\nContent-Disposition: form-data; name="berkas"; filename="a\0b.csv"\r\n\r\n' + raw,
        b"--x--\r\n",
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    clerk.page = await clerk.client.post(IMPORT, content=b"\r\n".join(parts), headers=headers, follow_redirects=True)
    assert (clerk.page.status_code, "a?b.csv" in clerk.text) == (200, True)
