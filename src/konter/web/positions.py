"""Where a phone says that it is, as forms carry it: `-6.402500,106.794200`. Never needed, never more than a hint."""

import re

from konter.channel.territory.places import Position, position_refusal

_POSITION = re.compile(r"(-?\d{1,2})\.(\d{6}),(-?\d{1,3})\.(\d{6})", re.ASCII)


def read_position(text: str) -> Position | None:
    """The position in a form's hidden field; None for none, and for whatever no phone of ours writes."""
    found = _POSITION.fullmatch(text)
    if found is None:
        return None
    position = Position(int(found[1] + found[2]), int(found[3] + found[4]))
    return None if position_refusal(position) else position


def position_text(position: Position | None) -> str:
    """The same for the field; empty for none."""
    if position is None:
        return ""
    return ",".join(_degrees(each) for each in (position.latitude_udeg, position.longitude_udeg))


def _degrees(udeg: int) -> str:
    return f"{'-' if udeg < 0 else ''}{abs(udeg) // 10**6}.{abs(udeg) % 10**6:06d}"
