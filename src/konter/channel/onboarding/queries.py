"""All SQL of applications. An application stands in the cell of the number that began it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from konter.channel.onboarding.model import Application
from konter.platform.db import Connection, unnest
from konter.platform.ids import ApplicationId, Msisdn, cell_of_id, cell_of_msisdn, cell_of_text

COLUMNS = ", ".join(Application.__struct_fields__)
_BLANK = """
    outlet_name = NULL, owner_sealed = NULL, nik_sealed = NULL, address_sealed = NULL, signatory_sealed = NULL,
    latitude_udeg = NULL, longitude_udeg = NULL, photo_at = NULL
"""


class Ended(msgspec.Struct, frozen=True):
    """An application that time ended or erased."""

    id: ApplicationId
    cell: int
    numbers: tuple[Msisdn, ...]


def application_of(row: asyncpg.Record) -> Application:
    """A row as a value; fields after those of the value are somebody else's."""
    values = {name: row[name] for name in Application.__struct_fields__}
    return Application(**{**values, "numbers": tuple(values["numbers"])})


# --------------------------------------------------------------------------------------------------- one application


async def lock_applications(connection: Connection, application_ids: Sequence[int]) -> dict[int, Application]:
    """Lock, in order of id, then read: what is read is what is decided on."""
    given = sorted(set(application_ids)), sorted({cell_of_id(application_id) for application_id in application_ids})
    await connection.execute(
        "SELECT 1 FROM application WHERE id = ANY($1) AND cell = ANY($2) ORDER BY id FOR UPDATE", *given
    )
    rows = await connection.fetch(f"SELECT {COLUMNS} FROM application WHERE id = ANY($1) AND cell = ANY($2)", *given)
    return {row["id"]: application_of(row) for row in rows}


async def read_application(connection: Connection, application_id: int) -> Application | None:
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM application WHERE id = $1 AND cell = $2", application_id, cell_of_id(application_id)
    )
    return application_of(row) if row else None


async def read_newest(connection: Connection, msisdn: int) -> Application | None:
    """The last application that this number began."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM application WHERE msisdn = $1 AND cell = $2 ORDER BY started_at DESC, id DESC LIMIT 1",
        msisdn,
        cell_of_msisdn(msisdn),
    )
    return application_of(row) if row else None


async def insert_application(
    connection: Connection,
    *,
    application_id: int,
    msisdn: int,
    locale: str,
    token_hash: bytes,
    token_expires_at: datetime,
    terms_version: str | None,
    at: datetime,
) -> None:
    """A draft in which nothing is filled in yet; `terms_version`: of the terms that whoever applies goes by. [T-01]"""
    await connection.execute(
        """
        INSERT INTO application (id, cell, state, msisdn, numbers, locale, token_hash, token_expires_at, started_at,
                                 touched_at, terms_version)
        VALUES ($1, $2, 'draft', $3, ARRAY[$3::bigint], $4, $5, $6, $7, $7, $8)
        """,
        application_id,
        cell_of_id(application_id),
        msisdn,
        locale,
        token_hash,
        token_expires_at,
        at,
        terms_version,
    )


async def write_application(
    connection: Connection, application_id: int, values: Mapping[str, Any], *, at: datetime
) -> None:
    """Set these fields, named by our own code, and that somebody has touched it."""
    assert set(values) <= {*Application.__struct_fields__, "ended_at"} - {"id"}, "fields of an application only"
    places = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 4))
    await connection.execute(
        f"UPDATE application SET touched_at = $3{', ' if places else ''}{places} WHERE id = $1 AND cell = $2",
        application_id,
        cell_of_id(application_id),
        at,
        *values.values(),
    )


# -------------------------------------------------------------------------------------------------------------- keys


async def read_holders(connection: Connection, msisdns: Sequence[int]) -> dict[Msisdn, ApplicationId]:
    """In which open application each number stands."""
    rows = await connection.fetch(
        "SELECT msisdn, application_id FROM application_number WHERE msisdn = ANY($1) AND cell = ANY($2)",
        list(msisdns),
        sorted({cell_of_msisdn(msisdn) for msisdn in msisdns}),
    )
    return {Msisdn(row["msisdn"]): ApplicationId(row["application_id"]) for row in rows}


async def insert_number(connection: Connection, msisdn: int, *, application_id: int, at: datetime) -> None:
    """A number stands in this application; one that stands in another raises `asyncpg.UniqueViolationError`."""
    await connection.execute(
        "INSERT INTO application_number (msisdn, cell, application_id, proved_at) VALUES ($1, $2, $3, $4)",
        msisdn,
        cell_of_msisdn(msisdn),
        application_id,
        at,
    )


async def delete_numbers(connection: Connection, msisdns: Sequence[int]) -> None:
    """The numbers of applications that have ended are free for others."""
    await connection.execute(
        "DELETE FROM application_number WHERE msisdn = ANY($1) AND cell = ANY($2)",
        sorted(msisdns),
        sorted({cell_of_msisdn(msisdn) for msisdn in msisdns}),
    )


_OUTLET_ENDED = """EXISTS (
    SELECT FROM application a JOIN outlet o ON o.id = a.outlet_id AND o.cell = (a.outlet_id & 255)
    WHERE a.id = k.application_id AND a.cell = (k.application_id & 255) AND o.status = 'terminated')"""


async def read_nik_keys(connection: Connection, nik_keys: Sequence[str]) -> dict[tuple[str, str], ApplicationId]:
    """By (key, purpose) which application holds a NIK; whose outlet was ended sells no more."""
    rows = await connection.fetch(
        f"""
        SELECT k.nik_key, k.purpose, k.application_id FROM application_nik_key k
        WHERE k.nik_key = ANY($1) AND k.cell = ANY($2) AND NOT (k.purpose = 'individual' AND {_OUTLET_ENDED})
        """,
        sorted(set(nik_keys)),
        sorted({cell_of_text(nik_key) for nik_key in nik_keys}),
    )
    return {(row["nik_key"], row["purpose"]): ApplicationId(row["application_id"]) for row in rows}


async def insert_nik_keys(connection: Connection, rows: Sequence[tuple[str, int]], *, purpose: str) -> None:
    """NIKs as (key, application); one that is held for the purpose raises `asyncpg.UniqueViolationError`."""
    await connection.execute(
        """
        INSERT INTO application_nik_key (nik_key, cell, purpose, application_id)
        SELECT nik_key, cell, $4, application_id
        FROM unnest($1::text[], $2::int[], $3::bigint[]) AS given (nik_key, cell, application_id)
        """,
        *unnest([(nik_key, cell_of_text(nik_key), application_id) for nik_key, application_id in sorted(rows)], 3),
        purpose,
    )


async def delete_nik_keys(connection: Connection, nik_keys: Sequence[str]) -> None:
    """These NIKs wait for no answer any more."""
    await connection.execute(
        "DELETE FROM application_nik_key WHERE nik_key = ANY($1) AND cell = ANY($2) AND purpose = 'open'",
        sorted(nik_keys),
        sorted({cell_of_text(nik_key) for nik_key in nik_keys}),
    )


async def delete_ended_sellers(connection: Connection, nik_keys: Sequence[str]) -> None:
    """Individuals whose outlet was ended for good may be sellers again; two who become one at once meet at the key."""
    await connection.execute(
        f"""
        DELETE FROM application_nik_key k
        WHERE k.nik_key = ANY($1) AND k.cell = ANY($2) AND k.purpose = 'individual' AND {_OUTLET_ENDED}
        """,
        sorted(nik_keys),
        sorted({cell_of_text(nik_key) for nik_key in nik_keys}),
    )


# ---------------------------------------------------------------------------------------------------------- judgement


async def write_recommendations(
    connection: Connection, rows: Sequence[tuple[int, bool, str]], *, by: str, at: datetime
) -> None:
    """(id, supports, note) of each that goes on to the branch."""
    await connection.execute(
        """
        UPDATE application a
        SET state = 'recommended', recommended_at = $5, recommended_by = $6, supports = g.supports, note = g.note
        FROM unnest($1::bigint[], $2::int[], $3::boolean[], $4::text[]) AS g (id, cell, supports, note)
        WHERE a.id = g.id AND a.cell = g.cell
        """,
        *unnest([(id_, cell_of_id(id_), supports, note) for id_, supports, note in rows], 4),
        at,
        by,
    )


async def write_rejections(connection: Connection, rows: Sequence[tuple[int, str]], *, by: str, at: datetime) -> None:
    """(id, reason) of each that was rejected."""
    await connection.execute(
        """
        UPDATE application a SET state = 'rejected', reason = g.reason, decided_at = $4, decided_by = $5, ended_at = $4
        FROM unnest($1::bigint[], $2::int[], $3::text[]) AS g (id, cell, reason)
        WHERE a.id = g.id AND a.cell = g.cell
        """,
        *unnest([(id_, cell_of_id(id_), reason) for id_, reason in rows], 3),
        at,
        by,
    )


async def write_approvals(
    connection: Connection, rows: Sequence[tuple[int, int, int, str]], *, by: str, at: datetime
) -> None:
    """(id, outlet, user, reason) of each that was approved."""
    await connection.execute(
        """
        UPDATE application a
        SET state = 'approved', outlet_id = g.outlet_id, user_id = g.user_id, reason = nullif(g.reason, ''),
            decided_at = $6, decided_by = $7, ended_at = $6
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::text[])
            AS g (id, cell, outlet_id, user_id, reason)
        WHERE a.id = g.id AND a.cell = g.cell
        """,
        *unnest([(id_, cell_of_id(id_), *rest) for id_, *rest in rows], 5),
        at,
        by,
    )


async def write_returns(connection: Connection, rows: Sequence[tuple[int, str]], *, at: datetime) -> None:
    """(id, code of the refusal) of each that is a draft again."""
    await connection.execute(
        """
        UPDATE application a
        SET state = 'draft', returned_at = $4, returned_code = g.code, touched_at = $4, submit_ref = NULL
        FROM unnest($1::bigint[], $2::int[], $3::text[]) AS g (id, cell, code)
        WHERE a.id = g.id AND a.cell = g.cell
        """,
        *unnest([(id_, cell_of_id(id_), code) for id_, code in rows], 3),
        at,
    )


async def write_partners(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """(id, partner) of each that another partner is to recommend: the place is no longer the first one's."""
    await connection.execute(
        """
        UPDATE application a
        SET state = 'submitted', partner_id = g.partner_id, recommended_at = NULL, recommended_by = NULL,
            supports = NULL, note = NULL
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS g (id, cell, partner_id)
        WHERE a.id = g.id AND a.cell = g.cell
        """,
        *unnest([(id_, cell_of_id(id_), partner_id) for id_, partner_id in rows], 3),
    )


# --------------------------------------------------------------------------------------------------------- time's own


async def read_orphans(connection: Connection, *, after: int, limit: int) -> list[int]:
    """Applications from behind `after` that wait for a partner that has ended, by id."""
    rows = await connection.fetch(
        """
        SELECT a.id FROM application a JOIN partner p ON p.id = a.partner_id
        WHERE a.state IN ('submitted', 'recommended') AND p.status <> 'active' AND a.id > $1 ORDER BY a.id LIMIT $2
        """,
        after,
        limit,
    )
    return [row["id"] for row in rows]


async def lapse_drafts(connection: Connection, *, before: datetime, at: datetime, limit: int) -> list[Ended]:
    """Drafts that nobody has touched since, ended and emptied; at most `limit`."""
    rows = await connection.fetch(
        f"""
        UPDATE application
        SET state = 'lapsed', ended_at = $2, erased_at = $2, msisdn = NULL, numbers = '{{}}', nik_key = NULL,
            rs_msisdn = NULL, nn_msisdn = NULL, ussd_msisdn = NULL, {_BLANK}
        FROM (SELECT id AS old_id, cell AS old_cell, numbers AS old_numbers FROM application
              WHERE state = 'draft' AND touched_at <= $1 LIMIT $3) AS old
        WHERE id = old_id AND cell = old_cell AND state = 'draft' AND touched_at <= $1
        RETURNING id, cell, old_numbers
        """,
        before,
        at,
        limit,
    )
    return [Ended(row["id"], row["cell"], tuple(row["old_numbers"])) for row in rows]


async def erase_rejected(connection: Connection, *, before: datetime, at: datetime, limit: int) -> list[Ended]:
    """What names a person in applications rejected before; the keyed hash, the numbers and the decision stay."""
    rows = await connection.fetch(
        f"""
        UPDATE application SET erased_at = $2, {_BLANK}
        WHERE state = 'rejected' AND erased_at IS NULL AND (id, cell) IN (
            SELECT id, cell FROM application
            WHERE state = 'rejected' AND erased_at IS NULL AND ended_at <= $1 LIMIT $3)
        RETURNING id, cell, numbers
        """,
        before,
        at,
        limit,
    )
    return [Ended(row["id"], row["cell"], tuple(row["numbers"])) for row in rows]


async def empty_withdrawn(connection: Connection, application_id: int, *, at: datetime) -> None:
    """Withdrawn by the applicant: what was filled in is gone."""
    await connection.execute(
        f"""
        UPDATE application
        SET state = 'withdrawn', ended_at = $3, erased_at = $3, msisdn = NULL, numbers = '{{}}', nik_key = NULL,
            rs_msisdn = NULL, nn_msisdn = NULL, ussd_msisdn = NULL, {_BLANK}
        WHERE id = $1 AND cell = $2
        """,
        application_id,
        cell_of_id(application_id),
        at,
    )


async def read_areas_above(connection: Connection, districts: Sequence[str]) -> dict[str, str]:
    """The area at the top of the tree over each district's cluster: where prices are looked up."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE above (district, code, parent) AS (
            SELECT t.district, a.code, a.parent FROM territory t JOIN area a ON a.code = t.cluster
            WHERE t.district = ANY($1)
            UNION ALL
            SELECT b.district, a.code, a.parent FROM above b JOIN area a ON a.code = b.parent
        )
        SELECT district, code FROM above WHERE parent IS NULL
        """,
        sorted(set(districts)),
    )
    return {row["district"]: row["code"] for row in rows}
