"""Queues, counts, one application, search; and that each look at a person is written down."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.access.people import code_of
from tests.channel.onboarding.desk import BRANCH, Desk, nik
from tests.channel.territory.ground import DEPOK, JAYAPURA

from konter.channel.onboarding.model import Judged
from konter.channel.onboarding.queues.model import Dossier, Form, Identity
from konter.channel.onboarding.queues.queries import COUNTS, LINES, scope_part
from konter.channel.onboarding.queues.read import counts, dossier, find, identity, mine, photo, queue
from konter.channel.scope import EVERYWHERE, Scope
from konter.platform.db import Pool
from konter.subscriber.msisdn import national

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
SEED = """
    WITH region_rows AS (
        INSERT INTO region (code, parent, level, name, zone)
        VALUES ('32', NULL, 'province', 'P', 'Asia/Jakarta'), ('32.76', '32', 'regency', 'R', 'Asia/Jakarta'),
               ($1, '32.76', 'district', 'D', 'Asia/Jakarta'), ('91', NULL, 'province', 'P', 'Asia/Jayapura'),
               ('91.71', '91', 'regency', 'R', 'Asia/Jayapura'), ($2, '91.71', 'district', 'D', 'Asia/Jayapura')
    ), area_row AS (INSERT INTO area (code, level, name) VALUES ('A', 'area', 'A')),
    partners AS (
        INSERT INTO partner (id, code, name, area, status, opened_at)
        SELECT n, 'P' || n, 'P', 'A', 'active', '2026-01-01' FROM generate_series(1, 40) n
    )
    INSERT INTO application (id, cell, state, msisdn, numbers, locale, token_hash, token_expires_at, started_at,
        touched_at, district, partner_id, submitted_at, due_at, recommended_at, decided_at, reason, ended_at, nik_key,
        kind, outlet_name)
    SELECT n << 8 | n % 256, n % 256, CASE WHEN n % 50 = 0 THEN 'submitted' ELSE 'rejected' END, 6281200000000 + n,
        ARRAY[6281200000000 + n], 'id', '\\x00', '2026-01-01', '2026-01-01', '2026-01-01',
        CASE WHEN n % 100 < 50 THEN $1 ELSE $2 END, n / 50 % 40 + 1, '2026-01-01',
        '2026-11-20'::timestamptz + n * interval '1 second', NULL, '2026-01-02', 'x',
        CASE WHEN n % 50 = 0 THEN NULL ELSE '2026-01-02'::timestamptz END, 'key' || n, 'outlet', 'X'
    FROM generate_series(1, 100000) n
"""


@pytest.mark.requirement("D-05", "G-D09")
async def test_it_works(desk: Desk) -> None:
    stage, partner = desk.stage, Scope(partner_id=desk.ground.mine)
    first = await desk.sent()
    stage.clock.advance(timedelta(hours=1))
    second, third = await desk.sent(), await desk.recommended()
    stage.clock.advance(timedelta(hours=47))
    async with stage.pool.acquire() as connection:
        waiting = await queue(connection, partner, "submitted", now=stage.now)
        page = await queue(connection, partner, "submitted", now=stage.now, limit=1)
        rest = await queue(connection, partner, "submitted", now=stage.now, after=page[0].cursor)
        counted = await counts(connection, partner, now=stage.now)
        of_branch = await counts(connection, desk.branch, now=stage.now)
        deciding = await queue(connection, desk.branch, "recommended", now=stage.now)
        theirs = await queue(connection, Scope(partner_id=desk.ground.theirs), "submitted", now=stage.now)
        elsewhere = await counts(connection, Scope(areas=(desk.ground.code("BE"),)), now=stage.now)
    assert [(line.id, line.overdue) for line in waiting] == [(first, True), (second, False)]
    assert [line.id for line in page + rest] == [first, second]
    assert (waiting[0].district_name, waiting[0].regency_name) == ("Pancoran Mas", "Kota Depok")
    assert (counted.submitted, counted.submitted_overdue, counted.recommended, counted.recommended_overdue) == (
        2,
        1,
        1,
        0,
    )
    assert third in [line.id for line in deciding], "others of this district may wait too"
    assert of_branch.recommended == len(deciding)
    assert theirs == []
    assert elsewhere.submitted == elsewhere.recommended == 0


@pytest.mark.requirement("D-55", "D-56")
async def test_one_application_is_masked_for_whoever_judges_it(desk: Desk) -> None:
    digits = nik()
    other = await desk.recommended(nik=digits)
    assert isinstance(await desk.decide(other), Judged)
    application_id = await desk.sent(nik=digits, owner_name="Dewi Rahasia")
    async with desk.stage.pool.acquire() as connection:
        shown = await dossier(connection, desk.branch, application_id, keys=desk.stage.keys)
    assert isinstance(shown, Dossier)
    assert shown.form.nik_masked == f"{digits[:4]}************"
    assert (shown.form.owner_name, shown.form.address[0]) == ("D*** R***", "J")
    assert "Margonda" not in shown.form.address
    assert shown.same_nik == (other,)
    assert shown.nik_region.startswith("Pancoran Mas, ")
    assert shown.blacklisted == ()
    assert await desk.stage.audit(application_id) == [
        each for each in await desk.stage.audit(application_id) if "seen" not in each
    ]


@pytest.mark.requirement("D-55")
async def test_each_look_at_a_person_is_written_down_with_who_looked(desk: Desk) -> None:
    digits = nik()
    application_id = await desk.sent(nik=digits, owner_name="Dewi Rahasia")
    given = {"actor": BRANCH, "now": desk.stage.now, "ids": desk.stage.ids, "keys": desk.stage.keys}
    async with desk.stage.pool.acquire() as connection:
        clear = await identity(connection, desk.branch, application_id, **given)
        card = await photo(connection, desk.branch, application_id, **given)
        stranger = await identity(connection, Scope(partner_id=desk.ground.theirs), application_id, **given)
        no_card = await photo(connection, Scope(areas=(desk.ground.code("BE"),)), application_id, **given)
    assert clear == Identity(nik=digits, owner_name="Dewi Rahasia", address="Jl. Margonda 1", signatory="Sari Contoh")
    assert isinstance(card, bytes)
    assert code_of(stranger) == code_of(no_card) == "APPLICATION_NOT_FOUND"
    rows = await desk.stage.pool.fetch(
        "SELECT action, actor FROM audit WHERE subject_id = $1 AND action LIKE '%seen' ORDER BY id", application_id
    )
    assert [tuple(row) for row in rows] == [
        ("application.identity_seen", BRANCH.text),
        ("application.photo_seen", BRANCH.text),
    ]


async def test_the_applicant_sees_the_own_one(desk: Desk) -> None:
    opened = await desk.filled(owner_name="Dewi Rahasia")
    async with desk.stage.pool.acquire() as connection:
        shown = await mine(connection, opened.token, **desk.stage.given)
        nobody = await mine(connection, "A" * 44, **desk.stage.given)
    assert isinstance(shown, Form)
    assert (shown.owner_name, shown.address, shown.missing) == ("Dewi Rahasia", "Jl. Margonda 1", ())
    assert re.fullmatch(r"\d{4}\*{12}", shown.nik_masked)
    assert shown.district is not None
    assert shown.district.code == DEPOK
    assert code_of(nobody) == "APPLICATION_SIGNED_OUT"


@pytest.mark.requirement("D-55")
async def test_it_is_found_by_form_number_number_or_nik_within_what_one_may_see(desk: Desk) -> None:
    digits, number = nik(), await desk.stage.number()
    application_id = await desk.sent(number, nik=digits)
    form = (await desk.read(application_id)).form_number
    async with desk.stage.pool.acquire() as connection:
        for text in (form, form.lower(), national(number), f"+{number}", digits, f" {digits[:4]} {digits[4:]} "):
            found = await find(connection, desk.branch, text, keys=desk.stage.keys)
            assert [each.id for each in found] == [application_id], text
            theirs = await find(connection, Scope(partner_id=desk.ground.theirs), text, keys=desk.stage.keys)
            assert theirs == [], text
        for text in ("", "x", "FP-", "FP-99999999999999999999", "\0", nik(), "081200000000"):
            assert await find(connection, desk.branch, text, keys=desk.stage.keys) == [], text


async def test_lists_ask_two_questions_however_long_they_are(desk: Desk) -> None:
    for _ in range(3):
        await desk.sent()
    async with desk.stage.pool.acquire() as connection:
        for ask in (
            lambda: queue(connection, desk.branch, "submitted", now=desk.stage.now),
            lambda: counts(connection, desk.branch, now=desk.stage.now),
            lambda: find(connection, desk.branch, "081234567890", keys=desk.stage.keys),
        ):
            seen: list[str] = []
            with connection.query_logger(lambda record, seen=seen: seen.append(record.query)):
                await ask()
                await asyncio.sleep(0)  # the last one is told a moment later
            assert len(seen) == 2


async def test_queues_use_their_indexes_among_many(own_db: Pool) -> None:
    """100,000 applications, one in fifty open: neither a partner's queue nor a branch's reads the table."""
    await own_db.execute(SEED, DEPOK, JAYAPURA)
    await own_db.execute("ANALYZE application")
    for scope, districts in ((Scope(partner_id=7), None), (Scope(areas=("B",)), [DEPOK]), (EVERYWHERE, None)):
        part, given = scope_part(scope, districts, 6)
        plan = await explain(
            own_db, f"{LINES}{part} ORDER BY a.due_at, a.id LIMIT $5", "submitted", NOW, NOW, 0, 50, *given
        )
        assert "application_of_" in plan or "application_due" in plan, plan
        assert "Seq Scan on application" not in plan, plan
        part, given = scope_part(scope, districts, 2)
        plan = await explain(own_db, f"{COUNTS}{part} GROUP BY a.state", NOW, *given)
        assert "Seq Scan on application" not in plan, plan
    for where, value in (("a.nik_key = $1", "key7"), ("a.numbers @> ARRAY[$1::bigint]", 6281200000007)):
        plan = await explain(own_db, f"SELECT 1 FROM application a WHERE {where}", value)
        assert "Seq Scan" not in plan, plan


async def explain(pool: Pool, statement: str, *given: object) -> str:
    rows = await pool.fetch(f"EXPLAIN {statement}", *given)
    return "\n".join(row[0] for row in rows)
