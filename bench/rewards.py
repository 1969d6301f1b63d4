"""`python -m bench.rewards`: the last ten of a reward for 200 clients at once, redemptions a second, a file of codes.

Clients are concurrent tasks that go through the lane of one process, as a server's requests do. The
ten are counted in the table, not in the answers. [P-23, P-29]
"""

import argparse
import asyncio
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bench.bed import remove
from bench.machine import machine
from konter.app import App, open_app
from konter.furnish import furnish
from konter.ledger.model import Books
from konter.ledger.read import lock_owners
from konter.ledger.write import write_changes
from konter.loyalty.points.model import grant_drafts
from konter.loyalty.rewards.catalogue.importing import import_rewards
from konter.loyalty.rewards.codes.importing import ImportedCodes, take_codes
from konter.loyalty.rewards.redemption.model import RedeemOutcome, RedeemRequest
from konter.loyalty.vintages import expires_at, vintage_of
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings, load_settings, with_local_secrets
from konter.platform.db import claim_instance
from konter.platform.embedded import start_embedded
from konter.platform.ids import Msisdn, SubscriptionId
from konter.platform.migrate import migrate
from konter.platform.refusal import Refusal
from konter.subscriber.open import NewSubscription, open_subscriptions

ROOT = Path(__file__).parent.parent
CLIENTS = 200
LAST = 10
REDEMPTIONS = 20_000
CODES = 100_000
POINTS = 1_000_000
SEQS_EACH = 4
FIRST_NUMBER = 628129000000
SHEET = """\
row,code,kind,name,name_id,name_en,points,valid_from,source,quantity,days,merchant,stock,terms_id,terms_en
merchant,KOPISENJA,,Kopi Senja,,,,,,,,,,,
reward,LAST,telco,,Data,Data,20,2014-03-01,data,100 MB,1,,{last},-,-
reward,PLENTY,telco,,Data,Data,20,2014-03-01,data,100 MB,1,,,-,-
reward,COUNTED,telco,,Data,Data,20,2014-03-01,data,100 MB,1,,1000000,-,-
reward,KOPI,merchant,,Kopi,Coffee,12,2014-03-01,,,30,KOPISENJA,,-,-
"""


def main() -> None:
    """Seed, measure, print; exit code 1 where it was not exactly ten."""
    parser = argparse.ArgumentParser(prog="python -m bench.rewards", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / ".konter" / "bench-rewards", help="filled and removed")
    folder = parser.parse_args().data.resolve()
    remove(folder)
    try:
        settings = with_local_secrets(load_settings(data=folder, mode="test", log_level="error", database_url=""))
        with start_embedded(folder / "pg") as server:
            print(machine(folder))
            asyncio.run(migrate(server.url))
            exact = asyncio.run(_measure(settings, server.url, folder))
    finally:
        remove(folder)
    sys.exit(not exact)


async def _measure(settings: Settings, url: str, folder: Path) -> bool:
    async with open_app(settings, url) as app:
        customers = await _seed(app, folder)
        exact = await _last_ten(app, customers)
        for reward, about in (("PLENTY", "without a limit"), ("COUNTED", "of a counted stock")):
            await _throughput(app, customers, reward, about)
        await _codes(app)
        await _throughput(app, customers, "KOPI", "of vouchers")
    return exact


async def _seed(app: App, folder: Path) -> list[SubscriptionId]:
    """Rules, rewards and 200 customers with points enough."""
    now = app.clock.now()
    sheet = folder / "rewards.csv"
    sheet.write_text(SHEET.format(last=LAST), "utf-8")
    async with app.pool.acquire() as connection:
        await claim_instance(connection, mode="test", at=now)
        await furnish(connection, now=now - timedelta(days=1), ids=app.ids)
        rules = await app.rules(connection, now)
        done = await import_rewards(connection, sheet, clock=app.clock, actor=SYSTEM, ids=app.ids, rules=rules)
        assert not isinstance(done, Refusal), done
        new = [
            NewSubscription(msisdn=Msisdn(FIRST_NUMBER + n), brand="nusa", active_until=now + timedelta(days=300))
            for n in range(CLIENTS)
        ]
        customers = await open_subscriptions(connection, new, now=now, ids=app.ids)
        own = await app.ids.reserve(connection, SEQS_EACH * CLIENTS)
        async with connection.transaction():
            await lock_owners(connection, owners=sorted(customers))
            books = Books([], seqs=own.take(SEQS_EACH * CLIENTS), at=now)
            end = expires_at(vintage_of(now, rules.poin), rules.poin)
            for customer in customers:
                drafts = grant_drafts(books, customer, POINTS, expires_at=end)
                books.move(drafts, reference_id=customer, rule="bench")
            await write_changes(connection, books.changes())
    return customers


def _request(customer: SubscriptionId, reward: str) -> RedeemRequest:
    return RedeemRequest(subscription_id=customer, client_ref=uuid.uuid4(), reward=reward, channel="app", actor=SYSTEM)


async def _last_ten(app: App, customers: Sequence[SubscriptionId]) -> bool:
    started = time.perf_counter()
    outcomes = await asyncio.gather(*[app.redeeming.redeem(_request(each, "LAST")) for each in customers])
    took_ms = (time.perf_counter() - started) * 1000
    async with app.pool.acquire() as connection:
        given = await connection.fetchval("SELECT count(*) FROM redemption WHERE reward = 'LAST'")
    print(f"the last {LAST} for {CLIENTS} clients at once: {given} given in {took_ms:.0f} ms; {_codes_of(outcomes)}")
    return bool(given == LAST)


def _codes_of(outcomes: Sequence[RedeemOutcome]) -> str:
    return ", ".join(f"{count} {code}" for code, count in sorted(Counter(each.code for each in outcomes).items()))


async def _throughput(app: App, customers: Sequence[SubscriptionId], reward: str, about: str) -> None:
    """Each client redeems again and again, one after the other."""

    async def client(customer: SubscriptionId) -> None:
        for _ in range(REDEMPTIONS // CLIENTS):
            outcome = await app.redeeming.redeem(_request(customer, reward))
            assert outcome.code == "new", outcome.refusal

    started = time.perf_counter()
    await asyncio.gather(*[client(each) for each in customers])
    took_s = time.perf_counter() - started
    print(f"{REDEMPTIONS:,} redemptions {about}, {CLIENTS} clients: {REDEMPTIONS / took_s:,.0f}/s")


async def _codes(app: App) -> None:
    raw = "\n".join(["code", *(f"V{n:09d}" for n in range(CODES))]).encode()
    async with app.pool.acquire() as connection:
        for about in ("imported", "the same file again"):
            started = time.perf_counter()
            done = await take_codes(
                connection,
                raw,
                "codes.csv",
                "KOPI",
                clock=app.clock,
                actor=SYSTEM,
                ids=app.ids,
                keys=app.keys,
            )
            assert isinstance(done, ImportedCodes), done
            print(f"{CODES:,} codes {about}: {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
