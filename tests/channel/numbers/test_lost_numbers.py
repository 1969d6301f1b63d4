"""A number whose phone is reported lost is linked nowhere until the report is lifted. [D-26, D-52]"""

from datetime import timedelta

import pytest
from tests.access.people import HOME, Stage, code_of
from tests.channel.numbers.desk import Desk

from konter.access.model import LoginStarted
from konter.access.proofs.model import ProofStarted
from konter.channel.lost_phones.lift import lift_lost
from konter.channel.lost_phones.model import LostPhone
from konter.channel.lost_phones.report import report_lost
from konter.channel.numbers.model import NnChanged
from konter.channel.onboarding.prove import ask_proof, prove
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal


async def lose(stage: Stage, msisdn: Msisdn) -> LostPhone:
    staff = await stage.staff("care")
    async with stage.pool.acquire() as connection:
        given = {"note": "", "principal": staff, "origin": HOME, "step": await stage.step(connection)}
        lost = await report_lost(connection, msisdn, **given)
    assert isinstance(lost, LostPhone)
    return lost


async def lift(stage: Stage, lost: LostPhone) -> None:
    async with stage.pool.acquire() as connection:
        step = await stage.step(connection)
        assert await lift_lost(connection, lost.id, why="SIM diganti", actor=SYSTEM, step=step) is None


@pytest.mark.requirement("D-26", "D-52")
async def test_another_number_is_the_way_back_and_the_lost_one_waits_for_its_sim(desk: Desk, stage: Stage) -> None:
    user, other = await stage.user(), await stage.user()
    lost = await lose(stage, user.nn_msisdn)
    assert isinstance(await desk.link(user.id, await stage.number()), NnChanged)
    assert (await stage.reread(user.id)).lost_at is None
    assert isinstance(await stage.log_in(user.username), LoginStarted)
    stage.clock.advance(timedelta(hours=25))
    for who in (user, other):
        assert code_of(await desk.link(who.id, lost.msisdn)) == "NN_REPORTED_LOST"
    (added,) = await stage.add_users(await stage.new_user(user.outlet_id, nn_msisdn=lost.msisdn))
    assert code_of(added) == "NN_REPORTED_LOST"
    (partner,) = await stage.add_partner_users(await stage.new_partner_user(msisdn=lost.msisdn))
    assert code_of(partner) == "NN_REPORTED_LOST"
    await lift(stage, lost)
    assert isinstance(await desk.link(user.id, lost.msisdn), NnChanged)
    assert (await stage.reread(user.id)).lost_at is None
    stage.clock.advance(timedelta(minutes=2))
    assert isinstance(await stage.log_in(user.username), LoginStarted)


async def test_the_same_number_again_finds_no_lost_phone(desk: Desk, stage: Stage) -> None:
    user = await stage.user()
    lost = await lose(stage, user.nn_msisdn)
    assert isinstance(await desk.link(user.id, lost.msisdn), NnChanged), "no change"
    assert code_of(await stage.log_in(user.username)) == "PHONE_REPORTED_LOST"


async def test_letting_a_lost_number_go_gives_it_to_nobody(desk: Desk, stage: Stage) -> None:
    user, other = await stage.user(), await stage.user()
    lost = await lose(stage, user.nn_msisdn)
    await desk.end(user.id)
    stage.clock.advance(timedelta(hours=25))
    assert code_of(await desk.link(other.id, lost.msisdn)) == "NN_REPORTED_LOST"


async def test_a_move_to_another_outlet_does_not_find_the_phone(desk: Desk, stage: Stage) -> None:
    user, outlet = await stage.user(), await stage.outlet()
    await desk.join(outlet, user.outlet_id)
    await lose(stage, user.nn_msisdn)
    assert code_of(await desk.move(user.id, outlet)) == "NN_REPORTED_LOST"


@pytest.mark.requirement("D-02", "D-52")
async def test_a_lost_number_gets_no_otp_to_apply_and_the_one_it_had_fits_no_more(stage: Stage) -> None:
    user = await stage.user()

    async def ask() -> Refusal | ProofStarted:
        async with stage.pool.acquire() as connection:
            return await ask_proof(connection, user.nn_msisdn, locale="id", origin=HOME, **stage.given)

    started = await ask()
    assert isinstance(started, ProofStarted)
    code = await stage.last_otp(user.nn_msisdn)
    lost = await lose(stage, user.nn_msisdn)
    async with stage.pool.acquire() as connection, connection.transaction():
        refused = await prove(connection, started.proof_id, code, origin=HOME, step=await stage.step(connection))
    assert code_of(refused) == "NN_REPORTED_LOST"
    stage.clock.advance(timedelta(minutes=2))
    assert code_of(await ask()) == "NN_REPORTED_LOST"
    await lift(stage, lost)
    async with stage.pool.acquire() as connection, connection.transaction():
        dead = await prove(connection, started.proof_id, code, origin=HOME, step=await stage.step(connection))
    assert code_of(dead) == "OTP_EXPIRED"
