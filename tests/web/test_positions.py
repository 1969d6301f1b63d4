"""Where a phone is: only with consent, never needed, kept with the application, and a log-in from far away flagged."""

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.people import PASSWORD, Stage
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.app import App
from konter.channel.territory.places import Position
from konter.web.positions import position_text, read_position

Phones = Callable[[], Awaitable[Phone]]
MONAS, BOGOR = Position(-6_175_392, 106_827_153), Position(-6_595_038, 106_816_635)
NEAR = Position(-6_175_000, 106_827_000)
UDEG = 10**6


@given(st.integers(-90 * UDEG, 90 * UDEG), st.integers(-180 * UDEG, 180 * UDEG))
def test_a_position_reads_back_as_it_was_written(latitude: int, longitude: int) -> None:
    assert read_position(position_text(Position(latitude, longitude))) == Position(latitude, longitude)


@pytest.mark.parametrize(
    "text",
    ["", "1,2", "-6.1753,106.827153", "91.000000,0.000000", "0.000000,181.000000", "６.000000,0.000000", "x" * 99],
)
def test_what_no_phone_writes_is_no_position(text: str) -> None:
    assert read_position(text) is None
    assert position_text(None) == ""


async def at_the_outlet(stage: Stage, shop: App, phone: Phone, place: Position | None) -> Counter:
    made = Counter(stage, shop, phone, await stage.user(await stage.outlet(position=place)))
    await phone.get("/outlet/masuk")
    await phone.submit("/outlet/masuk", username=made.user.username, password=PASSWORD)
    return made


@pytest.mark.requirement("D-29", "G-D28")
@pytest.mark.parametrize(
    ("place", "seen", "flagged"),
    [(MONAS, BOGOR, True), (MONAS, NEAR, False), (MONAS, None, False), (None, BOGOR, False)],
)
async def test_a_log_in_from_far_away_is_flagged_and_let_in(
    stage: Stage, shop: App, phone: Phones, place: Position | None, seen: Position | None, flagged: bool
) -> None:
    made = await at_the_outlet(stage, shop, await phone(), place)
    code = await stage.last_otp(made.user.nn_msisdn)
    await made.phone.submit("/outlet/masuk/", code=code, posisi=position_text(seen))
    assert made.phone.path == "/outlet"
    assert ("session.far" in await stage.audit(made.user.id)) is flagged
    if flagged:
        data = await stage.pool.fetchval(
            "SELECT data FROM audit WHERE subject_id = $1 AND action = 'session.far'", made.user.id
        )
        assert data["note"] == "46.7 km"
        assert "latitude" not in str(data), "how far, not where"


async def test_a_position_that_nobody_wrote_keeps_nobody_out(stage: Stage, shop: App, phone: Phones) -> None:
    made = await at_the_outlet(stage, shop, await phone(), MONAS)
    code = await stage.last_otp(made.user.nn_msisdn)
    await made.phone.submit("/outlet/masuk/", code=code, posisi="<script>,di sini")
    assert made.phone.path == "/outlet"
