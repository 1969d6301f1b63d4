"""Numbers a slip away, without a database."""

from hypothesis import given
from hypothesis import strategies as st

from konter.platform.ids import Msisdn
from konter.sales.mercy.model import slips

NUMBER = Msisdn(6281234567890)
numbers = st.integers(10**7, 10**10 - 1).map(lambda rest: Msisdn(int(f"628{rest}")))


def is_slip(one: str, other: str) -> bool:
    """By hand: the same length, and either one place differs, or two neighbours are swapped."""
    places = [place for place in range(len(one)) if one[place] != other[place]]
    if len(one) != len(other) or not places:
        return False
    swapped = len(places) == 2 and places[1] == places[0] + 1 and one[places[0]] == other[places[1]]
    return len(places) == 1 or (swapped and one[places[1]] == other[places[0]])


def test_one_digit_another_or_two_neighbours_swapped() -> None:
    found = slips(NUMBER)
    assert {6281234567891, 6281234567809, 6282134567890, 6281134567890} <= set(found)
    assert not {6281234567890, 6281234567980 + 1, 628123456789, 62812345678900} & set(found)
    assert len(found) == 10 * 9 + 9


@given(numbers)
def test_all_are_slips_and_few(number: Msisdn) -> None:
    found = slips(number)
    assert all(is_slip(str(number), str(each)) for each in found)
    assert len(found) == len(set(found)) <= 120


@given(numbers, st.integers(0, 9), st.integers(0, 9))
def test_a_slip_is_found_from_both_ends(number: Msisdn, place: int, digit: int) -> None:
    text = str(number)
    at = 3 + place % (len(text) - 3)
    typed = Msisdn(int(text[:at] + str(digit) + text[at + 1 :]))
    if typed != number:
        assert number in slips(typed)
        assert typed in slips(number)
