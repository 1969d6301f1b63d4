"""Where a form or a cookie may send a visitor."""

import pytest

from konter.web.pages import own_path


@pytest.mark.parametrize("path", ["/", "/outlet", "/outlet/jual?produk=A&nomor=0812&ref=1", "/t/K7Q2-9M4D?v=1"])
def test_paths_of_this_site_are_followed(path: str) -> None:
    assert own_path(path, "/other") == path


@pytest.mark.parametrize(
    "path", ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nSet-Cookie: x=1", "/a b", "/é"]
)
def test_everything_else_leads_home(path: str) -> None:
    assert own_path(path, "/outlet") == "/outlet"
