"""Moves as a pure decision: whatever is asked for, nothing is made, nothing is lost, and no floor is passed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON

from konter.ledger.model import (
    ASSETS,
    FUNDING,
    HOUSE_KINDS,
    REVENUE,
    Account,
    Books,
    Draft,
    House,
    Pending,
    Shortfall,
    house_account,
)
from konter.ledger.queries import house_kind
from konter.platform.ids import AccountId, OwnerId, TransferId, make_id

CELL = 7
accounts_of = st.lists(st.tuples(st.integers(0, 500), st.integers(-200, 0)), min_size=1, max_size=4)
wishes = st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.integers(1, 300)), min_size=1, max_size=6)


def an_account(n: int, balance: int, floor: int = 0, *, expires_at=None) -> Account:
    return Account(AccountId(make_id(5_000 + n, CELL)), CELL, OwnerId(make_id(9_000 + n, CELL)), "wallet", "", "IDR", expires_at, balance, floor, 0)  # fmt: skip


def books_of(accounts: list[Account], seqs: int = 100) -> Books:
    return Books(accounts, seqs=iter(range(10_000, 10_000 + seqs)), at=NOON)


def drafts_of(accounts: list[Account], wishes: list[tuple[int, int, int]]) -> list[Draft]:
    """-1 is the house, as is a place with no account; the house does not deal with itself."""
    sides = dict(enumerate(accounts))
    return [
        Draft("t", sides.get(debit, House(FUNDING)), sides.get(credit, House(REVENUE)), amount, "IDR")
        for debit, credit, amount in wishes
        if debit in sides or credit in sides
    ]


@given(accounts_of, wishes)
def test_moves_are_all_or_none_and_never_pass_a_floor(holdings, wishes) -> None:
    accounts = [an_account(n, balance, floor) for n, (balance, floor) in enumerate(holdings)]
    before = [account.balance for account in accounts]
    books = books_of(accounts)
    made = books.move(drafts := drafts_of(accounts, wishes), reference_id=1, rule="r@1")
    changes = books.changes()
    assert sum(entry[6] for entry in changes.entries) == 0
    assert all(account.balance >= account.floor for account in accounts)
    if isinstance(made, Shortfall):
        assert [account.balance for account in accounts] == before
        assert (changes.entries, changes.transfers, changes.updated) == ([], [], [])
    else:
        assert len(changes.entries) == 2 * len(made) == 2 * len(drafts)


@given(accounts_of, wishes)
def test_every_entry_carries_the_balance_after_it(holdings, wishes) -> None:
    accounts = [an_account(n, balance, floor) for n, (balance, floor) in enumerate(holdings)]
    running = {account.id: account.balance for account in accounts}
    books = books_of(accounts)
    books.move(drafts_of(accounts, wishes), reference_id=1, rule="r@1")
    seqs = dict.fromkeys(running, 0)
    for _, _, _, account_id, kind, _, amount, seq, after in books.changes().entries:
        if kind == "wallet":
            running[account_id] += amount
            seqs[account_id] += 1
            assert (seq, after) == (seqs[account_id], running[account_id])
        else:
            assert (seq, after) == (None, None)


@given(accounts_of, wishes)
def test_a_shortfall_says_exactly_how_much_is_missing(holdings, wishes) -> None:
    """With that much more in the account, the same moves stop later or not at all."""
    accounts = [an_account(n, balance, floor) for n, (balance, floor) in enumerate(holdings)]
    drafts = drafts_of(accounts, wishes)
    for _ in range(len(drafts) + 1):
        missing = books_of(accounts).shortfall(drafts)
        if missing is None:
            break
        assert missing.missing > 0
        missing.account.balance += missing.missing
    assert books_of(accounts).shortfall(drafts) is None


@pytest.mark.parametrize("amount", [0, -1])
def test_only_a_positive_amount_moves(amount: int) -> None:
    account = an_account(1, 100)
    with pytest.raises(AssertionError, match="positive"):
        books_of([account]).move([Draft("t", account, House(REVENUE), amount, "IDR")], reference_id=1, rule="r")


def test_a_transfer_never_crosses_cells_or_assets() -> None:
    account, far = an_account(1, 100), an_account(2, 100)
    far.cell = 8
    with pytest.raises(AssertionError, match="one cell, one asset"):
        books_of([account, far]).move([Draft("t", account, far, 1, "IDR")], reference_id=1, rule="r")
    with pytest.raises(AssertionError, match="one cell, one asset"):
        books_of([account]).move([Draft("t", account, House(REVENUE), 1, "BYTES")], reference_id=1, rule="r")


def test_a_deadline_lies_ahead() -> None:
    account = an_account(1, 100)
    with pytest.raises(ValueError, match="deadline"):
        books_of([account]).pend(Draft("t", account, House(REVENUE), 1, "IDR"), deadline=NOON, reference_id=1, rule="r")


def test_what_is_pending_has_left_the_account_and_waits_in_transit() -> None:
    account = an_account(1, 100)
    books = books_of([account])
    draft = Draft("t", account, House(REVENUE), 40, "IDR")
    made = books.pend(draft, deadline=NOON + timedelta(hours=1), reference_id=1, rule="r")
    assert account.balance == 60
    assert [(entry[4], entry[6]) for entry in books.changes().entries] == [("wallet", -40), ("in_transit", 40)]
    pending = Pending(TransferId(made), CELL, "t", account.id, house_account(REVENUE, "IDR", CELL), "wallet", REVENUE, "IDR", 40)  # fmt: skip
    later = books_of([account])
    later.resolve(pending, post=True)
    assert [(entry[4], entry[6]) for entry in later.changes().entries] == [("in_transit", -40), ("revenue", 40)]


def test_value_that_expires_first_is_listed_first() -> None:
    soon, late, never = (
        an_account(n, 1, expires_at=at) for n, at in enumerate([NOON + timedelta(1), NOON + timedelta(2), None])
    )
    for account in (soon, late, never):
        account.owner_id = OwnerId(1)
    assert books_of([never, late, soon]).of_owner(1, "wallet") == [soon, late, never]


def test_opening_what_is_there_gives_what_is_there() -> None:
    account = an_account(1, 100)
    books = books_of([account])
    assert books.open(account.owner_id, CELL, "wallet", "IDR") is account
    new = books.open(account.owner_id, CELL, "wallet", "BYTES")
    assert books.open(account.owner_id, CELL, "wallet", "BYTES") is new
    assert len(books.changes().opened) == 1


@pytest.mark.parametrize("kind", HOUSE_KINDS)
@pytest.mark.parametrize("asset", ASSETS)
def test_a_house_account_tells_its_kind_and_no_two_are_the_same(kind: str, asset: str) -> None:
    assert house_kind(house_account(kind, asset, 255)) == kind
    every = {house_account(k, a, cell) for k in HOUSE_KINDS for a in ASSETS for cell in (0, 7, 255)}
    assert len(every) == len(HOUSE_KINDS) * len(ASSETS) * 3


def test_what_arrives_in_a_link_can_be_passed_on_in_it() -> None:
    first, second = an_account(1, 50), an_account(2, 0)
    onward = [Draft("t", first, second, 50, "IDR"), Draft("t", second, House(REVENUE), 50, "IDR")]
    assert not isinstance(books_of([first, second]).move(onward, reference_id=1, rule="r"), Shortfall)
    assert (first.balance, second.balance) == (0, 0)
    first.balance = 50
    assert books_of([first, second]).shortfall(onward[::-1]) == Shortfall(second, 50)
