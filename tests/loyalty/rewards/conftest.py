"""A customer with points, and rewards of every kind on offer."""

import csv
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
from tests.access.people import Stage
from tests.shop import own_stage, stock
from tests.stage import passwords, stage

from konter.ledger.model import Books
from konter.ledger.queries import lock_owners, read_accounts
from konter.ledger.write import write_changes
from konter.loyalty.points.model import grant_drafts, spendable, take_back_drafts
from konter.loyalty.rewards.catalogue.importing import ImportedRewards, import_rewards
from konter.loyalty.rewards.codes.importing import ImportedCodes, import_codes
from konter.loyalty.rewards.merchants.burn import burn_codes
from konter.loyalty.rewards.merchants.model import BurnOutcome, BurnRequest
from konter.loyalty.rewards.redemption.model import RedeemOutcome, RedeemRequest
from konter.loyalty.rewards.redemption.redeem import redeem
from konter.loyalty.vintages import expires_at
from konter.platform.audit import SYSTEM
from konter.platform.ids import SubscriptionId
from konter.platform.refusal import Refusal
from konter.sales.references import References
from konter.subscriber.model import Subscription
from konter.subscriber.view import find_subscription

__all__ = ["own_stage", "passwords", "stage"]

DEMO = Path(str(resources.files("konter.simulator") / "data" / "rewards.csv"))
_names = itertools.count(1)


def sheet(folder: Path, columns: str, *rows: dict[str, object]) -> Path:
    """A CSV file with these columns and rows."""
    file = folder / f"file{next(_names)}.csv"
    with file.open("w", newline="", encoding="utf-8") as written:
        writer = csv.DictWriter(written, columns.split(), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return file


REWARD_COLUMNS = (
    "row code name kind name_id name_en sort points valid_from last_day source quantity days provider item merchant"
    " stock quota quota_per brands kinds tier terms_id terms_en"
)
WORDS = {"name_id": "Hadiah", "name_en": "Reward", "terms_id": "Sekali pakai.", "terms_en": "Used once."}


@dataclass
class Counter:
    """Where points become rewards. Every reward, code and customer is fresh unless told otherwise."""

    stage: Stage
    folder: Path
    references: References = field(default_factory=References)

    async def import_rows(self, *rows: dict[str, object]) -> ImportedRewards | Refusal:
        return await self.import_file(sheet(self.folder, REWARD_COLUMNS, *rows))

    async def import_file(self, file: Path) -> ImportedRewards | Refusal:
        async with self.stage.pool.acquire() as connection:
            return await import_rewards(
                connection,
                file,
                clock=self.stage.clock,
                actor=SYSTEM,
                ids=self.stage.ids,
                rules=self.stage.rules,
            )

    async def reward(self, **changed: object) -> str:
        """A telco reward of 20 points that gives 100 MB for a day."""
        code = f"HADIAH{next(_names)}"
        row = {"row": "reward", "code": code, "kind": "telco", "points": 20, "valid_from": "2014-03-01", **WORDS}
        if changed.get("kind", "telco") == "telco":
            row |= {"source": "data", "quantity": "100 MB", "days": 1}
        report = await self.import_rows({**row, **changed})
        assert isinstance(report, ImportedRewards), [fault.sentence("en") for fault in report.data["faults"]]
        return str(changed.get("code", code))

    async def merchant(self) -> str:
        code = f"TOKO{next(_names)}"
        await self.import_rows({"row": "merchant", "code": code, "name": "Toko Melati"})
        return code

    async def vouchers(self, count: int, *, merchant: str | None = None, **changed: object) -> str:
        """A merchant's reward of 12 points with so many codes."""
        fields = {"kind": "merchant", "points": 12, "merchant": merchant or await self.merchant(), **changed}
        reward = await self.reward(**fields)
        report = await self.codes(reward, self.new_codes(count))
        assert isinstance(report, ImportedCodes), report
        return reward

    def new_codes(self, count: int) -> list[str]:
        return [f"{uuid.uuid4().hex[:12].upper()}" for _ in range(count)]

    async def codes(self, reward: str, codes: Sequence[str], **columns: str) -> ImportedCodes | Refusal:
        rows = [{"code": code, **columns} for code in codes]
        return await self.take_codes(reward, sheet(self.folder, " ".join(["code", *columns]), *rows))

    async def take_codes(self, reward: str, file: Path) -> ImportedCodes | Refusal:
        async with self.stage.pool.acquire() as connection:
            return await import_codes(
                connection,
                file,
                reward,
                clock=self.stage.clock,
                actor=SYSTEM,
                ids=self.stage.ids,
                keys=self.stage.keys,
            )

    async def customer(self, points: int = 100, **others: int) -> Subscription:
        """A number with points of this year, and of others: `y2025=10`."""
        msisdn = await self.stage.number()
        async with self.stage.pool.acquire() as connection:
            found = await find_subscription(connection, msisdn)
        assert found is not None
        if points:
            await self.grant(found, points, self.stage.now.year)
        for year, more in others.items():
            await self.grant(found, more, int(year.removeprefix("y")))
        return found

    async def grant(self, customer: Subscription, points: int, year: int) -> None:
        """Points of a vintage; below zero they are taken back."""
        end = expires_at(year, self.stage.rules.poin)
        now = self.stage.now
        async with self.stage.pool.acquire() as connection:
            own = await self.stage.ids.reserve(connection, 16)
            async with connection.transaction():
                await lock_owners(connection, owners=[customer.id])
                books = Books(await read_accounts(connection, owners=[customer.id], at=now), seqs=own.take(16), at=now)
                if points > 0:
                    drafts = grant_drafts(books, customer.id, points, expires_at=end)
                else:
                    drafts = take_back_drafts(books, customer.id, -points, expires_at=end, now=now)
                books.move(drafts, reference_id=customer.id, rule="test")
                await write_changes(connection, books.changes())

    async def points(self, customer: Subscription) -> tuple[int, dict[datetime, int]]:
        """The balance, and what each living vintage holds by its end."""
        now = self.stage.now
        async with self.stage.pool.acquire() as connection:
            accounts = await read_accounts(connection, owners=[customer.id], at=now)
        found = spendable(Books(accounts, seqs=iter(()), at=now), customer.id, now=now)
        return found.points, {each.expires_at: each.balance for each in found.vintages if each.expires_at}

    def request(self, customer: Subscription, reward: str, **changed: object) -> RedeemRequest:
        fields = {
            "subscription_id": SubscriptionId(customer.id),
            "client_ref": uuid.uuid4(),
            "reward": reward,
            "channel": "web",
            "actor": SYSTEM,
        }
        return RedeemRequest(**{**fields, **changed})

    async def redeem_all(self, *requests: RedeemRequest) -> list[RedeemOutcome]:
        async with self.stage.pool.acquire() as connection:
            return await redeem(
                connection,
                requests,
                clock=self.stage.clock,
                ids=self.stage.ids,
                keys=self.stage.keys,
                references=self.references,
            )

    async def redeem(self, customer: Subscription, reward: str, **changed: object) -> RedeemOutcome:
        (outcome,) = await self.redeem_all(self.request(customer, reward, **changed))
        return outcome

    async def code_of(self, customer: Subscription, reward: str) -> str:
        """A code that a customer gets, as the text shows it."""
        outcome = await self.redeem(customer, reward)
        assert outcome.redemption is not None, outcome.refusal
        template = "reward_code_until" if outcome.redemption.delivery.expires_at else "reward_code"
        return (await self.stage.texts(customer.msisdn, template))[-1]["voucher"]

    def burning(self, merchant: str, code: str, **changed: object) -> BurnRequest:
        fields = {"merchant": merchant, "code": code, "client_ref": uuid.uuid4(), "channel": "web", "actor": SYSTEM}
        return BurnRequest(**{**fields, **changed})

    async def burn(self, *requests: BurnRequest) -> list[BurnOutcome]:
        async with self.stage.pool.acquire() as connection:
            return await burn_codes(
                connection, requests, clock=self.stage.clock, ids=self.stage.ids, keys=self.stage.keys
            )


@pytest.fixture
async def counter(stage: Stage, tmp_path: Path) -> Counter:
    await stock(stage)
    return Counter(stage, tmp_path)


@pytest.fixture
async def own_counter(own_stage: Stage, tmp_path: Path) -> Counter:
    """On a database of the test's own, whose clock it may move."""
    return Counter(own_stage, tmp_path)


DAY = timedelta(days=1)
