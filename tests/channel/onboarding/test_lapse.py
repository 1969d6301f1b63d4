"""What was never sent is forgotten, and of a rejected application what names a person; and a log-in before approval."""

from datetime import timedelta

import pytest
from tests.access.people import code_of
from tests.channel.onboarding.desk import Desk

from konter.access.refusals import APP_BLOCKED, BAD_CREDENTIALS
from konter.channel.onboarding.lapse import lapse_applications
from konter.channel.onboarding.model import Judged
from konter.channel.onboarding.review import explained
from konter.channel.onboarding.start import Opened, begin_again
from konter.platform.ids import ApplicationId
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import national

NAMING = ("owner_sealed", "nik_sealed", "address_sealed", "signatory_sealed", "outlet_name", "photo_at")


async def sweep(desk: Desk) -> None:
    async with desk.stage.pool.acquire() as connection:
        await lapse_applications(connection, now=desk.stage.now, ids=desk.stage.ids, rules=desk.stage.rules)


async def photos_of(desk: Desk, application_id: ApplicationId) -> int:
    return await desk.stage.pool.fetchval(
        "SELECT count(*) FROM application_photo WHERE application_id = $1", application_id
    )


@pytest.mark.requirement("D-55")
async def test_a_draft_that_nobody_touches_lapses_and_is_emptied(desk: Desk) -> None:
    number = await desk.stage.number()
    opened = await desk.filled(number)
    desk.stage.clock.advance(timedelta(days=13, hours=23))
    await sweep(desk)
    assert await desk.state(opened.application_id) == "draft"
    desk.stage.clock.advance(timedelta(hours=1))
    await sweep(desk)
    kept = await desk.read(opened.application_id)
    assert kept.state == "lapsed"
    assert [getattr(kept, name) for name in NAMING] == [None] * len(NAMING)
    assert (kept.msisdn, kept.nik_key, kept.numbers) == (None, None, ())
    assert await photos_of(desk, opened.application_id) == 0
    assert (await desk.stage.audit(opened.application_id))[-1] == "application.lapsed"
    assert (await desk.begin(number)).application_id != opened.application_id


async def test_what_was_sent_never_lapses(desk: Desk) -> None:
    application_id = await desk.sent()
    desk.stage.clock.advance(timedelta(days=400))
    await sweep(desk)
    assert await desk.state(application_id) == "submitted"


@pytest.mark.requirement("D-55")
async def test_of_a_rejected_one_the_decision_stays_and_the_person_goes(desk: Desk) -> None:
    application_id = await desk.sent()
    assert isinstance(await desk.decide(application_id, approve=False, reason="Bukan outlet."), Judged)
    desk.stage.clock.advance(timedelta(days=89))
    await sweep(desk)
    assert await photos_of(desk, application_id) == 1
    desk.stage.clock.advance(timedelta(days=1))
    await sweep(desk)
    kept = await desk.read(application_id)
    assert [getattr(kept, name) for name in NAMING] == [None] * len(NAMING)
    assert (kept.state, kept.reason, kept.nik_key is None) == ("rejected", "Bukan outlet.", False)
    assert await photos_of(desk, application_id) == 0


async def test_whoever_was_rejected_begins_again_without_another_otp(desk: Desk) -> None:
    number = await desk.stage.number()
    opened = await desk.filled(number)
    await desk.send(opened.token)
    await desk.decide(opened.application_id, approve=False, reason="Bukan outlet.")
    async with desk.stage.pool.acquire() as connection:
        again = await begin_again(connection, opened.token, **desk.given)
        assert isinstance(again, Opened)
        assert again.application_id != opened.application_id
        twice = await begin_again(connection, opened.token, **desk.given)
        assert isinstance(twice, Opened)
        assert twice.application_id == again.application_id, "a double tap begins one"
        assert code_of(await begin_again(connection, twice.token, **desk.given)) == "APPLICATION_SENT"


@pytest.mark.requirement("D-05")
async def test_a_log_in_with_the_number_says_under_review_until_it_is_decided(desk: Desk) -> None:
    number = await desk.stage.number()
    opened = await desk.filled(number)

    async def says(username: str, refusal: Refusal | None = None) -> str:
        async with desk.stage.pool.acquire() as connection:
            return (await explained(connection, refusal or BAD_CREDENTIALS(), username)).code

    assert await says(national(number)) == "BAD_CREDENTIALS", "a draft is nobody's business"
    await desk.send(opened.token)
    assert await says(national(number)) == await says(f"+{number}") == "APPLICATION_UNDER_REVIEW"
    assert await says(national(number), APP_BLOCKED()) == "APP_BLOCKED"
    assert await says("sari.kasir") == await says("\0") == await says("081299999999") == "BAD_CREDENTIALS"
    assert code_of(await desk.stage.log_in(national(number))) == "BAD_CREDENTIALS", "there is no such user"
    await desk.recommend(opened.application_id)
    assert await says(national(number)) == "APPLICATION_UNDER_REVIEW"
    await desk.decide(opened.application_id)
    assert await says(national(number)) == "BAD_CREDENTIALS"
