"""How a page of the office proposes something that takes two pairs of eyes."""

from typing import Any

from konter.access.four_eyes.propose import propose
from konter.platform.db import Connection
from konter.web.app import AnyRequest
from konter.web.desk.done import asked_for
from konter.web.desk.frame import Member
from konter.web.office.places import PROPOSALS
from konter.web.pages import AnyPage, go


async def propose_page(
    request: AnyRequest,
    connection: Connection,
    found: Member,
    kind: str,
    subject_id: int,
    data: dict[str, Any],
    *,
    reason: str,
    back: str,
) -> AnyPage:
    """Propose it and show the proposal; a refusal leads back."""
    made = await propose(
        connection,
        found.here.app.kinds,
        kind,
        subject_id,
        data,
        reason=reason,
        principal=found.who,
        origin=found.here.origin,
        step=await found.here.whole_step(connection),
    )
    if not isinstance(made, int):
        return asked_for(request, made, back, "")
    return go(f"{PROPOSALS.href}/{made}?pesan=usul")
