"""Every place of the office with every role: open, or a page that says why not; nobody's left gives away what is right."""

import pytest
from tests.web.office.conftest import Office

from konter.access.staff.roles import ROLES
from konter.web.office.places import OFFICE


@pytest.mark.requirement("D-81")
@pytest.mark.parametrize("role", sorted(ROLES))
async def test_a_place_is_open_to_its_roles_alone(office: Office, role: str) -> None:
    clerk = await office.clerk(role)
    for place in OFFICE.places:
        await clerk.get(place.href)
        opens = place.open_to((role,))
        assert clerk.page.status_code == (200 if opens else 404 if place.hidden else 403), (role, place.href)
        assert (f'<a href="{place.href}"' in clerk.text) is opens, (role, place.href)


async def test_nobody_is_let_in_without_a_session(office: Office) -> None:
    nobody = await office.clerk("supervisor", logged_in=False)
    for place in OFFICE.places:
        await nobody.get(place.href)
        assert nobody.path == "/office/masuk"


async def test_who_was_sent_to_log_in_comes_back(office: Office) -> None:
    clerk = await office.clerk("care", logged_in=False)
    await clerk.get("/office/perkara?jenis=NO_FILE")
    await clerk.log_in()
    assert str(clerk.page.url).endswith("/office/perkara?jenis=NO_FILE") or clerk.path == "/office"


async def test_a_post_from_elsewhere_is_refused(office: Office) -> None:
    clerk = await office.clerk("supervisor")
    await clerk.send(
        "/office/produk/PULSA50", "post", [("csrf", "x"), ("reason", "dari situs lain"), ("buka", "tidak")]
    )
    assert clerk.page.status_code == 403


async def test_a_part_of_a_page_asked_for_after_the_session_reloads_it(office: Office) -> None:
    clerk = await office.clerk("care", logged_in=False)
    answer = await clerk.client.get("/office", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers.get("hx-refresh")) == (200, "true")


async def test_log_out_ends_the_session(office: Office) -> None:
    clerk = await office.clerk("care")
    kept = dict(clerk.client.cookies)
    await clerk.get("/office/akun")
    await clerk.submit("/office/keluar")
    assert "Anda sudah keluar." in clerk.text
    clerk.client.cookies.update(kept)
    await clerk.get("/office")
    assert clerk.path == "/office/masuk"


async def test_a_query_count_that_does_not_grow(office: Office) -> None:
    """Lists ask as often for fifty lines as for one."""
    counts = []
    clerk = await office.clerk("supervisor")
    for rows in (1, 40):
        for n in range(rows):
            await office.stage.outlet(name=f"Hitung {rows} {n}")
        asked = 0

        def count(_: object) -> None:
            nonlocal asked
            asked += 1

        connections = [holder._con for holder in office.stage.pool._holders if holder._con is not None]
        for connection in connections:
            connection.add_query_logger(count)
        await clerk.get(f"/office/outlet?cari=hitung {rows}")
        for connection in connections:
            connection.remove_query_logger(count)
        counts.append(asked)
    assert counts[0] == counts[1] <= 8, counts
