"""Outlets from a file, a batch at a time, by the same command that opens every other outlet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from konter.channel.add_users import add_users
from konter.channel.conflicts.model import NewConflict
from konter.channel.conflicts.queries import read_known
from konter.channel.conflicts.settle import keep_conflicts
from konter.channel.importing import queries
from konter.channel.importing.report import Report
from konter.channel.importing.rows import OutletRow, Standing, outlet_of
from konter.channel.importing.sheet import Fault, Line, refused
from konter.channel.model import NewOutlet, Outlet
from konter.channel.numbers.queries.holders import read_resellers
from konter.channel.numbers.seller import SellerLink, link_seller_numbers
from konter.channel.open_outlets import open_outlets
from konter.channel.refusals import OUTLET_CODE_TAKEN, PARTNER_NOT_ACTIVE
from konter.channel.scope import EVERYWHERE
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, OutletId, PartnerId
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

Opened = list[tuple[OutletRow, Outlet]]
Rows = list[tuple[OutletRow, OutletId]]
Holder = tuple[OutletId, datetime]  # which outlet has a number, and since when


class Missing(NamedTuple):
    """Rows whose outlet stands, but not yet with all that they bring."""

    sellers: Rows
    people: Rows


class OutletImport:
    """One file's outlets. Partners are read once, everything else per batch; a refused row keeps nothing back."""

    def __init__(
        self, connection: Connection, report: Report, *, actor: Actor, now: datetime, ids: IdBlocks, rules: Rules
    ) -> None:
        self.connection, self.report = connection, report
        self.actor, self.now, self.ids, self.rules = actor, now, ids, rules
        self._partners: Mapping[str, PartnerId] | None = None

    async def add(self, lines: Sequence[Line]) -> None:
        """Bring a batch in; every row is counted or named in the report."""
        rows = self._parsed(lines)
        if not rows:
            return
        partners = await self._partner_ids()
        standing = await queries.read_outlets(self.connection, [row.code for row in rows])
        new: dict[str, OutletRow] = {}
        stands: list[tuple[OutletRow, Standing]] = []
        for row in rows:
            if row.code in new:
                self.report.faults.append(refused(row.line, OUTLET_CODE_TAKEN(outlet=row.code)))
            elif (known := standing.get(row.code)) is not None:
                stands.append((row, known))
            elif row.partner not in partners:
                self.report.faults.append(refused(row.line, PARTNER_NOT_ACTIVE()))
            else:
                new[row.code] = row
        await self._compare(stands, partners)
        # All of an outlet or nothing: whoever imports again after a crash is told that what stands is the same.
        async with self.connection.transaction():
            opened = await self._open(list(new.values()), partners)
            mended = await self._still_missing(stands)
            await self._link_sellers([*((row, outlet.id) for row, outlet in opened), *mended.sellers])
            await self._add_people([*((row, outlet.id) for row, outlet in opened), *mended.people])

    def _parsed(self, lines: Sequence[Line]) -> list[OutletRow]:
        rows: list[OutletRow] = []
        for line in lines:
            row = outlet_of(line)
            if isinstance(row, OutletRow):
                rows.append(row)
            else:
                self.report.faults += row
        return rows

    async def _partner_ids(self) -> Mapping[str, PartnerId]:
        if self._partners is None:
            known = await queries.read_partners(self.connection)
            self._partners = {code: partner[0] for code, partner in known.items()}
        return self._partners

    async def _compare(self, stands: Sequence[tuple[OutletRow, Standing]], partners: Mapping[str, PartnerId]) -> None:
        """A number that the outlet waits for or lost by a conflict is what the file said before: no difference."""
        waiting = [(row.reseller, known.id) for row, known in stands if known.reseller != row.reseller]
        conflicts = await read_known(self.connection, waiting) if waiting else set()
        for row, known in stands:
            columns = known.differs(row, partners.get(row.partner))
            if (row.reseller, known.id) in conflicts:
                columns.remove("reseller_number")
            self.report.compared(row.line, row.code, columns)

    async def _still_missing(self, stands: Sequence[tuple[OutletRow, Standing]]) -> Missing:
        """What rows of standing outlets bring and did not get: it was refused before, and the row has been mended."""
        sellers = [row.seller for row, _ in stands if row.seller is not None]
        people = [known.id for row, known in stands if row.person is not None]
        unlinked = await queries.read_unlinked(self.connection, sellers) if sellers else set()
        bare = await queries.read_without_people(self.connection, people) if people else set()
        return Missing(
            sellers=[(row, known.id) for row, known in stands if row.seller in unlinked],
            people=[(row, known.id) for row, known in stands if known.id in bare and row.person is not None],
        )

    async def _open(self, rows: Sequence[OutletRow], partners: Mapping[str, PartnerId]) -> Opened:
        """Open outlets; those whose number another outlet has wait for it, and the conflict is kept with them."""
        if not rows:
            return []
        holders = await read_resellers(self.connection, [row.reseller for row in rows])
        taken: set[Msisdn] = set(holders)
        new: list[NewOutlet] = []
        for row in rows:
            has_it = row.reseller in taken
            taken.add(row.reseller)
            new.append(row.new_outlet(partners[row.partner], reseller=None if has_it else row.reseller))
        outcomes = await open_outlets(
            self.connection, new, actor=self.actor, now=self.now, ids=self.ids, rules=self.rules, why="imported"
        )
        opened: Opened = []
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                self.report.faults.append(refused(row.line, outcome))
            else:
                opened.append((row, outcome))
        self.report.added += len(opened)
        waiting = [
            (row, outlet)
            for (row, outcome), wanted in zip(zip(rows, outcomes, strict=True), new, strict=True)
            if wanted.reseller_msisdn is None and isinstance(outlet := outcome, Outlet)
        ]
        await self._keep(waiting, opened, holders)
        return opened

    async def _keep(self, waiting: Opened, opened: Opened, holders: dict[Msisdn, Holder]) -> None:
        if not waiting:
            return
        late = {outlet.id for _, outlet in waiting}
        holders |= {row.reseller: (outlet.id, self.now) for row, outlet in opened if outlet.id not in late}
        found: list[NewConflict] = []
        for row, outlet in waiting:
            if (holder := holders.get(row.reseller)) is None:  # the row that was to have it was refused itself
                self.report.faults.append(Fault(line=row.line, column="reseller_number", reason="left_without"))
                continue
            older_id, older_at = holder
            found.append(
                NewConflict(
                    msisdn=row.reseller,
                    older_outlet_id=older_id,
                    older_at=older_at,
                    newer_outlet_id=outlet.id,
                    newer_at=self.now,
                    source=f"{self.report.file}:{row.line}",
                )
            )
        own = await self.ids.reserve(self.connection, len(found))
        self.report.conflicts += await keep_conflicts(self.connection, found, now=self.now, ids=own, rules=self.rules)

    async def _link_sellers(self, rows: Rows) -> None:
        wanted = [(row, SellerLink(outlet_id, row.seller)) for row, outlet_id in rows if row.seller is not None]
        if not wanted:
            return
        outcomes = await link_seller_numbers(
            self.connection,
            [link for _, link in wanted],
            scope=EVERYWHERE,
            actor=self.actor,
            now=self.now,
            ids=self.ids,
            rules=self.rules,
        )
        for (row, _), outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                self.report.faults.append(refused(row.line, outcome))
            elif outcome.name is None:
                self.report.sellers_unknown += 1
            else:
                self.report.sellers_linked += 1

    async def _add_people(self, rows: Rows) -> None:
        wanted = [(row, row.person.user_of(outlet_id)) for row, outlet_id in rows if row.person is not None]
        if not wanted:
            return
        users = [user for _, user in wanted]
        outcomes = await add_users(
            self.connection, users, actor=self.actor, now=self.now, ids=self.ids, rules=self.rules
        )
        for (row, _), outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                self.report.faults.append(refused(row.line, outcome))
            else:
                self.report.users += 1
