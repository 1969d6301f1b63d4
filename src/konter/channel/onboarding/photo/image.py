"""A photo as a phone took it, made into a small JPEG that holds the picture and nothing else. [D-16, docs/adr]

Pillow decodes what strangers send, so the limits come first: three formats, the size that the header tells before a
pixel is read, and one frame.
"""

import io

from PIL import ExifTags, Image, ImageStat, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from konter.channel.onboarding.refusals import (
    PHOTO_BLANK,
    PHOTO_NOT_AN_IMAGE,
    PHOTO_TOO_LARGE,
    PHOTO_TOO_SMALL,
    PHOTO_TRUNCATED,
)
from konter.platform.refusal import Refusal

UPLOAD_BYTES_MAX = 10 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP")
# JPEGs are decoded at an eighth of their size where that will do, so they may be larger than what is decoded whole.
JPEG_PIXELS_MAX, PIXELS_MAX = 50_000_000, 16_000_000
SIDE_MIN = 400  # below, nobody reads the card
SIDE_MAX = 1_600
QUALITIES = (85, 75, 65, 55, 45, 35)
SHRINK = 0.8
# By how much the luminance (0 to 255) of 64 by 64 squares of a picture must differ, as a standard deviation. Measured
# on the drawn cards of tests/channel/onboarding/test_photo.py: 45 in good light, 35 out of focus, 28 from far away, 4.5
# in a tenth of the light, 2.5 in a twentieth, where nobody reads a word. Plain colours have 0, grain alone 0.5 to 1.9.
SQUARES, CONTENT_MIN = 64, 2.0
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def re_encode(raw: bytes, *, bytes_max: int) -> Refusal | bytes:
    """The picture upright, without EXIF, GPS, comments or profiles, in at most `bytes_max` bytes of JPEG.

    About a second for two megapixels of noise, the worst there is, on a busy machine. PHOTO_NOT_AN_IMAGE,
    PHOTO_TRUNCATED, PHOTO_TOO_LARGE, PHOTO_TOO_SMALL, PHOTO_BLANK where nothing can be seen.
    """
    image = _opened(raw)
    if isinstance(image, Refusal):
        return image
    try:
        upright = _upright(image)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError):
        return PHOTO_TRUNCATED()
    return PHOTO_BLANK() if _is_blank(upright) else _small_enough(upright, bytes_max)


def _opened(raw: bytes) -> Refusal | ImageFile:
    """The header alone is read yet."""
    if len(raw) > UPLOAD_BYTES_MAX:
        return PHOTO_TOO_LARGE()
    try:
        image = Image.open(io.BytesIO(raw), formats=FORMATS)
    except _BOMBS:
        return PHOTO_TOO_LARGE()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        return PHOTO_NOT_AN_IMAGE()
    if image.width * image.height > (JPEG_PIXELS_MAX if image.format == "JPEG" else PIXELS_MAX):
        return PHOTO_TOO_LARGE()
    return image if min(image.size) >= SIDE_MIN else PHOTO_TOO_SMALL()


def _upright(image: Image.Image) -> Image.Image:
    """Decoded, turned as the phone was held, opaque, and no larger than needed."""
    image.draft("RGB", (SIDE_MAX, SIDE_MAX))
    image.load()
    turned = _turned(image)
    if turned.mode in ("RGBA", "LA", "PA", "P"):
        turned = turned.convert("RGBA")
        ground = Image.new("RGBA", turned.size, "white")
        turned = Image.alpha_composite(ground, turned)
    plain = turned.convert("RGB")
    plain.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
    # A new picture of the pixels alone: whatever else hung on the old one stays behind.
    clean = Image.new("RGB", plain.size)
    clean.paste(plain)
    return clean


def _turned(image: Image.Image) -> Image.Image:
    """As the phone was held, if it says so in a way that can be read. Of all else in EXIF nothing is looked at: it is
    the stranger's, a picture with broken EXIF is a picture, and Pillow fails on it in whatever way.
    """
    try:
        held = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - see above
        held = None
    how = _TURNS.get(held) if isinstance(held, int) else None
    return image.transpose(how) if how is not None else image


def _is_blank(image: Image.Image) -> bool:
    """Whether next to nothing is in the picture. Each square is one mean, so that grain of the dark is no content."""
    means = image.convert("L").resize((SQUARES, SQUARES), Image.Resampling.BOX)
    return ImageStat.Stat(means).stddev[0] < CONTENT_MIN


def _small_enough(image: Image.Image, bytes_max: int) -> bytes:
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= bytes_max:
                return out.getvalue()
        image = image.resize((max(1, int(image.width * SHRINK)), max(1, int(image.height * SHRINK))))
