"""From a number to an application that is sent: proof, form, resumption."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.access.people import code_of, wrong
from tests.channel.onboarding.desk import Desk, nik
from tests.channel.territory.ground import DEPOK, NOBODYS

from konter.channel.onboarding.fill import Declaration, Where, WhichNumbers, Who
from konter.channel.onboarding.model import Judged
from konter.channel.onboarding.prove import ADDRESS_MAX_PER_HOUR
from konter.channel.onboarding.queues.model import Dossier
from konter.channel.onboarding.queues.read import dossier
from konter.channel.onboarding.start import Opened
from konter.channel.scope import EVERYWHERE
from konter.conduct.blacklist import blacklist, lift_blacklist
from konter.conduct.model import Blacklisting, Lifting
from konter.platform.audit import SYSTEM, Actor
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal


def who(**changed: str) -> Who:
    return Who(**{"kind": "outlet", "outlet_name": "Sukses Cell", "owner_name": "Sari Contoh", "nik": nik(), **changed})


@pytest.mark.requirement("D-01", "D-02", "D-03", "D-56", "D-82", "G-D09")
async def test_it_works(desk: Desk) -> None:
    opened = await desk.filled()
    before = await desk.read(opened.application_id)
    assert (before.state, before.missing) == ("draft", ())
    assert await desk.send(opened.token) == opened.application_id
    sent = await desk.read(opened.application_id)
    assert (sent.state, sent.partner_id) == ("submitted", desk.ground.mine)
    assert sent.due_at == desk.stage.now + timedelta(hours=48)
    assert (sent.form_version, sent.capacity, sent.declared_at) == ("1.0", "owner", desk.stage.now)
    (text,) = await desk.stage.texts(sent.msisdn, "application_received")
    assert text["form"] == sent.form_number
    story = await desk.stage.audit(sent.id)
    assert story[0] == "application.started"
    assert story[-1] == "application.submitted"


@pytest.mark.requirement("T-01")
async def test_who_begins_to_apply_goes_by_the_terms_of_use_in_force(desk: Desk) -> None:
    opened = await desk.filled()
    kept = await desk.stage.pool.fetchval("SELECT terms_version FROM application WHERE id = $1", opened.application_id)
    assert kept == "1.0"


@pytest.mark.requirement("D-02", "G-D04")
async def test_another_operators_number_cannot_go_past_entry(desk: Desk) -> None:
    assert code_of(await desk.ask(Msisdn(6285612345678))) == "NUMBER_NOT_OPERATOR"
    assert await desk.stage.texts(Msisdn(6285612345678)) == []


@pytest.mark.requirement("D-02", "G-D02")
async def test_nobody_lists_who_is_a_customer_by_asking(desk: Desk) -> None:
    """After sixty numbers that are none of ours an address waits with every number, and is told so in the same words."""
    known = await desk.stage.number()
    for n in range(ADDRESS_MAX_PER_HOUR):
        assert code_of(await desk.ask(Msisdn(6281299900000 + n))) == "NUMBER_NOT_OPERATOR"
    assert code_of(await desk.ask(Msisdn(6281299999998))) == "OTP_TOO_MANY"
    assert code_of(await desk.ask(known)) == "OTP_TOO_MANY"
    assert await desk.stage.texts(known) == []


@pytest.mark.requirement("D-02", "G-D04")
async def test_a_number_with_our_prefix_that_is_not_active_cannot_either(desk: Desk) -> None:
    expired = await desk.stage.number(active=False)
    assert code_of(await desk.ask(expired)) == "NUMBER_NOT_OPERATOR"
    assert code_of(await desk.ask(Msisdn(6281299999999))) == "NUMBER_NOT_OPERATOR"


async def test_an_otp_is_good_once_and_for_five_minutes(desk: Desk) -> None:
    ticket, code = await desk.proof(await desk.stage.number())
    assert isinstance(await desk.enter(ticket, code), Opened)
    assert code_of(await desk.enter(ticket, code)) == "OTP_EXPIRED"
    ticket, code = await desk.proof(await desk.stage.number())
    desk.stage.clock.advance(timedelta(minutes=5))
    assert code_of(await desk.enter(ticket, code)) == "OTP_EXPIRED"


async def test_wrong_codes_are_counted_and_the_last_ends_the_proof(desk: Desk) -> None:
    ticket, code = await desk.proof(await desk.stage.number())
    codes = [code_of(await desk.enter(ticket, wrong(code))) for _ in range(5)]
    assert codes == ["OTP_WRONG"] * 4 + ["OTP_EXPIRED"]
    assert code_of(await desk.enter(ticket, code)) == "OTP_EXPIRED"


async def test_a_made_up_ticket_is_nobodys(desk: Desk) -> None:
    for ticket in ("", "x" * 32, "x" * 31, "\0", "é" * 32):
        assert code_of(await desk.enter(ticket, "123456")) == "PROOF_NOT_FOUND"


@pytest.mark.requirement("G-D02")
async def test_otps_are_limited_by_time_and_number(desk: Desk) -> None:
    number = await desk.stage.number()
    await desk.proof(number)
    assert code_of(await desk.ask(number)) == "OTP_RESEND_TOO_SOON"
    for _ in range(4):
        desk.stage.clock.advance(timedelta(seconds=61))
        await desk.proof(number)
    desk.stage.clock.advance(timedelta(seconds=61))
    assert code_of(await desk.ask(number)) == "OTP_TOO_MANY"


@pytest.mark.requirement("D-03")
async def test_another_phone_goes_on_with_the_same_application_and_the_first_is_out(desk: Desk) -> None:
    number = await desk.stage.number()
    first = await desk.begin(number)
    assert await desk.save(first.token, who()) == first.application_id
    desk.stage.clock.advance(timedelta(seconds=61))
    second = await desk.begin(number)
    assert (second.application_id, second.resumed) == (first.application_id, True)
    assert (await desk.read(second.application_id)).missing[0] == "where"
    assert code_of(await desk.save(first.token, who())) == "APPLICATION_SIGNED_OUT"
    assert await desk.save(second.token, who()) == first.application_id


async def test_a_token_ends_and_no_other_opens_anything(desk: Desk) -> None:
    opened = await desk.begin()
    for token in ("", "A" * 44, opened.token[:-1] + ("A" if opened.token[-1] != "A" else "B"), "\0" * 44):
        assert code_of(await desk.save(token, who())) == "APPLICATION_SIGNED_OUT"
    desk.stage.clock.advance(timedelta(hours=12))
    assert code_of(await desk.save(opened.token, who())) == "APPLICATION_SIGNED_OUT"


async def test_twins_of_one_number_have_one_application(desk: Desk) -> None:
    number = await desk.stage.number()
    ticket, code = await desk.proof(number)
    outcomes = await asyncio.gather(*[desk.enter(ticket, code) for _ in range(4)])
    assert sorted(type(each).__name__ for each in outcomes) == ["Opened", "Refusal", "Refusal", "Refusal"]
    count = await desk.stage.pool.fetchval("SELECT count(*) FROM application WHERE msisdn = $1", number)
    assert count == 1


@pytest.mark.requirement("D-55")
@pytest.mark.parametrize(
    ("digits", "code"),
    [
        ("3276013102900001", "NIK_INVALID"),  # 31 February
        ("3276010101900000", "NIK_INVALID"),  # serial 0000
        ("327601010190000", "NIK_INVALID"),
        ("327601010190000X", "NIK_INVALID"),
        ("", "NIK_INVALID"),
        ("３２７６０１０１０１９００００１", "NIK_INVALID"),
    ],
)
async def test_what_cannot_be_a_nik_is_refused(desk: Desk, digits: str, code: str) -> None:
    opened = await desk.begin()
    assert code_of(await desk.save(opened.token, who(nik=digits))) == code


async def test_a_nik_of_a_region_that_is_not_known_will_do(desk: Desk) -> None:
    opened = await desk.begin()
    assert await desk.save(opened.token, who(nik=f"990000{nik()[6:]}")) == opened.application_id
    woman = nik()
    assert await desk.save(opened.token, who(nik=f"{woman[:6]}{int(woman[6:8]) + 40}{woman[8:]}"))


@pytest.mark.requirement("D-55")
async def test_nothing_that_names_a_person_stands_in_the_clear(desk: Desk) -> None:
    digits = nik()
    opened = await desk.filled(owner_name="Dewi Rahasia", nik=digits)
    for table in ("application", "application_nik_key", "audit", "outbox"):
        for text in (digits, "Dewi Rahasia", "Margonda", "Sari Contoh"):
            found = await desk.stage.pool.fetchval(f"SELECT count(*) FROM {table} t WHERE t::text LIKE $1", f"%{text}%")
            assert found == 0, (table, text)
    kept = await desk.read(opened.application_id)
    assert desk.stage.keys.reveal(kept.nik_sealed or "") == digits
    assert (kept.nik_sealed or "").partition(".")[0] == (kept.owner_sealed or "").partition(".")[0], "the key's id"


@pytest.mark.parametrize("name", ["", "   ", "x" * 300, "a\nb", "\ud800"])
async def test_a_name_that_is_none_is_refused(desk: Desk, name: str) -> None:
    opened = await desk.begin()
    assert code_of(await desk.save(opened.token, who(outlet_name=name))) == "INVALID_INPUT"
    assert code_of(await desk.save(opened.token, who(owner_name=name))) == "INVALID_INPUT"


async def test_a_nik_that_was_given_need_not_be_typed_again(desk: Desk) -> None:
    opened = await desk.begin()
    await desk.save(opened.token, who())
    before = (await desk.read(opened.application_id)).nik_key
    assert await desk.save(opened.token, who(nik="", outlet_name="Nama Baru")) == opened.application_id
    after = await desk.read(opened.application_id)
    assert (after.nik_key, after.outlet_name) == (before, "Nama Baru")


@pytest.mark.requirement("D-59", "G-D08")
async def test_a_place_needs_a_district_that_somebody_serves(desk: Desk) -> None:
    opened = await desk.begin()
    for district, code in (("99.99.99", "UNKNOWN_DISTRICT"), ("32.76", "UNKNOWN_DISTRICT"), ("\0", "UNKNOWN_DISTRICT")):
        assert code_of(await desk.save(opened.token, Where(address="Jl. 1", district=district))) == code
    refused = await desk.save(opened.token, Where(address="Jl. 1", district=NOBODYS))
    assert code_of(refused) == "NO_PARTNER_IN_DISTRICT"
    assert await desk.save(opened.token, Where(address="Jl. 1", district=DEPOK)) == opened.application_id


@pytest.mark.requirement("D-19", "D-20", "D-22")
async def test_numbers_are_proved_first(desk: Desk) -> None:
    opened, other = await desk.begin(), await desk.stage.number()
    own = (await desk.read(opened.application_id)).numbers[0]
    assert code_of(await desk.save(opened.token, WhichNumbers(rs=other, nn=own))) == "NUMBER_NOT_PROVED"
    assert await desk.add_number(opened.token, *await desk.proof(other)) == other
    stranger = await desk.stage.number()
    refused = await desk.save(opened.token, WhichNumbers(rs=other, nn=own, ussd=stranger))
    assert code_of(refused) == "NUMBER_NOT_PROVED", "nobody links somebody else's seller number"
    refused = await desk.save(opened.token, WhichNumbers(rs=other, nn=own, ussd=own))
    assert code_of(refused) == "SELLER_NUMBER_UNKNOWN"
    await desk.seller_number(own)
    assert await desk.save(opened.token, WhichNumbers(rs=other, nn=own, ussd=own)) == opened.application_id
    kept = await desk.read(opened.application_id)
    assert (kept.rs_msisdn, kept.nn_msisdn, kept.ussd_msisdn, kept.numbers) == (other, own, own, (own, other))


@pytest.mark.requirement("D-26", "D-33")
async def test_a_number_of_an_outlet_begins_no_application_and_joins_none(desk: Desk) -> None:
    user = await desk.stage.user()
    assert code_of(await desk.enter(*await desk.proof(user.nn_msisdn))) == "NUMBER_ALREADY_SELLS"
    opened = await desk.begin()
    desk.stage.clock.advance(timedelta(seconds=61))
    joined = await desk.add_number(opened.token, *await desk.proof(user.nn_msisdn))
    assert code_of(joined) == "NUMBER_ALREADY_SELLS"


@pytest.mark.requirement("D-26")
async def test_a_number_stands_in_one_application_whoever_proves_it_at_once(desk: Desk) -> None:
    one, two, number = await desk.begin(), await desk.begin(), await desk.stage.number()
    ticket, code = await desk.proof(number)
    # Both hold the same right code, as somebody does who uses two phones; the second proof is made beside the first.
    desk.stage.clock.advance(timedelta(seconds=61))
    other_ticket, other_code = await desk.proof(number)
    await desk.stage.pool.execute("UPDATE number_proof SET state = 'sent' WHERE msisdn = $1", number)
    outcomes = await asyncio.gather(
        desk.add_number(one.token, ticket, code), desk.add_number(two.token, other_ticket, other_code)
    )
    refused = [each for each in outcomes if isinstance(each, Refusal)]
    assert [code_of(each) for each in refused] == ["NUMBER_IN_APPLICATION"]
    assert await desk.stage.pool.fetchval("SELECT count(*) FROM application_number WHERE msisdn = $1", number) == 1


@pytest.mark.requirement("D-82")
async def test_it_must_be_declared_true(desk: Desk) -> None:
    opened = await desk.begin()
    for declaration in (
        Declaration(signatory="Sari", capacity="owner", declared=False),
        Declaration(signatory="Sari", capacity="owner", declared=True, version="0.9"),
    ):
        assert code_of(await desk.save(opened.token, declaration)) == "DECLARATION_NEEDED"


async def test_what_is_missing_is_named(desk: Desk) -> None:
    opened = await desk.begin()
    refused = await desk.send(opened.token)
    assert code_of(refused) == "APPLICATION_INCOMPLETE"
    assert isinstance(refused, Refusal)
    assert refused.data["steps"] == "who, where, numbers, photo, declaration"


@pytest.mark.requirement("D-03")
async def test_sent_twice_with_the_same_ref_it_is_sent_once(desk: Desk) -> None:
    opened, ref = await desk.filled(), uuid4()
    outcomes = await asyncio.gather(*[desk.send(opened.token, ref) for _ in range(4)])
    assert outcomes == [opened.application_id] * 4
    number = (await desk.read(opened.application_id)).msisdn
    assert len(await desk.stage.texts(number, "application_received")) == 1
    assert code_of(await desk.send(opened.token, uuid4())) == "APPLICATION_SENT"
    assert code_of(await desk.save(opened.token, who())) == "APPLICATION_SENT"


async def test_one_application_of_a_person_at_a_time(desk: Desk) -> None:
    digits = nik()
    first, second = await desk.filled(nik=digits), await desk.filled(nik=digits)
    outcomes = await asyncio.gather(desk.send(first.token), desk.send(second.token))
    assert sorted(isinstance(each, Refusal) for each in outcomes) == [False, True]
    assert [code_of(each) for each in outcomes if isinstance(each, Refusal)] == ["NIK_ALREADY_APPLIED"]


@pytest.mark.requirement("D-96")
async def test_who_is_blacklisted_applies_no_more(desk: Desk) -> None:
    stage, digits, number = desk.stage, nik(), await desk.stage.number()
    opened = await desk.filled(nik=digits)
    async with stage.pool.acquire() as connection:
        await blacklist(
            connection,
            [
                Blacklisting(kind="nik", nik=digits, reason="voucher palsu"),
                Blacklisting(kind="rs", msisdn=number, reason="voucher palsu"),
            ],
            actor=SYSTEM,
            now=stage.now,
            ids=stage.ids,
            keys=stage.keys,
        )
    assert code_of(await desk.send(opened.token)) == "BLACKLISTED"
    assert code_of(await desk.save(opened.token, who(nik=digits))) == "BLACKLISTED"
    assert code_of(await desk.enter(*await desk.proof(number))) == "BLACKLISTED"


@pytest.mark.requirement("D-20", "D-96")
async def test_the_older_channels_number_is_looked_up_before_sending_and_by_who_judges(desk: Desk) -> None:
    stage, own, old = desk.stage, await desk.stage.number(), await desk.stage.number()
    await desk.seller_number(old)
    opened = await desk.filled(own)
    assert await desk.add_number(opened.token, *await desk.proof(old)) == old
    assert await desk.save(opened.token, WhichNumbers(rs=own, nn=own, ussd=old)) == opened.application_id
    assert await desk.send(opened.token) == opened.application_id
    again, other = await desk.filled(), await stage.number()
    assert await desk.add_number(again.token, *await desk.proof(other)) == other
    await desk.seller_number(other)
    first = (await desk.read(again.application_id)).msisdn
    assert await desk.save(again.token, WhichNumbers(rs=first, nn=first, ussd=other)) == again.application_id
    entries = [Blacklisting(kind="rs", msisdn=each, reason="voucher palsu") for each in (old, other)]
    async with stage.pool.acquire() as connection:
        await blacklist(connection, entries, actor=SYSTEM, now=stage.now, ids=stage.ids, keys=stage.keys)
        seen = await dossier(connection, EVERYWHERE, opened.application_id, keys=stage.keys)
    assert code_of(await desk.send(again.token)) == "BLACKLISTED"
    assert isinstance(seen, Dossier)
    assert seen.blacklisted == ("voucher palsu",)


@pytest.mark.requirement("D-96")
async def test_a_lifted_entry_refuses_nobody(desk: Desk) -> None:
    stage, digits = desk.stage, nik()
    opened = await desk.filled(nik=digits)
    entry = Blacklisting(kind="nik", nik=digits, reason="voucher palsu")
    async with stage.pool.acquire() as connection:
        (entry_id,) = await blacklist(connection, [entry], actor=SYSTEM, now=stage.now, ids=stage.ids, keys=stage.keys)
        assert not isinstance(entry_id, Refusal)
        assert code_of(await desk.send(opened.token)) == "BLACKLISTED"
        lifting = Lifting(
            entry_id=entry_id, reason="keliru orang", asked_by=Actor("staff", 256), decided_by=Actor("staff", 512)
        )
        await lift_blacklist(connection, [lifting], now=stage.now, ids=stage.ids)
    assert not isinstance(await desk.save(opened.token, who(nik=digits)), Refusal)
    assert not isinstance(await desk.send(opened.token), Refusal)


@pytest.mark.requirement("D-55")
async def test_withdrawn_it_is_erased_and_the_number_begins_another(desk: Desk) -> None:
    number = await desk.stage.number()
    opened = await desk.filled(number)
    await desk.send(opened.token)
    assert await desk.withdraw(opened.token) == opened.application_id
    kept = await desk.read(opened.application_id)
    assert kept.state == "withdrawn"
    assert (kept.msisdn, kept.numbers, kept.nik_sealed, kept.owner_sealed, kept.address_sealed) == (
        None,
        (),
        None,
        None,
        None,
    )
    assert not await desk.stage.pool.fetchval(
        "SELECT count(*) FROM application_photo WHERE application_id = $1", kept.id
    )
    assert code_of(await desk.withdraw(opened.token)) == "APPLICATION_WITHDRAWN"
    desk.stage.clock.advance(timedelta(seconds=61))
    assert (await desk.begin(number)).application_id != opened.application_id


async def test_the_answer_comes_to_the_one_who_withdraws_first(desk: Desk) -> None:
    opened = await desk.filled()
    await desk.send(opened.token)
    assert isinstance(await desk.recommend(opened.application_id), Judged)
    taken, decided = await asyncio.gather(desk.withdraw(opened.token), desk.decide(opened.application_id))
    assert sorted(isinstance(each, Refusal) for each in (taken, decided)) == [False, True]
    outlets = await desk.stage.pool.fetchval(
        "SELECT count(*) FROM outlet WHERE name = 'Sukses Cell' AND partner_id = $1", desk.ground.mine
    )
    assert outlets == (1 if isinstance(taken, Refusal) else 0)
