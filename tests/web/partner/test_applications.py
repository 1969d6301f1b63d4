"""An application goes from the partner's desk to the branch's, and ends as an outlet."""

import pytest
from tests.channel.onboarding.desk import Desk
from tests.web.partner.conftest import Console


@pytest.mark.requirement("D-05", "G-D09")
async def test_it_works(console: Console, desk: Desk) -> None:
    """The partner recommends, the branch looks at the identity and approves; both see why they may no more."""
    id_ = await desk.sent()
    agent = await console.agent(partner_id=desk.ground.mine)
    branch = await console.branch()
    await agent.get("/partner/permohonan")
    assert f"FP-{id_}" in agent.text
    await agent.get(f"/partner/permohonan/{id_}")
    assert "menunggu mitra" in agent.text
    await agent.submit(f"/partner/permohonan/{id_}", note="tokonya ramai")
    assert "Pendapat Anda dicatat" in agent.text
    assert "sudah" in agent.text.split("desk-why")[1], "a reason stands where the button was"
    await branch.get("/office")
    assert "Permohonan" in branch.text
    await branch.get(f"/office/permohonan/{id_}")
    assert "tokonya ramai" in branch.text
    assert "***" in branch.text, "masked until somebody opens it"
    await branch.get(f"/office/permohonan/{id_}?buka=ya")
    assert f"/office/permohonan/{id_}/foto" in branch.text
    assert "Identitas dilihat" in branch.text
    photo = await branch.client.get(f"/office/permohonan/{id_}/foto")
    assert photo.headers["content-type"] == "image/jpeg"
    await branch.submit(f"/office/permohonan/{id_}", _button=None)
    assert "Outlet dibuka" in branch.text
    assert await desk.state(id_) == "approved"


async def test_the_branch_rejects_with_a_reason(console: Console, desk: Desk) -> None:
    id_ = await desk.sent()
    branch = await console.branch()
    await branch.get(f"/office/permohonan/{id_}")
    assert "Setujui permohonan" in branch.text
    await branch.submit(f"/office/permohonan/{id_}", reason="alamat tidak ditemukan")
    assert "Pemohon membaca alasannya" in branch.text
    assert await desk.state(id_) == "rejected"


@pytest.mark.requirement("G-D09")
async def test_a_list_that_is_empty_by_its_filter_leads_to_what_waits(console: Console, desk: Desk) -> None:
    id_ = await desk.sent()
    agent, branch = await console.agent(partner_id=desk.ground.mine), await console.branch()
    for clerk, address, state in (
        (branch, "/office/permohonan", "menunggu mitra"),
        (agent, "/partner/permohonan?status=recommended", "menunggu mitra"),
    ):
        root = address.partition("?")[0]
        await clerk.get(address)
        assert "Tidak ada permohonan yang menunggu cabang." in clerk.text
        assert "Semua sudah beres" not in clerk.text
        assert f'href="{root}?status=semua">Tampilkan semua' in clerk.text
        await clerk.get(f"{root}?status=semua")
        assert f"FP-{id_}" in clerk.text
        assert clerk.text.count(state) == 2, "as a choice, and as what this one waits for"
    await desk.recommend(id_)
    await agent.get("/partner/permohonan?status=semua")
    assert f"FP-{id_}" in agent.text
    stranger = await console.agent(partner_id=desk.ground.theirs)
    await stranger.get("/partner/permohonan?status=semua")
    assert "Semua sudah beres" in stranger.text


@pytest.mark.requirement("D-59")
async def test_a_stranger_partner_gets_404(console: Console, desk: Desk) -> None:
    id_ = await desk.sent()
    stranger = await console.agent(partner_id=desk.ground.theirs)
    for address in (
        f"/partner/permohonan/{id_}",
        f"/partner/permohonan/{id_}?buka=ya",
        f"/partner/permohonan/{id_}/foto",
    ):
        await stranger.get(address)
        assert stranger.page.status_code == 404, address
    await stranger.get("/partner/permohonan")
    assert f"FP-{id_}" not in stranger.text
    assert await desk.state(id_) == "submitted"


@pytest.mark.parametrize("form", ["1", "x", "FP-", "9" * 40])
async def test_what_is_not_there(console: Console, form: str) -> None:
    branch = await console.branch()
    await branch.get(f"/office/permohonan/{form}")
    assert branch.page.status_code == 404
