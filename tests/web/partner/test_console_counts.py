"""How often pages of the console ask the database, beyond asking who is there."""

import pytest
from tests.channel.onboarding.desk import Desk
from tests.web.partner.conftest import Console
from tests.web.statements import asked_by

BARE = "/partner/nomor"


@pytest.mark.requirement("D-57", "D-60")
async def test_it_works(console: Console, desk: Desk) -> None:
    """Three times for whatever lists or finds, more only for a page that has several of those."""
    id_ = await desk.sent()
    at_most = {
        "/permohonan": 3,
        "/outlet": 3,
        "/outlet?cari=sukses": 3,
        "/outlet?urut=sejak&arah=turun": 3,
        "/pengguna": 3,
        "/tinjauan": 3,
        "/cari?q=sukses": 3,
        f"/nomor/{console.shop.user.nn_msisdn}": 3,
        f"/outlet/{console.shop.user.outlet_id}": 7,
        f"/permohonan/{id_}": 5,
        "": 4,
    }
    own = await console.agent()
    for_applications = await console.agent(partner_id=desk.ground.mine)
    counted = {
        place: await asked_by(
            for_applications if place.startswith("/permohonan") else own,
            console.stage.pool,
            f"/partner{place}",
            bare=BARE,
        )
        for place in at_most
    }
    assert {place: count for place, count in counted.items() if count > at_most[place]} == {}
