"""Importing a file into the catalogue."""

import hashlib
from datetime import datetime
from pathlib import Path

import msgspec

from konter.catalogue import queries
from konter.catalogue.plan import Plan, Standing, plan_import, price_key
from konter.catalogue.refusals import CATALOGUE_REFUSED
from konter.catalogue.rows import Draft, read_rows
from konter.catalogue.sheet import Fault, Place, fault_at, read_sheet
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.forms import file_name
from konter.platform.i18n import text
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.rules.model import Rules


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an accepted file changed."""

    file: str
    categories: int
    products: int
    prices: int
    same: int
    version: int
    unknown_areas: tuple[str, ...]

    def sentences(self, locale: str) -> list[str]:
        """What happened, and what to look at, for people."""
        said = [
            text(
                "catalogue.imported",
                locale,
                file=self.file,
                categories=self.categories,
                products=self.products,
                prices=self.prices,
                same=self.same,
                version=self.version,
            )
        ]
        if self.unknown_areas:
            said.append(text("catalogue.unknown_areas", locale, areas=", ".join(self.unknown_areas)))
        return said


async def import_catalogue(
    conn: Connection, source: Path, *, now: datetime, actor: Actor, ids: IdBlocks, rules: Rules
) -> ImportReport | Refusal:
    """Import one CSV file, all or nothing; importing it again changes nothing. [D-61, T-21]

    CATALOGUE_REFUSED carries every `Fault` with file, line and column. Products that the file does not name stay.
    """
    file = file_name(source.name)
    draft = _read_draft(source)
    if isinstance(draft, list):
        return _refused(file, draft)
    own_ids = await ids.reserve(conn, 1)
    async with conn.transaction():
        version = await queries.lock_version(conn)
        standing = await _read_standing(conn)
        plan = plan_import(draft, standing, now=now, discount_pct_max=rules.price.outlet_discount_pct_max)
        if isinstance(plan, list):
            return _refused(file, plan)
        if plan.changes:
            version += 1
            await _write(conn, plan, now=now, actor=actor)
            await queries.raise_version(conn)
            data = {"file": file, "sha256": draft.sha256, "version": version, **_audit_data(plan)}
            await write_audit(conn, own_ids, [AuditRow(0, now, actor, "catalogue.import", 0, data)])
    return ImportReport(
        file=file,
        categories=len(plan.categories),
        products=len(plan.products),
        prices=len(plan.prices),
        same=plan.same,
        version=version,
        unknown_areas=plan.unknown_areas,
    )


def _read_draft(source: Path) -> Draft | list[Fault]:
    try:
        raw = source.read_bytes()
    except OSError as error:
        return [fault_at(Place(file_name(source.name), 1), "", "unreadable", detail=error.strerror or str(error))]
    rows = read_sheet(raw, file_name(source.name))
    if faults := [row for row in rows if isinstance(row, Fault)]:
        return faults
    draft = read_rows(row for row in rows if not isinstance(row, Fault))
    draft.sha256 = hashlib.sha256(raw).hexdigest()
    return draft


async def _read_standing(conn: Connection) -> Standing:
    return Standing(
        categories={row.code: row for row in await queries.read_categories(conn)},
        products={row.code: row for row in await queries.read_products(conn)},
        prices={price_key(row): row for row in await queries.read_prices(conn)},
        areas=await queries.read_areas(conn),
    )


async def _write(conn: Connection, plan: Plan, *, now: datetime, actor: Actor) -> None:
    await queries.write_categories(conn, rows=plan.categories)
    await queries.write_products(conn, rows=plan.products)
    await queries.write_buckets(conn, rows=plan.products)
    written = await queries.write_prices(conn, rows=plan.prices, now=now, actor=actor.text)
    assert written == len(plan.prices), "a price that has begun was in the way"


def _audit_data(plan: Plan) -> dict[str, object]:
    return {
        "categories": [row.code for row in plan.categories],
        "products": [row.code for row in plan.products],
        "prices": msgspec.to_builtins(plan.prices),
        "replaced": msgspec.to_builtins(plan.replaced),
    }


def _refused(file: str, faults: list[Fault]) -> Refusal:
    return CATALOGUE_REFUSED(file=file, count=len(faults), faults=tuple(faults))
