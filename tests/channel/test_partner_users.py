"""Add users to partners, give them credentials, stop them, end their partner."""

import asyncio

import pytest
from tests.access.people import PASSWORD, Stage, code_of

from konter.access.model import LoginStarted, Principal
from konter.channel.model import NewArea
from konter.channel.partner_users.add import add_partner_users, partner_users
from konter.channel.partner_users.credentials import issue_partner_credentials
from konter.channel.partner_users.stop import end_partner, set_partner_users
from konter.channel.partners import set_areas
from konter.platform.audit import SYSTEM
from konter.platform.ids import PartnerId, UserId
from konter.platform.refusal import Refusal


def given(stage: Stage) -> dict:
    return {"actor": SYSTEM, "now": stage.now, "ids": stage.ids}


async def stop(stage: Stage, status: str, *user_ids: UserId):
    async with stage.pool.acquire() as connection:
        return await set_partner_users(connection, user_ids, status, reason="pindah tugas", **given(stage))


async def end(stage: Stage, partner_id: PartnerId):
    async with stage.pool.acquire() as connection:
        return await end_partner(connection, partner_id, reason="kontrak habis", **given(stage))


async def clusters(stage: Stage) -> None:
    new = [
        NewArea(code="JABAR", name="Jawa Barat", level="region", parent="JBJB"),
        NewArea(code="BDG", name="Bandung", level="branch", parent="JABAR"),
        NewArea(code="JBJB-BDG", name="Bandung", level="cluster", parent="BDG"),
        NewArea(code="JATIM", name="Jawa Timur", level="area"),
    ]
    async with stage.pool.acquire() as connection:
        await set_areas(connection, new, actor=SYSTEM, now=stage.now, ids=stage.ids)


@pytest.mark.requirement("D-57", "D-60")
async def test_it_works(stage: Stage) -> None:
    await clusters(stage)
    new = await stage.new_partner_user(role="SBP_FIELD_SALES", areas=("JBJB-BDG",))
    (user_id,) = await stage.add_partner_users(new)
    async with stage.pool.acquire() as connection:
        (user,) = [user for user in await partner_users(connection, stage.partner_id) if user.id == user_id]
    assert (user.role, user.areas, user.msisdn, user.status) == (
        "SBP_FIELD_SALES",
        ("JBJB-BDG",),
        new.msisdn,
        "active",
    )
    assert await stage.audit(user_id) == ["partner_user.added"]


async def test_names_and_numbers_are_taken_once_also_within_a_batch(stage: Stage) -> None:
    first = await stage.new_partner_user()
    outcomes = await stage.add_partner_users(
        first,
        await stage.new_partner_user(username=first.username.upper()),
        await stage.new_partner_user(msisdn=first.msisdn),
    )
    assert [code_of(outcome) for outcome in outcomes[1:]] == ["USERNAME_TAKEN", "PARTNER_NUMBER_TAKEN"]
    outlet_user = await stage.user()
    (outcome,) = await stage.add_partner_users(await stage.new_partner_user(username=outlet_user.username))
    assert code_of(outcome) == "USERNAME_TAKEN"


@pytest.mark.requirement("D-57")
async def test_what_does_not_fit_is_refused(stage: Stage) -> None:
    await clusters(stage)
    sales = {"role": "SBP_FIELD_SALES"}
    new = [
        await stage.new_partner_user(partner_id=PartnerId(7)),
        await stage.new_partner_user(areas=("JBJB-BDG",)),
        await stage.new_partner_user(areas=("BULAN",), **sales),
        await stage.new_partner_user(areas=("JATIM",), **sales),
        await stage.new_partner_user(msisdn=await stage.number(active=False)),
        await stage.new_partner_user(name=" "),
    ]
    assert [code_of(outcome) for outcome in await stage.add_partner_users(*new)] == [
        "PARTNER_NOT_ACTIVE",
        "INVALID_INPUT",
        "UNKNOWN_AREA",
        "AREA_NOT_OF_PARTNER",
        "NN_NOT_OPERATOR",
        "INVALID_INPUT",
    ]


async def test_twins_with_one_number_are_one_user_and_one_refusal(stage: Stage) -> None:
    number = await stage.number()
    new = [await stage.new_partner_user(msisdn=number) for _ in range(4)]
    outcomes = [outcome for batch in await asyncio.gather(*map(stage.add_partner_users, new)) for outcome in batch]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert [refusal.code for refusal in refused] == ["PARTNER_NUMBER_TAKEN"] * 3


async def test_whoever_leaves_frees_the_number_and_is_dead_at_once(stage: Stage) -> None:
    user = await stage.partner_user()
    token = (await stage.session(user)).token
    assert await stop(stage, "ended", user.id) == [user.id]
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    assert code_of(await stage.log_in(user.username)) == "APP_BLOCKED"
    assert [code_of(outcome) for outcome in await stop(stage, "active", user.id, UserId(7))] == [
        "USER_ENDED",
        "USER_NOT_FOUND",
    ]
    await stage.partner_user(msisdn=user.nn_msisdn)


async def test_a_block_can_be_lifted_and_keeps_the_number(stage: Stage) -> None:
    user = await stage.partner_user()
    token = (await stage.session(user)).token
    await stop(stage, "blocked", user.id)
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    (outcome,) = await stage.add_partner_users(await stage.new_partner_user(msisdn=user.nn_msisdn))
    assert code_of(outcome) == "PARTNER_NUMBER_TAKEN"
    await stop(stage, "active", user.id)
    assert isinstance(await stage.principal(user), Principal)


@pytest.mark.requirement("D-59")
async def test_a_partner_with_outlets_cannot_end(stage: Stage) -> None:
    await stage.outlet()
    assert code_of(await end(stage, stage.partner_id)) == "PARTNER_HAS_OUTLETS"


async def test_a_partner_that_ends_takes_its_users_along(stage: Stage) -> None:
    partner_id = await stage.other_partner()
    user = await stage.partner_user(partner_id=partner_id)
    token = (await stage.session(user)).token
    assert await end(stage, partner_id) == partner_id
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    assert code_of(await stage.log_in(user.username)) == "APP_BLOCKED"
    assert code_of(await end(stage, partner_id)) == "PARTNER_NOT_ACTIVE"
    (outcome,) = await stage.add_partner_users(await stage.new_partner_user(partner_id=partner_id))
    assert code_of(outcome) == "PARTNER_NOT_ACTIVE"


async def test_with_a_partner_its_users_have_ended_and_their_numbers_are_others(stage: Stage) -> None:
    partner_id = await stage.other_partner()
    user, blocked, left = [await stage.partner_user(partner_id=partner_id) for _ in range(3)]
    await stop(stage, "blocked", blocked.id)
    await stop(stage, "ended", left.id)
    (kept,) = await stage.add_partner_users(await stage.new_partner_user(msisdn=left.nn_msisdn))
    assert await end(stage, partner_id) == partner_id
    assert [(await stage.audit(each.id)).count("partner_user.ended") for each in (user, blocked, left)] == [1, 1, 1]
    args = {**given(stage), "keys": stage.keys, "rules": stage.rules}
    (issued,) = await issue_partner_credentials(stage.pool, stage.passwords, [user.id], **args)
    assert code_of(issued) == "USER_ENDED"
    again = [await stage.new_partner_user(msisdn=each.nn_msisdn) for each in (user, blocked, left)]
    added = await stage.add_partner_users(*again)
    assert [isinstance(each, Refusal) for each in added] == [False, False, True], "the third has another holder already"
    assert not isinstance(kept, Refusal)


@pytest.mark.requirement("D-06", "D-07")
async def test_credentials_come_by_sms_and_end_what_was_open(stage: Stage) -> None:
    user = await stage.partner_user()
    token = (await stage.session(user)).token
    args = {**given(stage), "keys": stage.keys, "rules": stage.rules}
    assert await issue_partner_credentials(stage.pool, stage.passwords, [user.id], **args) == [user.id]
    assert code_of(await stage.who(token)) == "SESSION_EXPIRED"
    assert code_of(await stage.log_in(user.username, PASSWORD)) == "BAD_CREDENTIALS"
    (data,) = await stage.texts(user.nn_msisdn, "credentials")
    assert (data["outlet"], data["username"]) == ("Mitra Jaya", user.username)
    stage.clock.advance(stage.clock.now() - stage.clock.now())
    assert (await stage.reread(user.id, "partner")).password_initial
    assert isinstance(await stage.log_in(user.username, data["password"]), LoginStarted)


async def test_pages_of_users(stage: Stage) -> None:
    partner_id = await stage.other_partner()
    added = sorted([(await stage.partner_user(partner_id=partner_id)).id for _ in range(3)])
    async with stage.pool.acquire() as connection:
        first = await partner_users(connection, partner_id, limit=2)
        rest = await partner_users(connection, partner_id, after=first[-1].id)
    assert [user.id for user in [*first, *rest]] == added


async def test_nobody_is_added_without_people(stage: Stage) -> None:
    async with stage.pool.acquire() as connection:
        assert await add_partner_users(connection, [], rules=stage.rules, **given(stage)) == []
