"""Something to see in every queue of the desks: applications, conflicts, reviews, lost phones, items, reversals.

Done with the real commands to a demo that is served; part of `make screens`.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import httpx
from tools.screens_apply import card, otp_of_number

from konter.access.model import Origin
from konter.access.step import IDS_MAX, Step
from konter.app import App
from konter.channel.conflicts.model import NewConflict
from konter.channel.conflicts.settle import keep_conflicts
from konter.channel.inactivity.model import Countdown
from konter.channel.inactivity.queries import write_countdowns
from konter.channel.lost_phones.report import report_by_client
from konter.channel.onboarding.decide import decide
from konter.channel.onboarding.fill import Declaration, Filled, Where, WhichNumbers, Who, save
from konter.channel.onboarding.model import Decision, Recommendation, Reviewer
from konter.channel.onboarding.photo.keep import keep_photo
from konter.channel.onboarding.proof.prove import ask_proof
from konter.channel.onboarding.recommend import recommend
from konter.channel.onboarding.send import submit
from konter.channel.onboarding.start import start
from konter.channel.scope import EVERYWHERE, Scope
from konter.channel.territory.read import default_partners
from konter.platform.audit import Actor
from konter.platform.clock import business_day
from konter.platform.ids import ApplicationId, Msisdn, OutletId, SaleId, cell_of_id, make_id
from konter.sales.codes import sale_code
from konter.sales.reconciliation.items import open_items
from konter.sales.reconciliation.model import Kind, NewItem
from konter.simulator.demo import Ready
from konter.simulator.operator.people import must

SHOPS = ("Warung Melati", "Kios Dago", "Berkah Ponsel", "Toko Simpang", "Mawar Cell", "Sinar Coblong")
OWNERS = ("Melati Contoh", "Asep Contoh", "Nina Contoh", "Dedi Contoh", "Mawar Contoh", "Yuni Contoh")
IDS = 64
REVIEWS, CONFLICTS, ITEMS = 3, 2, 4


async def furnish_queues(app: App, ready: Ready) -> None:
    """Everything that somebody at a desk could have to do on a morning."""
    outlets = [
        (OutletId(row["id"]), Msisdn(row["rs_msisdn"]))
        for row in await app.pool.fetch(
            "SELECT id, rs_msisdn FROM outlet WHERE status = 'active' ORDER BY id DESC LIMIT 12"
        )
    ]
    await _applications(app, ready)
    await _reviews(app, [outlet for outlet, _ in outlets[:REVIEWS]])
    await _conflicts(app, outlets[REVIEWS:])
    await _lost_phones(app)
    await _items(app)
    await _asked(app, ready)


async def _step(app: App) -> Step:
    now = app.clock.now()
    async with app.connection() as connection:
        ids = await app.ids.reserve(connection, max(IDS_MAX, IDS))
    return Step(now=now, ids=ids, keys=app.keys, rules=await app.rules_at_hand(now))


async def _applications(app: App, ready: Ready) -> None:
    """Six: two that wait for the partner, two for the branch, one approved, one rejected."""
    district = await _district_of_the_partner(app)
    made = [await _apply(app, ready, place, district) for place in range(len(SHOPS))]
    step = await _step(app)
    async with app.connection() as connection:
        partner = (await default_partners(connection, [district], rules=step.rules))[district]
        wanted = [Recommendation(application_id=each, supports=True, note="Tempatnya ramai.") for each in made[2:]]
        reviewer = Reviewer(actor=Actor("partner", 256), roles=("SBP_ADMIN",))
        scope = Scope(partner_id=partner)
        for said in await recommend(
            connection, wanted, scope=scope, reviewer=reviewer, now=step.now, ids=app.ids, rules=step.rules
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


async def _district_of_the_partner(app: App) -> str:
    """A district of the partner that has somebody at the console."""
    found: str = await app.pool.fetchval(
        """
        SELECT o.district FROM outlet o JOIN partner_user u ON u.partner_id = o.partner_id
        WHERE o.district IS NOT NULL ORDER BY o.id LIMIT 1
        """
    )
    return found


async def _apply(app: App, ready: Ready, place: int, district: str) -> ApplicationId:
    number = Msisdn(int(ready.customer.msisdn) + 7 * (place + 20))
    origin = Origin("198.51.100.7", "Mozilla/5.0 (Linux; Android 11)")
    step = await _step(app)
    given = {"origin": origin, "now": step.now, "ids": app.ids, "keys": app.keys, "rules": step.rules}
    async with app.connection() as connection:
        asked = must(await ask_proof(connection, number, locale="id", **given))  # type: ignore[arg-type]
    code = await otp_of_number(ready.base_url, number)
    async with app.connection() as connection:
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


async def _reviews(app: App, outlets: Sequence[OutletId]) -> None:
    step = await _step(app)
    seqs = step.ids.take(len(outlets))
    countdowns = [
        Countdown(
            id=make_id(next(seqs), cell_of_id(outlet)),
            outlet_id=outlet,
            policy="review",
            state="review",
            since=step.now - timedelta(days=30 + place),
            last_kind="opened",
            last_id=outlet,
            noticed_day=29,
            noticed_at=step.now - timedelta(days=1 + place),
            notices=(),
            opened_at=step.now - timedelta(days=7),
            due_at=step.now + timedelta(hours=30 * place - 6),
        )
        for place, outlet in enumerate(outlets)
    ]
    async with app.connection() as connection:
        await write_countdowns(connection, countdowns)


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
    held = await app.pool.fetch(
        "SELECT nn_msisdn FROM outlet_user WHERE nn_msisdn IS NOT NULL AND status = 'active' ORDER BY id DESC LIMIT 2"
    )
    for row in held:
        step = await _step(app)
        async with app.connection() as connection:
            actor = Actor("client", 256)
            must(await report_by_client(connection, row["nn_msisdn"], note="Jatuh di pasar.", actor=actor, step=step))


async def _items(app: App) -> None:
    step = await _step(app)
    sales = await app.pool.fetch(
        "SELECT id, transfer_id, at FROM sale WHERE transfer_id IS NOT NULL ORDER BY at DESC LIMIT $1", ITEMS
    )
    kinds = (Kind.NOT_AT_NETWORK, Kind.LATE_DELIVERY)
    items = [
        NewItem(
            kind=kinds[place % len(kinds)],
            transfer_id=row["transfer_id"],
            day=business_day(row["at"]),
            sale_id=SaleId(row["id"]),
        )
        for place, row in enumerate(sales)
    ]
    async with app.connection() as connection:
        await open_items(connection, items, now=step.now, ids=step.ids)


async def _asked(app: App, ready: Ready) -> None:
    """Two reversals that wait for a second pair of eyes."""
    sales = await app.pool.fetch("SELECT id FROM sale WHERE status = 'done' ORDER BY at DESC LIMIT 6")
    async with httpx.AsyncClient(base_url=f"{ready.base_url}/api/v1") as client:
        given = {"username": ready.staff.username, "password": ready.staff.password}
        token = (await client.post("/login", json=given)).raise_for_status().json()["token"]
        for row in sales[4:]:
            body = {"sale": sale_code(SaleId(row["id"])), "reason": "salah nomor"}
            await client.post("/reversals", json=body, headers={"Authorization": f"Bearer {token}"})
