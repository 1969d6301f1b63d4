"""At the very moment, and one microsecond before."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.access.people import HOME, PASSWORD, Stage, code_of, rules
from tests.channel.numbers.desk import Desk
from tests.shop import own_stage
from tests.stage import passwords, stage

from konter.access.change_password import change_password
from konter.access.model import LoginStarted, Principal
from konter.access.step import actor_of
from konter.channel.inactivity.model import Activity, Countdown, Seller, judge
from konter.channel.numbers.model import NnChanged
from konter.channel.onboarding.model import due_at
from konter.platform.ids import OutletId
from konter.platform.refusal import Refusal
from konter.terms.accept import agree
from konter.terms.load import load_documents, shipped_documents
from konter.terms.model import DocumentRef

__all__ = ["own_stage", "passwords", "stage"]

TICK, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


@pytest.mark.requirement("D-26", "G-D06")
async def test_a_released_number_is_free_at_the_very_moment_and_not_before(desk: Desk, stage: Stage) -> None:
    user, other = await stage.user(), await stage.user()
    assert isinstance(await desk.link(user.id, None), NnChanged)
    stage.clock.advance(24 * HOUR - TICK)
    refusal = await desk.link(other.id, user.nn_msisdn)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.data["hours"]) == ("NN_COOLING_DOWN", 1)
    stage.clock.advance(TICK)
    assert isinstance(await desk.link(other.id, user.nn_msisdn), NnChanged)


def _seller(zone: str, last: datetime, noticed: int) -> Seller:
    live = Countdown(
        id=1,
        outlet_id=OutletId(256),
        policy="auto",
        state="warned",
        since=last,
        last_kind="sale",
        last_id=1,
        noticed_day=noticed,
        noticed_at=last + noticed * DAY,
        notices=(),
        opened_at=last,
    )
    return Seller(
        outlet_id=OutletId(256),
        name="Sukses",
        kind="individual",
        segment="retail",
        status="active",
        zone=zone,
        opened_at=last - 400 * DAY,
        spared_at=None,
        spared_id=None,
        live=live if noticed else None,
    )


@pytest.mark.requirement("D-71", "G-D15")
@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
@pytest.mark.parametrize("begin", [(2027, 12, 5), (2028, 1, 30), (2028, 2, 29), (2027, 2, 1)])
@pytest.mark.parametrize(("day", "noticed", "act"), [(23, 0, "notice"), (29, 23, "notice"), (30, 29, "terminate")])
def test_what_is_due_after_days_is_due_at_that_second_in_every_zone(
    zone: str, begin: tuple[int, int, int], day: int, noticed: int, act: str
) -> None:
    last = datetime(*begin, 0, 0, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    sale = Activity(at=last, kind="sale", id=1)
    given = {"rules": rules().seller}
    assert judge(_seller(zone, last, noticed), sale, now=last + day * DAY - TICK, **given) is None
    verdict = judge(_seller(zone, last, noticed), sale, now=last + day * DAY, **given)
    assert verdict is not None
    assert verdict.act == act
    assert (last + day * DAY).astimezone(ZoneInfo(zone)).hour == 0, "no zone here has summer time"


@pytest.mark.requirement("G-D09")
def test_an_answer_is_due_after_whole_hours_also_over_new_year_and_the_29th_of_february() -> None:
    for sent in (datetime(2027, 12, 31, 16, 59, 59, tzinfo=UTC), datetime(2028, 2, 28, 16, 59, 59, tzinfo=UTC)):
        due = due_at(sent, rules())
        assert due - sent == rules().onboarding.sla_h * HOUR
    assert due.date().isoformat() == "2028-03-01"


@pytest.mark.requirement("G-D01", "D-07")
async def test_an_initial_password_that_lapses_during_the_form_is_still_changed_by_who_is_in(stage: Stage) -> None:
    user = await stage.newcomer()
    ttl = stage.rules.auth.initial_password_ttl_h * HOUR
    stage.clock.advance(ttl - timedelta(minutes=1))
    who = await stage.principal(user)
    stage.clock.advance(timedelta(minutes=1))
    outcome = await change_password(
        stage.pool, stage.passwords, who, old=PASSWORD, new="teh-manis-53", origin=HOME, **stage.given
    )
    assert outcome is None
    assert isinstance(await stage.log_in(user.username, "teh-manis-53"), LoginStarted)


@pytest.mark.requirement("G-D01")
async def test_an_initial_password_lapses_at_the_very_moment(stage: Stage) -> None:
    user = await stage.newcomer()
    stage.clock.advance(stage.rules.auth.initial_password_ttl_h * HOUR - TICK)
    assert isinstance(await stage.log_in(user.username), LoginStarted)
    stage.clock.advance(TICK)
    assert code_of(await stage.log_in(user.username)) == "INITIAL_PASSWORD_EXPIRED"


@pytest.mark.requirement("D-63", "D-75", "D-103")
async def test_terms_that_come_into_force_at_midnight_while_somebody_reads_the_old_ones(own_stage: Stage) -> None:
    stage = own_stage
    midnight = datetime(2028, 2, 29, 0, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
    stage.clock.at = midnight.astimezone(UTC) - TICK
    old = next(each for each in shipped_documents() if each.code == "privacy-policy")
    new = msgspec.structs.replace(old, version="9.0", valid_from=midnight)
    async with stage.pool.acquire() as connection:
        await load_documents(connection, [new])
    user = await stage.user()
    await stage.pool.execute("DELETE FROM acceptance WHERE user_id = $1", user.id)
    await stage.pool.execute("UPDATE subscription SET active_until = $1", midnight + DAY)
    who = await stage.principal(user)
    assert isinstance(who, Principal)

    async def accept(version: str) -> Refusal | None:
        actor = actor_of(who, HOME)
        given = {"now": stage.now, "ids": stage.ids, "rules": stage.rules}
        async with stage.pool.acquire() as connection:
            ref = DocumentRef("privacy-policy", version)
            return await agree(connection, user.id, [ref], session_id=who.session_id, actor=actor, **given)

    assert code_of(await accept("9.0")) == "DOCUMENT_NOT_IN_FORCE"
    assert await accept(old.version) is None
    stage.clock.advance(TICK)
    assert code_of(await accept(old.version)) == "DOCUMENT_NOT_IN_FORCE"
    assert await accept("9.0") is None
