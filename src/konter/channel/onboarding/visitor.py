"""Who holds an application open: its row, locked, behind a token. [D-03]"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from konter.access.step import Step
from konter.channel.onboarding import queries
from konter.channel.onboarding.model import Application
from konter.channel.onboarding.refusals import APPLICATION_SIGNED_OUT
from konter.channel.onboarding.token import Claim, read_token
from konter.platform.db import Connection, retried
from konter.platform.refusal import Refusal
from konter.platform.secrets import equal

T = TypeVar("T")


class Visitor(msgspec.Struct, frozen=True):
    """An applicant and the application as it stands under the lock."""

    application: Application


async def visiting(
    connection: Connection, token: str, step: Step, work: Callable[[Visitor], Awaitable[Refusal | T]]
) -> Refusal | T:
    """Do something with the application that a token opens, in one transaction; APPLICATION_SIGNED_OUT for any other.

    Who loses a race for a unique key is repeated, and then refused in words.
    """
    claim = read_token(step.keys, token)
    if claim is None:
        return APPLICATION_SIGNED_OUT()

    async def attempt() -> Refusal | T:
        async with connection.transaction():
            found = (await queries.lock_applications(connection, [claim.application_id])).get(claim.application_id)
            if not opens(claim, found, step):
                return APPLICATION_SIGNED_OUT()
            assert found is not None, "what a token opens is there"
            return await work(Visitor(found))

    return await retried(attempt)


def opens(claim: Claim, found: Application | None, step: Step) -> bool:
    """Whether a token opens this application now."""
    return found is not None and equal(found.token_hash, claim.token_hash) and found.token_expires_at > step.now
