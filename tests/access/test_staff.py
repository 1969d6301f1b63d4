from datetime import timedelta

from tests.access.people import HOME, PASSWORD, Stage, code_of

from konter.access.change_password import change_password
from konter.access.model import Principal, SessionOpened
from konter.access.staff.add import NewStaff, add_staff
from konter.platform.audit import SYSTEM


async def staff(stage: Stage, username: str) -> None:
    new = NewStaff(
        username=username,
        name="Dewi Kantor",
        roles=("care", "finance"),
        password_hash=await stage.passwords.hash(PASSWORD),
        totp_required=False,
    )
    async with stage.pool.acquire() as connection:
        outcomes = await add_staff(connection, [new, new], actor=SYSTEM, now=stage.now, ids=stage.ids)
    assert isinstance(outcomes[0], int)
    assert code_of(outcomes[1]) == "USERNAME_TAKEN"


async def test_it_works(stage: Stage) -> None:
    await staff(stage, f"dewi{stage.partner_id}")
    opened = await stage.log_in(f"dewi{stage.partner_id}")
    assert isinstance(opened, SessionOpened)
    who = await stage.who(opened.token)
    assert isinstance(who, Principal)
    assert (who.kind, who.roles, who.outlet_id, who.next) == ("staff", ("care", "finance"), None, "ready")


async def test_staff_lock_too(stage: Stage) -> None:
    name = f"dewi{stage.partner_id}"
    await staff(stage, name)
    codes = [code_of(await stage.log_in(name, "salah-sekali")) for _ in range(5)]
    assert codes == ["BAD_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"]
    assert code_of(await stage.log_in(name)) == "ACCOUNT_LOCKED"
    stage.clock.advance(timedelta(minutes=15))
    assert isinstance(await stage.log_in(name), SessionOpened)


async def test_staff_change_their_password(stage: Stage) -> None:
    name = f"dewi{stage.partner_id}"
    await staff(stage, name)
    who = await stage.who((await stage.log_in(name)).token)
    args = {"origin": HOME, **stage.given}
    done = await change_password(stage.pool, stage.passwords, who, old=PASSWORD, new="teh-manis-pagi-7", **args)
    assert done is None
    assert code_of(await stage.log_in(name)) == "BAD_CREDENTIALS"
    assert isinstance(await stage.log_in(name, "teh-manis-pagi-7"), SessionOpened)


async def test_somebody_who_left_is_unknown(stage: Stage) -> None:
    name = f"dewi{stage.partner_id}"
    await staff(stage, name)
    opened = await stage.log_in(name)
    await stage.pool.execute("UPDATE staff_user SET status = 'ended' WHERE username = $1", name)
    assert code_of(await stage.who(opened.token)) == "SESSION_EXPIRED"
    assert code_of(await stage.log_in(name)) == "BAD_CREDENTIALS"
