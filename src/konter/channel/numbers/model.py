"""Numbers of outlets, and the pure decisions on who may have which. [D-22, D-26, D-31]"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from konter.channel.numbers.refusals import RS_IS_NN, SELLER_NUMBER_LINKED
from konter.channel.refusals import (
    NN_ALREADY_LINKED,
    NN_COOLING_DOWN,
    NN_NOT_OPERATOR,
    NN_REPORTED_LOST,
    RS_ALREADY_REGISTERED,
    RS_NOT_OPERATOR,
)
from konter.platform.clock import hours_until
from konter.platform.ids import Msisdn, OutletId, UserId
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber.msisdn import national

NumberType = Literal["OWNER", "RESELLER", "FRONTLINER", "FAMILY", "OWNER_OTHER"]
Kind = Literal["RS", "NN"]
# How a registration began: with the outlet, later, in place of another number, with the user, from another outlet, from
# a file, by the settlement of a conflict, or before Konter kept the past of numbers.
Begun = Literal["opened", "registered", "replaced", "added", "moved", "imported", "settled", "before"]
# How it ended: let go, another number took its place, gone to another outlet, with the user, by a conflict.
Ended = Literal["released", "replaced", "moved", "left", "disabled"]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a notification number is; after its release `free_from` says from when it may be somebody else's."""

    outlet_id: OutletId
    user_id: UserId
    free_from: datetime | None


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """All that outlets have to do with a number. `held_by` is the outlet that has it in whatever role.

    `seller` is its name in the older channel, None for a number that was none; linked there at `seller_outlet_id`.
    `lost`: the phone with it is reported lost, and the SIM has not been replaced. [D-52]
    """

    held_by: OutletId | None = None
    reseller_at: OutletId | None = None
    link: Link | None = None
    seller: str | None = None
    seller_outlet_id: OutletId | None = None
    lost: bool = False

    def only_cools(self) -> bool:
        """Whether all that holds it is the release of a notification number."""
        released = self.link is not None and self.link.free_from is not None
        return released and self.reseller_at is None and self.seller_outlet_id is None


NOBODYS = Number()


class Numbers(msgspec.Struct, kw_only=True):
    """What decides on numbers, read under the locks; it grows with what is accepted before in the same batch."""

    known: dict[Msisdn, Number]
    active: set[Msisdn]  # numbers of the operator in use

    def of(self, msisdn: Msisdn) -> Number:
        """What is known of a number."""
        return self.known.get(msisdn, NOBODYS)

    def reseller_refusal(
        self, msisdn: Msisdn, outlet_id: OutletId | None, *, now: datetime, rules: Rules
    ) -> Refusal | None:
        """Why this number may not be the outlet's reseller number (None: of one that is being opened), or None.

        [D-19, D-31, D-33, D-34, G-D04, G-D05, G-D06]
        """
        number = self.of(msisdn)
        if msisdn not in self.active:
            return RS_NOT_OPERATOR(msisdn=national(msisdn))
        if number.reseller_at is not None and number.reseller_at != outlet_id:
            return RS_ALREADY_REGISTERED(msisdn=national(msisdn))
        if self._is_elsewhere(number, outlet_id, now):
            return _cooling(number, msisdn, now) or RS_ALREADY_REGISTERED(msisdn=national(msisdn))
        if number.link is not None and number.link.free_from is None and not rules.outlet.rs_may_be_nn:
            return RS_IS_NN(msisdn=national(msisdn))
        return None

    def notification_refusal(
        self, msisdn: Msisdn, outlet_id: OutletId, *, now: datetime, rules: Rules
    ) -> Refusal | None:
        """Why this number may not be a user's notification number there, or None. A lost one would let whoever has the
        phone in again. [D-22, D-25, D-26, D-52, G-D04..G-D06]
        """
        number = self.of(msisdn)
        if msisdn not in self.active:
            return NN_NOT_OPERATOR(msisdn=national(msisdn))
        if number.link is not None and number.link.free_from is None:
            return NN_ALREADY_LINKED(msisdn=national(msisdn))
        if (cooling := _cooling(number, msisdn, now)) is not None:
            return cooling
        if self._is_elsewhere(number, outlet_id, now):
            return NN_ALREADY_LINKED(msisdn=national(msisdn))
        if number.reseller_at is not None and not rules.outlet.rs_may_be_nn:
            return NN_ALREADY_LINKED(msisdn=national(msisdn))
        return NN_REPORTED_LOST(msisdn=national(msisdn)) if number.lost else None

    def seller_refusal(self, msisdn: Msisdn, outlet_id: OutletId, *, now: datetime) -> Refusal | None:
        """Why this number of the older channel may not be linked with the outlet, or None. [D-20]"""
        number = self.of(msisdn)
        if self._is_elsewhere(number, outlet_id, now):
            return _cooling(number, msisdn, now) or SELLER_NUMBER_LINKED(msisdn=national(msisdn))
        return None

    @staticmethod
    def _is_elsewhere(number: Number, outlet_id: OutletId | None, now: datetime) -> bool:
        """Roles are looked at beside the holder: until the schema's last step was taken an old one may lack it."""
        if number.only_cools() and not _cools(number, now):
            return False
        return any(
            at is not None and at != outlet_id
            for at in (number.held_by, number.reseller_at, number.seller_outlet_id, _linked_at(number))
        )

    def give_reseller(self, msisdn: Msisdn, outlet_id: OutletId) -> None:
        """Count an accepted registration for those that follow; a seller number of the older channel is linked."""
        number = self.of(msisdn)
        link = number.link if number.link is not None and number.link.free_from is None else None
        self.known[msisdn] = msgspec.structs.replace(
            number,
            held_by=outlet_id,
            reseller_at=outlet_id,
            link=link,
            seller_outlet_id=outlet_id if number.seller is not None else None,
        )

    def give_notification(self, msisdn: Msisdn, outlet_id: OutletId, user_id: UserId) -> None:
        """Count an accepted notification number."""
        link = Link(outlet_id=outlet_id, user_id=user_id, free_from=None)
        self.known[msisdn] = msgspec.structs.replace(self.of(msisdn), held_by=outlet_id, link=link)

    def give_seller(self, msisdn: Msisdn, outlet_id: OutletId) -> None:
        """Count an accepted link with the older channel."""
        self.known[msisdn] = msgspec.structs.replace(self.of(msisdn), held_by=outlet_id, seller_outlet_id=outlet_id)

    def take_reseller(self, msisdn: Msisdn) -> None:
        """Count a registration that ended, and with it the link of a seller number."""
        number = msgspec.structs.replace(self.of(msisdn), reseller_at=None, seller_outlet_id=None)
        self.known[msisdn] = _let_go(number)

    def take_notification(self, msisdn: Msisdn, *, free_from: datetime | None) -> None:
        """Count a release; with `free_from` the number cools down until then."""
        number = self.of(msisdn)
        link = number.link
        if link is not None:
            link = msgspec.structs.replace(link, free_from=free_from) if free_from is not None else None
        self.known[msisdn] = _let_go(msgspec.structs.replace(number, link=link))


def _let_go(number: Number) -> Number:
    if number.reseller_at is None and number.link is None and number.seller_outlet_id is None:
        return msgspec.structs.replace(number, held_by=None)
    return number


def _linked_at(number: Number) -> OutletId | None:
    return number.link.outlet_id if number.link is not None and number.link.free_from is None else None


def _cools(number: Number, now: datetime) -> bool:
    return number.link is not None and number.link.free_from is not None and number.link.free_from > now


def _cooling(number: Number, msisdn: Msisdn, now: datetime) -> Refusal | None:
    """A number that was let go is nobody's for a while, so that what is still on its way to it reaches no stranger."""
    if not _cools(number, now):
        return None
    assert number.link is not None, "cooling down from nothing"
    assert number.link.free_from is not None, "cooling down without an end"
    return NN_COOLING_DOWN(msisdn=national(msisdn), hours=hours_until(number.link.free_from, now))


class OutletRow(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet as far as its numbers go, read under its lock. `stopped`: staff suspended it, whatever it waits for."""

    id: OutletId
    status: str
    stopped: bool
    rs_msisdn: Msisdn | None
    proprietor_id: OutletId | None


class RsChange(msgspec.Struct, frozen=True, kw_only=True):
    """The reseller number that an outlet shall have from now on; None lets the one go that it has."""

    outlet_id: OutletId
    msisdn: Msisdn | None
    reason: str


class RsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet's reseller number now and before; the same where nothing had to change."""

    outlet_id: OutletId
    was: Msisdn | None
    msisdn: Msisdn | None


class NnChange(msgspec.Struct, frozen=True, kw_only=True):
    """The notification number that a user shall have from now on; None lets the one go that the user has. [D-28]"""

    user_id: UserId
    msisdn: Msisdn | None
    type: NumberType = "FRONTLINER"
    reason: str


class NnChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A user's notification number now and before; None: none."""

    user_id: UserId
    was: Msisdn | None
    msisdn: Msisdn | None


class UserMove(msgspec.Struct, frozen=True, kw_only=True):
    """A user who goes to another outlet of the same owner, with name, secrets and number. [D-30]"""

    user_id: UserId
    outlet_id: OutletId
    reason: str


class UserMoved(msgspec.Struct, frozen=True, kw_only=True):
    """The user at the other outlet: a row of its own, as the sales of before stay where they were made."""

    was: UserId
    user_id: UserId
    outlet_id: OutletId


Outlets = Mapping[int, OutletRow]
