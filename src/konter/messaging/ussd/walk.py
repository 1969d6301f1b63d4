"""How an input moves a session on. Pure: what needs the dialogue is told as the path to ask it for."""

import msgspec

from konter.messaging.ussd.model import BACK, INPUT_CHARS_MAX, NEXT, Place
from konter.messaging.ussd.pages import Page, page_of, start_before

WRONG_MAX = 3  # wrong inputs one after another until the session ends


class Look(msgspec.Struct, frozen=True):
    """How pages are to look: their bound in septets, and their reader's language."""

    chars: int
    locale: str

    def page(self, place: Place) -> Page:
        """The page in sight."""
        return page_of(
            place.screen,
            place.start,
            chars=self.chars,
            locale=self.locale,
            can_leave=can_leave(place),
            is_wrong=place.is_wrong,
        )

    def before(self, place: Place) -> int:
        """Where the page before it starts."""
        return start_before(place.screen, place.start, chars=self.chars, locale=self.locale, can_leave=can_leave(place))


def can_leave(place: Place) -> bool:
    """Whether 0 goes back to the screen before. What is done is done: from an end there is no way back."""
    return bool(place.path) and not place.screen.end


def clean(typed: str) -> str:
    """What somebody typed, without what no phone shows."""
    return "".join(char for char in typed.strip()[:INPUT_CHARS_MAX] if char.isprintable())


def step_on(place: Place, typed: str, look: Look) -> Place | tuple[str, ...]:
    """Where an input leads: another page, the same one as wrong, or the path to ask the dialogue for.

    `typed` is clean. A question takes anything but 0 and, while it has a further page, 9 and #.
    """
    page = look.page(place)
    turned: int | None = None
    if typed == BACK and place.start:
        turned = look.before(place)
    elif typed in NEXT:
        turned = page.following
    if turned is not None:
        return msgspec.structs.replace(place, start=turned, is_wrong=False, wrong_count=0)
    if typed == BACK and can_leave(place):
        return place.path[:-1]
    if place.screen.asks and typed and typed != BACK:
        return (*place.path, typed)
    if len(typed) == 1 and typed in "12345678"[: len(page.values)]:
        return (*place.path, page.values[int(typed) - 1])
    return msgspec.structs.replace(place, is_wrong=True, wrong_count=place.wrong_count + 1)


def is_over(place: Place, page: Page) -> bool:
    """Whether nothing is left to be said or read."""
    return place.screen.end and page.following is None
