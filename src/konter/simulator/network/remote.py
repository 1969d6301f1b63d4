"""What the demo's pages ask of the simulated network, which is another process and may be away."""

import msgspec

from konter.simulator.network.model import Faults, Overview

TIMEOUT_S = 2
OK = 200


class Away(Exception):  # noqa: N818 - a state of the world
    """The network does not answer now, as after a death on demand."""


async def overview(url: str, token: str) -> Overview:
    """Figures, faults and newest transfers. Raises Away."""
    return msgspec.json.decode(await _ask("GET", f"{url}/overview", token), type=Overview)


async def set_faults(url: str, token: str, faults: Faults) -> None:
    """Have these things go wrong, and none else. Raises Away."""
    await _ask("PUT", f"{url}/faults", token, msgspec.json.encode(faults))


async def _ask(method: str, address: str, token: str, body: bytes = b"") -> bytes:
    import aiohttp  # late: it takes 8 MB, and most installations have no simulated network

    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), headers=headers) as session,
            session.request(method, address, data=body) as answer,
        ):
            read = await answer.read()
    except (aiohttp.ClientError, OSError) as error:
        raise Away from error
    if answer.status != OK:
        raise Away
    return read
