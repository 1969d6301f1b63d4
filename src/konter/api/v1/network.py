"""What the network tells of its own accord. Nobody else may."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import post
from litestar.handlers.base import BaseRouteHandler
from litestar.params import JSONBody

from konter.api.operations import says
from konter.api.principal import AnyConnection, AnyRequest, app_of, bearer
from konter.api.strict import invalid_input
from konter.api.v1.bodies import Body
from konter.api.v1.sales import ID_MAX
from konter.platform.forms import whole
from konter.platform.i18n import locale_of
from konter.platform.ids import TransferId
from konter.platform.refusal import Refused
from konter.platform.secrets import equal
from konter.sales.checking.hear import hear
from konter.sales.checking.model import Word
from konter.sales.network.model import Answer
from konter.sales.network.refusals import WRONG_NETWORK_TOKEN

DecimalId = Annotated[str, msgspec.Meta(pattern=whole("[1-9][0-9]{0,18}"), examples=["7036874417665"])]


class NetworkAnswerBody(Body, frozen=True):
    """What became of a transfer. `nominal_rp` is what the customer got; `reason` a code in capitals."""

    transfer_id: DecimalId
    state: Annotated[Literal["done", "refused", "voided"], msgspec.Meta(examples=["done"])]
    reason: Annotated[str, msgspec.Meta(max_length=100)] = ""
    nominal_rp: Annotated[int, msgspec.Meta(ge=0, le=ID_MAX)] | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class HeardView(msgspec.Struct, frozen=True):
    """How it was taken. `taken`: Konter asks what is true and ends the sale; `known`: the sale ended so before. The
    rest is for people: `other_amount` than ordered, `contradicts` what was said before, `not_sent` to any network,
    `unknown_transfer`.
    """

    word: Word


async def require_network(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Let only the network through that delivers this installation's sales. Where there is none, no token is right."""
    settings = app_of(connection).settings
    token = bearer(connection) or ""
    expected = settings.network_token if settings.network_url else ""
    if not expected or not equal(token.encode(), expected.encode()):
        raise Refused(WRONG_NETWORK_TOKEN())


@post(
    "/network/answers",
    status_code=200,
    tags=["network"],
    guards=[require_network],
    opt=says("network"),
)
async def take_answer(data: JSONBody[NetworkAnswerBody], request: AnyRequest) -> HeardView:
    """Tell what became of a transfer, as often as you like. Konter believes nothing of it: it asks you, and books what
    you then answer. [D-46, G-D12]
    """
    app = app_of(request)
    transfer_id = int(data.transfer_id)
    if transfer_id > ID_MAX:
        locale = locale_of(request.headers.get("accept-language"))
        raise Refused(invalid_input("Expected `int` <= 9223372036854775807", locale, "transfer_id"))
    claim = Answer(data.state, data.reason, data.nominal_rp)
    async with app.connection() as connection:
        told = await hear(connection, TransferId(transfer_id), claim, now=app.clock.now(), ids=app.ids)
    return HeardView(told.word)


NETWORK_ROUTES = [take_answer]
