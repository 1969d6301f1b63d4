import asyncio
from datetime import timedelta

import pytest
from tests.access.people import HOME, Stage, code_of

from konter.access import tokens
from konter.access.model import Principal
from konter.access.sessions import list_sessions, revoke_session
from konter.platform.refusal import Refusal


async def revoke(stage: Stage, who: Principal, session_id: int) -> Refusal | None:
    async with stage.pool.acquire() as connection:
        return await revoke_session(connection, who, session_id, origin=HOME, **stage.given)


async def sessions(stage: Stage, who: Principal):
    async with stage.pool.acquire() as connection:
        return await list_sessions(connection, who, now=stage.now)


@pytest.mark.requirement("D-81")
async def test_it_works(stage: Stage) -> None:
    user = await stage.user()
    who = await stage.principal(user)
    stage.clock.advance(timedelta(minutes=2))
    other = await stage.session(user)
    lines = await sessions(stage, who)
    assert [(line.id, line.current) for line in lines] == [(other.session_id, False), (who.session_id, True)]
    assert (lines[0].address, lines[0].agent) == (HOME.address, HOME.agent)
    assert await revoke(stage, who, other.session_id) is None
    assert code_of(await stage.who(other.token)) == "SESSION_EXPIRED"
    assert [line.id for line in await sessions(stage, who)] == [who.session_id]
    assert (await stage.audit(user.id))[-1] == "session.revoked"


async def test_a_session_ends_with_its_time(stage: Stage) -> None:
    opened = await stage.session(await stage.user())
    stage.clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    assert isinstance(await stage.who(opened.token), Principal)
    stage.clock.advance(timedelta(seconds=1))
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"


async def test_revoking_twice_or_another_users_is_not_found(stage: Stage) -> None:
    who = await stage.principal(await stage.user())
    stranger = await stage.session(await stage.user())
    assert code_of(await revoke(stage, who, stranger.session_id)) == "SESSION_NOT_FOUND"
    assert isinstance(await stage.who(stranger.token), Principal)
    assert await revoke(stage, who, who.session_id) is None
    assert code_of(await revoke(stage, who, who.session_id)) == "SESSION_NOT_FOUND"


async def test_a_token_of_another_secret_for_the_same_session_is_refused(stage: Stage) -> None:
    user = await stage.user()
    opened = await stage.session(user)
    forged, _ = tokens.mint(
        stage.keys, kind="outlet", session_id=opened.session_id, user_id=user.id, outlet_id=user.outlet_id
    )
    assert code_of(await stage.who(forged)) == "SESSION_EXPIRED"


@pytest.mark.requirement("D-52")
async def test_a_revocation_waits_for_the_sale_that_holds_the_outlet_and_stops_the_next(stage: Stage) -> None:
    user = await stage.user()
    who = await stage.principal(user)
    async with stage.pool.acquire() as sale, sale.transaction():
        await sale.fetch("SELECT 1 FROM owner WHERE id = $1 FOR UPDATE", user.outlet_id)
        revoking = asyncio.create_task(revoke(stage, who, who.session_id))
        await asyncio.sleep(0.2)
        live = "SELECT revoked_at IS NULL FROM session WHERE id = $1"
        assert not revoking.done()
        assert await sale.fetchval(live, who.session_id)
    assert await revoking is None
    assert not await stage.pool.fetchval(live, who.session_id)
