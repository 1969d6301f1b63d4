"""Who serves what phones reach: short numbers by text, codes by USSD. Whoever puts a process together fills it."""

from collections.abc import Mapping

import msgspec

from konter.messaging.inbound.model import Service
from konter.messaging.ussd.model import Menu


class Served(msgspec.Struct, frozen=True):
    """`services` by short number ("777"), `menus` by service code ("*700#"). Messaging itself knows none of them."""

    services: Mapping[str, Service] = {}
    menus: Mapping[str, Menu] = {}
