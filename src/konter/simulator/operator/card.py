"""The picture of an identity card that belongs to nobody."""

import io

from PIL import Image, ImageDraw

SIZE = (1632, 1224)  # as a cheap phone takes it


def card() -> bytes:
    """A synthetic identity card."""
    image = Image.new("RGB", SIZE, "#dfe9f3")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, SIZE[0] - 60, SIZE[1] - 60), outline="#123c7a", width=12)
    draw.text((160, 160), "KARTU CONTOH", fill="#123c7a", font_size=90)
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()
