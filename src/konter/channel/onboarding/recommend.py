"""The partner of the place says what it thinks of an application, for the branch to decide. [D-59, G-D08, G-D09]"""

from collections.abc import Sequence
from datetime import datetime

from konter.channel.onboarding import queries
from konter.channel.onboarding.model import (
    Judged,
    Recommendation,
    Reviewer,
    decide_recommendations,
)
from konter.channel.onboarding.scope import lock_visible
from konter.channel.scope import Scope
from konter.platform.audit import AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, cell_of_id
from konter.platform.refusal import FORBIDDEN, Refusal
from konter.rules.model import Rules


async def recommend(
    connection: Connection,
    wanted: Sequence[Recommendation],
    *,
    scope: Scope,
    reviewer: Reviewer,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> list[Refusal | Judged]:
    """One outcome each, in order. What the scope does not hold is APPLICATION_NOT_FOUND: another partner's, or one
    outside somebody's clusters. FORBIDDEN for who does not recommend by the rules; not twice, not one's own.

    A partner who is against it says so with a note, and the branch decides all the same.
    """
    if not reviewer.recommends(rules):
        return [FORBIDDEN() for _ in wanted]
    own = await ids.reserve(connection, len(wanted))
    async with connection.transaction():
        known = await lock_visible(connection, [each.application_id for each in wanted], scope)
        refusals = decide_recommendations(wanted, known, reviewer)
        accepted = [each for each, refusal in zip(wanted, refusals, strict=True) if refusal is None]
        rows = [(int(each.application_id), each.supports, each.note.strip()) for each in accepted]
        await queries.write_recommendations(connection, rows, by=reviewer.actor.text, at=now)
        audit = [
            AuditRow(
                cell_of_id(each.application_id),
                now,
                reviewer.actor,
                "application.recommended",
                each.application_id,
                {"supports": each.supports, "note": each.note.strip()},
            )
            for each in accepted
        ]
        await write_audit(connection, own, audit)
    return [
        refusal or Judged(application_id=each.application_id, state="recommended")
        for each, refusal in zip(wanted, refusals, strict=True)
    ]
