"""What a log may show of a text or a dial string: its shape, not its secrets."""

import re

_DIAL = re.compile(r"\*\d[\d*]*#?|#\d[\d*#]*")
_DIGITS = re.compile(r"\d{4,}")
_PASSWORD = re.compile(r"(?i)(\bpass(?:word|wd)?|\bsandi|\bpin)(\s*[:=]?\s+|[:=])\S+")


def masked(text: str) -> str:
    """A text for logs: codes, numbers and PINs of four digits or more, passwords and all of a dial string but its
    first code are starred. `*600*50000*123456#` -> `*600*…#`, `OTP 493817` -> `OTP ****`.
    """
    text = _DIAL.sub(_short_dial, text)
    text = _PASSWORD.sub(r"\1\2****", text)
    return _DIGITS.sub("****", text)


def _short_dial(match: re.Match[str]) -> str:
    dial = match.group()
    first, *rest = dial.strip("*#").split("*")
    return f"{dial[0]}{first}*…#" if rest else dial
