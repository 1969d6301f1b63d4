"""`konter staff`: the first admin, and a way back in for whoever holds the machine."""

from datetime import timedelta
from typing import Annotated

from cyclopts import Parameter

from konter.access.model import normal_username
from konter.access.staff.accounts import let_back_in
from konter.access.staff.add import NewStaff, add_staff
from konter.access.step import IDS_MAX, Step
from konter.channel.model import name_refusal, username_refusal
from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, database, out, run, said, say, settings_for
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.platform.refusal import Refusal, Refused
from konter.platform.secrets import new_password

Roles = Annotated[tuple[str, ...], Parameter(name="--role", help="A role; give it several times for several.")]
Area = Annotated[str | None, Parameter(name="--area", help="The area that the account acts in; none: everywhere.")]


def add(username: str, name: str, *, role: Roles = ("admin",), area: Area = None, data: Data = None) -> None:
    """Make an account of staff, by default an admin, and print its first password."""
    if (refusal := username_refusal(username) or name_refusal("name", name)) is not None:
        raise Refused(refusal)

    async def work_(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            word, now = new_password(), parts.clock.now()
            rules = await parts.rules(connection, now)
            new = NewStaff(
                username=username,
                name=name,
                roles=role,
                area=area,
                password_hash=await parts.passwords.hash(word),
                password_lapses_at=now + timedelta(hours=rules.auth.initial_password_ttl_h),
            )
            (outcome,) = await add_staff(connection, [new], actor=SYSTEM, now=now, ids=parts.ids)
        if isinstance(outcome, Refusal):
            raise Failed(said(outcome))
        out.print(say("cli.staff_added", username=normal_username(username), password=word))

    settings = settings_for(data)
    with database(settings) as url:
        run(work_(settings, url))


def let_in(username: str, *, data: Data = None) -> None:
    """Give an account another first password and let it set up another authenticator app."""

    async def work_(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            word, now = new_password(), parts.clock.now()
            rules = await parts.rules(connection, now)
            step = Step(now=now, ids=await parts.ids.reserve(connection, IDS_MAX), keys=parts.keys, rules=rules)
            password_hash = await parts.passwords.hash(word)
            if (refusal := await let_back_in(connection, username, password_hash, actor=SYSTEM, step=step)) is not None:
                raise Failed(said(refusal))
        out.print(say("cli.staff_let_in", username=normal_username(username), password=word))

    settings = settings_for(data)
    with database(settings) as url:
        run(work_(settings, url))
