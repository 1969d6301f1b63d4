"""Generated files are what the sources make today: run `make schema` or `make docs` when one of these fails."""

from tools.write_openapi import DOCUMENT, openapi_text
from tools.write_schema import SCHEMA

from konter.platform.schema import dump_schema


async def test_the_migrations_make_the_schema(own_dsn: str) -> None:
    assert await dump_schema(own_dsn) == SCHEMA.read_text(encoding="utf-8")


def test_the_description_of_the_api_is_current() -> None:
    assert openapi_text() == DOCUMENT.read_text(encoding="utf-8")
