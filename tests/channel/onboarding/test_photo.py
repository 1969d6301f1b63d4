"""The photo of an identity card: what a phone takes passes, what is meant to break something does not."""

import asyncio
import io
import struct
import time
import zlib

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont
from tests.access.people import code_of
from tests.channel.onboarding.desk import Desk, photo

from konter.channel.onboarding.photo.image import UPLOAD_BYTES_MAX, re_encode
from konter.channel.onboarding.photo.keep import own_photo
from konter.channel.onboarding.photo.photos import Photos
from konter.platform.refusal import Refusal

BYTES_MAX = 100 * 1024


def small(raw: bytes) -> Image.Image:
    made = re_encode(raw, bytes_max=BYTES_MAX)
    assert isinstance(made, bytes), made
    assert len(made) <= BYTES_MAX
    return Image.open(io.BytesIO(made))


def no(raw: bytes) -> str:
    return code_of(re_encode(raw, bytes_max=BYTES_MAX))


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def card(*, fills: float = 0.9) -> Image.Image:
    """A drawn identity card on a table: pale blue with lines of dark text and a portrait. `fills`: of the width."""
    image = Image.new("RGB", (1632, 1224), (120, 100, 80))
    wide, draw = int(1632 * fills), ImageDraw.Draw(image)
    high = int(wide / 1.585)
    left, top = (1632 - wide) // 2, max(0, (1224 - high) // 2)
    draw.rectangle((left, top, left + wide, top + high), fill=(160, 205, 225))
    font = ImageFont.load_default(high // 18)
    for n, text in enumerate(
        ("PROVINSI CONTOH", "NIK : 3276010101900001", "Nama : SARI CONTOH", "Alamat : JL CONTOH 1")
    ):
        draw.text((left + high // 20, top + high // 20 + n * high // 8), text, fill=(20, 20, 30), font=font)
    draw.rectangle((left + wide * 3 // 4, top + high // 5, left + wide - high // 20, top + high * 3 // 4), fill="brown")
    return image


def dim(image: Image.Image, light: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(light)


def png_of(width: int, height: int) -> bytes:
    """A PNG that says to be so large and holds next to nothing: a decompression bomb."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.requirement("D-16")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_two_megapixels_pass(kind: str) -> None:
    made = small(photo(kind=kind))
    assert made.format == "JPEG"
    assert max(made.size) <= 1600


@pytest.mark.requirement("D-55")
def test_where_it_was_taken_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Merek Contoh"
    exif.get_ifd(0x8825)[2] = (6.0, 23.0, 12.0)  # latitude
    raw = photo(exif=exif.tobytes(), comment=b"rahasia")
    assert Image.open(io.BytesIO(raw)).getexif().get_ifd(0x8825)
    made = small(raw)
    assert made.height > made.width
    assert not made.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(made.info)
    kept = re_encode(raw, bytes_max=BYTES_MAX)
    assert isinstance(kept, bytes)
    assert b"Merek" not in kept
    assert b"rahasia" not in kept


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"\xff\xd8\xff", b"GIF89a" + b"\0" * 99],
    ids=["nothing", "NUL", "SVG", "PDF", "begin of a JPEG", "GIF"],
)
def test_what_is_no_photo_is_refused(raw: bytes) -> None:
    assert no(raw) == "PHOTO_NOT_AN_IMAGE"


def test_another_format_by_a_good_name_is_refused() -> None:
    out = io.BytesIO()
    Image.new("RGB", (800, 600)).save(out, "BMP")
    assert no(out.getvalue()) == "PHOTO_NOT_AN_IMAGE"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_half_a_photo_is_refused(kind: str) -> None:
    raw = photo(kind=kind)
    assert no(raw[: len(raw) // 2]) in ("PHOTO_TRUNCATED", "PHOTO_NOT_AN_IMAGE")


def test_a_bomb_is_refused_before_a_pixel_is_read() -> None:
    for width, height in ((10_000, 10_000), (30_000, 30_000), (65_000, 65_000), (5_000, 5_000)):
        begin = time.perf_counter()
        assert no(png_of(width, height)) == "PHOTO_TOO_LARGE"
        assert time.perf_counter() - begin < 0.5


def test_a_hundred_megapixels_are_refused() -> None:
    out = io.BytesIO()
    Image.new("L", (10_000, 10_000)).save(out, "JPEG")
    assert no(out.getvalue()) == "PHOTO_TOO_LARGE"


def test_too_many_bytes_are_refused() -> None:
    assert no(photo() + b"\0" * UPLOAD_BYTES_MAX) == "PHOTO_TOO_LARGE"


def test_what_nobody_can_read_is_refused() -> None:
    assert no(photo(size=(300, 200))) == "PHOTO_TOO_SMALL"


@pytest.mark.requirement("D-16")
@pytest.mark.parametrize(
    "taken",
    [
        card(),
        card(fills=1.0),
        card(fills=0.4),
        dim(card(), 0.1),
        dim(card(fills=0.4), 0.2),
        ImageEnhance.Contrast(card()).enhance(0.1),
        card().filter(ImageFilter.GaussianBlur(60)),
        dim(card(), 0.1).filter(ImageFilter.GaussianBlur(25)),
    ],
    ids=["good", "close", "far", "dim", "far and dim", "haze", "out of focus", "dim and out of focus"],
)
def test_a_card_that_was_taken_badly_passes(taken: Image.Image) -> None:
    """Whether it can be read is for whoever judges; here only what holds nothing is refused."""
    assert small(jpeg(taken)).format == "JPEG"


@pytest.mark.requirement("D-16")
@pytest.mark.parametrize("colour", ["blue", "white", "black", "grey and grainy"])
def test_a_picture_of_nothing_is_refused(colour: str) -> None:
    grain = Image.effect_noise((1632, 1224), 30).convert("RGB")
    assert no(jpeg(grain if "grainy" in colour else Image.new("RGB", (1632, 1224), colour))) == "PHOTO_BLANK"


def test_odd_modes_come_out_as_plain_colour() -> None:
    for mode in ("L", "LA", "P", "RGBA", "CMYK", "1"):
        out = io.BytesIO()
        card().convert("RGBA" if mode == "LA" else "RGB").convert(mode).save(out, "JPEG" if mode == "CMYK" else "PNG")
        assert small(out.getvalue()).mode == "RGB", mode


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of what it could not read
@pytest.mark.parametrize(
    "broken",
    [
        b"II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x0f\x01\x04\0\xff\xff\xff\x7f\xff\xff\xff\x7f",
        b"MM\0*\0\0\0\x08\xff\xff",
        b"MM",
        b"x" * 60_000,
    ],
)
def test_a_sound_picture_with_broken_exif_is_taken(broken: bytes) -> None:
    assert small(photo(exif=b"Exif\0\0" + broken)).mode == "RGB"


def test_exif_whose_values_cannot_be_written_again_is_not_written() -> None:
    """A quarter turn behind a width that says to be a text."""
    entries = struct.pack(">HHI", 0x0100, 2, 4) + b"abc\0" + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    made = small(photo(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x02" + entries + b"\0\0\0\0"))
    assert made.height > made.width


@pytest.mark.requirement("D-55", "D-56")
async def test_it_is_kept_sealed_and_each_look_is_logged(desk: Desk) -> None:
    opened = await desk.begin()
    assert await desk.keep(opened.token) == opened.application_id
    row = await desk.stage.pool.fetchrow(
        "SELECT sealed, size_bytes FROM application_photo WHERE application_id = $1", opened.application_id
    )
    assert row["size_bytes"] <= BYTES_MAX
    assert b"JFIF" not in row["sealed"]
    async with desk.stage.pool.acquire() as connection:
        shown = await own_photo(connection, opened.token, **desk.given)
    assert isinstance(shown, bytes)
    assert Image.open(io.BytesIO(shown)).format == "JPEG"
    assert (await desk.stage.audit(opened.application_id))[-1] == "application.photo_seen"


async def test_another_photo_takes_the_place_of_the_first(desk: Desk) -> None:
    opened = await desk.begin()
    await desk.keep(opened.token)
    assert code_of(await desk.keep(opened.token, b"nothing")) == "PHOTO_NOT_AN_IMAGE"
    assert await desk.keep(opened.token, photo(kind="PNG")) == opened.application_id
    count = await desk.stage.pool.fetchval(
        "SELECT count(*) FROM application_photo WHERE application_id = $1", opened.application_id
    )
    assert count == 1


async def test_a_strangers_bytes_are_not_even_decoded(desk: Desk) -> None:
    assert code_of(await desk.keep("A" * 44, b"nothing")) == "APPLICATION_SIGNED_OUT"


async def test_a_full_queue_is_told() -> None:
    photos = Photos(waiting_max=1)
    outcomes = await asyncio.gather(*[photos.re_encode(photo(), bytes_max=BYTES_MAX) for _ in range(4)])
    photos.close()
    refused = [each for each in outcomes if isinstance(each, Refusal)]
    assert [code_of(each) for each in refused] == ["TOO_MANY_REQUESTS"] * 2
