"""Rewards for staff: what is offered, what is left, and opening and closing one by hand."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from litestar import get, put
from litestar.params import JSONBody

from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff
from konter.api.v1.availability import AvailabilityBody, ProductPath
from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.catalogue.model import Kind, Left, Stand
from konter.loyalty.rewards.catalogue.read import RewardState, reward_state, reward_states
from konter.loyalty.rewards.codes.read import CodeCount, code_counts
from konter.loyalty.rewards.refusals import MERCHANT_NOT_FOUND, REWARD_NOT_FOUND
from konter.platform.db import Connection
from konter.platform.i18n import locale_of


class CodesView(msgspec.Struct, frozen=True, kw_only=True):
    """How many codes are free, lapsed before anybody took them, issued, and of these burnt. Codes are never shown."""

    free: int
    lapsed: int
    issued: int
    burnt: int

    @classmethod
    def of(cls, count: CodeCount) -> "CodesView":
        """From a count."""
        return cls(free=count.free, lapsed=count.lapsed, issued=count.issued, burnt=count.burnt)


class RewardStateView(msgspec.Struct, frozen=True, kw_only=True):
    """A reward as it is now; `taken` counts what is gone of a limited one, `until` is the first moment it is over.
    `open` says whether nobody has closed it, `state` how it stands with all that counts.
    """

    id: str
    name: str
    kind: Kind
    points: int
    open: bool
    state: Stand
    until: datetime | None
    stock: int | None
    taken: int | None
    left: Left
    codes: CodesView | None


class RewardStateList(msgspec.Struct, frozen=True):
    """Every reward that has begun, in the catalogue's order."""

    items: list[RewardStateView]


@get("/rewards/stock", tags=["catalogue"], opt=says("staff"))
async def list_reward_stock(request: AnyRequest) -> RewardStateList:
    """What is left of every reward, closed ones too, and how many of its codes are free, issued and burnt. [P-23]"""
    app = app_of(request)
    require_staff(await principal(request), "closures.look")
    async with app.connection() as connection:
        now = app.clock.now()
        return RewardStateList(await _views(connection, await reward_states(connection, now=now), now, request))


@put("/rewards/{product:str}/availability", tags=["catalogue"], opt=says("staff", REWARD_NOT_FOUND, MERCHANT_NOT_FOUND))
async def put_reward_availability(
    product: ProductPath, data: JSONBody[AvailabilityBody], request: AnyRequest
) -> RewardStateList:
    """Close a reward for everybody from this moment, or open it. Already so: nothing changes."""
    app = app_of(request)
    staff = require_staff(await principal(request), "closures.set")
    actor = actor_of(staff, origin_of(request))
    async with app.connection() as connection:
        accepted(
            await set_reward_open(
                connection, product, is_open=data.open, clock=app.clock, actor=actor, ids=app.ids, reason=data.reason
            )
        )
        now = app.clock.now()
        state = await reward_state(connection, product, now=now)
        return RewardStateList(await _views(connection, [state] if state is not None else [], now, request))


async def _views(
    connection: Connection, states: Sequence[RewardState], now: datetime, request: AnyRequest
) -> list[RewardStateView]:
    locale = locale_of(request.headers.get("accept-language"))
    counts = await code_counts(connection, (state.offer.reward for state in states), now=now)
    return [_view(state, counts.get(state.offer.reward), now, locale) for state in states]


def _view(state: RewardState, count: CodeCount | None, now: datetime, locale: str) -> RewardStateView:
    offer = state.offer
    return RewardStateView(
        id=offer.reward,
        name=offer.name(locale),
        kind=offer.kind,
        points=offer.points,
        open=not state.closed,
        state=state.stands(now),
        until=offer.valid_until,
        stock=offer.stock,
        taken=state.taken,
        left=state.left,
        codes=CodesView.of(count) if count is not None else None,
    )


REWARD_ROUTES = [list_reward_stock, put_reward_availability]
