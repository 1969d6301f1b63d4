"""Transaction codes: written for people, read back however they type them."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from konter.platform.secrets import Keys
from konter.sales.codes import sale_code, sale_of_code, verifies, verify_code

ids = st.integers(1, (1 << 63) - 1)


@pytest.mark.requirement("D-40", "D-41")
@given(ids)
@example(1)
@example((1 << 40) - 1)
@example(1 << 40)
@example((1 << 60) - 1)
@example(1 << 60)
@example((1 << 63) - 1)
def test_a_code_names_its_sale(id_: int) -> None:
    assert sale_of_code(sale_code(id_)) == id_


@pytest.mark.parametrize(("id_", "groups"), [(1 << 30, 2), ((1 << 40) - 1, 2), (1 << 40, 3), (1 << 60, 4)])
def test_a_code_is_two_groups_of_four_until_there_are_very_many(id_: int, groups: int) -> None:
    assert [len(group) for group in sale_code(id_).split("-")] == [4] * groups


@given(ids)
def test_a_code_is_read_however_it_is_typed(id_: int) -> None:
    code = sale_code(id_)
    slips = code.replace("0", "O").replace("1", "l")
    for typed in (code.lower(), code.replace("-", ""), f"TRX{code}", f"trx {code}", f"TRX-{code}", f" {code} ", slips):
        assert sale_of_code(typed) == id_


def test_a_code_may_itself_begin_with_trx_or_hold_it() -> None:
    """One code in eight thousand does."""
    found = itertools.islice((n for n in itertools.count(1 << 28) if "TRX" in sale_code(n)), 12)
    for id_ in found:
        assert sale_of_code(sale_code(id_)) == id_
        assert sale_of_code(f"TRX{sale_code(id_)}") == id_


@pytest.mark.parametrize(
    "typed", ["", "-", "TRX", "K7Q2", "K7Q2-9M4", "K7Q2-9M4U", "K7Q2-9M4é", "𝟙234-5678", "1" * 500, "\x00" * 8]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert sale_of_code(typed) is None


@given(st.text(max_size=24))
def test_anything_typed_gives_a_sale_or_none(typed: str) -> None:
    found = sale_of_code(typed)
    assert found is None or 0 <= found < 1 << 63


@given(st.integers(1 << 20, 1 << 36), st.integers(0, 7), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_sign_is_another_number_far_away(id_: int, place: int, sign: str) -> None:
    signs = sale_code(id_).replace("-", "")
    typed = signs[:place] + sign + signs[place + 1 :]
    found = sale_of_code(typed)
    assert (found == id_) == (typed == signs)


@given(ids)
def test_a_verify_code_is_the_sales_own(id_: int) -> None:
    keys = Keys(pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA=")
    others = Keys(pepper="5b" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA=")
    code = verify_code(keys, id_)
    assert len(code) == 10
    assert verifies(keys, id_, code)
    assert verifies(keys, id_, code.lower())
    assert not verifies(keys, id_ ^ 256, code)
    assert not verifies(others, id_, code)


@pytest.mark.parametrize("given_", ["", "é" * 10, "0" * 9, "0" * 11])
def test_a_verify_code_of_another_shape_is_wrong(keys: Keys, given_: str) -> None:
    assert not verifies(keys, 1, given_)
