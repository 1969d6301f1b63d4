"""Every place that sends an OTP looks at the age of the SIM first. Whoever adds one names it here, with a test."""

import ast
from datetime import timedelta

import pytest
from tests.access.people import HOME, PASSWORD, Stage, code_of
from tests.tidy.sources import sources

from konter.access.enter_otp import resend_otp
from konter.access.model import LoginStarted, User
from konter.access.proofs.model import ProofStarted
from konter.access.reset_password import ask_password_reset
from konter.access.reset_pin import ask_pin_reset
from konter.channel.onboarding.prove import ask_again, ask_proof
from konter.platform.ids import Msisdn

# Which function makes the text of an OTP, and which of the same file call it: each of those looks at the SIM.
PLACES = {
    ("src/konter/access/otps.py", "_with_otp"): {"start_login", "renew_otp"},
    ("src/konter/access/proofs/send.py", "_send"): {"send_proof"},
}
LOOKS = {"note_sim_age", "fresh_sim_refusal"}
HOUR = timedelta(hours=1)


def calls(node: ast.AST) -> list[ast.Call]:
    return [each for each in ast.walk(node) if isinstance(each, ast.Call)]


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def sends_otp(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return name_of(call) == "sms" and isinstance(first, ast.Constant) and first.value == "otp"


def test_every_place_that_sends_an_otp_is_known_and_looks_at_the_sim() -> None:
    found = {}
    for source in sources():
        if not (source.product and source.python):
            continue
        functions = [each for each in source.nodes if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
        for maker in functions:
            if any(sends_otp(call) for call in calls(maker)):
                callers = [each for each in functions if any(name_of(call) == maker.name for call in calls(each))]
                found[source.path, maker.name] = {each.name for each in callers}
                for caller in callers:
                    assert LOOKS & {name_of(call) for call in calls(caller)}, (source.path, caller.name)
    assert found == PLACES


async def replace_sim(stage: Stage, msisdn: Msisdn) -> None:
    await stage.pool.execute("UPDATE subscription SET sim_changed_at = $2 WHERE msisdn = $1", msisdn, stage.now)


async def send(stage: Stage, user: User, way: str) -> object:
    """One OTP to the seller's number after the SIM was replaced."""
    who = await stage.principal(user) if way == "pin_reset" else None
    started = await stage.log_in(user.username) if way == "resend" else None
    stage.clock.advance(2 * HOUR / 60)
    await replace_sim(stage, user.nn_msisdn)
    if way == "log_in":
        return await stage.log_in(user.username)
    if who is not None:
        args = {"password": PASSWORD, "origin": HOME, **stage.given}
        return await ask_pin_reset(stage.pool, stage.passwords, who, **args)
    async with stage.pool.acquire() as connection:
        if isinstance(started, LoginStarted):
            return await resend_otp(connection, started.login_id, origin=HOME, **stage.given)
        return await ask_password_reset(connection, user.username, origin=HOME, **stage.given)


@pytest.mark.parametrize("way", ["log_in", "resend", "password_reset", "pin_reset"])
async def test_an_otp_to_a_fresh_sim_puts_its_seller_on_cooling_off(stage: Stage, way: str) -> None:
    user = await stage.user()
    assert isinstance(await send(stage, user, way), LoginStarted)
    assert (await stage.reread(user.id)).cooling_from == stage.now


async def test_another_number_with_a_fresh_sim_cools_off_from_its_first_otp(stage: Stage) -> None:
    number = await stage.number()
    await replace_sim(stage, number)
    user = await stage.user(nn_msisdn=number)
    assert isinstance(await stage.log_in(user.username), LoginStarted)
    assert (await stage.reread(user.id)).cooling_from == stage.now


async def ask(stage: Stage, msisdn: Msisdn):
    async with stage.pool.acquire() as connection:
        return await ask_proof(connection, msisdn, locale="id", origin=HOME, **stage.given)


@pytest.mark.requirement("D-02")
async def test_an_applicant_with_a_fresh_sim_waits_until_it_has_cooled_off(stage: Stage) -> None:
    number = await stage.number()
    await replace_sim(stage, number)
    stage.clock.advance(HOUR)
    refused = await ask(stage, number)
    assert code_of(refused) == "SIM_TOO_FRESH"
    assert refused.data["hours"] == 23
    assert await stage.texts(number) == []
    stage.clock.advance(23 * HOUR)
    assert isinstance(await ask(stage, number), ProofStarted)


async def test_a_sim_that_is_replaced_between_two_codes_gets_no_second_one(stage: Stage) -> None:
    number = await stage.number()
    started = await ask(stage, number)
    stage.clock.advance(HOUR)
    await replace_sim(stage, number)
    async with stage.pool.acquire() as connection:
        refused = await ask_again(connection, started.proof_id, origin=HOME, **stage.given)
    assert code_of(refused) == "SIM_TOO_FRESH"
    assert len(await stage.texts(number)) == 1


async def test_whoever_asks_whether_a_sim_is_fresh_is_counted(stage: Stage) -> None:
    number = await stage.number()
    await replace_sim(stage, number)
    stage.clock.advance(HOUR)
    assert [code_of(await ask(stage, number)) for _ in range(2)] == ["SIM_TOO_FRESH", "OTP_RESEND_TOO_SOON"]
