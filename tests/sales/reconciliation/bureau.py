"""A day of sales, the network's file of it, and two members of staff who put right what does not fit."""

from collections.abc import Sequence
from datetime import UTC, date, timedelta

from tests.sales.checking.desk import Desk, Fickle
from tests.shop import Shop

from konter.catalogue.read import read_catalogue
from konter.channel.scope import EVERYWHERE
from konter.platform.audit import SYSTEM, Actor
from konter.platform.clock import business_day, day_start
from konter.platform.ids import SaleId
from konter.platform.refusal import Refusal
from konter.rules.load import read_rulebook
from konter.sales.adjustment.adjust import ask_adjustment, decide_adjustment
from konter.sales.history.read import SaleStory
from konter.sales.model import Sale
from konter.sales.reconciliation.items import item_story, list_items, solve_item, take_item
from konter.sales.reconciliation.model import HEADER, WorkItem
from konter.sales.reconciliation.reconcile import Report, reconcile

RANI, BUDI = (Actor("staff", n) for n in (11, 12))
Cells = tuple[object, ...]


def line(sale: Sale, **changed) -> Cells:
    """What the network says of a sale: done as ordered, unless told otherwise."""
    said = {
        "transfer_id": sale.transfer_id,
        "msisdn": sale.msisdn,
        "product": sale.product,
        "nominal_rp": sale.nominal_rp,
        "state": "done",
        "at": sale.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    return tuple({**said, **changed}.values())


def file(lines: Sequence[Cells]) -> bytes:
    """A whole file."""
    done_rp = sum(int(str(each[3])) for each in lines if each[4] == "done" and str(each[3]).isdigit())
    rows = [HEADER, *lines, ("end", len(lines), done_rp)]
    return "".join(",".join(map(str, row)) + "\n" for row in rows).encode()


class Bureau:
    """The desk where sales are made, and the one where they are compared on the next morning."""

    def __init__(self, shop: Shop) -> None:
        self.desk, self.stage, self.shop = Desk(shop, Fickle()), shop.stage, shop
        self.day = business_day(self.stage.now)

    async def sold(self, **changed) -> Sale:
        """A sale that was done."""
        sale = (await self.shop.sell(**changed)).sale
        assert sale is not None
        return sale

    async def refunded(self, *, delivered: bool = False) -> Sale:
        """A sale whose network was silent until the deadline; `delivered`: it had done it all the same."""
        self.desk.network.mood = "mute" if delivered else "away"
        sale = await self.desk.left_open()
        assert sale.deadline is not None
        self.stage.clock.advance(sale.deadline - self.stage.now)
        await self.desk.worker.look()
        self.desk.network.mood = "willing"
        sale = await self.desk.now_is(sale)
        assert sale.status == "refunded"
        return sale

    def next_morning(self, day: date | None = None) -> None:
        """Quarter past four of the day after, unless it is later already."""
        morning = day_start((day or self.day) + timedelta(days=1)) + timedelta(hours=4, minutes=15)
        self.stage.clock.advance(max(morning - self.stage.now, timedelta()))

    async def compare(self, raw: bytes | None = None, *, day: date | None = None) -> Report:
        """The run of a day on its next morning."""
        self.next_morning(day)
        async with self.stage.pool.acquire() as connection:
            report = await reconcile(
                connection,
                day or self.day,
                raw=raw,
                now=self.stage.now,
                rules=self.stage.rules,
                ids=self.stage.ids,
                actor=SYSTEM,
            )
        assert isinstance(report, Report), report
        return report

    async def items(self, state: str = "open") -> list[WorkItem]:
        async with self.stage.pool.acquire() as connection:
            return await list_items(connection, scope=EVERYWHERE, state=state)

    async def kinds(self, state: str = "open") -> list[str]:
        return sorted(item.kind.value for item in await self.items(state))

    async def the_item(self) -> WorkItem:
        (item,) = await self.items()
        return item

    async def story(self, item: WorkItem):
        async with self.stage.pool.acquire() as connection:
            return await item_story(connection, item.id, actor=RANI, now=self.stage.now, ids=self.stage.ids)

    async def take(self, item: WorkItem, *, by: Actor = RANI, over: bool = False) -> WorkItem | Refusal:
        async with self.stage.pool.acquire() as connection:
            return await take_item(connection, item.id, over=over, actor=by, now=self.stage.now, ids=self.stage.ids)

    async def solve(self, item: WorkItem, why: str = "sudah dicek", *, by: Actor = RANI) -> WorkItem | Refusal:
        async with self.stage.pool.acquire() as connection:
            return await solve_item(connection, item.id, why=why, actor=by, now=self.stage.now, ids=self.stage.ids)

    async def ask(self, sale: Sale, payer: str = "outlet", *, by: Actor = RANI):
        async with self.stage.pool.acquire() as connection:
            return await ask_adjustment(
                connection,
                SaleId(sale.id),
                payer=payer,
                reason="terbukti terkirim",
                actor=by,
                clock=self.stage.clock,
                ids=self.stage.ids,
            )

    async def decide(self, adjustment_id, *, by: Actor = BUDI, approve: bool = True) -> SaleStory | Refusal:
        async with self.stage.pool.acquire() as connection:
            return await decide_adjustment(
                connection,
                adjustment_id,
                approve=approve,
                actor=by,
                clock=self.stage.clock,
                ids=self.stage.ids,
                rulebook=await read_rulebook(connection),
                catalogue=await read_catalogue(connection),
            )

    async def sql(self, statement: str, *values: object) -> None:
        """Break the books on purpose; a test puts them right again, or the proof after it fails."""
        async with self.stage.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL ROLE NONE")
            await connection.execute(statement, *values)
