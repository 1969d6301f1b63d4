"""The two desks: who comes in where, and what stands on the left."""

from collections.abc import Container, Sequence

import msgspec

from konter.access.model import Kind, Principal
from konter.access.staff.roles import Permission, Role, may
from konter.channel.partner_users.model import PartnerRole
from konter.rules.modules import Module
from konter.web.desk.views import Area
from konter.web.desk.words import DeskWords
from konter.web.pages import Door


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An area of work: its address, text and icon, and the rights of staff or roles of a partner's people that open it;
    none named: it is open to everybody. While its `module` is off it is not there. `hidden`: for whoever may not enter
    it does not exist.
    """

    href: str
    text_key: str
    icon: str
    rights: tuple[Permission | Role, ...] = ()
    roles: tuple[PartnerRole, ...] = ()
    module: Module | None = None
    hidden: bool = False

    def open_to(self, roles: Sequence[str]) -> bool:
        """Whether somebody with these roles may enter."""
        if not self.rights and not self.roles:
            return True
        return any(role in roles for role in self.roles) or may(roles, *self.rights)


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A console for one kind of people."""

    name: str
    kind: Kind
    door: Door
    title_key: str
    note_key: str
    places: tuple[Place, ...]

    @property
    def root(self) -> str:
        """Its home page."""
        return self.door.root

    @property
    def login(self) -> str:
        """Where one logs in."""
        return f"{self.door.root}/masuk"

    def areas(
        self, who: Principal | None, path: str, words: DeskWords, off: Container[Module] = ()
    ) -> tuple[Area, ...]:
        """The areas that somebody may enter, and which one they are in."""
        if who is None:
            return ()
        return tuple(
            Area(href=each.href, name=words.t(each.text_key), icon=each.icon, here=self._is_in(path, each.href))
            for each in self.places
            if each.open_to(who.roles) and (each.module is None or each.module not in off)
        )

    def _is_in(self, path: str, href: str) -> bool:
        return path == href or (href != self.root and path.startswith(f"{href}/"))
