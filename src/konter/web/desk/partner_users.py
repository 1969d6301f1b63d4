"""A partner's users as a table, for the office and for the partner."""

from collections.abc import Sequence

from konter.channel.partner_users.model import PartnerUser
from konter.subscriber.msisdn import pretty
from konter.web.desk.views import BadgeTone, Cell, Column, Table
from konter.web.desk.words import DeskWords

PEOPLE_MAX = 100  # as many as are read at once


def people_table(words: DeskWords, users: Sequence[PartnerUser], *, href: str = "") -> Table:
    """A partner's users; `href`: where each has a page."""
    tones: dict[str, BadgeTone] = {"active": "ok", "blocked": "error", "ended": "plain"}
    return Table(
        id="people",
        title=words.t("desk.partner.people"),
        columns=tuple(
            Column(name=words.t(key))
            for key in (
                "desk.account.name",
                "outlet.login.username",
                "desk.partner.number",
                "desk.account.roles",
                "desk.partner.works_in",
                "desk.column.state",
            )
        ),
        rows=tuple(
            (
                Cell(text=each.name, href=f"{href}/{each.id}" if href else ""),
                Cell(text=each.username),
                Cell(text=pretty(each.msisdn)),
                Cell(text=words.known(f"desk.role.{each.role}", each.role)),
                Cell(text=", ".join(each.areas) or words.t("desk.partner.everywhere")),
                Cell(text=words.t(f"desk.user_status.{each.status}"), badge=tones.get(each.status, "plain")),
            )
            for each in users
        ),
        empty=words.t("desk.partner.no_people"),
        note=words.t("lists.first_only", n=len(users)) if len(users) >= PEOPLE_MAX else "",
    )
