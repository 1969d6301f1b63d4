"""Something to do in the queues of the desks: applications, number conflicts, inactivity reviews, lost phones."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import uuid4

from konter.access.model import Origin
from konter.access.step import IDS_MAX, Step
from konter.app import App
from konter.channel.conflicts.model import NewConflict
from konter.channel.conflicts.settle import keep_conflicts
from konter.channel.directory.find import partner_card, search_outlets
from konter.channel.lost_phones.report import report_by_client
from konter.channel.onboarding.decide import decide
from konter.channel.onboarding.fill import Declaration, Filled, Where, WhichNumbers, Who, save
from konter.channel.onboarding.model import Decision, Recommendation, Reviewer
from konter.channel.onboarding.photo.keep import keep_photo
from konter.channel.onboarding.prove import ask_proof
from konter.channel.onboarding.recommend import recommend
from konter.channel.onboarding.send import submit
from konter.channel.onboarding.start import start
from konter.channel.scope import EVERYWHERE, Scope
from konter.channel.territory.read import default_partners
from konter.platform.audit import Actor
from konter.platform.ids import ApplicationId, Msisdn, OutletId
from konter.sales.activity.sweep import sweep_inactivity
from konter.simulator.operator import model, queries
from konter.simulator.operator.card import card
from konter.simulator.operator.people import must

SHOPS = ("Warung Melati", "Kios Dago", "Berkah Ponsel", "Toko Simpang", "Mawar Cell", "Sinar Coblong")
OWNERS = ("Melati Contoh", "Asep Contoh", "Nina Contoh", "Dedi Contoh", "Mawar Contoh", "Yuni Contoh")
OTP = re.compile(r"\b\d{6}\b")
IDS = 64
CONFLICTS, LOST = 2, 2
DAYS_BEFORE_THE_END = (7, 1, 0)  # notices at day 23 and 29, and the end at day 30
Deliver = Callable[[], Awaitable[None]]


async def fill_queues(app: App, deliver: Deliver, *, behind: Msisdn, quiet: int) -> None:
    """What somebody at a desk could have to do on a morning. Applicants are customers behind a number; the last
    `quiet` outlets have sold nothing; `deliver` puts what waits in the outbox on the handsets.
    """
    async with app.connection() as connection:
        outlets = await queries.read_last_outlets(connection, limit=quiet + 2 * CONFLICTS)
    await _applications(app, deliver, behind=behind)
    await _reviews(app)
    if quiet:
        await _conflicts(app, outlets[quiet:])
        await _lost_phones(app)
    await deliver()


async def _step(app: App) -> Step:
    now = app.clock.now()
    async with app.connection() as connection:
        ids = await app.ids.reserve(connection, max(IDS_MAX, IDS))
    return Step(now=now, ids=ids, keys=app.keys, rules=await app.rules_at_hand(now))


async def _applications(app: App, deliver: Deliver, *, behind: Msisdn) -> None:
    """Six: two that wait for the partner, two for the branch, one approved, one rejected."""
    async with app.connection() as connection:
        partner = must(await partner_card(connection, model.PARTNERS[0][0], scope=EVERYWHERE))
        theirs = (await search_outlets(connection, scope=Scope(partner_id=partner.id), status="active")).outlets
        numbers = await queries.read_customers(connection, behind=behind, at=app.clock.now(), limit=len(SHOPS))
    district = next((each.district for each in theirs if each.district), None)
    if district is None or len(numbers) < len(SHOPS):
        return
    made = [await _apply(app, deliver, number, district, place) for place, number in enumerate(numbers)]
    step = await _step(app)
    async with app.connection() as connection:
        recommends = (await default_partners(connection, [district], rules=step.rules))[district]
        wanted = [Recommendation(application_id=each, supports=True, note="Tempatnya ramai.") for each in made[2:]]
        reviewer = Reviewer(actor=Actor("partner", 256), roles=("SBP_ADMIN",))
        for said in await recommend(
            connection,
            wanted,
            scope=Scope(partner_id=recommends),
            reviewer=reviewer,
            now=step.now,
            ids=app.ids,
            rules=step.rules,
        ):
            must(said)
    answers = [
        Decision(application_id=made[4], approve=True),
        Decision(application_id=made[5], approve=False, reason="Foto KTP buram, mohon difoto ulang."),
    ]
    for judged in await decide(
        app.pool,
        app.passwords,
        answers,
        scope=EVERYWHERE,
        reviewer=Reviewer(actor=Actor("staff", 256), roles=("branch",)),
        now=step.now,
        ids=app.ids,
        keys=app.keys,
        rules=step.rules,
    ):
        must(judged)


async def _apply(app: App, deliver: Deliver, number: Msisdn, district: str, place: int) -> ApplicationId:
    origin = Origin("198.51.100.7", "Mozilla/5.0 (Linux; Android 11)")
    step = await _step(app)
    given = {"origin": origin, "now": step.now, "ids": app.ids, "keys": app.keys, "rules": step.rules}
    async with app.connection() as connection:
        asked = must(await ask_proof(connection, number, locale="id", **given))  # type: ignore[arg-type]
    await deliver()
    async with app.connection() as connection:
        code = OTP.findall(await queries.read_last_text(connection, number))[-1]
        opened = must(await start(connection, asked.proof_id, code, **given))  # type: ignore[arg-type]
        filled: Sequence[Filled] = (
            Who(kind="outlet", outlet_name=SHOPS[place], owner_name=OWNERS[place], nik=f"327302410190{place + 11:04d}"),
            Where(address=f"Jl. Dago {place + 1}", district=district),
            WhichNumbers(rs=number, nn=number),
            Declaration(signatory=OWNERS[place], capacity="owner", declared=True),
        )
        for each in filled:
            must(await save(connection, opened.token, each, **given))  # type: ignore[arg-type]
    must(await keep_photo(app.pool, app.photos, opened.token, card(), **given))  # type: ignore[arg-type]
    async with app.connection() as connection:
        return must(await submit(connection, opened.token, client_ref=uuid4(), **given))  # type: ignore[arg-type]


async def _reviews(app: App) -> None:
    """The sweep of three mornings: whoever has been quiet since the operator began has had both notices by now."""
    now = app.clock.now()
    for ago in DAYS_BEFORE_THE_END:
        async with app.connection() as connection:
            rules = await app.rules(connection, now)
            await sweep_inactivity(connection, now=now - timedelta(days=ago), ids=app.ids, rules=rules)


async def _conflicts(app: App, outlets: Sequence[tuple[OutletId, Msisdn]]) -> None:
    step = await _step(app)
    pairs = zip(outlets[::2], outlets[1::2], strict=False)
    found = [
        NewConflict(
            msisdn=number,
            older_outlet_id=older,
            older_at=step.now - timedelta(days=90),
            newer_outlet_id=newer,
            newer_at=step.now - timedelta(days=2),
            source=f"outlet-2026.csv:{117 + place}",
        )
        for place, ((older, number), (newer, _)) in enumerate(list(pairs)[:CONFLICTS])
    ]
    async with app.connection() as connection:
        await keep_conflicts(connection, found, now=step.now, ids=step.ids, rules=step.rules)


async def _lost_phones(app: App) -> None:
    async with app.connection() as connection:
        held = await queries.read_last_sellers(connection, limit=LOST)
    for number in held:
        step = await _step(app)
        async with app.connection() as connection:
            actor = Actor("client", 256)
            must(await report_by_client(connection, number, note="Jatuh di pasar.", actor=actor, step=step))
