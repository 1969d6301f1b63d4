"""Guesses at codes: an address, or somebody known, may try some, not all. [D-105]"""

from datetime import datetime, timedelta

from konter.access.limits.queries import add_marks, read_marks
from konter.access.model import wait_s
from konter.platform.db import Connection
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal

LOOK_BACK = timedelta(minutes=10)
# Many phones share a carrier's address, so this is far above what people mistype; a verify code has 50 bits.
WRONG_MAX = 60
VERIFY = "verify"  # the code in a receipt's link


async def guess_refusal(connection: Connection, guesser: str, *, now: datetime, what: str = VERIFY) -> Refusal | None:
    """Whether somebody has guessed wrong too often lately; then even a right guess waits. TOO_MANY_REQUESTS.

    `guesser` is an address, or the name of somebody known; `what` is guessed at is counted apart.
    """
    key = _key(guesser, what)
    marks = (await read_marks(connection, [key], since=now - LOOK_BACK))[key]
    seconds = wait_s(marks, limit=WRONG_MAX, look_back=LOOK_BACK, now=now)
    return TOO_MANY_REQUESTS(retry_after_s=seconds) if seconds else None


async def guesses_left(connection: Connection, guesser: str, *, now: datetime, what: str = VERIFY) -> int:
    """How many more wrong ones there may be before even a right one waits."""
    key = _key(guesser, what)
    return max(0, WRONG_MAX - len((await read_marks(connection, [key], since=now - LOOK_BACK))[key]))


async def count_wrong_guess(connection: Connection, guesser: str, *, now: datetime, what: str = VERIFY) -> None:
    """Remember a wrong guess."""
    await add_marks(connection, [_key(guesser, what)], at=now)


def _key(guesser: str, what: str) -> str:
    return f"{what}:guesser:{guesser}"
