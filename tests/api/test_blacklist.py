"""The blacklist over HTTP: compliance keeps somebody out, finds it again, and two people lift it. [D-96]"""

import pytest
from tests.api.world import World, problem

NIK = "3273014107900001"
ENTRY = {"kind": "nik", "value": NIK, "reason": "voucher palsu", "evidence": "berita acara 12/2026"}


@pytest.mark.requirement("D-96")
async def test_it_works(world: World) -> None:
    one, other = await world.staff("compliance"), await world.staff("compliance")
    made = await world.post("/blacklist", ENTRY, one)
    assert made.status_code == 201, made.text
    entry = made.json()["id"]
    (line,) = (await world.get("/blacklist", world.supervisor)).json()["items"]
    assert (line["id"], line["reason"], line["evidence"]) == (entry, "voucher palsu", "berita acara 12/2026")
    assert NIK not in (await world.get("/blacklist", one)).text
    lift = f"/blacklist/{entry}/lift"
    proposal = (await world.post(lift, {"reason": "keliru orang"}, one)).json()["id"]
    assert problem(await world.post(lift, {"reason": "keliru orang"}, other)) == (409, "ALREADY_PROPOSED")
    ruling = f"/proposals/{proposal}/decision"
    assert problem(await world.post(ruling, {"approve": True}, one)) == (403, "PROPOSAL_SAME_EYES")
    assert (await world.get("/blacklist", one)).json()["items"]
    assert (await world.post(ruling, {"approve": True}, other)).json()["state"] == "approved"
    assert (await world.get("/blacklist", one)).json()["items"] == []
    (line,) = (await world.get("/blacklist?show=all", one)).json()["items"]
    assert line["lift_reason"] == "keliru orang"
    assert problem(await world.post(lift, {"reason": "sekali lagi"}, one)) == (409, "BLACKLIST_ENTRY_LIFTED")
    told = ["blacklist.added", "proposal.made", "proposal.refused", "blacklist.lifted", "proposal.approved"]
    assert await world.stage.audit(int(entry)) == told


@pytest.mark.requirement("D-96")
async def test_whoever_knows_the_value_finds_it_in_any_form(world: World) -> None:
    compliance = await world.staff("compliance")
    number = await world.stage.number()
    await world.post("/blacklist", ENTRY, compliance)
    await world.post("/blacklist", {**ENTRY, "kind": "nn", "value": f"0{str(number)[2:]}"}, compliance)
    for kind, value, found in (
        ("nik", "3273.0141.0790.0001", 1),
        ("rs", f"+{number}", 1),
        ("nn", str(await world.stage.number()), 0),
    ):
        answer = await world.post("/blacklist/search", {"kind": kind, "value": value}, world.supervisor)
        assert len(answer.json()["items"]) == found, (kind, answer.text)
    for table in ("blacklist", "audit"):
        for secret in (NIK, str(number), str(number)[2:]):
            asked = f"SELECT count(*) FROM {table} t WHERE t::text LIKE $1"
            rows = await world.stage.pool.fetchval(asked + " AND t::text LIKE '%blacklist%'", f"%{secret}%")
            assert not rows, (table, secret)


async def test_what_cannot_be_is_refused(world: World) -> None:
    compliance = await world.staff("compliance")
    for changed, answer in (
        ({"value": "123"}, (422, "NIK_INVALID")),
        ({"kind": "rs"}, (422, "BAD_MSISDN")),
        ({"reason": "baris\nbaru"}, (422, "INVALID_INPUT")),
        ({"evidence": "a\u0000b"}, (422, "INVALID_INPUT")),
        ({"kind": "imei"}, (422, "INVALID_INPUT")),
    ):
        assert problem(await world.post("/blacklist", {**ENTRY, **changed}, compliance)) == answer, changed
    assert (await world.post("/blacklist", ENTRY, compliance)).status_code == 201
    assert problem(await world.post("/blacklist", ENTRY, compliance)) == (409, "ALREADY_BLACKLISTED")
    assert problem(await world.post("/blacklist/7/lift", {"reason": "keliru"}, compliance)) == (
        404,
        "BLACKLIST_ENTRY_NOT_FOUND",
    )


async def test_a_rejected_lifting_leaves_the_entry(world: World) -> None:
    one, other = await world.staff("compliance"), await world.staff("compliance")
    entry = (await world.post("/blacklist", ENTRY, one)).json()["id"]
    proposal = (await world.post(f"/blacklist/{entry}/lift", {"reason": "keliru orang"}, one)).json()["id"]
    ruling = {"approve": False, "why": "buktinya kuat"}
    assert (await world.post(f"/proposals/{proposal}/decision", ruling, other)).json()["state"] == "rejected"
    assert (await world.get("/blacklist", one)).json()["items"]
