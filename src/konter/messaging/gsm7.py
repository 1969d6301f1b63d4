"""How long a text is on the air: the GSM 7-bit alphabet (3GPP TS 23.038 section 6.2.1) and parts of a long message."""

# ruff: noqa: RUF001 - letters that look alike are what this table is about

import unicodedata
from typing import Literal

import msgspec

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "\f^{}\\[~]|€"  # each takes an escape and a septet
_SEPTETS = {**dict.fromkeys(BASIC.replace("\x1b", ""), 1), **dict.fromkeys(EXTENDED, 2)}
_SINGLES = frozenset(char for char, size in _SEPTETS.items() if size == 1)  # nearly every text is made of these alone

SINGLE_SEPTETS, PART_SEPTETS = 160, 153
SINGLE_UNITS, PART_UNITS = 70, 67

# What normalisation does not take apart: punctuation that keyboards put in by themselves, and letters without accents.
_REPLACED = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "…": "...", "•": "-", "·": "-", "№": "No",
        "×": "x", "⁄": "/", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "þ": "th",
        "Þ": "Th", "ð": "d", "Ð": "D", "\t": " ", "\r": " ", "\n": " ", "\u00a0": " ",
    }
)  # fmt: skip


class Length(msgspec.Struct, frozen=True):
    """`units` are septets of GSM-7 or 16-bit units of UCS-2; `parts` is what the operator sends and counts."""

    alphabet: Literal["gsm7", "ucs2"]
    units: int
    parts: int


def septets(text: str) -> int | None:
    """Septets of a text, or None when a character is outside GSM-7."""
    if _SINGLES.issuperset(text):
        return len(text)
    total = 0
    for char in text:
        size = _SEPTETS.get(char)
        if size is None:
            return None
        total += size
    return total


def length(text: str) -> Length:
    """Alphabet, length and number of parts. An escaped character or a surrogate pair is never split between parts."""
    alphabet: Literal["gsm7", "ucs2"]
    if septets(text) is not None:
        alphabet, sizes, single, part = "gsm7", [_SEPTETS[char] for char in text], SINGLE_SEPTETS, PART_SEPTETS
    else:
        alphabet, single, part = "ucs2", SINGLE_UNITS, PART_UNITS
        sizes = [2 if ord(char) > 0xFFFF else 1 for char in text]  # noqa: PLR2004 - end of the basic plane
    units = sum(sizes)
    return Length(alphabet, units, 1 if units <= single else _parts(sizes, part))


def _parts(sizes: list[int], room: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts


def to_gsm7(text: str) -> str:
    """The nearest text within GSM-7: accents dropped where the alphabet lacks them, emoji left out, spaces tidied.

    So that one odd character in an outlet's name does not turn a text of 160 characters into one of 70.
    """
    replaced = text.translate(_REPLACED)
    if _SINGLES.issuperset(replaced):
        return " ".join(replaced.split())
    chars = []
    for char in replaced:
        if char in _SEPTETS:
            chars.append(char)
            continue
        plain = unicodedata.normalize("NFKD", char).translate(_REPLACED)
        chars.extend(part for part in plain if part in _SEPTETS)
    return " ".join("".join(chars).split())


def clip(text: str, septets_max: int) -> str:
    """A GSM-7 text cut to so many septets, with two dots where something is missing."""
    if (septets(text) or 0) <= septets_max:
        return text
    kept, used = [], 0
    for char in text:
        used += _SEPTETS[char]
        if used > septets_max - 2:
            break
        kept.append(char)
    return "".join(kept).rstrip(" .") + ".."
