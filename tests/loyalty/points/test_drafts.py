"""Which vintage gives and gets, and when a debt does. Pure."""

from datetime import datetime, timedelta

import pytest

from konter.ledger.model import ISSUED, REVENUE, Account, Books, House
from konter.loyalty.points.model import (
    ASSET,
    DEBT,
    DEBT_FLOOR,
    POINTS,
    grant_drafts,
    spend_drafts,
    spendable,
    take_back_drafts,
)
from konter.platform.clock import WIB

OWNER = 1 << 8
OLDER, NEWER = datetime(2027, 4, 1, tzinfo=WIB), datetime(2028, 4, 1, tzinfo=WIB)
FEBRUARY = datetime(2027, 2, 1, tzinfo=WIB)


def books(older: int, newer: int, debt: int = 0) -> Books:
    def account(place: int, kind: str, expires_at: datetime | None, balance: int, floor: int = 0) -> Account:
        return Account(place << 8, 0, OWNER, kind, "", ASSET, expires_at, balance, floor, 0)

    accounts = [account(1, POINTS, NEWER, newer), account(2, POINTS, OLDER, older)]
    return Books([*accounts, account(3, DEBT, None, -debt, DEBT_FLOOR)], seqs=iter(range(10, 99)), at=FEBRUARY)


def parts(drafts) -> list[tuple[str, int]]:
    """(which account, how many) of each transfer."""
    names = {OLDER: "older", NEWER: "newer", None: "debt"}
    sides = [each.debit if isinstance(each.debit, Account) else each.credit for each in drafts]
    return [(names[side.expires_at], each.amount) for side, each in zip(sides, drafts, strict=True)]


@pytest.mark.requirement("P-20")
def test_the_older_vintage_is_spent_first() -> None:
    found = spendable(books(100, 30), OWNER, now=FEBRUARY)
    assert parts(spend_drafts(found, 110, kind="redemption", to=House(REVENUE))) == [("older", 100), ("newer", 10)]
    assert spend_drafts(found, 131, kind="redemption", to=House(REVENUE)) is None


@pytest.mark.requirement("P-18")
def test_a_vintage_is_gone_with_its_first_moment_too_late() -> None:
    last = OLDER - timedelta(microseconds=1)
    assert [spendable(books(100, 30), OWNER, now=at).points for at in (last, OLDER)] == [130, 30]


@pytest.mark.requirement("G-P19")
@pytest.mark.parametrize(
    ("earned", "points", "taken"),
    [
        (NEWER, 20, [("newer", 20)]),
        (NEWER, 50, [("newer", 30), ("older", 20)]),
        (OLDER, 110, [("older", 100), ("newer", 10)]),
        (NEWER, 150, [("newer", 30), ("older", 100), ("debt", 20)]),
    ],
)
def test_what_is_taken_back_leaves_the_vintage_that_earned_it_then_the_oldest(earned, points, taken) -> None:
    assert parts(take_back_drafts(books(100, 30), OWNER, points, expires_at=earned, now=FEBRUARY)) == taken


@pytest.mark.requirement("G-P19")
@pytest.mark.parametrize(
    ("points", "given"), [(5, [("debt", 5)]), (15, [("debt", 15)]), (22, [("debt", 15), ("newer", 7)])]
)
def test_a_grant_repays_first(points, given) -> None:
    drafts = grant_drafts(books(0, 0, debt=15), OWNER, points, expires_at=NEWER)
    assert parts(drafts) == given
    assert {each.debit for each in drafts} == {House(ISSUED)}


def test_a_debt_is_told_as_a_balance_below_zero() -> None:
    assert spendable(books(0, 0, debt=15), OWNER, now=FEBRUARY).points == -15
