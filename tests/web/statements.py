"""How many statements a page asks, beyond those by which it knows who is there."""

from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg import Pool
from tests.web.phone import Phone


@contextmanager
def statements(pool: Pool) -> Iterator[list[str]]:
    """What is asked meanwhile on any connection of the pool, transactions' own words apart."""
    asked: list[str] = []

    def note(record) -> None:
        if record.query.rstrip(";").split()[0].upper() not in ("BEGIN", "COMMIT", "ROLLBACK"):
            asked.append(record.query)

    connections = [holder._con for holder in pool._holders if holder._con is not None]
    for connection in connections:
        connection.add_query_logger(note)
    try:
        yield asked
    finally:
        for connection in connections:
            connection.remove_query_logger(note)


async def asked_by(phone: Phone, pool: Pool, address: str, *, bare: str) -> int:
    """Statements of a page less those of `bare`, a page that shows nothing: session, permission, rules."""
    counts = []
    for each in (bare, bare, address):
        with statements(pool) as asked:
            await phone.get(each)
        assert phone.page.status_code == 200, (each, phone.text)
        counts.append(len(asked))
    return counts[2] - counts[1]
