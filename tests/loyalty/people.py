"""Customers for tests of the programme: numbers with recharges, bills and reversals, straight into the ledger."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
from tests.loyalty.shipped import LOADED

from konter.ledger.model import ISSUED, REVENUE, Books, Draft, House, Shortfall
from konter.ledger.read import lock_owners, read_accounts
from konter.ledger.write import write_changes
from konter.loyalty.bills.model import NewBill, Recorded
from konter.loyalty.bills.record import record_issued_bills
from konter.loyalty.earning.accrue import accrue_bills, accrue_recharges
from konter.loyalty.points.model import spend_drafts, spendable
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks, Msisdn, SubscriptionId, make_id
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, RuleRow
from konter.rules.ruleset import Ruleset
from konter.subscriber.model import MAIN, MAIN_ASSET
from konter.subscriber.open import NewSubscription, open_subscriptions

_numbers = itertools.count(6281200700000)
_references = itertools.count(1 << 40)


def shipped_rulebook(*names: str, since: datetime = datetime(2000, 1, 1, tzinfo=UTC)) -> Rulebook:
    """The rules of a shipped programme, with a later one's from another moment on."""
    rows: list[RuleRow] = []
    for place, name in enumerate(names):
        ruleset = read_ruleset(name)
        assert isinstance(ruleset, Ruleset), ruleset
        made = decide_load(Rulebook([], 1), ruleset, now=LOADED, actor=SYSTEM)
        loaded = [row for row in made if isinstance(row, RuleRow)]
        rows += [msgspec.structs.replace(row, valid_from=since) for row in loaded] if place else loaded
    return Rulebook(rows, 1)


def with_value(rulebook: Rulebook, key: str, value: object) -> Rulebook:
    """The same rules with another value of one key, as if they had always been so."""
    rows = [msgspec.structs.replace(row, value=value) if row.key == key else row for row in rulebook.rows]
    assert any(row.key == key for row in rows), key
    return Rulebook(rows, 1)


class People:
    """Makes customers and moves their money; every method is one transaction, as a command's would be."""

    def __init__(self, db: Pool, ids: IdBlocks, rulebook: Rulebook | None = None) -> None:
        self.db = db
        self.ids = ids
        self.rulebook = rulebook or shipped_rulebook("id-2014")

    async def open(self, *, brand: str = "nusa", kind: str = "prepaid", at: datetime, count: int = 1) -> list[int]:
        """Numbers of a brand; their subscriptions' ids."""
        new = [
            NewSubscription(
                msisdn=Msisdn(next(_numbers)), active_until=at + timedelta(days=3650), brand=brand, kind=kind
            )
            for _ in range(count)
        ]
        self.msisdns = [each.msisdn for each in new]
        async with self.db.acquire() as connection:
            return await open_subscriptions(connection, new, now=at, ids=self.ids)

    async def recharge(self, subscription: int, amount_rp: int, *, at: datetime, kind: str = "recharge") -> int:
        """A recharge as a sale books it; its reference."""
        reference = make_id(next(_references), subscription & 255)
        await self._move(subscription, amount_rp, kind=kind, reference=reference, at=at)
        return reference

    async def reverse(self, subscription: int, reference: int, amount_rp: int, *, at: datetime) -> None:
        """Take a recharge back, as staff do."""
        await self._move(subscription, -amount_rp, kind="reversal", reference=reference, at=at)

    async def spend(self, subscription: int, points: int, *, at: datetime) -> bool:
        """Redeem points for nothing in particular; whether there were enough."""
        async with self.db.acquire() as connection:
            await self.ids.ensure(connection, 4)
            async with connection.transaction():
                await lock_owners(connection, owners=[subscription])
                accounts = await read_accounts(connection, owners=[subscription], at=at)
                books = Books(accounts, seqs=self.ids.take(4), at=at)
                found = spendable(books, subscription, now=at)
                drafts = spend_drafts(found, points, kind="redemption", to=House(REVENUE))
                if not drafts:
                    return False
                books.move(drafts, reference_id=subscription, rule="test")
                await write_changes(connection, books.changes())
        return True

    async def _move(self, subscription: int, amount_rp: int, *, kind: str, reference: int, at: datetime) -> None:
        async with self.db.acquire() as connection:
            await self.ids.ensure(connection, 2)
            async with connection.transaction():
                await lock_owners(connection, owners=[subscription])
                accounts = await read_accounts(connection, owners=[subscription], at=at)
                books = Books(accounts, seqs=self.ids.take(2), at=at)
                main = books.find(subscription, MAIN, MAIN_ASSET)
                assert main is not None
                sides = (House(ISSUED), main) if amount_rp > 0 else (main, House(ISSUED))
                made = books.move(
                    [Draft(kind, *sides, abs(amount_rp), MAIN_ASSET)], reference_id=reference, rule="test"
                )
                assert not isinstance(made, Shortfall)
                await write_changes(connection, books.changes())

    async def bill(self, msisdn: int, number: str, total_rp: int, **said) -> Recorded:
        """A bill of the cycle that ends on the 4th of November 2026."""
        told = {
            "period_begin": date(2026, 10, 5),
            "period_end": date(2026, 11, 4),
            "tax_rp": total_rp * 11 // 111,
            "issued_at": datetime(2026, 11, 5, 2, tzinfo=WIB),
            "now": datetime(2026, 11, 5, 3, tzinfo=WIB),
        } | said
        now = told.pop("now")
        bill = NewBill(msisdn=Msisdn(msisdn), number=number, total_rp=total_rp, **told)
        async with self.db.acquire() as connection:
            rules = self.rulebook.at(now)
            (outcome,) = await record_issued_bills(connection, [bill], actor=SYSTEM, now=now, ids=self.ids, rules=rules)
        assert isinstance(outcome, Recorded), outcome
        return outcome

    async def accrue(self, now: datetime, **given) -> int:
        """Run what grants points; how many grants came of it."""
        made = await accrue_recharges(self.db, now=now, rulebook=self.rulebook, ids=self.ids, **given)
        async with self.db.acquire() as connection:
            return made + await accrue_bills(connection, now=now, rulebook=self.rulebook, ids=self.ids)

    async def points(self, subscription: int, *, at: datetime) -> int:
        """The balance that the customer is told."""
        async with self.db.acquire() as connection:
            accounts = await read_accounts(connection, owners=[subscription], at=at)
        return spendable(Books(accounts, seqs=iter(()), at=at), subscription, now=at).points

    async def vintages(self, subscription: int, *, at: datetime) -> dict[int, int]:
        """Points by the year in which they were collected."""
        async with self.db.acquire() as connection:
            accounts = await read_accounts(connection, owners=[subscription], at=at)
        found = spendable(Books(accounts, seqs=iter(()), at=at), subscription, now=at)
        return {each.expires_at.astimezone(WIB).year - 1: each.balance for each in found.vintages if each.expires_at}

    async def fetch(self, sql: str, *parameters: object) -> Sequence:
        """Look into the tables."""
        return await self.db.fetch(sql, *parameters)


def subscription_of(ids: Sequence[int]) -> SubscriptionId:
    """The only one."""
    (one,) = ids
    return SubscriptionId(one)
