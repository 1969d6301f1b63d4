"""Keep the photo of an identity card: small, nameless, sealed; and show it only to be logged. [D-16, D-55]"""

from datetime import datetime

from konter.access.model import Origin
from konter.access.step import IDS_MAX, Step
from konter.channel.onboarding import queries
from konter.channel.onboarding.model import open_refusal
from konter.channel.onboarding.photo import queries as photo_queries
from konter.channel.onboarding.photo.photos import Photos
from konter.channel.onboarding.refusals import APPLICATION_SIGNED_OUT, PHOTO_NOT_FOUND
from konter.channel.onboarding.start import actor_of
from konter.channel.onboarding.token import read_token
from konter.channel.onboarding.visitor import Visitor, opens, visiting
from konter.platform.db import CONNECTION_WITHIN_S, Connection, Pool
from konter.platform.ids import ApplicationId, IdBlocks
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules

BYTES_PER_KB = 1024


async def keep_photo(
    pool: Pool,
    photos: Photos,
    token: str,
    raw: bytes,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | ApplicationId:
    """Re-encode a photo to at most `client.photo_kb` and keep it sealed in place of any earlier one.

    Only for whoever holds an open application: nobody else's bytes are decoded. No connection is held meanwhile.
    """
    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
        step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
        claim = read_token(keys, token)
        found = await queries.read_application(connection, claim.application_id) if claim is not None else None
    if claim is None or found is None or not opens(claim, found, step):
        return APPLICATION_SIGNED_OUT()
    if (refusal := open_refusal(found)) is not None:
        return refusal
    small = await photos.re_encode(raw, bytes_max=rules.client.photo_kb * BYTES_PER_KB)
    if isinstance(small, Refusal):
        return small
    sealed = keys.protect_bytes(small)

    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:

        async def work(who: Visitor) -> Refusal | ApplicationId:
            application = who.application
            if (refusal := open_refusal(application)) is not None:
                return refusal
            await photo_queries.upsert_photo(connection, application.id, sealed=sealed, size_bytes=len(small), at=now)
            await queries.write_application(connection, application.id, {"photo_at": now}, at=now)
            actor = actor_of(application.id, origin)
            data = {"size_bytes": len(small)}
            await step.audit(connection, actor, "application.photo_kept", application.id, data)
            return application.id

        return await visiting(connection, token, step, work)


async def own_photo(
    connection: Connection,
    token: str,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | bytes:
    """The applicant's own photo as JPEG, to look whether it can be read. [D-55]"""
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)

    async def work(who: Visitor) -> Refusal | bytes:
        application_id = who.application.id
        sealed = await photo_queries.read_photo(connection, application_id)
        if sealed is None:
            return PHOTO_NOT_FOUND()
        await step.audit(connection, actor_of(application_id, origin), "application.photo_seen", application_id)
        return keys.reveal_bytes(sealed)

    return await visiting(connection, token, step, work)
