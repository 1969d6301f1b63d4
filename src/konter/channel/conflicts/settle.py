"""Keep conflicts as items of work, and settle them: by staff, or by the rule when they are due. [D-32, G-D07]"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from konter.channel.conflicts import queries
from konter.channel.conflicts.model import Conflict, NewConflict, Settled, Settlement, decide_settlement
from konter.channel.inactivity.restart import restart_counts
from konter.channel.numbers.holding import Moment, NumberGiven, give_resellers, read_state, take_resellers
from konter.channel.numbers.model import Outlets
from konter.channel.numbers.queries import outlets as outlet_queries
from konter.channel.numbers.queries import registrations as registration_queries
from konter.channel.queries import write_outlet_status
from konter.channel.scope import EVERYWHERE, Scope
from konter.ledger.read import lock_owners
from konter.platform.audit import SYSTEM, Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, OutletId, cell_of_id, cell_of_msisdn, make_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

IDS_PER_SETTLEMENT = 15  # two registrations, two audit rows and a count in each of three attempts
BATCH_MAX = 200


async def keep_conflicts(
    connection: Connection, found: Sequence[NewConflict], *, now: datetime, ids: IdBlocks, rules: Rules
) -> int:
    """Items of work for duplicates, in the caller's transaction; how many are new. `ids` must hold one for each."""
    if not found:
        return 0
    rows = [(make_id(seq, cell_of_msisdn(c.msisdn)), c) for seq, c in zip(ids.take(len(found)), found, strict=True)]
    due_at = now + timedelta(hours=rules.outlet.rs_conflict_due_h)
    return await queries.insert_conflicts(connection, rows, at=now, due_at=due_at)


async def settle_conflicts(
    connection: Connection,
    settlements: Sequence[Settlement],
    *,
    scope: Scope,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> list[Refusal | Settled]:
    """Settle conflicts, one outcome each, in order; each conflict once. Settled before is `CONFLICT_SETTLED`;
    with an outlet beyond the scope it is `CONFLICT_ELSEWHERE`.

    The registration of the outlet that does not keep the number is disabled. An outlet that loses it sells no more
    until it has another; one that was suspended for want of it sells from now on, unless staff stopped it.
    """
    assert len({each.conflict_id for each in settlements}) == len(settlements), "a conflict twice in one batch"
    own = await ids.reserve(connection, IDS_PER_SETTLEMENT * len(settlements))
    known = await queries.read_conflicts(connection, [each.conflict_id for each in settlements], scope=scope)
    outcomes: dict[int, Refusal | Settled] = {}
    for part in _apart(settlements, known):
        outcomes |= await _settle(connection, part, known, Moment(now, actor, own), scope=scope, rules=rules)
    return [outcomes[each.conflict_id] for each in settlements]


def _apart(settlements: Sequence[Settlement], known: Mapping[int, Conflict]) -> list[list[Settlement]]:
    """Settlements of which no two are about the same outlet, as what one does the next must see."""
    parts: list[tuple[set[OutletId], list[Settlement]]] = []
    for each in settlements:
        conflict = known.get(each.conflict_id)
        sides = {conflict.older_outlet_id, conflict.newer_outlet_id} if conflict is not None else set()
        part = next((part for part in parts if not part[0] & sides), None)
        if part is None:
            parts.append(part := (set(), []))
        part[0].update(sides)
        part[1].append(each)
    return [part for _, part in parts]


async def _settle(
    connection: Connection,
    settlements: Sequence[Settlement],
    known: Mapping[int, Conflict],
    moment: Moment,
    *,
    scope: Scope,
    rules: Rules,
) -> dict[int, Refusal | Settled]:
    wanted = [known[each.conflict_id] for each in settlements if each.conflict_id in known]
    sides = [id_ for each in wanted for id_ in (each.older_outlet_id, each.newer_outlet_id)]

    async def work() -> dict[int, Refusal | Settled]:
        async with connection.transaction():
            await lock_owners(connection, owners=sides)
            conflicts = await queries.read_conflicts(connection, [each.id for each in wanted], scope=scope)
            outlets = await outlet_queries.read_outlets(connection, sides, scope=EVERYWHERE)
            reached = await outlet_queries.read_outlets(connection, sides, scope=scope)
            msisdns = [each.msisdn for each in conflicts.values()]
            state = await read_state(connection, msisdns, now=moment.at, rules=rules)
            outcomes: dict[int, Refusal | Settled] = {
                each.conflict_id: decide_settlement(
                    each, conflicts, outlets, reached, state, now=moment.at, rules=rules
                )
                for each in settlements
            }
            done = [
                (outcome, each.reason)
                for each in settlements
                if not isinstance(outcome := outcomes[each.conflict_id], Refusal)
            ]
            await _write(connection, done, outlets, moment)
        return outcomes

    return await retried(work)


async def _write(connection: Connection, done: Sequence[tuple[Settled, str]], outlets: Outlets, moment: Moment) -> None:
    if not done:
        return
    taken = [each for each, _ in done if each.takes]
    given = [each for each, _ in done if each.gives]
    await take_resellers(connection, [each.conflict.msisdn for each in taken], "disabled", moment)
    numbers_given = [NumberGiven(each.conflict.msisdn, each.kept, each.number) for each in given]
    await give_resellers(connection, numbers_given, "settled", moment)
    await registration_queries.insert_disabled(
        connection, _never_lived(done, moment), at=moment.at, by=moment.actor.text
    )
    stops = [each.lost for each in taken if outlets[each.lost].status == "active"]
    waited = [outlets[each.kept] for each in given if outlets[each.kept].status == "suspended"]
    starts = sorted(outlet.id for outlet in waited if not outlet.stopped)  # what staff stopped, staff let go on
    await write_outlet_status(connection, stops, "suspended")
    rows = [(each.lost, None) for each in taken] + [(each.kept, each.conflict.msisdn) for each in given]
    await outlet_queries.write_outlet_resellers(connection, rows)
    await write_outlet_status(connection, starts, "active")
    if starts:
        await restart_counts(connection, starts, reason="", actor=moment.actor, now=moment.at, ids=moment.ids)
    await queries.write_settled(connection, done, at=moment.at, by=moment.actor.text)
    audit = [row for each, why in done for row in _audit_rows(each, why, moment)]
    await write_audit(connection, moment.ids, audit)


def _never_lived(done: Sequence[tuple[Settled, str]], moment: Moment) -> list[tuple[int, int, int, datetime]]:
    """Registrations of newer outlets that were disabled before they held: (id, number, outlet, since when claimed)."""
    lost = [each.conflict for each, _ in done if each.kept == each.conflict.older_outlet_id and not each.takes]
    seqs = moment.ids.take(len(lost))
    return [
        (make_id(next(seqs), cell_of_msisdn(c.msisdn)), c.msisdn, c.newer_outlet_id, min(c.newer_at, moment.at))
        for c in lost
    ]


def _audit_rows(settled: Settled, why: str, moment: Moment) -> list[AuditRow]:
    data = {"conflict": str(settled.conflict.id), "number": settled.conflict.msisdn, "reason": why}
    return [
        AuditRow(cell_of_id(outlet_id), moment.at, moment.actor, f"outlet.rs_{done}", outlet_id, data)
        for outlet_id, done in ((settled.kept, "kept"), (settled.lost, "disabled"))
    ]


async def settle_due_conflicts(connection: Connection, *, now: datetime, ids: IdBlocks, rules: Rules) -> int:
    """What nobody settled in time the rule settles; how many. What it cannot give stays open and overdue, for staff."""
    settled, after = 0, (datetime.min.replace(tzinfo=UTC), 0)
    while due := await queries.read_due(connection, now=now, after=after, limit=BATCH_MAX):
        rule = f"outlet.rs_conflict_disable={rules.outlet.rs_conflict_disable}"
        outcomes = await settle_conflicts(
            connection,
            [Settlement(conflict_id=each.id, reason=rule) for each in due],
            scope=EVERYWHERE,
            actor=SYSTEM,
            now=now,
            ids=ids,
            rules=rules,
        )
        settled += sum(not isinstance(outcome, Refusal) for outcome in outcomes)
        after = (due[-1].due_at, due[-1].id)
    return settled
