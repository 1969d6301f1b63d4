"""A ruleset file is read whole, or refused with every fault at its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.rules.lines import line_of
from konter.rules.ruleset import Fault, Ruleset, parse_ruleset

HEAD = 'name = "lebaran"\n\n[[rules]]\nvalid_from = 2027-03-01T00:00:00+07:00\n'


def faults_of(text: str | bytes) -> list[tuple[int, str]]:
    found = parse_ruleset(text.encode() if isinstance(text, str) else text, "lebaran.toml")
    assert isinstance(found, list)
    assert all(fault.file == "lebaran.toml" for fault in found)
    return [(fault.line, fault.reason) for fault in found]


def test_it_works():
    found = parse_ruleset((HEAD + "promo.max_per_day = 2\ntier.threshold.red_idr = 60000\n").encode(), "lebaran.toml")
    assert isinstance(found, Ruleset)
    assert [(entry.key, entry.value) for entry in found.entries] == [
        ("promo.max_per_day", 2),
        ("tier.threshold", {"red_idr": 60000}),
    ]
    assert found.entries[0].valid_from.isoformat() == "2027-03-01T00:00:00+07:00"


def test_a_byte_order_mark_and_windows_line_ends_are_fine():
    text = HEAD.replace("\n", "\r\n") + "promo.max_per_day = 2\r\n"
    assert isinstance(parse_ruleset(b"\xef\xbb\xbf" + text.encode(), "lebaran.toml"), Ruleset)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("promo.max_per_dya = 2", "unknown_key"),
        ("promo = 2", "unknown_key"),
        ("promo = {}", "unknown_key"),
        ('promo.max_per_day = "2"', "wrong_value"),
        ("promo.max_per_day = 2.0", "wrong_value"),
        ("promo.max_per_day = true", "wrong_value"),
        ("promo.max_per_day = -1", "wrong_value"),
        ("promo.max_per_day = 99999999999999999999", "wrong_value"),
        ("promo.max_per_day = nan", "wrong_value"),
        ('promo.window = "8-21"', "wrong_value"),
        ("tax.ppn = [11]", "wrong_value"),
        ("tax.ppn = [11, 0]", "wrong_value"),
        ("validity.table = []", "wrong_value"),
        ('brand.table = [{ code = "x1", name = "X", kind = "prepaid", colour = "red" }]', "wrong_value"),
        ('numbering.prefixes = ["0811", 812]', "wrong_value"),
        ("promo.max_per_day = ", "syntax"),
        ("valid_from = 2027-03-01T00:00:00+07:00", "syntax"),
    ],
)
def test_a_wrong_line_is_named(line: str, reason: str):
    text = f"{HEAD}# a comment\notp.ttl_s = 300\n\n{line}\n"
    assert faults_of(text) == [(8, reason)]


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("2027-03-01T00:00:00", "naive_moment"),
        ("2027-03-01", "naive_moment"),
        ("07:30:00", "not_a_moment"),
        ('"2027-03-01T00:00:00+07:00"', "not_a_moment"),
        ("20270301", "not_a_moment"),
        ("0001-01-01T00:00:00+07:00", "year_out_of_range"),
    ],
)
def test_a_moment_needs_a_zone(moment: str, reason: str):
    assert faults_of(f'name = "lebaran"\n[[rules]]\nvalid_from = {moment}\notp.ttl_s = 300\n') == [(3, reason)]


def test_a_table_without_a_moment_is_named_where_it_begins():
    assert faults_of(f"{HEAD}otp.ttl_s = 300\n\n[[rules]]\notp.length = 6\n") == [(7, "no_moment")]


def test_every_fault_is_told_not_only_the_first():
    text = f"{HEAD}otp.ttl = 300\notp.length = 60\n\n[[rules]]\nvalid_from = 2028-01-01\notp.ttl_s = 1\n"
    assert faults_of(text) == [(5, "unknown_key"), (6, "wrong_value"), (9, "naive_moment")]


def test_the_same_rule_twice_for_one_moment_is_an_overlap_whatever_the_zone():
    text = f"{HEAD}otp.ttl_s = 300\n[[rules]]\nvalid_from = 2027-02-28T17:00:00Z\notp.length = 5\notp.ttl_s = 200\n"
    assert faults_of(text) == [(9, "overlap")]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [(1, "wrong_name"), (1, "no_rules")]),
        ('name = "Le Baran"\n[[rules]]\n', [(1, "wrong_name")]),
        ('name = "lebaran"\nrules = []\n', [(2, "no_rules")]),
        ('name = "lebaran"\nrules = 3\n', [(2, "no_rules")]),
        ('name = "lebaran"\nextends = "../../etc/passwd"\n[[rules]]\n', [(2, "wrong_name")]),
        ('name = "lebaran"\notp.length = 6\n[[rules]]\n', [(2, "unknown_head")]),
        (b'name = "lebaran"\n\n# \xff\n', [(3, "not_utf8")]),
        (b"#" * 300_000, [(1, "too_large")]),
    ],
)
def test_a_file_that_is_no_ruleset(text: str | bytes, faults: list[tuple[int, str]]):
    assert faults_of(text) == faults


def test_the_line_is_that_on_which_the_statement_begins():
    text = (
        'title = """\n[[rules]]\notp.length = 9\n"""\n'  # looks like rules, is a title
        "[[rules]]\n"
        "[rules.otp] # another way of writing\n"
        "length = 6\n"
        "[rules.validity]\n"
        "table = [\n  [5000, 7],\n  # a comment inside\n  [1, 1],\n]\n"
    )
    assert line_of(text, ("rules", 0)) == 5
    assert line_of(text, ("rules", 0, "otp", "length")) == 7
    assert line_of(text, ("rules", 0, "validity", "table")) == 9
    assert line_of(text, ("nowhere",)) == 1


@pytest.mark.parametrize("locale", ["id", "en"])
def test_a_fault_reads_as_a_sentence(locale: str):
    fault = Fault(file="a.toml", line=7, reason="unknown_key", data={"rule": "otp.x"})
    assert {"a.toml", "7", "otp.x"} <= set(fault.sentence(locale).replace(",", "").replace(":", "").strip(".").split())


PIECES = [
    "otp",
    ".",
    "ttl_s",
    " = ",
    "[[rules]]",
    "valid_from",
    "2027-01-01T00:00:00Z",
    "{",
    "}",
    "[",
    "]",
    '"',
    "5",
    "\n",
    "#",
]


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=25))
def test_whatever_is_written_the_answer_is_faults_or_a_ruleset(pieces: list[str]):
    found = parse_ruleset((HEAD + "".join(pieces)).encode(), "lebaran.toml")
    if isinstance(found, list):
        assert all(1 <= fault.line <= HEAD.count("\n") + pieces.count("\n") + 1 for fault in found)
        assert all(fault.sentence("id") for fault in found)
