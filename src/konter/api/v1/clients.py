"""Machines: how staff let them in and shut them out, and what they may do."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from konter.access.clients.manage import KeyMade, client_lines, make_client, make_key, revoke_client, revoke_key
from konter.access.clients.model import KEY_DAYS_MAX, PER_MINUTE_MAX, NewClient
from konter.access.clients.refusals import (
    API_KEY_NOT_FOUND,
    CLIENT_NAME_TAKEN,
    CLIENT_NOT_FOUND,
    TOO_MANY_KEYS,
    UNKNOWN_SCOPE,
)
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import (
    AnyRequest,
    accepted,
    app_of,
    origin_of,
    principal,
    require_scope,
    require_staff,
    step_of,
)
from konter.api.v1.bodies import Body, Reason
from konter.api.v1.lost_phones import LostBody, LostPhoneView
from konter.api.v1.sales import msisdn_of
from konter.channel.lost_phones.refusals import SELLER_NUMBER_NOT_FOUND
from konter.channel.lost_phones.report import report_by_client
from konter.channel.model import name_refusal
from konter.platform.audit import Actor
from konter.platform.ids import ApiKeyId, ClientId
from konter.platform.refusal import Refused
from konter.subscriber.refusals import BAD_MSISDN

ID_MAX = 2**63 - 1
ClientPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
KeyPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
ScopeName = Annotated[str, msgspec.Meta(min_length=1, max_length=60, examples=["phones.report"])]
Days = Annotated[int, msgspec.Meta(ge=1, le=KEY_DAYS_MAX, examples=[365])]


class NewClientBody(Body, frozen=True):
    """A machine, what it is let in for, how often a minute, and for how many days its first key lasts."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80, examples=["Pusat panggilan"])]
    scopes: Annotated[list[ScopeName], msgspec.Meta(max_length=50, examples=[["phones.report"]])]
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=PER_MINUTE_MAX)] = 600
    days: Days = 365


class KeyBody(Body, frozen=True):
    """For how many days the key lasts."""

    days: Days = 365


class EndBody(Body, frozen=True):
    """Why the machine is shut out."""

    reason: Reason


class KeyMadeView(msgspec.Struct, frozen=True, kw_only=True):
    """A key, to be sent as `Authorization: Bearer …`. It is shown this once."""

    client: str
    id: str
    key: str

    @classmethod
    def of(cls, made: KeyMade) -> "KeyMadeView":
        """What whoever made it is shown."""
        return cls(client=str(made.client_id), id=str(made.key_id), key=made.key)


class KeyLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A key, without itself."""

    id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class ClientLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A machine and its keys. `last_used_on` is a day in WIB."""

    id: str
    name: str
    scopes: tuple[str, ...]
    per_minute: int
    created_by: str
    created_at: datetime
    last_used_on: date | None
    revoked_at: datetime | None
    keys: list[KeyLineView]


class ClientList(msgspec.Struct, frozen=True):
    """By id, a hundred at most; the next page begins `after` the last one's id."""

    items: list[ClientLineView]


class ClientView(msgspec.Struct, frozen=True, kw_only=True):
    """The machine that calls, as it is known here."""

    id: str
    name: str
    scopes: tuple[str, ...]
    per_minute: int
    key_expires_at: datetime


@get("/clients", tags=["clients"], opt=says("staff"))
async def list_clients(request: AnyRequest, after: Annotated[int, QueryParameter(ge=0, le=ID_MAX)] = 0) -> ClientList:
    """All machines, those that were shut out included."""
    require_staff(await principal(request), "clients.look")
    async with app_of(request).connection() as connection:
        lines = await client_lines(connection, after=after)
    return ClientList(
        [
            ClientLineView(
                **{
                    **msgspec.structs.asdict(line),
                    "id": str(line.id),
                    "keys": [KeyLineView(**{**msgspec.structs.asdict(key), "id": str(key.id)}) for key in line.keys],
                }
            )
            for line in lines
        ]
    )


@post("/clients", tags=["clients"], opt=says("staff", UNKNOWN_SCOPE, CLIENT_NAME_TAKEN))
async def create_client(data: JSONBody[NewClientBody], request: AnyRequest) -> KeyMadeView:
    """Let a machine in; the answer holds its first key, this once."""
    staff = require_staff(await principal(request), "clients.manage")
    if (refusal := name_refusal("name", data.name)) is not None:
        raise Refused(refusal)
    new = NewClient(name=data.name.strip(), scopes=tuple(data.scopes), per_minute=data.per_minute)
    actor = actor_of(staff, origin_of(request))
    async with app_of(request).connection() as connection:
        step = await step_of(request, connection)
        made = await make_client(connection, new, days=data.days, actor=actor, step=step)
    return KeyMadeView.of(accepted(made))


@post("/clients/{client:int}/keys", tags=["clients"], opt=says("staff", CLIENT_NOT_FOUND, TOO_MANY_KEYS))
async def create_key(client: ClientPath, data: JSONBody[KeyBody], request: AnyRequest) -> KeyMadeView:
    """Another key for a machine; two live at once, so that one takes over from the other."""
    staff = require_staff(await principal(request), "clients.manage")
    actor = actor_of(staff, origin_of(request))
    async with app_of(request).connection() as connection:
        step = await step_of(request, connection)
        made = await make_key(connection, ClientId(client), days=data.days, actor=actor, step=step)
    return KeyMadeView.of(accepted(made))


@delete("/clients/{client:int}/keys/{key:int}", status_code=204, tags=["clients"], opt=says("staff", API_KEY_NOT_FOUND))
async def delete_key(client: ClientPath, key: KeyPath, request: AnyRequest) -> None:
    """Revoke a key; the next call with it is refused."""
    staff = require_staff(await principal(request), "clients.manage")
    actor = actor_of(staff, origin_of(request))
    async with app_of(request).connection() as connection:
        step = await step_of(request, connection)
        refusal = await revoke_key(connection, ClientId(client), ApiKeyId(key), actor=actor, step=step)
    if refusal is not None:
        raise Refused(refusal)


@post("/clients/{client:int}/end", status_code=204, tags=["clients"], opt=says("staff", CLIENT_NOT_FOUND))
async def post_client_end(client: ClientPath, data: JSONBody[EndBody], request: AnyRequest) -> None:
    """Shut a machine out, with all its keys, at once."""
    staff = require_staff(await principal(request), "clients.manage")
    actor = actor_of(staff, origin_of(request))
    async with app_of(request).connection() as connection:
        step = await step_of(request, connection)
        refusal = await revoke_client(connection, ClientId(client), reason=data.reason, actor=actor, step=step)
    if refusal is not None:
        raise Refused(refusal)


@get("/client", tags=["clients"], opt=says("client"))
async def get_client(request: AnyRequest) -> ClientView:
    """Which machine the key belongs to, and what it may do."""
    async with app_of(request).connection() as connection:
        client = await require_scope(request, connection, None)
    return ClientView(
        id=str(client.id),
        name=client.name,
        scopes=client.scopes,
        per_minute=client.per_minute,
        key_expires_at=client.key_expires_at,
    )


@post(
    "/client/lost-phones",
    status_code=200,
    tags=["clients"],
    opt=says("client", BAD_MSISDN, SELLER_NUMBER_NOT_FOUND),
)
async def report_by_machine(data: JSONBody[LostBody], request: AnyRequest) -> LostPhoneView:
    """Tell of a lost phone with the scope `phones.report`, as a call centre's own system does. [D-52]"""
    origin = origin_of(request)
    async with app_of(request).connection() as connection:
        client = await require_scope(request, connection, "phones.report")
        actor = Actor("client", client.id, address=origin.address, agent=origin.agent)
        number, step = msisdn_of(data.number), await step_of(request, connection)
        reported = await report_by_client(connection, number, note=data.note, actor=actor, step=step)
    return LostPhoneView.of(accepted(reported))


CLIENT_ROUTES = [
    list_clients,
    create_client,
    create_key,
    delete_key,
    post_client_end,
    get_client,
    report_by_machine,
]
