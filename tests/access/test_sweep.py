from datetime import timedelta

from tests.access.people import Stage

from konter.access.model import Principal
from konter.access.sweep import sweep_logins


async def test_old_logins_and_marks_go_and_sessions_stay(stage: Stage) -> None:
    user = await stage.user()
    opened = await stage.session(user)
    left = []
    for moment in (stage.now + timedelta(days=2), stage.now + timedelta(days=2, seconds=1)):
        async with stage.pool.acquire() as connection:
            await sweep_logins(connection, now=moment)
        marks = await stage.pool.fetchval(f"SELECT count(*) FROM rate_window WHERE key LIKE '%user:{user.id}'")
        logins = await stage.pool.fetchval(f"SELECT count(*) FROM login WHERE user_id = {user.id}")
        left.append((marks, logins))
    assert left == [(1, 1), (0, 0)]
    assert isinstance(await stage.who(opened.token), Principal)
