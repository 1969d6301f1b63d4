"""The simulator's routes as an application of their own, on a test's database, clock and rules."""

from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace

from litestar import Litestar, Request, Response, Router

from konter.platform.audit import SYSTEM
from konter.platform.clock import Clock
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.refusal import Refused
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, Rules
from konter.simulator.handsets import SIMULATOR_ROUTES

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
SELLER, CUSTOMER, STRANGER = Msisdn(6281212345678), Msisdn(6281398765432), Msisdn(6282155500011)


@cache
def shipped_rulebook() -> Rulebook:
    ruleset = read_ruleset("id-2014")
    return Rulebook(decide_load(Rulebook([], 1), ruleset, now=NOON, actor=SYSTEM), 1)


async def rules(_connection: Connection, moment: datetime) -> Rules:
    return shipped_rulebook().at(moment)


def ground_on(pool: Pool, ids: IdBlocks, clock: Clock) -> SimpleNamespace:
    return SimpleNamespace(pool=pool, ids=ids, clock=clock, rules=rules)


def site_on(ground: SimpleNamespace) -> Litestar:
    def refused(_request: Request, error: Refused) -> Response[dict[str, str]]:
        return Response({"code": error.refusal.code}, status_code=error.refusal.status)

    site = Litestar([Router("/simulator", route_handlers=SIMULATOR_ROUTES)], exception_handlers={Refused: refused})
    site.state.app = ground
    return site
