"""Numbers as people type and read them, and as Konter keeps them: E.164 without plus, `6281212345678`. [D-58]"""

import re

import phonenumbers

from konter.platform.ids import Msisdn

_PLAUSIBLE = re.compile(r"[+0-9][0-9 .()\-]{6,24}")
_MOBILE = re.compile(r"628[1-35-9]\d{7,10}")
_COUNTRY = "62"


def parse_msisdn(text: str) -> Msisdn | None:
    """An Indonesian mobile number from `0812…`, `62812…`, `+62 812-…` or `812…`; None when it is none.

    Whether it is the operator's, and whether anybody uses it, is another question.
    """
    typed = text.strip()
    if not typed.isascii() or not _PLAUSIBLE.fullmatch(typed):
        return None
    digits = re.sub(r"\D", "", typed)
    if typed[0] != "+" and digits.startswith("8"):
        typed = f"0{digits}"
    elif typed[0] != "+" and digits.startswith(_COUNTRY):
        typed = f"+{digits}"
    try:
        number = phonenumbers.parse(typed, "ID")
    except phonenumbers.NumberParseException:
        return None
    e164 = f"{number.country_code}{number.national_number}"
    if not _MOBILE.fullmatch(e164) or not phonenumbers.is_possible_number(number):
        return None
    return Msisdn(int(e164))


def national(msisdn: int) -> str:
    """`081212345678`, as it is dialled."""
    return f"0{str(msisdn)[2:]}"


def pretty(msisdn: int) -> str:
    """`0812-1234-5678`, as it is read."""
    digits = national(msisdn)
    return "-".join(part for part in (digits[:4], digits[4:8], digits[8:]) if part)


def masked(msisdn: int) -> str:
    """`0812-****-5678`, for whoever need not know it."""
    digits = national(msisdn)
    return f"{digits[:4]}-****-{digits[-4:]}"


def has_prefix(msisdn: int, prefixes: tuple[str, ...]) -> bool:
    """Whether the number begins with one of the operator's prefixes (`0812`). [D-25, G-D04]"""
    return national(msisdn).startswith(prefixes)
