"""Accounts, transfers and entries as plain values, and the working set on which a command decides.

Amounts are whole units of the asset: rupiah, bytes, seconds, messages, days, points. No telecom word belongs here.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Literal, NewType

import msgspec

from konter.platform.ids import AccountId, OwnerId, TransferId, make_id

ASSETS = ("IDR", "BYTES", "SECONDS", "MESSAGES", "DAYS", "POINTS")

# House kinds have no account row: their entries stand in the cell of the owner they were booked with.
REVENUE = "revenue"  # what owners paid for what was delivered
ISSUED = "issued"  # value given out to owners; negative by nature
FUNDING = "funding"  # money that came in from outside for a wallet; negative by nature
IN_TRANSIT = "in_transit"  # taken from one owner, not yet given to another or back
EXPIRED = "expired"  # value that lapsed
WRITTEN_OFF = "written_off"  # what the house bears in an owner's place; negative by nature
REDEEMED = "redeemed"  # what owners gave for something that the books do not hold
HOUSE_KINDS = (REVENUE, ISSUED, FUNDING, IN_TRANSIT, EXPIRED, WRITTEN_OFF, REDEEMED)  # ids go by place: only ever add
_HOUSE_BASE = 1_000  # far below the first reserved block of sequence numbers

AccountKey = tuple[int, str, str, str, datetime | None]
Seq = NewType("Seq", int)


@cache  # kinds, assets and cells are few
def house_account(kind: str, asset: str, cell: int) -> AccountId:
    """The id of a house account in a cell; the same everywhere, without a row."""
    return AccountId(make_id(HOUSE_KINDS.index(kind) * _HOUSE_BASE + ASSETS.index(asset) + 1, cell))


class Account(msgspec.Struct):
    """A working copy of one account during a decision. `entry_seq` counts its entries."""

    id: AccountId
    cell: int
    owner_id: OwnerId
    kind: str
    source: str
    asset: str
    expires_at: datetime | None
    balance: int
    floor: int
    entry_seq: int

    @property
    def key(self) -> AccountKey:
        """What makes it this account and no other."""
        return (self.owner_id, self.kind, self.source, self.asset, self.expires_at)


class House(msgspec.Struct, frozen=True):
    """One side of a transfer that is the house's: revenue, issued, funding, in transit, expired."""

    kind: str


class Draft(msgspec.Struct, frozen=True):
    """A wanted transfer: `amount` > 0 of one asset. At least one side is an account; both sides are in its cell."""

    kind: str
    debit: Account | House
    credit: Account | House
    amount: int
    asset: str


class Shortfall(msgspec.Struct, frozen=True):
    """Why linked transfers were not made: this account would fall below its floor by `missing`."""

    account: Account
    missing: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became, at the receiver, of value that another cell holds in transit: once per transfer id, for ever.

    received: credited, `data` says what; refused: never will be, whatever comes later under this id, `data` says why.
    """

    transfer_id: TransferId
    cell: int
    owner_id: OwnerId
    outcome: Literal["received", "refused"]
    data: Any  # what JSON can tell

    TYPES: ClassVar = ("bigint", "int", "bigint", "text", "jsonb", "timestamptz")


class Pending(msgspec.Struct, frozen=True):
    """A transfer waiting in transit, as read back from the database."""

    id: TransferId
    cell: int
    kind: str
    debit_account: AccountId
    credit_account: AccountId
    debit_kind: str
    credit_kind: str
    asset: str
    amount: int


class Books:
    """The accounts that one batch has locked, and what the batch does to them. No I/O.

    `at` is the batch's moment; `seqs` gives sequence numbers reserved outside the batch.
    """

    def __init__(self, accounts: Iterable[Account], *, seqs: Iterator[int], at: datetime) -> None:
        self._by_key = {account.key: account for account in accounts}
        self._by_id = {account.id: account for account in self._by_key.values()}
        self._seqs = seqs
        self._at = at
        self._opened: dict[AccountId, Account] = {}
        self._touched: dict[AccountId, Account] = {}
        self._transfers: list[tuple[Any, ...]] = []
        self._entries: list[tuple[Any, ...]] = []
        self._resolved: list[tuple[Any, ...]] = []
        self._closed: list[AccountId] = []

    def find(
        self, owner_id: int, kind: str, asset: str, *, source: str = "", expires_at: datetime | None = None
    ) -> Account | None:
        """An account of the working set by what identifies it."""
        return self._by_key.get((owner_id, kind, source, asset, expires_at))

    def of_owner(self, owner_id: int, kind: str) -> list[Account]:
        """All accounts of one kind of an owner, soonest to expire first, those that never expire last."""
        mine = [account for account in self._by_key.values() if account.owner_id == owner_id and account.kind == kind]
        return sorted(
            mine, key=lambda account: (account.expires_at is None, account.expires_at or self._at, account.id)
        )

    def open(
        self,
        owner_id: OwnerId,
        cell: int,
        kind: str,
        asset: str,
        *,
        source: str = "",
        expires_at: datetime | None = None,
        floor: int = 0,
    ) -> Account:
        """The account with this identity, made new when the owner has none."""
        key = (owner_id, kind, source, asset, expires_at)
        if (known := self._by_key.get(key)) is not None:
            return known
        account = Account(
            AccountId(make_id(next(self._seqs), cell)), cell, owner_id, kind, source, asset, expires_at, 0, floor, 0
        )
        self._by_key[key] = self._by_id[account.id] = self._opened[account.id] = account
        return account

    def shortfall(self, drafts: Sequence[Draft]) -> Shortfall | None:
        """Whether these transfers together would bring an account below its floor, and by how much."""
        left: dict[AccountId, int] = {}
        for draft in drafts:
            if isinstance(draft.debit, Account):
                account = draft.debit
                left[account.id] = left.get(account.id, account.balance) - draft.amount
                if left[account.id] < account.floor:
                    return Shortfall(account, account.floor - left[account.id])
            if isinstance(draft.credit, Account):
                account = draft.credit
                left[account.id] = left.get(account.id, account.balance) + draft.amount
        return None

    def move(self, drafts: Sequence[Draft], *, reference_id: int, rule: str) -> list[TransferId] | Shortfall:
        """Post linked transfers, all or none, in order. The floors are checked as if they ran one after another."""
        if missing := self.shortfall(drafts):
            return missing
        made: list[TransferId] = []
        for draft in drafts:
            cell, debit, credit = self._sides(draft)
            id_ = TransferId(make_id(next(self._seqs), cell))
            made.append(id_)
            given = (draft.kind, debit, credit, draft.asset, draft.amount)
            self._transfers.append((id_, cell, *given, "posted", made[0], reference_id, rule, None))
            self._enter(id_, 0, cell, draft.debit, debit, draft.asset, -draft.amount)
            self._enter(id_, 1, cell, draft.credit, credit, draft.asset, draft.amount)
        return made

    def pend(self, draft: Draft, *, deadline: datetime, reference_id: int, rule: str) -> TransferId | Shortfall:
        """Take the amount into transit until it is posted or voided; the money leaves the debit side at once."""
        made = self.pend_linked([draft], deadline=deadline, reference_id=reference_id, rule=rule)
        return made if isinstance(made, Shortfall) else made[0]

    def pend_linked(
        self,
        drafts: Sequence[Draft],
        *,
        deadline: datetime,
        reference_id: int,
        rule: str,
        first_id: TransferId | None = None,
    ) -> list[TransferId] | Shortfall:
        """Take linked amounts of one cell into transit, all or none. `first_id`: the id of the first, where the caller
        made it beforehand so that it can be sent again.
        """
        if deadline <= self._at:
            raise ValueError("a pending transfer's deadline must lie ahead")
        if missing := self.shortfall(drafts):
            return missing
        made: list[TransferId] = []
        for draft in drafts:
            cell, debit, credit = self._sides(draft)
            id_ = first_id if first_id is not None and not made else TransferId(make_id(next(self._seqs), cell))
            made.append(id_)
            given = (draft.kind, debit, credit, draft.asset, draft.amount)
            self._transfers.append((id_, cell, *given, "pending", made[0], reference_id, rule, deadline))
            self._enter(id_, 0, cell, draft.debit, debit, draft.asset, -draft.amount)
            transit = house_account(IN_TRANSIT, draft.asset, cell)
            self._enter(id_, 1, cell, House(IN_TRANSIT), transit, draft.asset, draft.amount)
        return made

    def resolve(self, pending: Pending, *, post: bool) -> None:
        """End a pending transfer: to its credit side (post) or back to its debit side (void)."""
        transit = house_account(IN_TRANSIT, pending.asset, pending.cell)
        self._enter(pending.id, 2, pending.cell, House(IN_TRANSIT), transit, pending.asset, -pending.amount)
        to = pending.credit_account if post else pending.debit_account
        kind = pending.credit_kind if post else pending.debit_kind
        side = House(kind) if kind in HOUSE_KINDS else self._by_id[to]
        self._enter(pending.id, 3, pending.cell, side, to, pending.asset, pending.amount)
        self._resolved.append((pending.id, pending.cell, "posted" if post else "voided"))

    def close(self, account: Account) -> None:
        """Close an emptied account; it is kept, but no longer read by commands."""
        assert account.balance == 0, "only an empty account may be closed"
        self._closed.append(account.id)
        self._touched.setdefault(account.id, account)

    def _sides(self, draft: Draft) -> tuple[int, AccountId, AccountId]:
        """Cell and account ids of both sides. A transfer never crosses cells; between owners it goes in two steps."""
        owned = draft.debit if isinstance(draft.debit, Account) else draft.credit
        assert isinstance(owned, Account), "one side of a transfer belongs to an owner"
        assert draft.amount > 0, "a transfer moves a positive amount"
        sides = []
        for side in (draft.debit, draft.credit):
            if isinstance(side, Account):
                assert (side.cell, side.asset) == (owned.cell, draft.asset), "one cell, one asset"
                sides.append(side.id)
            else:
                sides.append(house_account(side.kind, draft.asset, owned.cell))
        return owned.cell, sides[0], sides[1]

    def _enter(
        self,
        transfer: TransferId,
        leg: int,
        cell: int,
        side: Account | House,
        account_id: AccountId,
        asset: str,
        amount: int,
    ) -> None:
        if isinstance(side, House):
            self._entries.append((transfer, leg, cell, account_id, side.kind, asset, amount, None, None))
            return
        side.balance += amount
        side.entry_seq += 1
        self._touched[side.id] = side
        self._entries.append((transfer, leg, cell, account_id, side.kind, asset, amount, side.entry_seq, side.balance))

    def changes(self) -> "Changes":
        """Everything the batch did, ready to be written in one statement."""
        return Changes(
            at=self._at,
            opened=[
                (a.id, a.cell, a.owner_id, a.kind, a.source, a.asset, a.expires_at, a.balance, a.floor, a.entry_seq)
                for a in self._opened.values()
            ],
            updated=[
                (a.id, a.cell, a.balance, a.entry_seq, a.id in self._closed)
                for a in self._touched.values()
                if a.id not in self._opened
            ],
            transfers=self._transfers,
            entries=self._entries,
            resolved=self._resolved,
        )


class Changes(msgspec.Struct, frozen=True):
    """Rows to write, in the order of the columns of `queries.CHANGES`."""

    at: datetime
    opened: list[tuple[Any, ...]]
    updated: list[tuple[Any, ...]]
    transfers: list[tuple[Any, ...]]
    entries: list[tuple[Any, ...]]
    resolved: list[tuple[Any, ...]]
