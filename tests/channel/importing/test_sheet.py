"""Files as people make them: what is read, what is named, and what is no file of ours at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.channel.importing.rows import OutletRow, outlet_of
from konter.channel.importing.sheet import Fault, Header, Line, read_header, read_lines

HEAD = "code,name,partner,area,reseller_number"
ROW = "2200000001,Sukses Cell,SBP-1,JBJB,081212345678"


def header(line: str = HEAD) -> Header:
    found = read_header(line)
    assert isinstance(found, Header), found
    return found


def read(*lines: str, head: str = HEAD) -> list[Line | Fault]:
    return list(read_lines([f"{line}\n" for line in lines], header(head)))


def faults_of(*lines: str, head: str = HEAD) -> list[tuple[int, str, str]]:
    found = []
    for row in read(*lines, head=head):
        if isinstance(row, Fault):
            found.append(row)
        elif isinstance(outlet := outlet_of(row), list):
            found += outlet
    assert all(fault.sentence(locale) for fault in found for locale in ("id", "en"))
    return [(fault.line, fault.column, fault.reason) for fault in found]


def test_it_works() -> None:
    (row,) = read(ROW)
    assert isinstance(row, Line)
    outlet = outlet_of(row)
    assert isinstance(outlet, OutletRow)
    assert (outlet.line, outlet.code, outlet.reseller, outlet.kind) == (2, "2200000001", 6281212345678, "outlet")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (HEAD, "outlets"),
        (HEAD.replace(",", ";"), "outlets"),
        (f"{HEAD},zone,address,seller_number\r\n", "outlets"),
        (HEAD.upper(), "outlets"),
        ("code, name, area", "partners"),
        ("name;seller_number", "sellers"),
    ],
)
def test_the_first_line_says_what_the_file_holds(head: str, kind: str) -> None:
    assert header(head).kind == kind


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("", "empty"),
        ("\n", "empty"),
        ("PK\x03\x04\0\0", "not_text"),
        ("\udc89PNG", "not_text"),
        ("x" * 5000, "not_text"),
        ("{}", "columns_unknown"),
        ("code,name", "columns_unknown"),
        (f"{HEAD},price", "columns_unknown"),
        (f"{HEAD},code", "column_twice"),
        ('"code', "columns_unknown"),
    ],
)
def test_what_is_no_file_of_the_channel(head: str, reason: str) -> None:
    assert read_header(head) == reason


@pytest.mark.parametrize(
    "number", ["081212345678", "6281212345678", "+62 812-1234-5678", "0812 1234 5678", "81212345678"]
)
def test_numbers_as_people_write_them(number: str) -> None:
    (row,) = read(ROW.replace("081212345678", number))
    assert isinstance(row, Line)
    assert row.number_of("reseller_number", blank=False) == 6281212345678


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (ROW.replace("081212345678", "0217654321"), (2, "reseller_number", "not_a_number")),
        (ROW.replace("081212345678", ""), (2, "reseller_number", "blank")),
        (ROW.replace("Sukses Cell", " "), (2, "name", "blank")),
        (ROW + ",x", (2, "", "width")),
        ("2200000001", (2, "", "width")),
        (ROW.replace("Sukses", '"Sukses'), (2, "", "quotes")),
        (ROW.replace("Sukses", "Suk\x00ses"), (2, "", "not_printable")),
        (ROW.replace("Sukses", "Suk\udce9s"), (2, "", "not_printable")),
        (ROW.replace("Sukses", "x" * 4000), (2, "", "too_long")),
    ],
)
def test_a_broken_row_is_named_and_the_next_is_read(line: str, fault: tuple[int, str, str]) -> None:
    assert faults_of(line, ROW) == [fault]


def test_blank_lines_are_none_and_quotes_hold_delimiters() -> None:
    rows = read("", ";;;;", ROW.replace("Sukses Cell", '"Sukses, Cell ""Jaya"""'))
    assert [row.text("name") for row in rows if isinstance(row, Line)] == ['Sukses, Cell "Jaya"']
    assert rows[0].number == 4


def test_a_person_is_whole_or_named() -> None:
    head = f"{HEAD},username,user_name,notification_number,number_type"
    assert faults_of(f"{ROW},kasir1,,,", head=head) == [
        (2, "user_name", "blank"),
        (2, "notification_number", "blank"),
    ]
    assert faults_of(f"{ROW},kasir1,Siti,081298765432,KASIR", head=head) == [(2, "number_type", "not_one_of")]
    (row,) = read(f"{ROW},kasir1,Siti,081298765432,FAMILY", head=head)
    assert isinstance(row, Line)
    outlet = outlet_of(row)
    assert isinstance(outlet, OutletRow)
    assert outlet.person is not None
    assert outlet.person.type == "FAMILY"


@given(st.lists(st.text(max_size=40), max_size=8))
def test_whatever_is_in_a_file_every_line_is_a_row_a_fault_or_blank(lines: list[str]) -> None:
    for row in read_lines([f"{line}\n" for line in lines], header()):
        assert isinstance(row, Fault) or isinstance(outlet_of(row), OutletRow | list)


@given(st.text(max_size=80))
def test_whatever_the_first_line_is_it_has_an_answer(line: str) -> None:
    assert isinstance(read_header(line), Header | str)
