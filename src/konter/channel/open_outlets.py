"""Open outlets and individual sellers under a partner. [D-01, D-33, D-59]"""

from collections.abc import Sequence
from datetime import datetime

from konter.channel import queries
from konter.channel.model import WALLET, WALLET_ASSET, NewOutlet, Outlet, OutletState
from konter.channel.numbers.holding import Moment, NumberGiven, give_resellers, read_state
from konter.channel.numbers.model import Begun
from konter.channel.territory.hold import hold_grounds
from konter.channel.territory.places import Grounds
from konter.ledger.accounts import NewAccount, open_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, OutletId, OwnerId, cell_of_id, make_id, spread_cell
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

IDS_PER_OUTLET = 10  # one for itself, and an account, a registration and an audit row in each of three attempts


async def open_outlets(
    connection: Connection,
    new: Sequence[NewOutlet],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
    why: Begun = "opened",
) -> list[Refusal | Outlet]:
    """Open outlets with their wallets, one outcome each, in order; a refused one keeps nothing back.

    Code and reseller number are unique everywhere. Who loses a race for one meets the unique key, reads again and is
    refused with the same words as everybody else. [D-31, D-34]
    """
    own = await ids.reserve(connection, IDS_PER_OUTLET * len(new))
    outlet_ids = [OutletId(make_id(seq, spread_cell(seq))) for seq in own.take(len(new))]

    async def work() -> list[Refusal | Outlet]:
        async with connection.transaction():
            state = await _read(connection, new, now, rules)
            refusals: list[Refusal | None] = []
            numbers: list[NumberGiven] = []
            for outlet_id, each in zip(outlet_ids, new, strict=True):
                refusals.append(state.refusal_for(each, now=now, rules=rules))
                if refusals[-1] is None:
                    if (msisdn := each.reseller_msisdn) is not None:
                        numbers.append(NumberGiven(msisdn, outlet_id, state.numbers.of(msisdn)))
                    state.accept(each, outlet_id)
            opened = [
                (outlet_id, each)
                for outlet_id, each, refusal in zip(outlet_ids, new, refusals, strict=True)
                if refusal is None
            ]
            moment = Moment(now, actor, own)
            wallets = await _write(connection, opened, state.grounds, moment)
            await give_resellers(connection, numbers, why, moment)
        return [
            refusal or Outlet(id=outlet_id, code=each.code, wallet_id=wallets[outlet_id])
            for outlet_id, each, refusal in zip(outlet_ids, new, refusals, strict=True)
        ]

    return await retried(work)


async def _read(connection: Connection, new: Sequence[NewOutlet], now: datetime, rules: Rules) -> OutletState:
    numbers = [each.reseller_msisdn for each in new if each.reseller_msisdn is not None]
    return OutletState(
        partners_active=await queries.lock_active_partners(connection, [each.partner_id for each in new]),
        grounds=await hold_grounds(connection, [(each.partner_id, each.district) for each in new]),
        areas=await queries.read_areas(connection, [each.area for each in new]),
        codes_taken=await queries.read_outlet_codes(connection, [each.code for each in new]),
        numbers=await read_state(connection, numbers, now=now, rules=rules),
    )


async def _write(
    connection: Connection,
    opened: Sequence[tuple[OutletId, NewOutlet]],
    grounds: Grounds,
    moment: Moment,
) -> dict[int, int]:
    """Write what was accepted; gives each outlet's wallet."""
    await queries.insert_outlet_codes(connection, [(each.code, outlet_id) for outlet_id, each in opened])
    owners = [(outlet_id, cell_of_id(outlet_id)) for outlet_id, _ in opened]
    accounts = await open_owners(
        connection,
        owners,
        kind="outlet",
        accounts=[NewAccount(OwnerId(owner_id), cell, WALLET, WALLET_ASSET) for owner_id, cell in owners],
        now=moment.at,
        ids=moment.ids,
    )
    wallets = {int(account.owner_id): int(account.id) for account in accounts}
    rows = [
        (
            outlet_id,
            cell_of_id(outlet_id),
            each.code,
            each.name.strip(),
            each.kind,
            each.partner_id,
            each.area,
            each.segment,
            grounds.zones.get(each.district or "", each.zone),
            each.address.strip(),
            wallets[outlet_id],
            each.district,
            each.position.latitude_udeg if each.position else None,
            each.position.longitude_udeg if each.position else None,
            each.reseller_msisdn,
            "active" if each.reseller_msisdn is not None else "suspended",
        )
        for outlet_id, each in opened
    ]
    await queries.insert_outlets(connection, rows, at=moment.at)
    audit = [_opened(outlet_id, each, moment) for outlet_id, each in opened]
    await write_audit(connection, moment.ids, audit)
    return wallets


def _opened(outlet_id: OutletId, new: NewOutlet, moment: Moment) -> AuditRow:
    data = {"code": new.code, "kind": new.kind, "number": new.reseller_msisdn}
    return AuditRow(cell_of_id(outlet_id), moment.at, moment.actor, "outlet.opened", outlet_id, data)
