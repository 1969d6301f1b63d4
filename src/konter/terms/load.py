"""Bring the documents that ship with Konter into the database."""

import tomllib
from collections.abc import Sequence
from importlib import resources

import msgspec

from konter.platform.db import Connection
from konter.terms import queries
from konter.terms.model import Document


class DocumentFileError(ValueError):
    """A document file cannot be used; the text names the file and the reason."""


async def load_documents(connection: Connection, documents: Sequence[Document]) -> int:
    """Add versions that are new, all or nothing; a stored version with other words is refused, as people agreed to it.

    Returns how many were added. [D-63]
    """
    async with connection.transaction():
        added = await queries.insert_documents(connection, documents)
        stored = {(d.code, d.version): d for d in await queries.read_same_documents(connection, documents)}
        for document in documents:
            if stored[document.code, document.version] != document:
                raise DocumentFileError(
                    f"{document.code} {document.version} is stored with another text; give the new text a new version"
                )
    return added


def shipped_documents() -> list[Document]:
    """The neutral texts of the demo operator: seller terms, terms of use, privacy policy."""
    folder = resources.files("konter.terms") / "documents"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    return [parse_document(file.read_text(encoding="utf-8"), file.name) for file in files]


def parse_document(content: str, name: str) -> Document:
    """A document from TOML; `name` is said in errors."""
    try:
        raw = tomllib.loads(content)
        texts = {key: value.strip() for key, value in raw.items() if key.startswith("text_")}
        document = msgspec.convert({**raw, **texts}, Document, strict=True)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise DocumentFileError(f"{name}: {error}") from error
    if document.valid_from.tzinfo is None:
        raise DocumentFileError(f"{name}: valid_from needs an offset, such as 2024-01-01T00:00:00+07:00")
    return document
