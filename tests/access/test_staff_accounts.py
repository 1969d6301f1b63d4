"""Accounts of staff: what gives power takes two, what takes it away takes one."""

import asyncio
from datetime import timedelta

from tests.access.people import HOME, PASSWORD, Stage, code_of

from konter.access.four_eyes.decide import decide
from konter.access.four_eyes.model import Decision
from konter.access.four_eyes.propose import propose
from konter.access.model import Principal
from konter.access.staff.accounts import STAFF_KINDS, end_staff, let_back_in, staff_lines
from konter.access.staff.login import TotpStarted
from konter.platform.audit import SYSTEM
from konter.platform.ids import StaffId, make_id
from konter.platform.refusal import Refusal


async def agreed(stage: Stage, kind: str, subject: int = 0, **data) -> tuple[int, Refusal | Decision]:
    """One admin proposes and another approves; the subject and what came of it."""
    one, other = await stage.staff("admin"), await stage.staff("admin")
    async with stage.pool.acquire() as connection:
        step = await stage.step(connection)
        subject = subject or make_id(next(step.ids.take(1)), 7)
        given = {"reason": "surat tugas", "principal": one, "origin": HOME, "step": step}
        proposal = await propose(connection, STAFF_KINDS, kind, subject, data, **given)
    assert not isinstance(proposal, Refusal), proposal
    args = {"approve": True, "why": "", "principal": other, "origin": HOME, **stage.given}
    return subject, await decide(stage.pool, stage.passwords, STAFF_KINDS, proposal, **args)


async def end(stage: Stage, staff_id: int, by: Principal) -> Refusal | None:
    async with stage.pool.acquire() as connection:
        given = {"reason": "pindah", "principal": by, "origin": HOME, "step": await stage.step(connection)}
        return await end_staff(connection, StaffId(staff_id), **given)


async def session_of(stage: Stage, who: Principal) -> bool:
    """Whether the session still lives."""
    return await stage.pool.fetchval("SELECT revoked_at IS NULL FROM session WHERE id = $1", who.session_id)


async def test_a_new_account_is_given_its_password_by_the_approver(stage: Stage) -> None:
    name = f"baru{stage.partner_id}"
    subject, decision = await agreed(stage, "staff.add", username=name, name="Baru", roles=["care"], area="JBJB")
    assert isinstance(decision, Decision)
    started = await stage.log_in(name, decision.result["password"])
    assert isinstance(started, TotpStarted)
    assert await stage.audit(subject) == ["proposal.made", "staff.added", "proposal.approved", "login.totp_asked"]
    row = await stage.pool.fetchrow("SELECT roles, area, totp_required FROM staff_user WHERE id = $1", subject)
    assert tuple(row) == (["care"], "JBJB", True)
    kept = await stage.pool.fetchval("SELECT data::text FROM proposal WHERE subject_id = $1", subject)
    assert decision.result["password"] not in kept
    _, again = await agreed(stage, "staff.add", username=name, name="Baru", roles=["care"], area=None)
    assert code_of(again) == "USERNAME_TAKEN"


async def test_other_roles_end_the_sessions_with_the_old_ones(stage: Stage) -> None:
    care = await stage.staff("care")
    _, decision = await agreed(stage, "staff.account", care.user_id, roles=["supervisor"], area="JBJB")
    assert isinstance(decision, Decision)
    assert not await session_of(stage, care)
    who = await stage.who((await stage.log_in(care.username)).token)
    assert (who.roles, who.area) == (("supervisor",), "JBJB")
    for changed, code in (({"roles": ["raja"], "area": None}, "UNKNOWN_ROLE"),):
        assert code_of((await agreed(stage, "staff.account", care.user_id, **changed))[1]) == code


async def test_a_new_app_and_a_new_password(stage: Stage) -> None:
    care = await stage.staff("care")
    _, decision = await agreed(stage, "staff.password_reset", care.user_id)
    assert code_of(await stage.log_in(care.username)) == "BAD_CREDENTIALS"
    opened = await stage.log_in(care.username, decision.result["password"])
    assert opened.next == "change_password"
    await stage.pool.execute(
        "UPDATE staff_user SET totp_secret = $2, totp_enrolled_at = $3, totp_step = 1 WHERE id = $1",
        care.user_id,
        stage.keys.seal("x"),
        stage.now,
    )
    started = await stage.log_in(care.username, decision.result["password"])
    assert started.enrolment is None
    assert isinstance((await agreed(stage, "staff.totp_reset", care.user_id))[1], Decision)
    assert not isinstance(await stage.log_in(care.username, decision.result["password"]), TotpStarted)


async def test_somebody_leaves_at_once(stage: Stage) -> None:
    admin, care = await stage.staff("admin"), await stage.staff("care")
    assert await end(stage, care.user_id, admin) is None
    assert not await session_of(stage, care)
    assert code_of(await stage.log_in(care.username)) == "BAD_CREDENTIALS"
    assert code_of(await end(stage, care.user_id, admin)) == "STAFF_NOT_FOUND"
    assert code_of((await agreed(stage, "staff.totp_reset", care.user_id))[1]) == "STAFF_NOT_FOUND"


async def test_one_admin_is_always_left(own_stage: Stage) -> None:
    stage = own_stage
    one, other = await stage.staff("admin"), await stage.staff("admin")
    outcomes = await asyncio.gather(end(stage, one.user_id, other), end(stage, other.user_id, one))
    assert sorted(code_of(each) if each else "" for each in outcomes) == ["", "LAST_ADMIN"]
    left = await stage.pool.fetchval("SELECT count(*) FROM staff_user WHERE status = 'active'")
    assert left == 1


async def test_whoever_holds_the_machine_lets_somebody_in_again(stage: Stage) -> None:
    care = await stage.staff("care")
    async with stage.pool.acquire() as connection:
        given = {"actor": SYSTEM, "step": await stage.step(connection)}
        word_hash = await stage.passwords.hash("kata-pertama-9")
        assert await let_back_in(connection, care.username.upper(), word_hash, **given) is None
        assert code_of(await let_back_in(connection, "siapa", word_hash, **given)) == "STAFF_NOT_FOUND"
    assert not await session_of(stage, care)
    assert (await stage.log_in(care.username, "kata-pertama-9")).next == "change_password"
    stage.clock.advance(timedelta(hours=24))
    assert code_of(await stage.log_in(care.username, "kata-pertama-9")) == "STAFF_PASSWORD_LAPSED"
    assert code_of(await stage.log_in(care.username, PASSWORD)) == "BAD_CREDENTIALS"


async def test_the_list_is_paged(stage: Stage) -> None:
    made = sorted([(await stage.staff("care")).user_id for _ in range(3)])
    async with stage.pool.acquire() as connection:
        lines = await staff_lines(connection, after=made[0] - 1)
        assert len(await staff_lines(connection, limit=2)) == 2
    assert set(made) <= {line.id for line in lines}
