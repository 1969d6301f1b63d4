"""A lost phone: from the report on its number neither logs in, nor gets an OTP, nor sells. [D-48, D-52]"""

import asyncio
from datetime import timedelta

import pytest
from tests.access.people import HOME, PASSWORD, Stage, code_of

from konter.access.login import Attempt, with_password
from konter.access.model import LoginStarted, Principal, User
from konter.access.reset_password import ask_password_reset
from konter.channel.add_users import end_users
from konter.channel.lost_phones.lift import lift_lost
from konter.channel.lost_phones.model import LostPhone
from konter.channel.lost_phones.report import lost_phones, report_lost, report_own
from konter.channel.model import NewArea
from konter.channel.partners import set_areas
from konter.channel.scope import EVERYWHERE
from konter.platform.audit import SYSTEM
from konter.platform.ids import LostPhoneId, Msisdn
from konter.platform.refusal import Refusal


async def report(stage: Stage, msisdn: Msisdn, who: Principal) -> Refusal | LostPhone:
    async with stage.pool.acquire() as connection:
        step = await stage.step(connection)
        return await report_lost(connection, msisdn, note="di angkot", principal=who, origin=HOME, step=step)


async def lift(stage: Stage, id_: int, who: Principal | None = None) -> Refusal | None:
    async with stage.pool.acquire() as connection:
        step = await stage.step(connection)
        return await lift_lost(connection, LostPhoneId(id_), why="ketemu", actor=SYSTEM, step=step, principal=who)


@pytest.mark.requirement("D-48", "D-52")
async def test_it_works(stage: Stage) -> None:
    user = await stage.user()
    owner = await stage.user(user.outlet_id, role="OUTLET_OWNER", nn_type="OWNER")
    who = await stage.principal(owner)
    token = (await stage.session(user)).token
    stage.clock.advance(timedelta(minutes=2))
    login = await stage.log_in(user.username)
    code = await stage.last_otp(user.nn_msisdn)
    sent = len(await stage.texts(user.nn_msisdn))
    lost = await report(stage, user.nn_msisdn, who)
    assert isinstance(lost, LostPhone)
    assert (lost.way, lost.reported_by, lost.reported_at) == ("owner", f"outlet_user:{owner.id}", stage.now)
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    assert code_of(await stage.enter(login.login_id, code)) == "PHONE_REPORTED_LOST"
    assert code_of(await stage.log_in(user.username)) == "PHONE_REPORTED_LOST"
    async with stage.pool.acquire() as connection:
        await ask_password_reset(connection, user.username, origin=HOME, **stage.given)
    assert len(await stage.texts(user.nn_msisdn)) == sent
    assert isinstance(await stage.who((await stage.session(await stage.user(user.outlet_id))).token), Principal)


async def test_the_other_owners_hear_of_it_and_the_lost_phone_does_not(stage: Stage) -> None:
    owner = await stage.user(role="OUTLET_OWNER", nn_type="OWNER")
    other = await stage.user(owner.outlet_id, role="OUTLET_OWNER", nn_type="FAMILY")
    await report(stage, owner.nn_msisdn, await stage.principal(owner))
    assert len(await stage.texts(other.nn_msisdn, "phone_lost")) == 1
    assert await stage.texts(owner.nn_msisdn, "phone_lost") == []


async def test_twice_is_the_first_report(stage: Stage) -> None:
    user = await stage.user()
    staff = await stage.staff("care")
    outcomes = await asyncio.gather(*(report(stage, user.nn_msisdn, staff) for _ in range(4)))
    assert len({outcome.id for outcome in outcomes}) == 1
    assert (await stage.audit(user.id)).count("phone.lost") == 1


@pytest.mark.requirement("D-34", "D-57")
async def test_nobody_reports_a_strangers_phone(stage: Stage) -> None:
    user = await stage.user()
    front_liner = await stage.principal(await stage.user(user.outlet_id))
    stranger = await stage.principal(await stage.user(role="OUTLET_OWNER", nn_type="OWNER"))
    other_partner = await stage.principal(await stage.partner_user(partner_id=await stage.other_partner()))
    async with stage.pool.acquire() as connection:
        areas = [NewArea(code="JATIM", name="Jawa Timur", level="area")]
        areas.append(NewArea(code="JBJB-R", name="Jawa Barat", level="region", parent="JBJB"))
        areas.append(NewArea(code="JBJB-C", name="Priangan", level="branch", parent="JBJB-R"))
        areas.append(NewArea(code="JBJB-BDG", name="Bandung", level="cluster", parent="JBJB-C"))
        await set_areas(connection, areas, actor=SYSTEM, now=stage.now, ids=stage.ids)
    elsewhere = await stage.principal(await stage.partner_user(role="SBP_FIELD_SALES", areas=("JBJB-BDG",)))
    far = await stage.staff("care", area="JATIM")
    for who in (front_liner, stranger, other_partner, elsewhere, far, await stage.staff("finance")):
        assert code_of(await report(stage, user.nn_msisdn, who)) == "SELLER_NUMBER_NOT_FOUND", who.roles
    assert code_of(await report(stage, await stage.number(), await stage.staff("care"))) == "SELLER_NUMBER_NOT_FOUND"
    assert isinstance(await stage.log_in(user.username), LoginStarted)


@pytest.mark.parametrize("role", ["partner", "staff", "near"])
async def test_whoever_answers_for_the_outlet_may(stage: Stage, role: str) -> None:
    user = await stage.user()
    if role == "partner":
        who = await stage.principal(await stage.partner_user())
    else:
        who = await stage.staff("branch", area="JBJB" if role == "near" else None)
    lost = await report(stage, user.nn_msisdn, who)
    assert isinstance(lost, LostPhone)
    assert lost.way == ("partner" if role == "partner" else "staff")


async def test_a_users_of_partners_phone(stage: Stage) -> None:
    user, admin = await stage.partner_user(role="SBP_FIELD_SALES"), await stage.partner_user()
    token = (await stage.session(user)).token
    lost = await report(stage, user.nn_msisdn, await stage.principal(admin))
    assert isinstance(lost, LostPhone)
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    assert code_of(await stage.log_in(user.username)) == "PHONE_REPORTED_LOST"
    assert await lift(stage, lost.id) is None
    stage.clock.advance(timedelta(minutes=2))
    assert isinstance(await stage.log_in(user.username), LoginStarted)


async def own(stage: Stage, user: User, password: str) -> Refusal | LostPhone:
    attempt = Attempt(username=user.username, password=password, origin=HOME)

    async def then(connection, found, step):
        return await report_own(connection, found, note="", origin=HOME, step=step)

    return await with_password(stage.pool, stage.passwords, attempt, then, **stage.given)


@pytest.mark.requirement("D-52")
async def test_the_password_alone_reports_the_own_phone(stage: Stage) -> None:
    user = await stage.user()
    token = (await stage.session(user)).token
    assert code_of(await own(stage, user, "salah-sekali")) == "BAD_CREDENTIALS"
    assert isinstance(await stage.who(token), Principal)
    lost = await own(stage, user, PASSWORD)
    assert (lost.way, lost.msisdn) == ("self", user.nn_msisdn)
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"


async def test_wrong_passwords_lock_here_too_and_unknown_names_look_the_same(stage: Stage) -> None:
    user = await stage.user()
    codes = [code_of(await own(stage, user, "salah-sekali")) for _ in range(6)]
    assert codes == ["BAD_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"] * 2
    nobody = await stage.new_user(user.outlet_id)
    assert [code_of(await own(stage, nobody, PASSWORD)) for _ in range(6)] == codes


async def test_lifting_lets_the_user_log_in_and_nothing_else_comes_back(stage: Stage) -> None:
    user = await stage.user()
    token = (await stage.session(user)).token
    supervisor, far = await stage.staff("supervisor"), await stage.staff("branch", area="JBJB")
    await stage.pool.execute("UPDATE outlet SET area = 'JBJB' WHERE id = $1", user.outlet_id)
    lost = await report(stage, user.nn_msisdn, supervisor)
    async with stage.pool.acquire() as connection:
        assert lost.id in [each.id for each in await lost_phones(connection, scope=EVERYWHERE)]
    assert code_of(await lift(stage, 7, supervisor)) == "LOST_PHONE_NOT_FOUND"
    assert await lift(stage, lost.id, far) is None
    assert code_of(await lift(stage, lost.id, supervisor)) == "LOST_PHONE_LIFTED"
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    stage.clock.advance(timedelta(minutes=2))
    assert isinstance(await stage.log_in(user.username), LoginStarted)
    again = await report(stage, user.nn_msisdn, supervisor)
    assert again.id != lost.id


@pytest.mark.requirement("D-57")
async def test_a_report_on_a_number_that_nobody_has_is_lifted_by_whoever_acts_everywhere(stage: Stage) -> None:
    user, supervisor, near = (
        await stage.user(),
        await stage.staff("supervisor"),
        await stage.staff("branch", area="JBJB"),
    )
    lost = await report(stage, user.nn_msisdn, supervisor)
    async with stage.pool.acquire() as connection:
        await end_users(connection, [user.id], actor=SYSTEM, now=stage.now, ids=stage.ids, rules=stage.rules)
    assert code_of(await lift(stage, lost.id, near)) == "LOST_PHONE_NOT_FOUND"
    assert await lift(stage, lost.id, supervisor) is None


async def test_a_block_stays_when_the_report_is_lifted(stage: Stage) -> None:
    user = await stage.user()
    lost = await report(stage, user.nn_msisdn, await stage.staff("care"))
    await stage.pool.execute("UPDATE outlet_user SET status = 'blocked' WHERE id = $1", user.id)
    await lift(stage, lost.id)
    assert code_of(await stage.log_in(user.username)) == "APP_BLOCKED"


async def test_the_queue_is_paged(stage: Stage) -> None:
    staff, users = await stage.staff("care"), [await stage.user() for _ in range(3)]
    stage.clock.advance(timedelta(days=900))
    made = []
    for user in users:
        stage.clock.advance(timedelta(seconds=1))
        async with stage.pool.acquire() as connection:
            step = await stage.step(connection)
            made.append(await report_lost(connection, user.nn_msisdn, note="", principal=staff, origin=HOME, step=step))
    async with stage.pool.acquire() as connection:
        page = await lost_phones(connection, scope=EVERYWHERE, after=(made[0].reported_at, made[0].id))
    assert [each.id for each in page] == [each.id for each in made[1:]]
