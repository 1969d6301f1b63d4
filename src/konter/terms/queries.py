"""All SQL of terms."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.platform.db import Connection, unnest
from konter.platform.ids import cell_of_id
from konter.terms.model import Acceptance, Document, VersionLine


async def insert_documents(connection: Connection, documents: Sequence[Document]) -> int:
    """Add versions that are not there yet; a version, once there, never changes. Returns how many were new."""
    rows = await connection.fetch(
        """
        INSERT INTO document (code, version, valid_from, title_id, title_en, text_id, text_en)
        SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[])
        ON CONFLICT (code, version) DO NOTHING
        RETURNING code
        """,
        *unnest([msgspec.structs.astuple(document) for document in documents], 7),
    )
    return len(rows)


async def read_same_documents(connection: Connection, documents: Sequence[Document]) -> list[Document]:
    """The stored versions with the same code and version as those given."""
    rows = await connection.fetch(
        """
        SELECT d.code, d.version, d.valid_from, d.title_id, d.title_en, d.text_id, d.text_en
        FROM document d JOIN unnest($1::text[], $2::text[]) AS given (code, version)
          ON d.code = given.code AND d.version = given.version
        """,
        [document.code for document in documents],
        [document.version for document in documents],
    )
    return [Document(**row) for row in rows]


async def read_documents_in_force(connection: Connection, *, codes: Sequence[str], at: datetime) -> list[Document]:
    """Of each code the newest version whose day has come."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (code) code, version, valid_from, title_id, title_en, text_id, text_en
        FROM document WHERE code = ANY($1) AND valid_from <= $2
        ORDER BY code, valid_from DESC, version DESC
        """,
        list(codes),
        at,
    )
    return [Document(**row) for row in rows]


async def read_document(connection: Connection, *, code: str, version: str) -> Document | None:
    """One version, whether in force or not: versions are kept for ever. [D-63]"""
    row = await connection.fetchrow(
        """
        SELECT code, version, valid_from, title_id, title_en, text_id, text_en
        FROM document WHERE code = $1 AND version = $2
        """,
        code,
        version,
    )
    return Document(**row) if row else None


async def read_versions(connection: Connection, *, code: str, limit: int) -> list[VersionLine]:
    """Versions of a document, the newest first, those to come too."""
    rows = await connection.fetch(
        """
        SELECT version, valid_from FROM document WHERE code = $1 ORDER BY valid_from DESC, version DESC LIMIT $2
        """,
        code,
        limit,
    )
    return [VersionLine(row["version"], row["valid_from"]) for row in rows]


async def insert_acceptances(connection: Connection, acceptances: Sequence[Acceptance]) -> None:
    """Add acceptances; what was accepted before stays as it was."""
    await connection.execute(
        """
        INSERT INTO acceptance (cell, user_id, code, version, way, at, session_id)
        SELECT * FROM unnest(
            $1::int[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[])
        ON CONFLICT (user_id, code, version, cell) DO NOTHING
        """,
        *unnest(
            [(cell_of_id(a.user_id), a.user_id, a.code, a.version, a.way, a.at, a.session_id) for a in acceptances], 7
        ),
    )


async def copy_acceptances(connection: Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """What was agreed to under one id is agreed to under another, as (from, to), with the moments of then."""
    rows = await connection.fetch(
        """
        SELECT a.user_id, a.code, a.version, a.way, a.at, a.session_id FROM acceptance a
        WHERE a.user_id = ANY($1) AND a.cell = ANY($2)
        """,
        [left for left, _ in pairs],
        sorted({cell_of_id(left) for left, _ in pairs}),
    )
    goes = dict(pairs)
    await insert_acceptances(connection, [Acceptance(**{**row, "user_id": goes[row["user_id"]]}) for row in rows])


async def read_acceptances(connection: Connection, *, user_id: int) -> list[Acceptance]:
    """What a user accepted, oldest first."""
    rows = await connection.fetch(
        """
        SELECT user_id, code, version, way, at, session_id FROM acceptance
        WHERE user_id = $1 AND cell = $2 ORDER BY at, code
        """,
        user_id,
        cell_of_id(user_id),
    )
    return [Acceptance(**row) for row in rows]
