"""`konter demo`: a synthetic operator, built once, served and looked after."""

import secrets
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from konter.cli.terminal import Data, Failed, err, out, run, said, say, settings_for, spoken
from konter.platform.config import Settings
from konter.platform.embedded import EmbeddedServer, start_embedded
from konter.platform.embedded.lock import only_one
from konter.platform.folders import make_private
from konter.platform.logs import set_up_logs
from konter.server import free_port, require_free_port, supervised, wait_until_ready
from konter.simulator.demo import Ready, lines_for_people, prepare
from konter.simulator.network.serve import HOST as NETWORK_HOST
from konter.simulator.operator.model import Size, size_of
from konter.simulator.watch import watched


def demo(
    *,
    port: int = 8080,
    data: Data = None,
    json: Annotated[bool, Parameter(help="Print one line of JSON when ready.")] = False,
    seed: Annotated[int, Parameter(help="The same seed builds the same operator.")] = 1,
    size: Annotated[
        Literal["normal", "full"] | None,
        Parameter(help="300 outlets, 50,000 subscribers, 100,000 sales; or 5,000, 1.6 million and a million."),
    ] = None,
    outlets: int | None = None,
    subscribers: int | None = None,
    sales: int | None = None,
) -> None:
    """Build a synthetic operator on the embedded database, serve it, and print where to look and how to log in."""
    wanted = size_of(size, outlets=outlets, subscribers=subscribers, sales=sales)
    if wanted is not None and (refusal := wanted.refusal()) is not None:
        raise Failed(said(refusal))
    settings = settings_for(data, port=port, mode="demo", database_url="")
    set_up_logs("warning", json=False)
    require_free_port(settings)
    make_private(settings.data)
    with only_one(settings.data / "demo.lock") as alone, start_embedded(settings.data / "pg") as server:
        if not alone:
            raise Failed(say("cli.demo_running", folder=settings.data))
        run_demo(settings, server, seed=seed, size=wanted, json=json)


def run_demo(settings: Settings, server: EmbeddedServer, *, seed: int, size: Size | None, json: bool) -> None:
    """Build if need be, serve, and look after server, worker, network and database until told to stop."""
    with watched(err, spoken()) as watch:
        apart = msgspec.structs.replace(settings, network_url="")  # a month of sales does not wait for a network
        ready = run(prepare(apart, server.url, seed=seed, size=size, watcher=watch))
    served = with_network(msgspec.structs.replace(settings, database_url=server.url))
    own = [] if settings.network_url else ["network"]
    with supervised(served, [*own, "serve", "worker"]) as children:
        for _ in own:
            wait_until_ready(served.network_url)
        wait_until_ready(settings.address)
        tell(ready, settings, json=json)
        children.watch(server.revive)


def with_network(settings: Settings) -> Settings:
    """With the address of the simulated network that the demo is going to run, where no other is set."""
    if settings.network_url:
        return settings
    port = settings.network_port or free_port(NETWORK_HOST)
    return msgspec.structs.replace(
        settings,
        network_url=f"http://{NETWORK_HOST}:{port}",
        network_port=port,
        network_token=settings.network_token or secrets.token_hex(),
    )


def tell(ready: Ready, settings: Settings, *, json: bool) -> None:
    """The demo's first words: for scripts one line of JSON, for people addresses and log-ins."""
    if json:
        print(msgspec.json.encode(ready).decode(), flush=True)
        return
    out.print()
    for key, value in lines_for_people(ready):
        out.print(f"{say(key):32} [bold]{value}[/bold]", soft_wrap=True)
    out.print()
    out.print(say("demo.stop", folder=settings.data), soft_wrap=True)
    out.file.flush()
