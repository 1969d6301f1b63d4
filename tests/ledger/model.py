"""The ledger once more, in as little Python as will do: what the real one is compared with."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Held:
    """One account: whose, of what, how much, and how far down it may go."""

    owner: int
    asset: str
    expires_at: datetime | None
    floor: int
    balance: int = 0
    entries: list[int] = field(default_factory=list)

    def add(self, amount: int) -> None:
        self.balance += amount
        self.entries.append(amount)


@dataclass
class Waiting:
    """An amount on its way from an account to another or to the house."""

    debit: Held
    credit: Held | None
    amount: int


@dataclass
class LedgerModel:
    now: datetime
    accounts: list[Held] = field(default_factory=list)
    waiting: dict[int, Waiting] = field(default_factory=dict)

    def live(self) -> list[Held]:
        return [held for held in self.accounts if held.expires_at is None or held.expires_at > self.now]

    def move(self, moves: list[tuple[Held | None, Held | None, int]]) -> bool:
        """Moves in order, all or none; None is the house."""
        left = {id(held): held.balance for held in self.accounts}
        for debit, credit, amount in moves:
            if debit:
                left[id(debit)] -= amount
                if left[id(debit)] < debit.floor:
                    return False
            if credit:
                left[id(credit)] += amount
        for debit, credit, amount in moves:
            for side, signed in ((debit, -amount), (credit, amount)):
                if side:
                    side.add(signed)
        return True

    def pend(self, transfer: int, waiting: Waiting) -> None:
        waiting.debit.add(-waiting.amount)
        self.waiting[transfer] = waiting

    def resolve(self, transfer: int, *, post: bool) -> None:
        waiting = self.waiting.pop(transfer)
        if side := waiting.credit if post else waiting.debit:
            side.add(waiting.amount)

    def expire(self) -> None:
        for held in self.accounts:
            if held not in self.live() and held.balance > 0:
                held.add(-held.balance)

    def held_of(self, account: Held) -> int:
        return sum(waiting.amount for waiting in self.waiting.values() if waiting.debit is account)
