"""HTTP of the simulated network on the demo's server: a page for a person, JSON for a script."""

from typing import Any, Literal

from litestar import MediaType, Request, Response, get, post, put
from litestar.params import JSONBody, URLEncodedBody
from litestar.response import Redirect

from konter.platform.config import Settings
from konter.platform.i18n import locale_of, text
from konter.platform.refusal import UNAVAILABLE, Refused
from konter.simulator.network import remote
from konter.simulator.network.model import Faults, Overview
from konter.simulator.network.refusals import BAD_FAULTS
from konter.simulator.network.view import page, read_faults
from konter.web.pages import HEADERS, LANGUAGE_COOKIE

AnyRequest = Request[Any, Any, Any]
SEE_OTHER: Literal[303] = 303
RETRY_AFTER_S = 2


@get("/network", media_type=MediaType.HTML, include_in_schema=False)
async def network_page(request: AnyRequest) -> Response[str]:
    """Figures, faults to switch, and the newest transfers."""
    return _page(request, await _overview(request))


@post("/network", media_type=MediaType.HTML, include_in_schema=False)
async def faults_from_page(request: AnyRequest, data: URLEncodedBody[dict[str, str]]) -> Response[str] | Redirect:
    """Switch faults from the page, then show it again."""
    faults = read_faults(data)
    if faults is None:
        sentence = text(BAD_FAULTS().sentence_key, _locale(request))
        return _page(request, await _overview(request), alert=sentence, typed=data, status=BAD_FAULTS().status)
    try:
        await remote.set_faults(*_place(request), faults)
    except remote.Away:
        return _page(request, None)
    return Redirect("/simulator/network", status_code=SEE_OTHER)


@get("/network/overview", operation_id="SimulatorNetwork")
async def network_overview(request: AnyRequest) -> Overview:
    """The same for a script."""
    overview = await _overview(request)
    if overview is None:
        raise Refused(UNAVAILABLE(retry_after_s=RETRY_AFTER_S))
    return overview


@put("/network/faults", operation_id="SimulatorNetworkFaults")
async def set_network_faults(request: AnyRequest, data: JSONBody[Faults]) -> Faults:
    """Have these things go wrong from now on, and none else."""
    try:
        await remote.set_faults(*_place(request), data)
    except remote.Away as error:
        raise Refused(UNAVAILABLE(retry_after_s=RETRY_AFTER_S)) from error
    return data


def _place(request: AnyRequest) -> tuple[str, str]:
    settings: Settings = request.app.state.app.settings
    return settings.network_url, settings.network_token


def _locale(request: AnyRequest) -> str:
    return locale_of(request.headers.get("accept-language"), request.cookies.get(LANGUAGE_COOKIE))


async def _overview(request: AnyRequest) -> Overview | None:
    try:
        return await remote.overview(*_place(request))
    except remote.Away:
        return None


def _page(
    request: AnyRequest,
    overview: Overview | None,
    *,
    alert: str = "",
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    configured = bool(_place(request)[0])
    html = page(overview, configured=configured, locale=_locale(request), alert=alert, typed=typed)
    return Response(
        html, media_type=MediaType.HTML, status_code=status, headers={**HEADERS, "Cache-Control": "no-store"}
    )


SIMULATED_NETWORK_ROUTES = [network_page, faults_from_page, network_overview, set_network_faults]
