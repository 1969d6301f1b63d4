"""Open subscriptions: numbers in use, each with its owner row and main balance."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from konter.ledger.accounts import NewAccount, open_owners
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, OwnerId, SubscriptionId, cell_of_msisdn, make_id
from konter.subscriber import queries
from konter.subscriber.model import MAIN, MAIN_ASSET
from konter.terms.history import version_in_force
from konter.terms.model import CUSTOMER_TERMS


class NewSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """A number to put in use. Registration and the SIM come with the goods and numbers domain."""

    msisdn: Msisdn
    active_until: datetime
    brand: str
    kind: Literal["prepaid", "postpaid"] = "prepaid"
    locale: Literal["id", "en"] = "id"


async def open_subscriptions(
    connection: Connection, new: Sequence[NewSubscription], *, now: datetime, ids: IdBlocks
) -> list[SubscriptionId]:
    """Put numbers in use, all or none, four statements for any number of them. [D-58, T-03]

    Activation is the first use, so it forms an agreement: the version of the terms in force is kept with it. [T-01]

    A number that is in use already raises `asyncpg.UniqueViolationError` on `subscription_live_msisdn`.
    """
    own = await ids.reserve(connection, 2 * len(new))
    async with connection.transaction():
        terms_version = await version_in_force(connection, CUSTOMER_TERMS, at=now)
        seqs = own.take(len(new))
        cells = [cell_of_msisdn(each.msisdn) for each in new]
        owners = [OwnerId(make_id(next(seqs), cell)) for cell in cells]
        accounts = await open_owners(
            connection,
            list(zip(owners, cells, strict=True)),
            kind="subscription",
            accounts=[NewAccount(owner, cell, MAIN, MAIN_ASSET) for owner, cell in zip(owners, cells, strict=True)],
            now=now,
            ids=own,
        )
        rows = [
            (owner, cell, each.msisdn, each.brand, each.kind, each.locale, account.id, each.active_until)
            for each, owner, cell, account in zip(new, owners, cells, accounts, strict=True)
        ]
        await queries.insert_subscriptions(connection, rows=rows, terms_version=terms_version, at=now)
    return [SubscriptionId(owner) for owner in owners]
