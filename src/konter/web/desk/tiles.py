"""Indonesia's 38 provinces as tiles: a schematic map in which a small province is as easy to see as a large one.

The layout is ours: column and row in a grid, roughly where each lies; short names are those of ISO 3166-2:ID.
"""

from collections.abc import Sequence

from konter.channel.directory.model import ProvinceCount
from konter.platform.money import thousands
from konter.web.desk.views import Cell, Column, Table, Tile, TileMap
from konter.web.desk.words import DeskWords

COLUMNS, ROWS = 18, 6
STEPS = 4  # shades above nought

# The state's code of the province: short name, column, row.
PLACES = {
    "11": ("AC", 0, 0),
    "12": ("SU", 1, 0),
    "13": ("SB", 1, 1),
    "14": ("RI", 2, 1),
    "15": ("JA", 2, 2),
    "16": ("SS", 3, 2),
    "17": ("BE", 2, 3),
    "18": ("LA", 3, 3),
    "19": ("BB", 4, 2),
    "21": ("KR", 3, 0),
    "31": ("JK", 5, 4),
    "32": ("JB", 6, 4),
    "33": ("JT", 7, 4),
    "34": ("YO", 7, 5),
    "35": ("JI", 8, 4),
    "36": ("BT", 4, 4),
    "51": ("BA", 9, 4),
    "52": ("NB", 10, 4),
    "53": ("NT", 11, 4),
    "61": ("KB", 6, 1),
    "62": ("KT", 7, 1),
    "63": ("KS", 7, 2),
    "64": ("KI", 8, 1),
    "65": ("KU", 8, 0),
    "71": ("SA", 12, 0),
    "72": ("ST", 10, 1),
    "73": ("SN", 10, 3),
    "74": ("SG", 11, 2),
    "75": ("GO", 11, 0),
    "76": ("SR", 10, 2),
    "81": ("MA", 13, 2),
    "82": ("MU", 13, 1),
    "91": ("PA", 17, 1),
    "92": ("PB", 15, 1),
    "93": ("PS", 17, 3),
    "94": ("PT", 16, 1),
    "95": ("PE", 17, 2),
    "96": ("PD", 14, 1),
}


def level_of(count: int, most: int) -> int:
    """How dark a tile is: 0 for none, else 1 to 4 in even steps of the highest."""
    return 0 if not count else min(STEPS, 1 + (count - 1) * STEPS // most)


def legend(most: int) -> tuple[tuple[int, str], ...]:
    """Which counts a shade stands for, as (shade, text); a shade that no count can have is left out."""
    spans = [(0, "0")]
    for level in range(1, STEPS + 1):
        low, high = 1 + -(-(level - 1) * most // STEPS), -(-level * most // STEPS)  # the other way round of `level_of`
        if low <= high:
            spans.append((level, thousands(low) if low == high else f"{thousands(low)}-{thousands(high)}"))
    return tuple(spans)


def outlet_map(words: DeskWords, counted: Sequence[ProvinceCount]) -> TileMap:
    """Active outlets by province."""
    most = max((each.active for each in counted), default=0) or 1
    title = words.t("desk.map.title")
    tiles = tuple(
        Tile(
            column=PLACES[each.code][1],
            row=PLACES[each.code][2],
            short=PLACES[each.code][0],
            name=each.name,
            text=thousands(each.active),
            level=level_of(each.active, most),
        )
        for each in counted
        if each.code in PLACES
    )
    return TileMap(
        title=title,
        columns=COLUMNS,
        rows=ROWS,
        tiles=tiles,
        steps=legend(max((each.active for each in counted), default=0)),
        table=Table(
            id="map-table",
            title=title,
            columns=(
                Column(name=words.t("desk.map.province")),
                *(
                    Column(name=words.t(f"desk.outlet_status.{each}"), num=True)
                    for each in ("active", "suspended", "terminated")
                ),
            ),
            rows=tuple(
                (
                    Cell(text=each.name),
                    Cell(text=thousands(each.active)),
                    Cell(text=thousands(each.suspended)),
                    Cell(text=thousands(each.terminated)),
                )
                for each in counted
            ),
            empty=words.t("desk.map.none"),
        ),
    )
