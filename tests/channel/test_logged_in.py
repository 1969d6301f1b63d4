"""Who is logged in at an outlet: for its owner, its partner, and staff of its area."""

import pytest
from tests.access.people import HOME, Stage, code_of

from konter.access.model import Principal
from konter.access.step import actor_of
from konter.channel.logged_in import end_logged_in, logged_in
from konter.platform.ids import OutletId, SessionId


async def look(stage: Stage, outlet_id: int, who: Principal):
    async with stage.pool.acquire() as connection:
        return await logged_in(connection, OutletId(outlet_id), principal=who, now=stage.now)


async def end(stage: Stage, outlet_id: int, session_id: int, who: Principal):
    async with stage.pool.acquire() as connection:
        given = {"principal": who, "actor": actor_of(who, HOME), "step": await stage.step(connection)}
        return await end_logged_in(connection, OutletId(outlet_id), SessionId(session_id), **given)


@pytest.mark.requirement("D-81")
async def test_it_works(stage: Stage) -> None:
    owner = await stage.user(role="OUTLET_OWNER", nn_type="OWNER")
    cashier = await stage.user(owner.outlet_id)
    who, token = await stage.principal(owner), (await stage.session(cashier)).token
    lines = await look(stage, owner.outlet_id, who)
    assert {line.user_id for line in lines} == {owner.id, cashier.id}
    (theirs,) = [line for line in lines if line.user_id == cashier.id]
    assert (theirs.role, theirs.agent, theirs.address) == ("FRONTLINER", HOME.agent, HOME.address)
    assert await end(stage, owner.outlet_id, theirs.id, who) is None
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    assert code_of(await end(stage, owner.outlet_id, theirs.id, who)) == "SESSION_NOT_FOUND"
    assert (await stage.audit(cashier.id))[-1] == "session.revoked"


@pytest.mark.requirement("D-34", "D-57")
async def test_a_strangers_outlet_is_unknown(stage: Stage) -> None:
    user = await stage.user()
    session = await stage.session(user)
    strangers = [
        await stage.principal(await stage.user(role="OUTLET_OWNER", nn_type="OWNER")),
        await stage.principal(await stage.partner_user(partner_id=await stage.other_partner())),
    ]
    for who in strangers:
        assert code_of(await look(stage, user.outlet_id, who)) == "OUTLET_NOT_FOUND"
        assert code_of(await end(stage, user.outlet_id, session.session_id, who)) == "OUTLET_NOT_FOUND"
    own = strangers[0].outlet_id
    assert code_of(await end(stage, own, session.session_id, strangers[0])) == "SESSION_NOT_FOUND"
    assert isinstance(await stage.who(session.token), Principal)


async def test_a_front_liner_does_not_look(stage: Stage) -> None:
    user = await stage.user()
    assert code_of(await look(stage, user.outlet_id, await stage.principal(user))) == "FORBIDDEN"


async def test_partner_and_staff_look_and_not_all_of_them_end(stage: Stage) -> None:
    user = await stage.user()
    session = await stage.session(user)
    partner = await stage.principal(await stage.partner_user())
    care, near = await stage.staff("care"), await stage.staff("branch", area="JBJB")
    for who in (partner, care, near):
        assert [line.id for line in await look(stage, user.outlet_id, who)] == [session.session_id]
    assert code_of(await end(stage, user.outlet_id, session.session_id, care)) == "FORBIDDEN"
    assert code_of(await look(stage, user.outlet_id, await stage.staff("finance"))) == "FORBIDDEN"
    assert await end(stage, user.outlet_id, session.session_id, near) is None
    assert code_of(await look(stage, 7, care)) == "OUTLET_NOT_FOUND"
