"""The map of provinces: its legend says of each shade exactly what counts have it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.web.desk.tiles import legend, level_of


@given(st.integers(1, 600_000))
def test_the_legend_and_the_shades_agree(most: int) -> None:
    said = {}
    for level, text in legend(most)[1:]:
        ends = [int(part.replace(".", "")) for part in text.split("-")]
        assert len(set(ends)) == len(ends), f"{text} is one number"
        said[level] = (ends[0], ends[-1])
    covered = sorted(said.values())
    assert (covered[0][0], covered[-1][1]) == (1, most)
    assert all(left[1] + 1 == right[0] for left, right in pairwise(covered))
    for level, (low, high) in said.items():
        assert level_of(low, most) == level_of(high, most) == level


@pytest.mark.parametrize(
    ("most", "texts"),
    [(1, ["0", "1"]), (2, ["0", "1", "2"]), (4, ["0", "1", "2", "3", "4"]), (8, ["0", "1-2", "3-4", "5-6", "7-8"])],
)
def test_one_number_is_said_as_one(most: int, texts: list[str]) -> None:
    assert [text for _, text in legend(most)] == texts


def test_no_outlets_at_all_is_nought() -> None:
    assert legend(0) == ((0, "0"),)
