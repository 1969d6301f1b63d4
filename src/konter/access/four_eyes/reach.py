"""Which proposals lie in somebody's area."""

from collections.abc import Sequence

from konter.access.four_eyes.kinds import Kinds
from konter.access.four_eyes.model import Proposal
from konter.access.model import Principal
from konter.platform.db import Connection


async def within_reach(
    connection: Connection, kinds: Kinds, who: Principal, proposals: Sequence[Proposal]
) -> list[Proposal]:
    """Those of the proposals that are about what lies in the person's area, in order. One query for each kind that
    asks, none for whoever acts everywhere. [D-57]
    """
    if not who.area:
        return list(proposals)
    reached: set[tuple[str, int]] = set()
    for kind in sorted({each.kind for each in proposals}):
        subjects = [each.subject_id for each in proposals if each.kind == kind]
        within = kinds[kind].within
        found = await within(connection, who, subjects) if within is not None else set(subjects)
        reached |= {(kind, subject) for subject in found}
    return [each for each in proposals if (each.kind, each.subject_id) in reached]
