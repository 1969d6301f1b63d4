"""Rules and catalogue in memory: one copy per process, compared by version in every batch."""

from collections.abc import Sequence

from asyncpg import Record

from konter.catalogue.model import Catalogue
from konter.catalogue.read import read_catalogue
from konter.platform.db import Connection
from konter.rules.load import read_rulebook
from konter.rules.model import Rulebook
from konter.sales import queries


class StaleReferences(Exception):  # noqa: N818 - says what is the case; the batch is repeated with fresh ones
    """Rules or catalogue changed since this process read them."""


def require_current(rows: Sequence[Record], rulebook: Rulebook, catalogue: Catalogue) -> None:
    """Raise StaleReferences when what was read under a lock names other versions than a batch goes by."""
    if rows and (rows[0]["rules_version"], rows[0]["catalogue_version"]) != (rulebook.version, catalogue.version):
        raise StaleReferences


class References:
    """Whoever changes rules or catalogue raises a version in the same transaction; a batch that reads another version
    than is held here forgets these and starts again.
    """

    def __init__(self) -> None:
        self._held: tuple[Rulebook, Catalogue] | None = None
        self._stale = False

    async def held(self, connection: Connection) -> tuple[Rulebook, Catalogue]:
        """What is in memory, read first if need be; the caller compares the versions under its own lock."""
        if self._held is None or self._stale:
            self._held = (await read_rulebook(connection), await read_catalogue(connection))
            self._stale = False
        return self._held

    async def current(self, connection: Connection) -> tuple[Rulebook, Catalogue]:
        """What is in memory if it is still the newest, else read anew; one small query. For pages and lists."""
        rulebook, catalogue = await self.held(connection)
        if (rulebook.version, catalogue.version) != await queries.read_versions(connection):
            self.forget()
        return await self.held(connection)

    @property
    def rulebook(self) -> Rulebook | None:
        """The rules as last read, without a query; None until something has been."""
        return self._held[0] if self._held else None

    @property
    def catalogue(self) -> Catalogue | None:
        """The catalogue as last read, without a query; None until something has been."""
        return self._held[1] if self._held else None

    def forget(self) -> None:
        """Have the next batch read anew; whoever asks for no query goes by what was last read until then."""
        self._stale = True
