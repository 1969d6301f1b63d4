"""Whatever a dialogue shows fits the network's messages, and nothing of it is lost."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.messaging.gsm7 import BASIC, EXTENDED, septets, to_gsm7
from konter.messaging.ussd.model import Option, Place, Screen
from konter.messaging.ussd.pages import page_of, start_before
from konter.messaging.ussd.walk import Look, clean, step_on

LETTERS = (BASIC + EXTENDED + "é😀ł").replace("\x1b", "").replace("\r", "")
words = st.text(LETTERS, max_size=400)
labels = st.lists(st.text(LETTERS, min_size=1, max_size=60), max_size=40)
chars = st.integers(100, 182)
locales = st.sampled_from(["id", "en"])
FEW = Screen(text="Poin Anda 48", options=(Option("Tukar poin", "swap"), Option("Riwayat", "story")))


def made(text: str, lines: list[str]) -> Screen:
    return Screen(text=text, options=tuple(Option(line, f"value {n}") for n, line in enumerate(lines)))


def pages_of(screen: Screen, chars: int, locale: str, *, can_leave: bool, wrong_at: frozenset[int] = frozenset()):
    """All pages by turning them, those of `wrong_at` after a wrong input."""
    start: int | None = 0
    while start is not None:
        page = page_of(screen, start, chars=chars, locale=locale, can_leave=can_leave, is_wrong=start in wrong_at)
        yield start, page
        assert page.following is None or page.following > start
        start = page.following


@pytest.mark.requirement("P-26")
def test_it_works() -> None:
    page = page_of(FEW, 0, chars=182, locale="id", can_leave=False)
    assert page.text == "Poin Anda 48\n1 Tukar poin\n2 Riwayat"
    assert page.values == ("swap", "story")
    assert page.following is None


def test_back_next_and_wrong_have_their_places() -> None:
    screen = made("Hadiah", [f"Voucher Kopi Senja {n}" for n in range(10)])
    first = page_of(screen, 0, chars=100, locale="id", can_leave=True, is_wrong=True)
    assert first.text.split("\n") == [
        "Pilihan salah.",
        "Hadiah",
        "1 Voucher Kopi Senja 0",
        "2 Voucher Kopi Senja 1",
        "0 Kembali 9 Lanjut",
    ]


@given(
    text=words,
    lines=labels,
    chars=chars,
    locale=locales,
    can_leave=st.booleans(),
    wrong_at=st.frozensets(st.integers(0, 60)),
)
def test_every_page_fits_and_every_option_stands_whole_on_one(text, lines, chars, locale, can_leave, wrong_at) -> None:
    screen = made(text, lines)
    seen = []
    for _, page in pages_of(screen, chars, locale, can_leave=can_leave, wrong_at=wrong_at):
        size = septets(page.text)
        assert size is not None
        assert size <= chars
        assert len(page.values) <= 8
        seen += page.values
        for number, value in enumerate(page.values, 1):
            label = to_gsm7(screen.options[int(value.split()[1])].label)
            if (septets(label) or 0) <= 60:
                assert f"{number} {label}".strip() in page.text
    assert seen == [option.value for option in screen.options]


@given(text=words, chars=chars)
def test_no_word_of_a_long_text_is_lost(text, chars) -> None:
    screen = Screen(text=text, end=True)
    shown = "".join(
        page.text.removesuffix("9 Lanjut").removesuffix("0 Kembali ").removesuffix("0 Kembali")
        if page.following is not None or start
        else page.text
        for start, page in pages_of(screen, chars, "id", can_leave=False)
    )
    assert "".join(shown.split()) == "".join(to_gsm7(line.replace("\n", " ")) for line in text.split("\n")).replace(
        " ", ""
    )


@given(text=words, lines=labels, chars=chars, can_leave=st.booleans())
def test_pages_are_turned_back_as_they_were_turned(text, lines, chars, can_leave) -> None:
    screen = made(text, lines)
    starts = [start for start, _ in pages_of(screen, chars, "id", can_leave=can_leave)]
    for before, start in itertools.pairwise(starts):
        assert start_before(screen, start, chars=chars, locale="id", can_leave=can_leave) == before


@given(
    lines=st.lists(st.text(LETTERS, min_size=1, max_size=60), min_size=1, max_size=40), chars=chars, chosen=st.data()
)
def test_every_option_can_be_chosen_by_what_its_page_says(lines, chars, chosen) -> None:
    screen = made("Pilih:", lines)
    wanted = chosen.draw(st.sampled_from(screen.options)).value
    place, look = Place(path=("root",), screen=screen), Look(chars, "id")
    while wanted not in (page := look.page(place)).values:
        led = step_on(place, "9", look)
        assert isinstance(led, Place)
        assert not led.is_wrong
        place = led
    assert step_on(place, str(page.values.index(wanted) + 1), look) == ("root", wanted)


@given(typed=st.text(max_size=200), lines=labels, asks=st.booleans(), path=st.lists(st.text(max_size=3), max_size=2))
def test_whatever_is_typed_leads_somewhere(typed, lines, asks, path) -> None:
    screen = Screen(text="Pilih:", options=made("", lines).options, asks=asks)
    place = Place(path=tuple(path), screen=screen)
    led = step_on(place, clean(typed), Look(160, "id"))
    if isinstance(led, Place):
        assert led.path == place.path
        assert led.is_wrong or led.start
    else:
        assert abs(len(led) - len(path)) == 1


@pytest.mark.parametrize("chars", [40, 60, 182])
def test_an_option_longer_than_a_page_is_shortened(chars) -> None:
    screen = made("", ["A" * 300, "B" * 300])
    found = [page for _, page in pages_of(screen, chars, "id", can_leave=True)]
    assert [len(page.values) for page in found] == [1, 1]
    assert all((septets(page.text) or 0) <= chars and ".." in page.text for page in found)


def test_escaped_characters_count_two() -> None:
    screen = made("", ["€" * 45, "€" * 45])
    assert len(list(pages_of(screen, 182, "id", can_leave=False))) == 2
