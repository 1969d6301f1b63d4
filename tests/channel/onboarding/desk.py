"""Applicants, the partner of their place and the branch over it, for tests of onboarding."""

import io
import itertools
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import msgspec
from PIL import Image, ImageDraw
from tests.channel.territory.ground import DEPOK, Ground

from konter.access.model import Origin
from konter.access.proofs.model import ProofStarted
from konter.channel.onboarding import queries
from konter.channel.onboarding.decide import decide
from konter.channel.onboarding.fill import Declaration, Filled, Where, WhichNumbers, Who, add_number, save
from konter.channel.onboarding.model import Application, Decision, Judged, Recommendation, Reviewer
from konter.channel.onboarding.photo.keep import keep_photo
from konter.channel.onboarding.photo.photos import Photos
from konter.channel.onboarding.prove import ask_proof
from konter.channel.onboarding.recommend import recommend
from konter.channel.onboarding.send import submit, withdraw
from konter.channel.onboarding.start import Opened, start
from konter.channel.scope import Scope
from konter.platform.audit import Actor
from konter.platform.ids import ApplicationId, Msisdn, cell_of_msisdn
from konter.platform.refusal import Refusal

PARTNER, BRANCH = Actor("partner", 256 * 7), Actor("staff", 256 * 9)
_niks, _addresses = itertools.count(1), itertools.count(1)


def nik() -> str:
    """A NIK that can be one and that nobody else has."""
    n = next(_niks)
    return f"327601{1 + n % 28:02d}{1 + n // 28 % 12:02d}90{n % 9999 + 1:04d}"


@cache
def photo(size: tuple[int, int] = (1632, 1224), kind: str = "JPEG", **how: object) -> bytes:
    """Two megapixels of a synthetic card, busy enough to weigh what a phone's does."""
    image = Image.effect_noise(size, 40).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rectangle((80, 80, size[0] - 80, size[1] - 80), outline="navy", width=12)
    draw.text((160, 160), "KARTU CONTOH 3276", fill="black")
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


class Desk:
    """`mine` is the partner of Depok; the branch over it is `BW` of the ground's tree."""

    def __init__(self, ground: Ground, photos: Photos, *, district: str = DEPOK) -> None:
        self.ground, self.stage, self.photos, self.district = ground, ground.stage, photos, district
        n = next(_addresses)  # each desk in a street of its own, as an address may ask for 60 OTPs an hour
        self.origin = Origin(f"198.51.{n // 250}.{n % 250}", "Mozilla/5.0 (Linux; Android 4.4)")

    @property
    def given(self) -> dict:
        return {"origin": self.origin, **self.stage.given}

    @property
    def branch(self) -> Scope:
        return Scope(areas=(self.ground.code("BW"),))

    async def ask(self, number: Msisdn) -> Refusal | ProofStarted:
        async with self.stage.pool.acquire() as connection:
            return await ask_proof(connection, number, locale="id", **self.given)

    async def proof(self, number: Msisdn) -> tuple[str, str]:
        """Ticket and code of a proof."""
        started = await self.ask(number)
        assert isinstance(started, ProofStarted), started
        return started.proof_id, await self.stage.last_otp(number)

    async def enter(self, ticket: str, code: str) -> Refusal | Opened:
        async with self.stage.pool.acquire() as connection:
            return await start(connection, ticket, code, **self.given)

    async def begin(self, number: Msisdn | None = None) -> Opened:
        opened = await self.enter(*await self.proof(number or await self.stage.number()))
        assert isinstance(opened, Opened), opened
        return opened

    async def save(self, token: str, filled: Filled) -> Refusal | ApplicationId:
        async with self.stage.pool.acquire() as connection:
            return await save(connection, token, filled, **self.given)

    async def add_number(self, token: str, ticket: str, code: str) -> Refusal | Msisdn:
        async with self.stage.pool.acquire() as connection:
            return await add_number(connection, token, ticket, code, **self.given)

    async def seller_number(self, number: Msisdn) -> None:
        """A seller number of the older channel, as a file brings it."""
        await self.stage.pool.execute(
            "INSERT INTO seller_number (msisdn, cell, name, loaded_at) VALUES ($1, $2, 'Sukses', $3)",
            number,
            cell_of_msisdn(number),
            self.stage.now,
        )

    async def keep(self, token: str, raw: bytes | None = None) -> Refusal | ApplicationId:
        return await keep_photo(self.stage.pool, self.photos, token, raw or photo(), **self.given)

    async def send(self, token: str, ref: UUID | None = None) -> Refusal | ApplicationId:
        async with self.stage.pool.acquire() as connection:
            return await submit(connection, token, client_ref=ref or uuid4(), **self.given)

    async def withdraw(self, token: str) -> Refusal | ApplicationId:
        async with self.stage.pool.acquire() as connection:
            return await withdraw(connection, token, **self.given)

    async def filled(self, number: Msisdn | None = None, **who: str) -> Opened:
        """A draft in which nothing is missing."""
        opened = await self.begin(number)
        application = await self.read(opened.application_id)
        own = application.msisdn
        assert own is not None
        steps: list[Filled] = [
            Who(**{"kind": "outlet", "outlet_name": "Sukses Cell", "owner_name": "Sari Contoh", "nik": nik(), **who}),
            Where(address="Jl. Margonda 1", district=self.district),
            WhichNumbers(rs=own, nn=own),
            Declaration(signatory="Sari Contoh", capacity="owner", declared=True),
        ]
        for step in steps:
            assert await self.save(opened.token, step) == opened.application_id
        assert await self.keep(opened.token) == opened.application_id
        return opened

    async def sent(self, number: Msisdn | None = None, **who: str) -> ApplicationId:
        opened = await self.filled(number, **who)
        assert await self.send(opened.token) == opened.application_id
        return opened.application_id

    async def recommended(self, number: Msisdn | None = None, **who: str) -> ApplicationId:
        application_id = await self.sent(number, **who)
        assert isinstance(await self.recommend(application_id), Judged)
        return application_id

    async def recommend(
        self,
        application_id: ApplicationId,
        *,
        scope: Scope | None = None,
        supports: bool = True,
        note: str = "",
        own: frozenset[Msisdn] = frozenset(),
        roles: tuple[str, ...] = ("SBP_ADMIN",),
    ) -> Refusal | Judged:
        wanted = [Recommendation(application_id=application_id, supports=supports, note=note)]
        async with self.stage.pool.acquire() as connection:
            (outcome,) = await recommend(
                connection,
                wanted,
                scope=scope or Scope(partner_id=self.ground.mine),
                reviewer=Reviewer(actor=PARTNER, roles=roles, own_numbers=own),
                now=self.stage.now,
                ids=self.stage.ids,
                rules=self.stage.rules,
            )
        return outcome

    async def decide(
        self,
        application_id: ApplicationId,
        *,
        approve: bool = True,
        reason: str = "",
        scope: Scope | None = None,
        own: frozenset[Msisdn] = frozenset(),
        actor: Actor = BRANCH,
    ) -> Refusal | Judged:
        (outcome,) = await self.decide_all(
            [Decision(application_id=application_id, approve=approve, reason=reason)], scope=scope, own=own, actor=actor
        )
        return outcome

    async def decide_all(
        self,
        wanted: list[Decision],
        *,
        scope: Scope | None = None,
        own: frozenset[Msisdn] = frozenset(),
        actor: Actor = BRANCH,
        roles: tuple[str, ...] = ("branch",),
        pool: Any = None,
    ) -> list[Refusal | Judged]:
        return await decide(
            pool or self.stage.pool,
            self.stage.passwords,
            wanted,
            scope=scope or self.branch,
            reviewer=Reviewer(actor=actor, roles=roles, own_numbers=own),
            **self.stage.given,
        )

    async def read(self, application_id: ApplicationId) -> Application:
        async with self.stage.pool.acquire() as connection:
            found = await queries.read_application(connection, application_id)
        assert found is not None
        return found

    async def state(self, application_id: ApplicationId) -> str:
        return (await self.read(application_id)).state

    async def clear(self, application_id: ApplicationId) -> str:
        """All rows that hold anything of an application, as text, but for what is sealed."""
        row = await self.stage.pool.fetchrow("SELECT * FROM application WHERE id = $1", application_id)
        return msgspec.json.encode({k: str(v) for k, v in dict(row).items()}).decode()
