"""Administrative regions, their time zones and how their names are written. Pure. [D-57, D-59, D-64]"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from konter.channel.model import Zone

RegionLevel = Literal["province", "regency", "district"]
LEVELS: tuple[RegionLevel, ...] = ("province", "regency", "district")

# By presidential decree 41 of 1987, and for the provinces made since by the province they were cut from.
_WITA = frozenset(["51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"])
_WIT = frozenset(["81", "82", "91", "92", "93", "94", "95", "96"])
_ROMAN = re.compile(r"[IVX]+")
_SHORT = {"kep.": "Kepulauan", "gn.": "Gunung"}
_SMALL = frozenset({"dan"})
_ACRONYM_CHARS_MAX = 3
_PART = re.compile(r"[^ /(-]+")


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """A province, a regency or city, or a district; `code` is the state's, dotted: 32, 32.73, 32.73.01."""

    code: str
    parent: str | None
    level: RegionLevel
    name: str
    zone: Zone


class District(msgspec.Struct, frozen=True, kw_only=True):
    """A district with what it lies in, as a list of places to choose from shows it."""

    code: str
    name: str
    regency: str
    province: str
    zone: Zone


def region(code: str, name: str) -> Region:
    """A region from the state's code and its name as found."""
    return Region(
        code=code,
        parent=code.rpartition(".")[0] or None,
        level=LEVELS[code.count(".")],
        name=as_written(name),
        zone=zone_of_region(code),
    )


def zone_of_region(code: str) -> Zone:
    """The time zone by the province in a region's code. [D-64]"""
    province = code[:2]
    if province in _WITA:
        return "Asia/Makassar"
    return "Asia/Jayapura" if province in _WIT else "Asia/Jakarta"


def as_written(name: str) -> str:
    """A name as people write it: `Kot olin` is Kot Olin, `KI'E` Ki'e, `BOGOR` Bogor; Roman numerals and STL stay."""
    words = [_SHORT.get(word.lower(), word) for word in name.split()]
    return _PART.sub(lambda found: _capital(found[0]), " ".join(words))


def _capital(word: str) -> str:
    if word.lower() in _SMALL:
        return word.lower()
    letters = word.rstrip(".")
    if not word.isupper() or _ROMAN.fullmatch(letters) or len(letters) <= _ACRONYM_CHARS_MAX:
        return word if word == "x" else word[:1].upper() + word[1:]
    return word.capitalize()


def changes(given: Sequence[Region], known: Mapping[str, Region]) -> tuple[list[Region], list[Region]]:
    """Which regions are new and which are written another way than what is known; each in the order given."""
    new = [each for each in given if each.code not in known]
    changed = [each for each in given if each.code in known and known[each.code] != each]
    return new, changed
