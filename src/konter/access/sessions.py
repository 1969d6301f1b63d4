"""Sessions live on the server: opened by a right OTP, looked up on every request, ended at once.

Whoever ends a session of an outlet's user locks the outlet's owner row, as the sell batch does before it reads
sessions: from that moment on the session is refused there too. [D-52, D-81]
"""

from datetime import datetime, timedelta

import asyncpg
import msgspec

from konter.access import tokens
from konter.access.locks import lock_principal
from konter.access.model import (
    Kind,
    Locale,
    Next,
    Origin,
    Principal,
    SessionOpened,
    TokenClaims,
    User,
    next_step,
)
from konter.access.queries import sessions as session_queries
from konter.access.refusals import APP_BLOCKED, SESSION_EXPIRED, SESSION_NOT_FOUND
from konter.access.staff import queries as staff_queries
from konter.access.step import IDS_MAX, Step, actor_of
from konter.messaging.model import sms
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId, SessionId, StaffId, UserId, cell_of_id, make_id
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules
from konter.terms.accept import acceptances_of, documents_in_force, record_acceptances
from konter.terms.model import Acceptance, Standing, standing

LIVE_SESSIONS_MAX = 10


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One live session in its user's list."""

    id: SessionId
    agent: str
    address: str
    created_at: datetime
    expires_at: datetime
    current: bool


async def authenticate(
    connection: Connection, claims: TokenClaims, *, now: datetime, rules: Rules
) -> Principal | Refusal:
    """Who stands behind a token, in one query. SESSION_EXPIRED when the session ended in whatever way."""
    if claims.kind == "staff":
        row = await staff_queries.read_staff_session(connection, claims)
        if row is None or not _lives(row, now) or row["status"] != "active":
            return SESSION_EXPIRED()
        return _staff_principal(claims, row)
    row = await session_queries.read_user_session(
        connection, claims.kind, claims, documents=rules.terms.documents, now=now
    )
    if row is None or not _lives(row, now):
        return SESSION_EXPIRED()
    if row["status"] != "active" or row["home_status"] != "active":
        return APP_BLOCKED()
    return _user_principal(claims, row, rules)


def _lives(row: asyncpg.Record, now: datetime) -> bool:
    return row["revoked_at"] is None and row["expires_at"] > now


def _user_principal(claims: TokenClaims, row: asyncpg.Record, rules: Rules) -> Principal:
    stands = standing(
        dict(sorted(row["in_force"], key=lambda pair: rules.terms.documents.index(pair[0]))),
        [(code, version) for code, version in row["accepted"]],
        deemed_acceptance=rules.terms.deemed_acceptance,
    )
    return Principal(
        kind=claims.kind,
        user_id=claims.user_id,
        session_id=claims.session_id,
        outlet_id=claims.outlet_id,
        username=row["username"],
        name=row["name"],
        roles=(row["role"],),
        locale=row["locale"],
        nn_msisdn=row["nn_msisdn"],
        outlet_name=row["outlet_name"],
        outlet_code=row["outlet_code"],
        area=row["area"],
        segment=row["segment"],
        zone=row["zone"],
        next=next_step(
            password_initial=row["password_initial"] and rules.onboarding.password_change_forced,
            documents_missing=bool(stands.missing),
            pin_set=row["pin_set"],
        ),
        missing_documents=stands.missing,
        partner_id=row["partner_id"],
        partner_name=row["partner_name"],
        areas=tuple(row["areas"]),
    )


def _staff_principal(claims: TokenClaims, row: asyncpg.Record) -> Principal:
    locale: Locale = row["locale"]
    return Principal(
        kind="staff",
        user_id=claims.user_id,
        session_id=claims.session_id,
        outlet_id=None,
        username=row["username"],
        name=row["name"],
        roles=tuple(row["roles"]),
        locale=locale,
        nn_msisdn=None,
        outlet_name="",
        outlet_code="",
        area=row["area"] or "",
        segment="",
        zone="Asia/Jakarta",
        next="change_password" if row["password_initial"] else "ready",
        missing_documents=(),
    )


async def open_user_session(connection: Connection, user: User, origin: Origin, step: Step) -> SessionOpened:
    """Open a session in the caller's transaction, under the user's lock; texts that changed become deemed accepted.

    At most ten live sessions a user: the oldest end. From a strange device a text tells of it. [D-102, G-D21]
    """
    agent = origin.agent
    strange = await session_queries.is_strange_device(connection, user.id, agent=agent)
    opened = await _open(connection, user.kind, user.id, user.outlet_id, origin, step)
    if strange:
        await _tell_of_login(connection, user, agent, step)
    stands = await _standing(connection, user.id, step)
    deemed = [
        Acceptance(
            user_id=user.id,
            code=ref.document,
            version=ref.version,
            way="deemed",
            at=step.now,
            session_id=opened.session_id,
        )
        for ref in stands.deemed
    ]
    await record_acceptances(connection, deemed)
    following = next_step(
        password_initial=user.password_initial and step.rules.onboarding.password_change_forced,
        documents_missing=bool(stands.missing),
        pin_set=user.pin_hash is not None or user.kind == "partner",
    )
    return msgspec.structs.replace(opened, next=following, changed_documents=stands.deemed)


async def _tell_of_login(connection: Connection, user: User, agent: str, step: Step) -> None:
    """A device that the user never logged in from: the owner of the number learns of it. [D-92]"""
    data = {"username": user.username, "agent": agent, "at": step.now, "zone": user.zone}
    notice = sms("new_login", to=user.nn_msisdn, locale=user.locale, at=step.now, data=data)
    await write_outbox(connection, step.ids, [notice])


async def open_staff_session(
    connection: Connection, staff_id: StaffId, origin: Origin, step: Step, *, following: Next
) -> SessionOpened:
    """Open a session of staff in the caller's transaction, under the lock of the staff row."""
    opened = await _open(connection, "staff", UserId(staff_id), None, origin, step)
    return msgspec.structs.replace(opened, next=following)


async def _open(
    connection: Connection, kind: Kind, user_id: UserId, outlet_id: OutletId | None, origin: Origin, step: Step
) -> SessionOpened:
    session_id = SessionId(make_id(next(step.ids.take(1)), cell_of_id(user_id)))
    token, token_hash = tokens.mint(step.keys, kind=kind, session_id=session_id, user_id=user_id, outlet_id=outlet_id)
    expires_at = step.now + timedelta(hours=step.rules.auth.session_ttl_h)
    await session_queries.insert_session(
        connection,
        TokenClaims(kind=kind, session_id=session_id, user_id=user_id, outlet_id=outlet_id, token_hash=token_hash),
        agent=origin.agent,
        address=origin.address,
        at=step.now,
        expires_at=expires_at,
    )
    await session_queries.revoke_oldest_sessions(connection, user_id, keep=LIVE_SESSIONS_MAX, at=step.now)
    return SessionOpened(token=token, session_id=session_id, next="ready", expires_at=expires_at)


async def _standing(connection: Connection, user_id: UserId, step: Step) -> Standing:
    in_force = await documents_in_force(connection, at=step.now, rules=step.rules)
    accepted = await acceptances_of(connection, user_id)
    return standing(
        {document.code: document.version for document in in_force},
        [(acceptance.code, acceptance.version) for acceptance in accepted],
        deemed_acceptance=step.rules.terms.deemed_acceptance,
    )


async def list_sessions(connection: Connection, principal: Principal, *, now: datetime) -> list[SessionLine]:
    """The user's own live sessions, newest first, at most the ten there can be."""
    rows = await session_queries.read_live_sessions(connection, principal.user_id, now=now, limit=LIVE_SESSIONS_MAX)
    return [
        SessionLine(
            id=SessionId(row.id),
            agent=row.agent,
            address=row.address,
            created_at=row.created_at,
            expires_at=row.expires_at,
            current=row.id == principal.session_id,
        )
        for row in rows
    ]


async def revoke_other_sessions(connection: Connection, principal: Principal, *, origin: Origin, step: Step) -> int:
    """End all of the user's own sessions but the current one; how many ended."""
    actor = actor_of(principal, origin)
    async with connection.transaction():
        await lock_principal(connection, principal)
        ended = await session_queries.revoke_sessions(
            connection, [principal.user_id], but=principal.session_id, by=actor.text, at=step.now
        )
        if ended:
            await step.audit(connection, actor, "session.others_revoked", principal.user_id, {"sessions": ended})
    return ended


async def revoke_session(
    connection: Connection,
    principal: Principal,
    session_id: SessionId,
    *,
    origin: Origin,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> Refusal | None:
    """End one of the user's own sessions, the current one included: that is how one logs out.

    SESSION_NOT_FOUND for anybody else's, as for one that does not exist.
    """
    step = Step(now=now, ids=await ids.reserve(connection, IDS_MAX), keys=keys, rules=rules)
    actor = actor_of(principal, origin)
    async with connection.transaction():
        await lock_principal(connection, principal)
        if not await session_queries.revoke_session(
            connection, session_id, user_id=principal.user_id, by=actor.text, at=now
        ):
            return SESSION_NOT_FOUND()
        await step.audit(connection, actor, "session.revoked", principal.user_id, {"session": str(session_id)})
    return None
