"""The first page lists what is due soonest of every queue that it counts, and says that all is done only where it is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.channel.numbers.desk import Desk as Numbers
from tests.channel.onboarding.desk import Desk as Applicants
from tests.channel.territory.ground import Ground
from tests.web.office.conftest import Clerk, Office
from tests.web.office.walk import fill_access

from konter.catalogue.availability import set_open
from konter.channel.onboarding.photo.photos import Photos
from konter.platform.audit import SYSTEM
from konter.subscriber.msisdn import pretty

DONE = "Semua sudah beres."


@pytest.fixture
def photos() -> Iterator[Photos]:
    made = Photos()
    yield made
    made.close()


async def review(office: Office, outlet_id: int) -> None:
    """An outlet's review, due in an hour."""
    now = office.stage.now
    await office.stage.pool.execute(
        """
        INSERT INTO inactivity (id, cell, outlet_id, policy, state, since, last_kind, last_id, noticed_day, notices,
            opened_at, due_at, reason)
        VALUES (9000000::bigint << 8 | ($1 & 255), $1 & 255, $1, 'review', 'review', $2, 'opened', $1, 29, '[]', $2, $3,
            '')
        """,
        outlet_id,
        now,
        now + timedelta(hours=1),
    )


async def urgent(clerk: Clerk) -> list[str]:
    """The names in the table of what is most urgent, first to last."""
    await clerk.get("/office")
    part = clerk.text.split('<div id="urgent"')[1].split("</section>")[0]
    return [line.split(">", 2)[1].partition("<")[0] for line in part.split("<a href=")[1:]]


@pytest.mark.requirement("D-32", "D-58", "D-73", "G-D09")
async def test_it_works(office: Office, photos: Photos) -> None:
    stage = office.stage
    assert await urgent(await office.clerk("branch")) == []
    applicants = Applicants(await Ground(stage).set(), photos)
    application = await applicants.recommended()
    _, number, _, _ = await Numbers(stage).conflict()
    await review(office, await stage.outlet(name="Toko Sepi"))
    branch = await office.clerk("branch")
    found = await urgent(branch)
    assert found[0] == "Toko Sepi"
    assert pretty(number) in found
    assert f'href="/office/permohonan/{application}"' in branch.text
    assert len(found) == 3
    assert DONE not in branch.text
    care = await office.clerk("care")
    assert len(await urgent(care)) == 3
    assert await urgent(await office.clerk("catalogue")) == []


@pytest.mark.requirement("D-81")
async def test_proposals_are_in_it(office: Office) -> None:
    await fill_access(office)
    compliance = await office.clerk("compliance")
    assert sorted(await urgent(compliance)) == ["Pencabutan dari daftar hitam", "Peran atau wilayah petugas"]


async def test_all_is_done_only_where_nothing_is_counted(office: Office) -> None:
    """A product that somebody closed is work, though it has no time by which it is due."""
    care = await office.clerk("care")
    await care.get("/office")
    assert DONE in care.text
    async with office.stage.pool.acquire() as connection:
        given = {"now": office.stage.now, "actor": SYSTEM, "ids": office.stage.ids, "reason": "gangguan"}
        await set_open(connection, "PULSA25", is_open=False, **given)
    await care.get("/office")
    assert DONE not in care.text
    assert "Tidak ada yang bertenggat." in care.text
