"""Lists as files: what a spreadsheet would run stands there as a text."""

import csv
import io

import pytest

from konter.web.desk.tables import csv_answer
from konter.web.desk.views import Cell, Column


def cells(name: str) -> list[str]:
    """A row with this name, as a program reads it."""
    answer = csv_answer("outlet", [Column(name="Nama"), Column(name="Kode")], [[Cell(text=name), Cell(text="A-1")]])
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1]


@pytest.mark.parametrize("name", ["Toko Jaya", "Toko A-1; cabang", "a@b", 'Toko "Maju", Depok', "5 = lima"])
def test_names_stand_as_they_are(name: str) -> None:
    assert cells(name) == [name, "A-1"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\uff1d", " ="])
def test_no_cell_is_a_formula(sign: str) -> None:
    formula = f"{sign}HYPERLINK(1)"
    assert cells(formula) == [f"'{formula}", "A-1"]
    # Where the list separator is a semicolon this is a cell of its own, whatever our commas and quotes say.
    assert cells(f"Toko;{formula}") == [f"Toko;'{formula}", "A-1"]
