"""What every installation needs before anybody can log in: shipped documents, a ruleset in force, the regions."""

from datetime import datetime

from konter.channel.geography.load import ensure_regions
from konter.platform.audit import SYSTEM
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal, Refused
from konter.rules.load import Loaded, load_ruleset, read_rulebook
from konter.terms.load import load_documents, shipped_documents

DEFAULT_RULESET = "id-2014"


async def furnish(
    connection: Connection, *, now: datetime, ids: IdBlocks, ruleset: str = DEFAULT_RULESET
) -> tuple[int, Loaded | None]:
    """Add documents that are new, a ruleset and regions where none were ever loaded; an operator loads its own over it.

    A release may bring keys that an older database has no value for: the shipped ruleset of the newest rows is loaded
    again, which adds those keys and leaves all others alone. Returns how many documents came, and what was loaded.
    """
    documents = await load_documents(connection, shipped_documents())
    await ensure_regions(connection, actor=SYSTEM, now=now, ids=ids)
    rulebook = await read_rulebook(connection)
    name = rulebook.rows[-1].ruleset if rulebook.rows else ruleset
    loaded = await load_ruleset(connection, name, now=now, actor=SYSTEM, ids=ids)
    if isinstance(loaded, Refusal):
        if rulebook.rows:
            return documents, None  # an operator's own ruleset: it is theirs to complete
        raise Refused(loaded)
    return documents, loaded if loaded.added else None
