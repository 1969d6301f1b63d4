"""The simulator's routes as an application of their own, on a test's database, clock and rules."""

from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace

from litestar import Litestar, Request, Response, Router

from konter.messaging.served import Served
from konter.platform.audit import SYSTEM
from konter.platform.clock import Clock
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks, Msisdn, SubscriptionId
from konter.platform.refusal import Refused
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, Rules
from konter.simulator.handsets import SIMULATOR_ROUTES
from konter.simulator.network.routes import SIMULATED_NETWORK_ROUTES
from konter.subscriber.model import BucketView, State, SubscriberView

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
NOBODY = Served()
SELLER, CUSTOMER, STRANGER = Msisdn(6281212345678), Msisdn(6281398765432), Msisdn(6282155500011)


@cache
def shipped_rulebook() -> Rulebook:
    ruleset = read_ruleset("id-2014")
    return Rulebook(decide_load(Rulebook([], 1), ruleset, now=NOON, actor=SYSTEM), 1)


async def rules(_connection: Connection, moment: datetime) -> Rules:
    return shipped_rulebook().at(moment)


def rich_in(*sources: str) -> SubscriberView:
    """A customer with one gigabyte from each source, each ending a day after the one before."""
    return SubscriberView(
        id=SubscriptionId(7),
        msisdn=CUSTOMER,
        brand="nusa",
        kind="prepaid",
        state=State.ACTIVE,
        locale="id",
        active_until=NOON + timedelta(days=30),
        grace_until=NOON + timedelta(days=60),
        balance_rp=0,
        buckets=[
            BucketView(source=source, asset="BYTES", balance=1 << 30, expires_at=NOON + timedelta(days=place))
            for place, source in enumerate(sources)
        ],
    )


def ground_on(pool: Pool, ids: IdBlocks, clock: Clock, served: Served = NOBODY) -> SimpleNamespace:
    return SimpleNamespace(pool=pool, ids=ids, clock=clock, rules=rules, served=lambda _rules: served)


def site_on(ground: SimpleNamespace) -> Litestar:
    def refused(_request: Request, error: Refused) -> Response[dict[str, str]]:
        return Response({"code": error.refusal.code}, status_code=error.refusal.status)

    routes = Router("/simulator", route_handlers=[*SIMULATOR_ROUTES, *SIMULATED_NETWORK_ROUTES])
    site = Litestar([routes], exception_handlers={Refused: refused})
    site.state.app = ground
    return site
