"""How a page of the office proposes something that takes two pairs of eyes."""

from typing import Any

from konter.access.four_eyes.propose import propose
from konter.access.step import IDS_MAX, Step
from konter.platform.db import Connection
from konter.web.app import AnyRequest
from konter.web.desk.frame import Member
from konter.web.desk.views import Field
from konter.web.office.items import REASON_MAX, REASON_MIN
from konter.web.office.places import PROPOSALS
from konter.web.office.wording import asked_for
from konter.web.pages import AnyPage, Form, go


async def step_for(connection: Connection, found: Member) -> Step:
    """What verbs of access are given, with ids of their own."""
    ids = await found.here.app.ids.reserve(connection, IDS_MAX)
    return Step(now=found.here.now, ids=ids, keys=found.here.app.keys, rules=found.here.rules)


def reason_field(found: Member, *, most: int = REASON_MAX) -> Field:
    """Why, for colleagues who ask later."""
    return Field(
        name="reason",
        label=found.words.t("desk.column.reason"),
        kind="area",
        length_min=REASON_MIN,
        length_max=most,
        hint=found.words.t("desk.for_colleagues"),
    )


def reason_of(form: Form, *, most: int = REASON_MAX) -> str | None:
    """The reason as one line, or None for one that cannot be read."""
    reason = " ".join(form.text("reason").split())
    return reason if REASON_MIN <= len(reason) <= most and reason.isprintable() else None


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
        step=await step_for(connection, found),
    )
    if not isinstance(made, int):
        return asked_for(request, made, back, "")
    return go(f"{PROPOSALS.href}/{made}?pesan=usul")
