"""A screen as pages that fit the network's messages. Pure. [P-26]

Each page is at most so many septets of GSM-7, in which some characters count two. Words and options are put on pages in
their order; an option is never cut in the middle, unless it alone is longer than a page.
"""

from collections.abc import Sequence

import msgspec

from konter.messaging.gsm7 import clip, septets, to_gsm7
from konter.messaging.ussd.model import Screen
from konter.platform.i18n import text

OPTIONS_PER_PAGE = 8  # numbered from 1 on each page; 9 turns it, 0 goes back


class Item(msgspec.Struct, frozen=True):
    """A word or an option. `glue` stands before it, except at the top of a page; `value` is None for a word."""

    glue: str
    text: str
    value: str | None = None


class Page(msgspec.Struct, frozen=True):
    """One page. `values` are those of the options on it, in order; `following` is where the next page starts."""

    text: str
    values: tuple[str, ...]
    following: int | None


def items_of(screen: Screen, room: int) -> list[Item]:
    """Words of a screen, then its options. A word longer than `room` septets is cut in pieces."""
    items: list[Item] = []
    for line in screen.text.split("\n"):
        glue = "\n"
        for word in to_gsm7(line).split():
            for piece in _pieces(word, room):
                items.append(Item(glue, piece))
                glue = ""
            glue = " "
    return [*items, *(Item("\n", to_gsm7(option.label), option.value) for option in screen.options)]


def page_of(screen: Screen, start: int, *, chars: int, locale: str, can_leave: bool, is_wrong: bool = False) -> Page:
    """The page that starts with an item. `can_leave`: a screen lies behind this one, to which 0 goes back.

    After a wrong input a sentence stands on top, and what then finds no room follows on the next page.
    """
    top = text("dialogue.wrong", locale) if is_wrong else ""
    back = text("dialogue.back", locale) if can_leave or start else ""
    turn = text("dialogue.next", locale)
    room = chars - _size(top) - bool(top)
    items = items_of(screen, chars // 2)
    rest = items[start:]
    body, count = _fill(rest, room - _size(back) - bool(back))
    if count < len(rest):
        foot = f"{back} {turn}" if back else turn
        body, count = _fill(rest, room - _size(foot) - 1)
    else:
        foot = back
    values = tuple(item.value for item in rest[:count] if item.value is not None)
    following = start + count if count < len(rest) else None
    return Page("\n".join(part for part in (top, body, foot) if part), values, following)


def start_before(screen: Screen, start: int, *, chars: int, locale: str, can_leave: bool) -> int:
    """Where the page before one starts."""
    before = 0
    while True:
        following = page_of(screen, before, chars=chars, locale=locale, can_leave=can_leave).following
        if following is None or following >= start:
            return before
        before = following


def _fill(items: Sequence[Item], room: int) -> tuple[str, int]:
    """As many items as find room, at least one; with how many there are."""
    body, used, options = "", 0, 0
    for count, item in enumerate(items):
        options += item.value is not None
        words = item.text if item.value is None else f"{options} {item.text}"
        glue = item.glue if body else ""
        if not body:
            words = clip(words, room)
        size = _size(glue) + _size(words)
        if used + size > room or options > OPTIONS_PER_PAGE:
            return body, count
        body, used = f"{body}{glue}{words}", used + size
    return body, len(items)


def _pieces(word: str, room: int) -> list[str]:
    pieces, used = [""], 0
    for char in word:
        size = _size(char)
        if used + size > room:
            pieces, used = [*pieces, ""], 0
        pieces[-1] += char
        used += size
    return pieces


def _size(words: str) -> int:
    size = septets(words)
    assert size is not None, "only GSM-7 stands on a page"
    return size
