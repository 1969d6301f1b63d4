"""What pages need of the running application."""

from typing import Any, Protocol, cast

from litestar import Request

from konter.access.passwords import Passwords
from konter.catalogue.model import Catalogue
from konter.platform.clock import Clock
from konter.platform.config import Settings
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks
from konter.platform.lane import Lane
from konter.platform.secrets import Keys
from konter.rules.model import Rulebook
from konter.sales.model import SaleOutcome, SellRequest

AnyRequest = Request[Any, Any, Any]


class Lanes(Protocol):
    """The lanes that pages submit to."""

    sell: Lane[SellRequest, SaleOutcome]


class App(Protocol):
    """The part of the application that pages use."""

    pool: Pool
    ids: IdBlocks
    keys: Keys
    clock: Clock
    settings: Settings
    passwords: Passwords
    lanes: Lanes

    def rulebook(self) -> Rulebook:
        """All rules, in memory."""
        ...

    def catalogue(self) -> Catalogue:
        """All products and prices, in memory."""
        ...


def app_of(request: AnyRequest) -> App:
    """The application that a request came to."""
    return cast(App, request.app.state.app)
