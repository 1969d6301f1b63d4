"""Schemathesis on a real server: generated requests, right and wrong, as nobody, as an outlet's user and as staff.

Short here, with a fixed seed; `make fuzz` does the same for minutes on a demo. KONTER_FUZZ_EXAMPLES asks for more.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from tests.api.served import served_world

EXAMPLES = os.environ.get("KONTER_FUZZ_EXAMPLES", "8")
SEED = "20261121"
# What ends the session or changes the secrets that the run itself goes by.
OWN_SECRETS = "logout|/me/(password|pin|sessions)|pin-resets"
# A generated body fits the schema and still names a product or a number that is not there.
NOT_CHECKED = "positive_data_acceptance"
FUZZ_WITHIN_S = 240


async def fuzz(base_url: str, folder: Path, token: str = "") -> None:
    """One run; fails with what Schemathesis found and how to repeat it."""
    arguments = ["run", f"{base_url}/api/v1/openapi.json", "--seed", SEED, "--max-examples", EXAMPLES]
    arguments += ["--checks", "all", "--exclude-checks", NOT_CHECKED, "--continue-on-failure", "--warnings", "off"]
    arguments += ["--generation-database", "none", "--no-color"]
    if token:
        arguments += ["--header", f"Authorization: Bearer {token}", "--exclude-path-regex", OWN_SECRETS]
    program = Path(sys.executable).with_name("schemathesis")
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=folder
    )
    async with asyncio.timeout(FUZZ_WITHIN_S):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


@pytest.mark.parametrize("caller", ["nobody", "outlet", "staff"])
async def test_no_generated_request_breaks_the_api(own_dsn: str, tmp_path: Path, caller: str) -> None:
    async with served_world(own_dsn, tmp_path) as (world, server):
        token = {"nobody": "", "outlet": world.token, "staff": world.supervisor}[caller]
        await fuzz(server.settings.address, tmp_path, token)
        assert await world.balance() == 1_000_000
