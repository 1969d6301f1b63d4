"""What an approved application opens: the outlet and its owner. Pure. [D-01, D-06, D-07, D-22]"""

from collections.abc import Mapping
from string import ascii_lowercase

from konter.channel.model import NewOutlet, NewUser
from konter.channel.onboarding.model import Application
from konter.channel.territory.places import Position
from konter.platform.ids import ApplicationId, OutletId
from konter.platform.secrets import Keys

CODE_DIGITS = 10
CODE_FRONT = "7"  # of outlets that came by application; an operator's own lists begin otherwise
USERNAME_FRONT = "ktr"


def outlet_code(application_id: ApplicationId) -> str:
    """Ten digits that no other application gives, more when they are used up: the sequence number in its id, which is
    used once.
    """
    return f"{CODE_FRONT}{application_id >> 8:0{CODE_DIGITS - 1}d}"


def usernames_of(application_id: ApplicationId) -> list[str]:
    """User names to try, such as `ktr1050012`. Whoever adds users chooses names, so the next ones can be taken on
    purpose; each costs a number of the operator, and nobody has so many.
    """
    name = f"{USERNAME_FRONT}{application_id >> 8:07d}"
    return [name, *(f"{name}{letter}" for letter in ascii_lowercase)]


def new_outlet(application: Application, areas: Mapping[str, str], keys: Keys) -> NewOutlet:
    """The outlet as it will be opened; `areas` tells in which area of prices a district lies."""
    assert application.kind is not None, "what was sent is complete"
    assert application.outlet_name is not None, "what was sent is complete"
    assert application.partner_id is not None, "what was sent has its partner"
    assert application.rs_msisdn is not None, "what was sent is complete"
    assert application.district is not None, "what was sent is complete"
    here = application.latitude_udeg, application.longitude_udeg
    return NewOutlet(
        code=outlet_code(application.id),
        name=application.outlet_name,
        partner_id=application.partner_id,
        area=areas.get(application.district, ""),
        reseller_msisdn=application.rs_msisdn,
        kind=application.kind,
        address=keys.reveal(application.address_sealed or ""),
        district=application.district,
        position=Position(here[0], here[1]) if here[0] is not None and here[1] is not None else None,
    )


def new_user(application: Application, outlet_id: OutletId, username: str, password_hash: str, keys: Keys) -> NewUser:
    """The owner, who logs in with the notification number and changes the initial password first. [D-07, D-22]"""
    assert application.nn_msisdn is not None, "what was sent is complete"
    return NewUser(
        outlet_id=outlet_id,
        username=username,
        name=keys.reveal(application.owner_sealed or ""),
        role="OUTLET_OWNER",
        nn_msisdn=application.nn_msisdn,
        nn_type="OWNER",
        locale=application.locale,
        password_hash=password_hash,
    )
