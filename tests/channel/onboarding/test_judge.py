"""Recommend, approve, reject: who may, once, and what an approval opens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
from tests.access.people import code_of
from tests.channel.onboarding.desk import BRANCH, Desk, nik
from tests.channel.territory.ground import DEPOK

from konter.access.model import LoginStarted, SessionOpened
from konter.channel.model import NewArea
from konter.channel.onboarding.fill import WhichNumbers
from konter.channel.onboarding.model import Decision, Judged
from konter.channel.onboarding.opening import usernames_of
from konter.channel.scope import EVERYWHERE, Scope
from konter.channel.territory.model import Territory
from konter.conduct.blacklist import blacklist
from konter.conduct.model import Blacklisting
from konter.platform.audit import SYSTEM, Actor
from konter.platform.ids import ApplicationId
from konter.platform.refusal import Refusal


class OnePool:
    """Gives the same connection to everybody, so that its statements can be counted."""

    def __init__(self, connection: object) -> None:
        self._connection = connection

    @asynccontextmanager
    async def acquire(self, **_: object) -> AsyncIterator[object]:
        yield self._connection


async def outlets_of(desk: Desk, application_id: ApplicationId) -> int:
    number = (await desk.read(application_id)).rs_msisdn
    return await desk.stage.pool.fetchval("SELECT count(*) FROM reseller_number WHERE msisdn = $1", number)


@pytest.mark.requirement("D-01", "D-05", "D-06", "D-19", "D-59", "G-D08", "G-D09")
async def test_it_works(desk: Desk) -> None:
    stage, number = desk.stage, await desk.stage.number()
    application_id = await desk.sent(number)
    assert await outlets_of(desk, application_id) == 0
    outcome = await desk.recommend(application_id, note="Tokonya ada, dekat pasar.")
    assert outcome == Judged(application_id=application_id, state="recommended")
    judged = await desk.decide(application_id)
    assert isinstance(judged, Judged), judged
    assert judged.state == "approved"
    outlet = await stage.pool.fetchrow("SELECT * FROM outlet WHERE id = $1", judged.outlet_id)
    assert (outlet["partner_id"], outlet["district"], outlet["area"]) == (
        desk.ground.mine,
        DEPOK,
        desk.ground.code("AW"),
    )
    assert (outlet["kind"], outlet["name"], outlet["code"]) == ("outlet", "Sukses Cell", judged.outlet_code)
    assert len(judged.outlet_code) == 10
    (text,) = await stage.texts(number, "credentials")
    assert text["username"] == judged.username
    started = await stage.log_in(judged.username, text["password"])
    assert isinstance(started, LoginStarted), started
    opened = await stage.enter(started.login_id, await stage.last_otp(number))
    assert isinstance(opened, SessionOpened)
    assert opened.next == "change_password"
    kept = await desk.read(application_id)
    assert (kept.state, kept.outlet_id) == ("approved", judged.outlet_id)
    assert (await stage.audit(application_id))[-2:] == ["application.recommended", "application.approved"]
    assert not await stage.pool.fetchval("SELECT count(*) FROM application_number WHERE msisdn = $1", number)


@pytest.mark.requirement("D-05")
async def test_a_rejection_has_a_reason_that_the_applicant_reads(desk: Desk) -> None:
    application_id = await desk.recommended()
    assert code_of(await desk.decide(application_id, approve=False)) == "INVALID_INPUT"
    assert code_of(await desk.decide(application_id, approve=False, reason="x" * 301)) == "INVALID_INPUT"
    outcome = await desk.decide(application_id, approve=False, reason="Foto KTP tidak terbaca.")
    assert outcome == Judged(application_id=application_id, state="rejected")
    kept = await desk.read(application_id)
    (text,) = await desk.stage.texts(kept.msisdn, "application_rejected")
    assert text["reason"] == kept.reason == "Foto KTP tidak terbaca."
    assert await outlets_of(desk, application_id) == 0
    desk.stage.clock.advance(timedelta(seconds=61))
    assert (await desk.begin(kept.msisdn)).application_id == application_id, "it can be read by its applicant"


async def test_a_branch_may_reject_what_no_partner_recommended_and_not_approve_it(desk: Desk) -> None:
    application_id = await desk.sent()
    assert code_of(await desk.decide(application_id)) == "NOT_YET_RECOMMENDED"
    assert isinstance(await desk.decide(application_id, approve=False, reason="Bukan outlet."), Judged)


@pytest.mark.requirement("D-59")
async def test_another_partners_application_is_not_found(desk: Desk) -> None:
    application_id = await desk.sent()
    refused = await desk.recommend(application_id, scope=Scope(partner_id=desk.ground.theirs))
    assert code_of(refused) == "APPLICATION_NOT_FOUND"
    assert code_of(await desk.recommend(ApplicationId(256))) == "APPLICATION_NOT_FOUND"
    assert await desk.state(application_id) == "submitted"


@pytest.mark.requirement("D-57", "G-D09")
async def test_field_sales_recommend_in_their_clusters_only(desk: Desk) -> None:
    application_id = await desk.sent()
    elsewhere, here = (Scope(partner_id=desk.ground.mine, areas=(desk.ground.code(code),)) for code in ("CE", "CW"))
    assert code_of(await desk.recommend(application_id, scope=elsewhere)) == "APPLICATION_NOT_FOUND"
    assert isinstance(await desk.recommend(application_id, scope=here), Judged)


@pytest.mark.requirement("G-D09")
async def test_who_recommends_and_who_decides_is_a_rule_of_the_verbs(desk: Desk) -> None:
    application_id = await desk.sent()
    assert code_of(await desk.recommend(application_id, roles=("SBP_FIELD_SALES",))) == "FORBIDDEN"
    rules, own = desk.stage.rules, {"recommend_role": "sbp_field_sales", "approve_role": "supervisor"}
    changed = msgspec.structs.replace(rules.onboarding, **own)
    desk.stage.rules = msgspec.structs.replace(rules, onboarding=changed)
    assert code_of(await desk.recommend(application_id)) == "FORBIDDEN"
    assert isinstance(await desk.recommend(application_id, roles=("SBP_FIELD_SALES",)), Judged)
    approval = [Decision(application_id=application_id, approve=True)]
    assert [code_of(each) for each in await desk.decide_all(approval)] == ["FORBIDDEN"]
    (judged,) = await desk.decide_all(approval, roles=("supervisor",))
    assert isinstance(judged, Judged), judged


@pytest.mark.requirement("G-D09")
async def test_a_branch_elsewhere_does_not_find_it_and_the_whole_operator_does(desk: Desk) -> None:
    application_id = await desk.recommended()
    for areas in ((desk.ground.code("BE"),), ("NOWHERE",)):
        assert code_of(await desk.decide(application_id, scope=Scope(areas=areas))) == "APPLICATION_NOT_FOUND"
    assert isinstance(await desk.decide(application_id, scope=EVERYWHERE), Judged)


async def test_what_was_not_sent_is_nobodys_business(desk: Desk) -> None:
    opened = await desk.filled()
    assert code_of(await desk.recommend(opened.application_id)) == "APPLICATION_NOT_FOUND"
    refused = await desk.decide(opened.application_id, scope=EVERYWHERE)
    assert code_of(refused) == "APPLICATION_NOT_FOUND"


@pytest.mark.requirement("D-05")
async def test_not_twice_and_not_after_the_other(desk: Desk) -> None:
    application_id = await desk.recommended()
    assert code_of(await desk.recommend(application_id)) == "ALREADY_RECOMMENDED"
    assert isinstance(await desk.decide(application_id), Judged)
    assert code_of(await desk.decide(application_id)) == "APPLICATION_DECIDED"
    assert code_of(await desk.decide(application_id, approve=False, reason="Lambat.")) == "APPLICATION_DECIDED"
    assert code_of(await desk.recommend(application_id)) == "APPLICATION_DECIDED"
    assert await outlets_of(desk, application_id) == 1


@pytest.mark.requirement("D-05")
async def test_nobody_judges_an_application_of_their_own(desk: Desk) -> None:
    number = await desk.stage.number()
    application_id = await desk.sent(number)
    own = frozenset([number])
    assert code_of(await desk.recommend(application_id, own=own)) == "OWN_APPLICATION"
    assert isinstance(await desk.recommend(application_id), Judged)
    assert code_of(await desk.decide(application_id, own=own)) == "OWN_APPLICATION"
    assert code_of(await desk.decide(application_id, own=own, approve=False, reason="x")) == "OWN_APPLICATION"
    assert code_of(await desk.decide(application_id, actor=Actor("partner", 256 * 7))) == "FORBIDDEN"


async def test_a_partner_may_be_against_it_with_a_note(desk: Desk) -> None:
    application_id = await desk.sent()
    assert code_of(await desk.recommend(application_id, supports=False)) == "INVALID_INPUT"
    assert isinstance(await desk.recommend(application_id, supports=False, note="Alamatnya rumah kosong."), Judged)
    kept = await desk.read(application_id)
    assert (kept.supports, kept.note) == (False, "Alamatnya rumah kosong.")


@pytest.mark.requirement("D-05")
async def test_of_many_at_once_one_decides(desk: Desk) -> None:
    application_id = await desk.recommended()
    outcomes = await asyncio.gather(
        desk.decide(application_id),
        desk.decide(application_id, approve=False, reason="Lambat."),
        desk.decide(application_id),
        desk.decide(application_id, approve=False, reason="Lambat."),
    )
    decided = [each for each in outcomes if isinstance(each, Judged)]
    assert len(decided) == 1
    assert {code_of(each) for each in outcomes if isinstance(each, Refusal)} == {"APPLICATION_DECIDED"}
    assert await desk.state(application_id) == decided[0].state
    assert await outlets_of(desk, application_id) == (1 if decided[0].state == "approved" else 0)


async def test_of_many_recommendations_at_once_one_counts(desk: Desk) -> None:
    application_id = await desk.sent()
    outcomes = await asyncio.gather(*[desk.recommend(application_id) for _ in range(4)])
    assert sorted(isinstance(each, Refusal) for each in outcomes) == [False, True, True, True]


async def test_a_batch_has_an_outcome_for_each_in_order(desk: Desk) -> None:
    first, second, third = [await desk.recommended() for _ in range(3)]
    wanted = [
        Decision(application_id=first, approve=True),
        Decision(application_id=second, approve=False, reason="Foto tidak terbaca."),
        Decision(application_id=first, approve=False, reason="Berubah pikiran."),
        Decision(application_id=ApplicationId(256), approve=True),
        Decision(application_id=third, approve=True),
    ]
    outcomes = await desk.decide_all(wanted)
    shown = [each.code if isinstance(each, Refusal) else each.state for each in outcomes]
    assert shown == ["approved", "rejected", "APPLICATION_DECIDED", "APPLICATION_NOT_FOUND", "approved"]
    assert [await desk.state(each) for each in (first, second, third)] == ["approved", "rejected", "approved"]


@pytest.mark.requirement("D-26", "D-33")
async def test_a_number_that_was_taken_meanwhile_sends_it_back_with_that_word(desk: Desk) -> None:
    number = await desk.stage.number()
    application_id, neighbour = await desk.recommended(number), await desk.recommended()
    await desk.stage.outlet(reseller_msisdn=number)
    outcomes = await desk.decide_all(
        [Decision(application_id=application_id, approve=True), Decision(application_id=neighbour, approve=True)]
    )
    assert code_of(outcomes[0]) == "RS_ALREADY_REGISTERED"
    assert isinstance(outcomes[1], Judged), "the neighbour is opened all the same"
    kept = await desk.read(application_id)
    assert (kept.state, kept.returned_code) == ("draft", "RS_ALREADY_REGISTERED")
    assert len(await desk.stage.texts(number, "application_returned")) == 1
    assert await desk.stage.texts(number, "credentials") == []
    desk.stage.clock.advance(timedelta(seconds=61))
    again = await desk.begin(number)
    assert (again.application_id, again.resumed) == (application_id, True)
    assert code_of(await desk.decide(application_id)) == "APPLICATION_RETURNED"


@pytest.mark.requirement("D-26")
async def test_an_approval_and_a_new_user_for_one_number_at_once(desk: Desk) -> None:
    """Whoever links the number first has it; nothing is left of the other."""
    for _ in range(3):
        number = await desk.stage.number()
        application_id, outlet = await desk.recommended(number), await desk.stage.outlet()
        user = await desk.stage.new_user(outlet, nn_msisdn=number)
        outcome, (added,) = await asyncio.gather(desk.decide(application_id), desk.stage.add_users(user))
        assert isinstance(outcome, Refusal) != isinstance(added, Refusal)
        links = await desk.stage.pool.fetchval("SELECT count(*) FROM notification_number WHERE msisdn = $1", number)
        assert links == 1
        assert await outlets_of(desk, application_id) == (0 if isinstance(outcome, Refusal) else 1)
        assert await desk.state(application_id) == ("draft" if isinstance(outcome, Refusal) else "approved")


@pytest.mark.requirement("G-D04")
async def test_a_number_that_has_expired_sends_it_back(desk: Desk) -> None:
    number = await desk.stage.number()
    application_id = await desk.recommended(number)
    desk.stage.clock.advance(timedelta(days=31))
    assert code_of(await desk.decide(application_id)) == "RS_NOT_OPERATOR"
    assert await desk.state(application_id) == "draft"


@pytest.mark.requirement("D-19", "G-D05")
async def test_a_rule_that_changed_meanwhile_sends_it_back_with_that_word(desk: Desk) -> None:
    """One number for both was allowed on the day it was sent, and is not any more."""
    application_id = await desk.recommended()
    rules = desk.stage.rules
    outlet = msgspec.structs.replace(rules.outlet, rs_may_be_nn=False)
    desk.stage.rules = msgspec.structs.replace(rules, outlet=outlet)
    assert code_of(await desk.decide(application_id)) == "RS_MUST_DIFFER"
    application = await desk.read(application_id)
    assert (application.state, application.returned_code) == ("draft", "RS_MUST_DIFFER")


@pytest.mark.requirement("D-06")
async def test_user_names_that_somebody_took_on_purpose_stop_no_approval(desk: Desk) -> None:
    """The next ones can be foreseen, and whoever adds users chooses names."""
    application_id = await desk.recommended()
    names = usernames_of(application_id)
    for name in names[:4]:
        await desk.stage.user(username=name)
    judged = await desk.decide(application_id)
    assert isinstance(judged, Judged), judged
    assert judged.username == names[4]


@pytest.mark.requirement("D-96")
async def test_a_nik_blacklisted_meanwhile_is_not_approved_and_waits_for_a_rejection(desk: Desk) -> None:
    stage, digits = desk.stage, nik()
    application_id = await desk.recommended(nik=digits)
    async with stage.pool.acquire() as connection:
        entry = Blacklisting(kind="nik", nik=digits, reason="voucher palsu")
        await blacklist(connection, [entry], actor=SYSTEM, now=stage.now, ids=stage.ids, keys=stage.keys)
    assert code_of(await desk.decide(application_id)) == "BLACKLISTED"
    assert await desk.state(application_id) == "recommended"
    assert await outlets_of(desk, application_id) == 0


@pytest.mark.requirement("D-01", "D-33")
async def test_a_person_is_one_individual_seller_and_may_own_two_outlets(desk: Desk) -> None:
    digits = nik()
    assert isinstance(await desk.decide(await desk.recommended(nik=digits, kind="individual")), Judged)
    opened = await desk.filled(nik=digits, kind="individual")
    assert code_of(await desk.send(opened.token)) == "NIK_ALREADY_SELLS"
    for _ in range(2):
        assert isinstance(await desk.decide(await desk.recommended(nik=digits, kind="outlet")), Judged)


@pytest.mark.requirement("D-59", "G-D08")
async def test_a_place_that_changed_hands_goes_to_its_new_partner(desk: Desk) -> None:
    ground = desk.ground
    application_id = await desk.recommended()
    cluster, depot = ground.code("C2"), ground.code("D2")
    await ground.set_areas(
        NewArea(code=cluster, name="Depok 2", level="cluster", parent=ground.code("BW")),
        NewArea(code=depot, name="Depot 2", level="depot", parent=cluster, partner_id=ground.theirs),
    )
    assert await ground.assign(Territory(district=DEPOK, cluster=cluster, depot=depot)) == [DEPOK]
    assert code_of(await desk.decide(application_id)) == "OUT_OF_AREA"
    kept = await desk.read(application_id)
    assert (kept.state, kept.partner_id, kept.recommended_by) == ("submitted", ground.theirs, None)
    assert isinstance(await desk.recommend(application_id, scope=Scope(partner_id=ground.theirs)), Judged)
    judged = await desk.decide(application_id)
    assert isinstance(judged, Judged)
    assert judged.state == "approved"


async def test_an_approval_takes_as_many_statements_for_five_as_for_one(desk: Desk) -> None:
    one, *five = [await desk.recommended() for _ in range(6)]
    counts = []
    for batch in ([one], five):
        seen: list[str] = []
        wanted = [Decision(application_id=each, approve=True) for each in batch]
        async with desk.stage.pool.acquire() as connection:
            with connection.query_logger(lambda record, seen=seen: seen.append(record.query)):
                outcomes = await desk.decide_all(wanted, pool=OnePool(connection))
        assert all(isinstance(each, Judged) for each in outcomes)
        counts.append(len(seen))
    assert counts[1] <= counts[0]  # the first may reserve a block of ids


async def test_who_decides_is_written_down(desk: Desk) -> None:
    application_id = await desk.recommended()
    await desk.decide(application_id)
    row = await desk.stage.pool.fetchrow(
        "SELECT actor FROM audit WHERE subject_id = $1 AND action = 'application.approved'", application_id
    )
    assert row["actor"] == BRANCH.text


@pytest.mark.requirement("D-20")
async def test_a_seller_number_of_the_older_channel_is_linked_with_the_outlet(desk: Desk) -> None:
    stage = desk.stage
    opened, other = await desk.filled(), await stage.number()
    own = (await desk.read(opened.application_id)).numbers[0]
    assert await desk.add_number(opened.token, *await desk.proof(other)) == other
    await desk.seller_number(other)
    assert await desk.save(opened.token, WhichNumbers(rs=own, nn=own, ussd=other)) == opened.application_id
    assert await desk.send(opened.token) == opened.application_id
    assert isinstance(await desk.recommend(opened.application_id), Judged)
    judged = await desk.decide(opened.application_id)
    assert isinstance(judged, Judged), judged
    linked = await stage.pool.fetchval("SELECT outlet_id FROM seller_number WHERE msisdn = $1", other)
    holder = await stage.pool.fetchval("SELECT outlet_id FROM outlet_number WHERE msisdn = $1", other)
    assert linked == holder == judged.outlet_id
