"""One-time passwords by time (RFC 6238), as authenticator apps make them. Pure, but for a new secret."""

import io
from datetime import datetime

import pyotp
import segno

from konter.platform.secrets import equal

ISSUER = "Konter"
STEP_S = 30
WINDOW = 1  # steps that a clock may be wrong, either way
QR_SCALE = 4


def new_secret() -> str:
    """160 random bits as base32, as apps take it."""
    return pyotp.random_base32()


def uri(secret: str, username: str) -> str:
    """What an app reads from the QR code."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=username, issuer_name=ISSUER)


def qr_svg(otpauth: str) -> str:
    """The same as an SVG element to stand in a page; no style, no script, no file."""
    out = io.BytesIO()
    segno.make(otpauth, error="m").save(out, kind="svg", scale=QR_SCALE, xmldecl=False, svgns=False)
    return out.getvalue().decode()


def code_at(secret: str, moment: datetime) -> str:
    """The code that an app shows at a moment."""
    return pyotp.TOTP(secret, interval=STEP_S).generate_otp(_step(moment))


def fitting_step(secret: str, code: str, *, now: datetime, used: int | None) -> int | None:
    """The time step whose code this is, or None. A step that was used, and those before it, fit no more."""
    totp, given = pyotp.TOTP(secret, interval=STEP_S), code.replace(" ", "").encode("utf-8", "replace")
    fitting = None
    for step in range(_step(now) - WINDOW, _step(now) + WINDOW + 1):
        if equal(totp.generate_otp(step).encode(), given) and (used is None or step > used):
            fitting = step
    return fitting


def _step(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_S
