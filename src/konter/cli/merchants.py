"""`konter merchants`: by which numbers and which machine a merchant burns codes, and when no longer."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from konter.app import App
from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, database, out, run, said, say, settings_for
from konter.loyalty.rewards.merchants.manage import (
    add_merchant_number,
    close_merchant,
    remove_merchant_number,
    set_merchant_client,
)
from konter.platform.audit import SYSTEM
from konter.platform.db import Connection
from konter.platform.ids import ClientId
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN


def number(
    merchant: str,
    msisdn: str,
    *,
    remove: Annotated[bool, Parameter(help="The number speaks for the merchant no longer.")] = False,
    data: Data = None,
) -> None:
    """Have a number burn a merchant's codes, by SMS and on the web, or no longer."""

    async def change(connection: Connection, parts: App) -> Refusal | None:
        if (parsed := parse_msisdn(msisdn)) is None:
            return BAD_MSISDN(msisdn=msisdn[:30])
        verb = remove_merchant_number if remove else add_merchant_number
        return await verb(connection, merchant, parsed, now=parts.clock.now(), actor=SYSTEM, ids=parts.ids)

    _change(change, data)
    out.print(say("cli.merchants.removed" if remove else "cli.merchants.added", merchant=merchant, number=msisdn))


def client(
    merchant: str,
    client_id: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=2**63 - 1))],
    *,
    data: Data = None,
) -> None:
    """Tie an API client to a merchant: its keys burn that merchant's codes, with the scope `vouchers.burn`."""

    async def change(connection: Connection, parts: App) -> Refusal | None:
        return await set_merchant_client(
            connection, merchant, ClientId(client_id), now=parts.clock.now(), actor=SYSTEM, ids=parts.ids
        )

    _change(change, data)
    out.print(say("cli.merchants.tied", merchant=merchant, client=client_id))


def close(merchant: str, *, data: Data = None) -> None:
    """Close a merchant for good: it burns no code any more, its numbers and machine are free."""

    async def change(connection: Connection, parts: App) -> Refusal | None:
        return await close_merchant(connection, merchant, clock=parts.clock, actor=SYSTEM, ids=parts.ids)

    _change(change, data)
    out.print(say("cli.merchants.closed", merchant=merchant))


def _change(change: Callable[[Connection, App], Awaitable[Refusal | None]], data: Path | None) -> None:
    """Run one change; a refusal ends the command with its sentence."""

    async def work(url: str) -> Refusal | None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            return await change(connection, parts)

    settings = settings_for(data)
    with database(settings) as url:
        refusal = run(work(url))
    if refusal is not None:
        raise Failed(said(refusal))
