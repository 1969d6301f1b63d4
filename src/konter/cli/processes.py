"""`konter serve`, `worker` and `network`: what an installation keeps running. A server's first process only looks after
the others, so nothing is imported here that it does not need for that.
"""

import msgspec

from konter.cli.terminal import Data, Failed, database, out, run, say, settings_for
from konter.platform.logs import set_up_logs
from konter.platform.migrate import check as check_schema
from konter.server import free_port
from konter.server import serve as run_server


def serve(*, port: int | None = None, host: str | None = None, data: Data = None, workers: int | None = None) -> None:
    """Serve pages and API. The schema must be up to date (`konter migrate`)."""
    settings = settings_for(data, port=port, host=host, workers=workers)
    with database(settings) as url:
        run(check_schema(url))
        run_server(msgspec.structs.replace(settings, database_url=url))


def worker(*, data: Data = None) -> None:
    """Do side effects from the outbox and jobs that fall due. Run one or several beside the servers."""
    from konter.worker import work

    settings = settings_for(data)
    set_up_logs(settings.log_level)
    with database(settings) as url:
        run(check_schema(url))
        run(work(settings, url))


def network(*, port: int | None = None, data: Data = None) -> None:
    """Run the simulated network alone, in demo or test mode; it keeps what it knows under the data folder."""
    from konter.simulator.network.serve import HOST, run_network

    settings = settings_for(data, network_port=port)
    if settings.mode == "live":
        raise Failed(say("cli.network_live"))
    if not settings.network_token:
        raise Failed(say("cli.network_token"))
    set_up_logs(settings.log_level)
    settings = msgspec.structs.replace(settings, network_port=settings.network_port or free_port(HOST))
    out.print(say("cli.network_listens", url=f"http://{HOST}:{settings.network_port}"))
    run(run_network(settings))
