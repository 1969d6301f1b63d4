"""A channel of any size, set by set: for the bench of the import and for plan tests on seeded volume.

Rows are those that the commands write, so that plans are made on what tables really hold.
"""

from datetime import datetime
from importlib import resources

from bench import queries
from konter.platform.db import LONG_WORK_S, Connection
from konter.platform.ids import BLOCK_SIZE

AREA = "JBJB"
PARTNERS = 400
SEQS_PER_NUMBER = 2  # the subscription and its main balance
SEQS_PER_OUTLET = 8


def partner_code(number: int) -> str:
    """Code of the n-th partner."""
    return f"SBP-{number:03d}"


async def seed_ground(connection: Connection, *, at: datetime) -> None:
    """An area and the partners there."""
    await queries.seed_ground(connection, area=AREA, partners=PARTNERS, at=at)


async def seed_numbers(connection: Connection, count: int, *, at: datetime) -> None:
    """So many numbers in use, from 0812-0000-0000 up, each with owner and main balance."""
    first = await queries.reserve_blocks(connection, count=-(-SEQS_PER_NUMBER * count // BLOCK_SIZE))
    await queries.seed_numbers(connection, count=count, first_seq=first * BLOCK_SIZE, at=at)


async def seed_channel(connection: Connection, outlets: int, *, at: datetime) -> None:
    """So many open outlets with numbers, a user, and a past each, under the partners of `seed_ground`.

    The n-th has the code 22 and eight digits, the reseller number 0812 and eight digits, and a user with 0813. Of a
    thousand two are a conflict; of ten four were sellers in the older channel, half of them linked. Where nothing
    but plans is looked at, `queries.take_down` first and `queries.put_up` afterwards.
    """
    first = await queries.reserve_blocks(connection, count=-(-SEQS_PER_OUTLET * outlets // BLOCK_SIZE))
    await connection.execute((resources.files("bench") / "channel_seed.sql").read_text("utf-8"))
    given = (outlets, first * BLOCK_SIZE, at, AREA)
    await connection.execute("SELECT pg_temp.seed_channel($1, $2, $3, $4)", *given, timeout=LONG_WORK_S)
