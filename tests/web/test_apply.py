"""Applying on the phone, without script: from the number to the status, and every way back."""

import io
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from httpx import Response
from PIL import Image
from tests.access.people import Stage, wrong
from tests.channel.onboarding.desk import BRANCH, PARTNER, nik, photo
from tests.channel.territory.ground import Ground
from tests.web.phone import Phone

from konter.app import App
from konter.channel.onboarding.decide import decide
from konter.channel.onboarding.model import Decision, Recommendation, Reviewer
from konter.channel.onboarding.recommend import recommend
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.ids import ApplicationId, Msisdn
from konter.subscriber.msisdn import masked, national, pretty

Phones = Callable[[], Awaitable[Phone]]


class Applicant:
    """Somebody with a phone and a number."""

    def __init__(self, stage: Stage, shop: App, ground: Ground, phone: Phone, number: Msisdn) -> None:
        self.stage, self.shop, self.ground, self.phone, self.number = stage, shop, ground, phone, number

    async def prove(self) -> None:
        await self.phone.get("/apply")
        await self.phone.submit("/apply", number=national(self.number))
        assert self.phone.path.startswith("/apply/kode/"), self.phone.text
        await self.phone.submit("/apply/kode/", code=await self.stage.last_otp(self.number))

    async def upload(self, raw: bytes, name: str = "ktp.jpg") -> Response:
        """As a plain file input sends it."""
        await self.phone.get("/apply/foto")
        self.phone.page = await self.phone.client.post(
            "/apply/foto",
            data={"csrf": self.phone.field("/apply/foto", "csrf")},
            files={"photo": (name, raw, "image/jpeg")},
            follow_redirects=True,
        )
        return self.phone.page

    async def fill(self, district: str = "Pancoran Mas") -> None:
        p = self.phone
        await p.send_form("/apply/siapa", kind="outlet", outlet_name="Sukses Cell", owner_name="Sari Contoh", nik=nik())
        assert p.path == "/apply/tempat", p.text
        await p.submit("/apply/tempat", address="Jl. Margonda 1", name=district)
        assert p.path == "/apply/nomor", p.text
        await p.submit("/apply/nomor", ussd="")
        assert p.path == "/apply/foto", p.text
        await self.upload(photo())
        assert p.path == "/apply/pernyataan", p.text
        await p.send_form("/apply/pernyataan", signatory="Sari Contoh", capacity="owner", declared="yes")
        assert p.path == "/apply/periksa", p.text

    async def application(self) -> ApplicationId:
        row = await self.stage.pool.fetchval(
            "SELECT id FROM application WHERE msisdn = $1 ORDER BY started_at DESC LIMIT 1", self.number
        )
        return ApplicationId(row)

    async def judged(self, *, approve: bool, reason: str = "") -> None:
        application_id, given = await self.application(), {"now": self.stage.now, "ids": self.shop.ids}
        async with self.shop.pool.acquire() as connection:
            await recommend(
                connection,
                [Recommendation(application_id=application_id, supports=True)],
                scope=Scope(partner_id=self.ground.mine),
                reviewer=Reviewer(actor=PARTNER, roles=("SBP_ADMIN",)),
                rules=self.stage.rules,
                **given,
            )
        await decide(
            self.shop.pool,
            self.shop.passwords,
            [Decision(application_id=application_id, approve=approve, reason=reason)],
            scope=EVERYWHERE,
            reviewer=Reviewer(actor=BRANCH, roles=("branch",)),
            keys=self.shop.keys,
            rules=self.stage.rules,
            **given,
        )


@pytest.fixture
async def applicant(stage: Stage, shop: App, phone: Phones) -> Applicant:
    return Applicant(stage, shop, await Ground(stage).set(), await phone(), await stage.number())


@pytest.mark.requirement("D-01", "D-02", "D-03", "D-05", "D-56", "D-75", "D-82")
async def test_it_works_in_one_sitting(applicant: Applicant) -> None:
    p = applicant.phone
    await applicant.prove()
    assert p.path == "/apply/siapa"
    await applicant.fill()
    assert "Sukses Cell" in p.text
    assert "************" in p.text
    assert pretty(applicant.number) in p.text
    await p.submit("/apply/kirim")
    assert p.path == "/apply/status"
    for words in ("Pengajuan sudah dikirim", "Diperiksa mitra", "Jawaban paling lambat 23 Nov", "1818", "Mitra WEST"):
        assert words in p.text, words
    await applicant.judged(approve=True)
    await p.get("/apply/status")
    assert "Disetujui" in p.text
    assert 'href="/outlet/masuk"' in p.text
    (text,) = await applicant.stage.texts(applicant.number, "credentials")
    await p.get("/outlet/masuk")
    await p.submit("/outlet/masuk", username=text["username"], password=text["password"])
    assert p.path.startswith("/outlet/masuk/")


@pytest.mark.requirement("D-02")
async def test_another_operators_number_stays_at_the_door(applicant: Applicant) -> None:
    p = applicant.phone
    for number, words in (("085612345678", "bukan nomor Nusantara Seluler"), ("abc", "abc")):
        await p.get("/apply")
        await p.submit("/apply", number=number)
        assert (p.path, p.page.status_code) == ("/apply", 422)
        assert words in p.text
        assert p.field("/apply", "number") == number


@pytest.mark.requirement("D-03")
async def test_another_phone_goes_on_where_the_first_stopped(applicant: Applicant, phone: Phones) -> None:
    await applicant.prove()
    who = {"kind": "outlet", "outlet_name": "Sukses Cell", "owner_name": "Sari Contoh", "nik": nik()}
    await applicant.phone.send_form("/apply/siapa", **who)
    applicant.stage.clock.advance(timedelta(seconds=61))
    first, applicant.phone = applicant.phone, await phone()
    await applicant.prove()
    assert applicant.phone.path == "/apply/tempat"
    await first.get("/apply/tempat")
    assert first.path == "/apply"
    assert "masukkan nomor Anda" in first.text


async def test_a_wrong_code_says_how_many_tries_are_left(applicant: Applicant) -> None:
    p = applicant.phone
    await p.get("/apply")
    await p.submit("/apply", number=national(applicant.number))
    assert masked(applicant.number) in p.text
    await p.submit("/apply/kode/", code=wrong(await applicant.stage.last_otp(applicant.number)))
    assert "Sisa percobaan: 4" in p.text
    resend = re.search(r'action="([^"]+/kirim-ulang)"', p.text)[1]
    await p.submit(resend)
    assert p.page.status_code == 429
    applicant.stage.clock.advance(timedelta(seconds=61))
    await p.submit(resend)
    assert "Kode baru sudah dikirim" in p.text


@pytest.mark.requirement("D-02")
async def test_who_asks_again_too_soon_finds_the_way_to_the_code_that_was_sent(
    applicant: Applicant, phone: Phones
) -> None:
    p, way = applicant.phone, r'href="(/apply/kode/[^"]+)">Masukkan kode dari SMS'
    await p.get("/apply")
    await p.submit("/apply", number=national(applicant.number))
    await p.get("/apply")
    await p.submit("/apply", number=national(applicant.number))
    assert (p.path, p.page.status_code) == ("/apply", 429)
    await p.get(re.search(way, p.text)[1].replace("&amp;", "&"))
    assert masked(applicant.number) in p.text
    await p.submit("/apply/kode/", code=await applicant.stage.last_otp(applicant.number))
    assert p.path == "/apply/siapa"


async def test_a_number_tells_a_stranger_of_no_code_that_waits(applicant: Applicant, phone: Phones) -> None:
    mine, other = applicant.phone, await phone()
    for p, number in ((mine, applicant.number), (other, await applicant.stage.number())):
        await p.get("/apply")
        await p.submit("/apply", number=national(number))
    await other.get("/apply")
    await other.submit("/apply", number=national(applicant.number))
    assert other.page.status_code == 429
    assert "/apply/kode/" not in other.text, "the ticket on that phone is of another number"


async def test_a_code_that_fits_no_more_is_no_way_on(applicant: Applicant) -> None:
    p = applicant.phone
    await applicant.prove()
    await p.submit("/apply/keluar")
    await p.submit("/apply", number=national(applicant.number))
    assert p.page.status_code == 429
    assert "/apply/kode/" not in p.text


async def test_what_is_wrong_is_named_and_what_was_typed_stays(applicant: Applicant) -> None:
    p = applicant.phone
    await applicant.prove()
    await p.send_form(
        "/apply/siapa", kind="individual", outlet_name="x" * 300, owner_name="Sari", nik="3276013102900001"
    )
    assert p.page.status_code == 422
    assert "Isian Nama outlet atau nama jualan" in p.text
    assert p.field("/apply/siapa", "nik") == "3276013102900001"
    await p.send_form("/apply/siapa", kind="individual", outlet_name="Sari", owner_name="Sari", nik="3276013102900001")
    assert "16 angkanya" in p.text


async def test_districts_of_one_name_are_offered(applicant: Applicant) -> None:
    p = applicant.phone
    await applicant.prove()
    await p.send_form("/apply/siapa", kind="outlet", outlet_name="Sukses", owner_name="Sari", nik=nik())
    await p.submit("/apply/tempat", address="Jl. 1", name="Pancoran")
    assert "Pilih satu" in p.text
    assert "Pancoran Mas" in p.text
    await p.send_form("/apply/tempat", address="Jl. 1", name="Pancoran", district="32.76.01")
    assert p.path == "/apply/nomor"
    await p.get("/apply/tempat")
    await p.submit("/apply/tempat", address="Jl. 1", name="Zzz")
    assert "Tidak ada kecamatan" in p.text


def blank() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "blue").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"not a photo", "bukan foto"), (b"", "Belum ada foto"), (blank(), "Letakkan KTP di tempat terang, lalu")],
    ids=["no photo", "nothing", "a blue rectangle"],
)
async def test_a_photo_that_is_none_is_told(applicant: Applicant, raw: bytes, words: str) -> None:
    await applicant.prove()
    answer = await applicant.upload(raw)
    assert answer.status_code == 422
    assert words in answer.text


async def test_a_photo_that_is_too_large_is_told_on_the_page(applicant: Applicant) -> None:
    await applicant.prove()
    answer = await applicant.upload(b"\0" * (11 * 1024 * 1024))
    assert "terlalu besar" in answer.text
    assert 'type="file"' in answer.text


async def test_a_photo_needs_our_own_page(applicant: Applicant) -> None:
    await applicant.prove()
    files = {"photo": ("ktp.jpg", photo(), "image/jpeg")}
    for data in ({"csrf": "x" * 32}, {}):
        answer = await applicant.phone.client.post("/apply/foto", data=data, files=files)
        assert answer.status_code == 403
    broken = await applicant.phone.client.post(
        "/apply/foto", content=b"--x\r\n\r\n", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert broken.status_code == 400


async def test_the_own_photo_can_be_looked_at(applicant: Applicant) -> None:
    await applicant.prove()
    await applicant.upload(photo())
    answer = await applicant.phone.client.get("/apply/foto/lihat")
    assert (answer.headers["content-type"], answer.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert len(answer.content) <= 100 * 1024
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.requirement("D-19", "D-22")
async def test_another_number_is_proved_and_chosen(applicant: Applicant) -> None:
    p, other = applicant.phone, await applicant.stage.number()
    await applicant.prove()
    await p.get("/apply/nomor/lain")
    await p.submit("/apply/nomor/lain", number=national(other))
    await p.submit("/apply/nomor/lain/", code=await applicant.stage.last_otp(other))
    assert p.path == "/apply/nomor"
    assert pretty(other) in p.text
    await p.send_form("/apply/nomor", rs=str(other), nn=str(applicant.number), ussd="")
    row = await applicant.stage.pool.fetchrow(
        "SELECT rs_msisdn, nn_msisdn FROM application WHERE msisdn = $1", applicant.number
    )
    assert tuple(row) == (other, applicant.number)


@pytest.mark.requirement("D-05")
async def test_a_log_in_before_approval_says_under_review(applicant: Applicant) -> None:
    p = applicant.phone
    await applicant.prove()
    await applicant.fill()
    await p.submit("/apply/kirim")
    await p.get("/outlet/masuk")
    await p.submit("/outlet/masuk", username=national(applicant.number), password="apa saja")
    assert "sedang diperiksa" in p.text
    assert 'href="/apply"' in p.text


@pytest.mark.requirement("D-05")
async def test_a_rejection_says_why_and_how_to_apply_again(applicant: Applicant) -> None:
    p = applicant.phone
    await applicant.prove()
    await applicant.fill()
    await p.submit("/apply/kirim")
    await applicant.judged(approve=False, reason="Foto KTP tidak terbaca.")
    await p.get("/apply")
    assert p.path == "/apply/status"
    assert "Foto KTP tidak terbaca." in p.text
    await p.submit("/apply/lagi")
    assert p.path == "/apply/siapa"


async def test_a_number_that_was_taken_is_told_with_the_way_on(applicant: Applicant) -> None:
    p = applicant.phone
    await applicant.prove()
    await applicant.fill()
    await p.submit("/apply/kirim")
    await applicant.stage.outlet(reseller_msisdn=applicant.number)
    await applicant.judged(approve=True)
    await p.get("/apply/status")
    assert "Perlu diperbaiki" in p.text
    assert f"Nomor reseller {national(applicant.number)} sudah terdaftar" in p.text
    assert 'href="/apply/nomor"' in p.text


@pytest.mark.requirement("D-55")
async def test_withdrawn_it_is_gone(applicant: Applicant) -> None:
    p = applicant.phone
    await applicant.prove()
    await applicant.fill()
    await p.get("/apply/tarik")
    await p.submit("/apply/tarik")
    assert p.path == "/apply"
    assert "datanya dihapus" in p.text
    assert (
        await applicant.stage.pool.fetchval("SELECT count(*) FROM application WHERE msisdn = $1", applicant.number) == 0
    )


async def test_a_double_tap_sends_it_once(applicant: Applicant) -> None:
    p = applicant.phone
    await applicant.prove()
    await applicant.fill()
    form = p.form("/apply/kirim")
    for _ in range(2):
        await p.send(form["action"], form["method"], form["fields"])
        assert p.path == "/apply/status"
    assert len(await applicant.stage.texts(applicant.number, "application_received")) == 1
    await p.get("/apply/siapa")
    assert p.path == "/apply/status", "what was sent cannot be changed"


@pytest.mark.requirement("D-29")
async def test_the_position_is_kept_with_the_application_and_taken_out_again(
    applicant: Applicant, stage: Stage
) -> None:
    p, kept = applicant.phone, "SELECT latitude_udeg, longitude_udeg FROM application WHERE msisdn = $1"
    await applicant.prove()
    await p.send_form("/apply/siapa", kind="outlet", outlet_name="Sukses Cell", owner_name="Sari Contoh", nik=nik())
    assert "<h2>Posisi di peta (boleh dilewati)</h2>" in p.text, "what may be skipped is not the district above it"
    assert "tanpa_posisi" not in p.text
    await p.submit("/apply/tempat", address="Jl. 1", name="Pancoran Mas", posisi="-6.402500,106.794200")
    assert tuple(await stage.pool.fetchrow(kept, applicant.number)) == (-6_402_500, 106_794_200)
    await p.get("/apply/tempat")
    assert p.field("/apply/tempat", "posisi") == "-6.402500,106.794200", (
        "what was kept stays when the page is sent again"
    )
    fields = [(name, value) for name, value in p.form("/apply/tempat")["fields"] if name != "tanpa_posisi"]
    await p.send("/apply/tempat", "post", fields)
    assert tuple(await stage.pool.fetchrow(kept, applicant.number)) == (-6_402_500, 106_794_200)
    await p.get("/apply/tempat")
    await p.submit("/apply/tempat", tanpa_posisi="1")
    assert tuple(await stage.pool.fetchrow(kept, applicant.number)) == (None, None)
