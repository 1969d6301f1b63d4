"""Register an outlet's reseller number, replace it, let it go. [D-19, D-31, D-33, D-34]"""

from collections.abc import Sequence
from datetime import datetime

from konter.channel.numbers.holding import Moment, NumberGiven, give_resellers, read_state, take_resellers
from konter.channel.numbers.model import Numbers, Outlets, RsChange, RsChanged
from konter.channel.numbers.queries import outlets as outlet_queries
from konter.channel.numbers.refusals import OUTLET_NEEDS_RS
from konter.channel.refusals import OUTLET_NOT_FOUND, OUTLET_TERMINATED
from konter.channel.scope import Scope
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, cell_of_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

IDS_PER_CHANGE = 6  # the registration and an audit row, in each of three attempts


async def change_reseller_numbers(
    connection: Connection,
    changes: Sequence[RsChange],
    *,
    scope: Scope,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> list[Refusal | RsChanged]:
    """Give outlets the reseller numbers that they shall have, one outcome each, in order; every outlet once.

    An outlet has one number at most: another takes the place of the one before, which is free at once. Only an outlet
    that does not sell can be without (`OUTLET_NEEDS_RS`). What it has already is no change, so a retry does no harm.
    Outlets out of scope are `OUTLET_NOT_FOUND`. [D-19, D-31, D-33, D-34]
    """
    assert len({change.outlet_id for change in changes}) == len(changes), "an outlet twice in one batch"
    own = await ids.reserve(connection, IDS_PER_CHANGE * len(changes))
    numbers = [change.msisdn for change in changes if change.msisdn is not None]

    async def work() -> list[Refusal | RsChanged]:
        async with connection.transaction():
            await lock_owners(connection, owners=[change.outlet_id for change in changes])
            outlets = await outlet_queries.read_outlets(
                connection, [change.outlet_id for change in changes], scope=scope
            )
            state = await read_state(connection, numbers, now=now, rules=rules)
            outcomes: list[Refusal | RsChanged] = []
            given: list[NumberGiven] = []
            for change in changes:
                outcome = _decide(change, outlets, state, now, rules)
                if isinstance(outcome, RsChanged) and outcome.was != outcome.msisdn:
                    given += _count(outcome, state)
                outcomes.append(outcome)
            await _write(connection, list(zip(changes, outcomes, strict=True)), given, Moment(now, actor, own))
        return outcomes

    return await retried(work)


def _decide(change: RsChange, outlets: Outlets, state: Numbers, now: datetime, rules: Rules) -> Refusal | RsChanged:
    outlet = outlets.get(change.outlet_id)
    if outlet is None:
        return OUTLET_NOT_FOUND()
    changed = RsChanged(outlet_id=outlet.id, was=outlet.rs_msisdn, msisdn=change.msisdn)
    if change.msisdn == outlet.rs_msisdn:
        return changed
    if change.msisdn is None:
        return OUTLET_NEEDS_RS() if outlet.status == "active" else changed
    if outlet.status == "terminated":
        return OUTLET_TERMINATED()
    return state.reseller_refusal(change.msisdn, outlet.id, now=now, rules=rules) or changed


def _count(changed: RsChanged, state: Numbers) -> list[NumberGiven]:
    if changed.was is not None:
        state.take_reseller(changed.was)
    if changed.msisdn is None:
        return []
    given = NumberGiven(changed.msisdn, changed.outlet_id, state.of(changed.msisdn))
    state.give_reseller(changed.msisdn, changed.outlet_id)
    return [given]


async def _write(
    connection: Connection,
    decided: Sequence[tuple[RsChange, Refusal | RsChanged]],
    given: Sequence[NumberGiven],
    moment: Moment,
) -> None:
    changed = [
        (change, outcome)
        for change, outcome in decided
        if isinstance(outcome, RsChanged) and outcome.was != outcome.msisdn
    ]
    gone = [(outcome.was, outcome.msisdn) for _, outcome in changed if outcome.was is not None]
    await take_resellers(connection, [was for was, new in gone if new is None], "released", moment)
    await take_resellers(connection, [was for was, new in gone if new is not None], "replaced", moment)
    had = {outcome.outlet_id for _, outcome in changed if outcome.was is not None}
    await give_resellers(connection, [each for each in given if each.outlet_id in had], "replaced", moment)
    await give_resellers(connection, [each for each in given if each.outlet_id not in had], "registered", moment)
    rows = [(outcome.outlet_id, outcome.msisdn) for _, outcome in changed]
    await outlet_queries.write_outlet_resellers(connection, rows)
    audit = [_audit_row(change, outcome, moment) for change, outcome in changed]
    await write_audit(connection, moment.ids, audit)


def _audit_row(change: RsChange, changed: RsChanged, moment: Moment) -> AuditRow:
    done = "released" if changed.msisdn is None else "registered" if changed.was is None else "replaced"
    data = {"number": changed.msisdn, "was": changed.was, "reason": change.reason}
    outlet_id = changed.outlet_id
    return AuditRow(cell_of_id(outlet_id), moment.at, moment.actor, f"outlet.rs_{done}", outlet_id, data)
