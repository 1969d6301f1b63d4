"""Points as accounts of a subscription: one per vintage, and a debt for what was taken back beyond them. Pure.

A debt below zero means that no vintage holds anything: grants repay it first, and what is taken back leaves a debt only
when every vintage is empty.
"""

from datetime import datetime

import msgspec

from konter.ledger.model import ISSUED, Account, Books, Draft, House
from konter.platform.ids import OwnerId, cell_of_id

POINTS = "points"  # account kind: a vintage, with its end
DEBT = "points_debt"  # account kind: without end, and below zero or empty
ASSET = "POINTS"
DEBT_FLOOR = -(1 << 53)
GRANT, TAKE_BACK, REDEMPTION = "points_grant", "points_take_back", "redemption"  # kinds of transfers


class Spendable(msgspec.Struct, frozen=True):
    """What may be redeemed at a moment: vintages that hold something, the soonest to end first. [P-18, P-20]"""

    vintages: tuple[Account, ...]
    debt: int

    @property
    def points(self) -> int:
        """The balance that people are told; below zero after a reversal of what was spent. [G-P19]"""
        return sum(each.balance for each in self.vintages) - self.debt


def spendable(books: Books, owner_id: int, *, now: datetime) -> Spendable:
    """The vintages of a subscription that are valid at the moment; `expires_at` is the first that is too late."""
    live = [each for each in books.of_owner(owner_id, POINTS) if each.expires_at is None or each.expires_at > now]
    debt = books.find(owner_id, DEBT, ASSET)
    return Spendable(tuple(each for each in live if each.balance > 0), -debt.balance if debt is not None else 0)


def spend_drafts(found: Spendable, points: int, *, kind: str, to: House) -> list[Draft] | None:
    """Transfers that take so many points, the soonest to end first; None where there are not enough. [P-20]"""
    if points > found.points:
        return None
    return _from(found.vintages, points, kind=kind, to=to)


def grant_drafts(books: Books, owner_id: int, points: int, *, expires_at: datetime) -> list[Draft]:
    """Transfers that grant points of a vintage: a debt is repaid first, the rest is the customer's. [G-P19]"""
    drafts = []
    debt = books.find(owner_id, DEBT, ASSET)
    repaid = min(points, -debt.balance) if debt is not None else 0
    if debt is not None and repaid:
        drafts.append(Draft(GRANT, House(ISSUED), debt, repaid, ASSET))
    if points > repaid:
        vintage = books.open(OwnerId(owner_id), cell_of_id(owner_id), POINTS, ASSET, expires_at=expires_at)
        drafts.append(Draft(GRANT, House(ISSUED), vintage, points - repaid, ASSET))
    return drafts


def take_back_drafts(books: Books, owner_id: int, points: int, *, expires_at: datetime, now: datetime) -> list[Draft]:
    """Transfers that take granted points back: from the vintage that earned them, then the soonest to end, and what is
    left from the debt. [G-P19]
    """
    vintages = sorted(spendable(books, owner_id, now=now).vintages, key=lambda each: each.expires_at != expires_at)
    drafts = _from(vintages, points, kind=TAKE_BACK, to=House(ISSUED))
    left = points - sum(draft.amount for draft in drafts)
    if left:
        debt = books.open(OwnerId(owner_id), cell_of_id(owner_id), DEBT, ASSET, floor=DEBT_FLOOR)
        drafts.append(Draft(TAKE_BACK, debt, House(ISSUED), left, ASSET))
    return drafts


def _from(vintages: tuple[Account, ...] | list[Account], points: int, *, kind: str, to: House) -> list[Draft]:
    drafts, left = [], points
    for vintage in vintages:
        part = min(left, vintage.balance)
        if part:
            drafts.append(Draft(kind, vintage, to, part, ASSET))
        left -= part
    return drafts
