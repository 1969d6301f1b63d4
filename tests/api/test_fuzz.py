"""Schemathesis on a real server: generated requests, right and wrong, as whoever calls.

Short here, with a fixed seed; `make fuzz` does the same for minutes on a demo.
"""

import asyncio
from pathlib import Path

import pytest
from tests.api.served import served_world
from tests.api.world import BALANCE_RP, World
from tools.fuzz import command

EXAMPLES, SEED = "3", "20261121"
FUZZ_WITHIN_S = 240
# Everything else refuses a customer and a machine at the guard, as it does nobody.
THEIRS = {"customer": r"^/api/v1/(customer|rewards)", "machine": r"^/api/v1/(merchants|bills|client)/?"}


async def fuzz(base_url: str, folder: Path, token: str, *, paths: str = "") -> None:
    """One run; fails with what Schemathesis found and how to repeat it."""
    bounds = ("--seed", SEED, "--max-examples", EXAMPLES, "--generation-database", "none", "--no-color")
    if paths:
        bounds = (*bounds, "--include-path-regex", paths)
    process = await asyncio.create_subprocess_exec(
        *command(base_url, token, *bounds), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=folder
    )
    async with asyncio.timeout(FUZZ_WITHIN_S):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def machine(world: World) -> str:
    """The key of a machine that may do everything that machines do, often."""
    body = {"name": "Integrator", "scopes": ["phones.report", "vouchers.burn", "bills"], "per_minute": 60_000}
    return (await world.post("/clients", body, await world.staff("admin"))).json()["key"]


@pytest.mark.parametrize("caller", ["nobody", "outlet", "staff", "customer", "machine"])
async def test_no_generated_request_breaks_the_api(own_dsn: str, tmp_path: Path, caller: str) -> None:
    async with served_world(own_dsn, tmp_path) as (world, server):
        token = {"nobody": "", "outlet": world.token, "staff": world.supervisor}.get(caller)
        if token is None:
            token = await (machine(world) if caller == "machine" else world.customers_token(world.customer))
        await fuzz(server.settings.address, tmp_path, token, paths=THEIRS.get(caller, ""))
        assert await world.balance() == BALANCE_RP
