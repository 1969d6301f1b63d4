"""The network's own file: whole or not at all."""

from datetime import date

import pytest
from tests.sales.reconciliation.bureau import file

from konter.platform.i18n import LOCALES, text
from konter.platform.refusal import Refusal
from konter.sales.reconciliation.model import Statement, read_statement

DAY = date(2026, 11, 21)
GOOD = ("256", "6281212345678", "PULSA50", "50000", "done", "2026-11-21T05:00:00Z")
OTHER = ("512", "6281212345679", "PULSA10", "10000", "refused", "2026-11-21T16:59:59Z")
NAMES = ("transfer_id", "msisdn", "product", "nominal_rp", "state", "at")


def with_cell(name: str, value: str) -> tuple[str, ...]:
    return tuple(value if each == name else cell for each, cell in zip(NAMES, GOOD, strict=True))


def test_it_works() -> None:
    read = read_statement(file([GOOD, OTHER]), DAY)
    assert isinstance(read, Statement)
    assert [(each.transfer_id, each.cell, each.state) for each in read.lines] == [(256, 0, "done"), (512, 0, "refused")]
    assert read.done_rp == 50_000


def test_a_day_on_which_nothing_happened_is_a_whole_file() -> None:
    read = read_statement(file([]), DAY)
    assert isinstance(read, Statement)
    assert read.lines == []


@pytest.mark.requirement("D-46")
def test_a_file_cut_anywhere_is_not_taken() -> None:
    """At every byte: also within a line, where a number has lost digits and looks like one, and in the last line."""
    whole = file([GOOD, OTHER])
    for length in range(len(whole) - 1):  # without its very last newline it is still whole
        read = read_statement(whole[:length], DAY)
        assert isinstance(read, Refusal), whole[:length]


@pytest.mark.parametrize("end", ["end,1,50000", "end,2,60000", "end,2", "end,x,y", "END,2,50000"])
def test_a_last_line_that_does_not_fit_what_stands_above(end: str) -> None:
    whole = file([GOOD, OTHER]).replace(b"end,2,50000", end.encode())
    assert read_statement(whole, DAY).code == "STATEMENT_CUT"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("transfer_id", "0", "transfer"),
        ("transfer_id", "-5", "transfer"),
        ("transfer_id", str(1 << 63), "transfer"),
        ("msisdn", "0812x", "msisdn"),
        ("product", "", "product"),
        ("product", "PULSA\0", "product"),
        ("nominal_rp", "-1", "amount"),
        ("nominal_rp", "1.5", "amount"),
        ("state", "maybe", "state"),
        ("at", "yesterday", "moment"),
        ("at", "2026-11-21T05:00:00", "moment"),
        ("at", "0001-01-01T00:00:00+14:00", "moment"),
        ("at", "9999-12-31T23:59:59-12:00", "moment"),
        ("at", "2026-11-21T17:00:00Z", "other_day"),
        ("at", "2026-11-20T16:59:59Z", "other_day"),
    ],
)
def test_a_bad_line_is_named_by_its_number(name: str, value: str, reason: str) -> None:
    read = read_statement(file([OTHER, with_cell(name, value)]), DAY)
    assert isinstance(read, Refusal)
    (fault,) = read.data["faults"]
    assert (read.code, fault.line, fault.reason) == ("STATEMENT_BAD_LINES", 3, reason)
    for locale in LOCALES:
        assert "3" in fault.sentence(locale)
        assert text(read.sentence_key, locale, **read.data)


def test_a_transfer_on_two_lines_and_a_line_of_too_few_cells() -> None:
    read = read_statement(file([GOOD, GOOD, (*OTHER[:4], "done")]), DAY)
    assert [(fault.line, fault.reason) for fault in read.data["faults"]] == [(3, "twice"), (4, "cells")]


def test_the_file_of_another_day() -> None:
    assert read_statement(file([GOOD, OTHER]), date(2026, 11, 22)).code == "STATEMENT_OTHER_DAY"


def test_what_is_no_text_at_all() -> None:
    assert read_statement(b"\xff\xfe\x00", DAY).code == "STATEMENT_CUT"
    assert read_statement(b'transfer_id,"open', DAY).code == "STATEMENT_CUT"


def test_a_file_of_nothing_but_faults_names_the_first_twenty() -> None:
    read = read_statement(file([with_cell("msisdn", "x")] * 30), DAY)
    assert (read.data["count"], len(read.data["faults"])) == (30, 20)
