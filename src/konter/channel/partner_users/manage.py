"""Who looks after a partner's users: its own administrators, and staff of its area. [D-57]"""

from konter.access.model import Principal
from konter.access.staff.roles import Permission, may
from konter.channel.partner_users.add import partner_user
from konter.channel.partner_users.refusals import PARTNER_NOT_FOUND
from konter.channel.refusals import USER_NOT_FOUND
from konter.channel.scope import partner_within, scope_of
from konter.platform.db import Connection
from konter.platform.ids import PartnerId, UserId
from konter.platform.refusal import FORBIDDEN, Refusal


async def managing_refusal(
    connection: Connection,
    partner_id: PartnerId,
    who: Principal,
    *,
    user_id: UserId | None = None,
    permission: Permission = "partner_users.manage",
) -> Refusal | None:
    """Why this person may not look after the partner's users, or this one. PARTNER_NOT_FOUND for a stranger's partner,
    USER_NOT_FOUND for a user of another.
    """
    if who.kind == "outlet" or (who.kind == "staff" and not may(who.roles, permission)):
        return FORBIDDEN()
    # Field sales in some clusters look after no users: by these the own partner would be a stranger's.
    own = who.kind == "partner" and who.partner_id == partner_id
    if not own and not await partner_within(connection, partner_id, scope_of(who)):
        return PARTNER_NOT_FOUND()
    if who.kind == "partner" and "SBP_ADMIN" not in who.roles:
        return FORBIDDEN()
    user = await partner_user(connection, user_id) if user_id is not None else None
    return USER_NOT_FOUND() if user_id is not None and (user is None or user.partner_id != partner_id) else None
