"""Where a form or a cookie may send a visitor."""

import pytest

from konter.web.pages import go, own_path


@pytest.mark.parametrize("path", ["/", "/outlet", "/outlet/jual?produk=A&nomor=0812&ref=1", "/t/K7Q2-9M4D?v=1"])
def test_paths_of_this_site_are_followed(path: str) -> None:
    assert own_path(path, "/other") == path


@pytest.mark.parametrize(
    "path", ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nSet-Cookie: x=1", "/a b", "/é"]
)
def test_everything_else_leads_home(path: str) -> None:
    assert own_path(path, "/outlet") == "/outlet"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/outlet/masuk/x?ke=08%2A&pesan=kirim", "/outlet/masuk/x?ke=08%2A&pesan=kirim"),
        ("/office/konflik/x\r\nSet-Cookie: a=b", "/office/konflik/x%0D%0ASet-Cookie:%20a=b"),
        ("/office/konflik/٣", "/office/konflik/%D9%A3"),
        ("/office/konflik/\udc80", "/office/konflik/?"),
    ],
)
def test_an_address_that_somebody_typed_goes_back_as_one(typed: str, sent: str) -> None:
    """Digits of other scripts and line breaks in a path: neither a broken page nor a header of the visitor's own."""
    assert go(typed).headers["Location"] == sent
