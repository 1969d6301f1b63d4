"""Names of devices in the list of sessions."""

import pytest

from konter.web.devices import device_name


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Linux; Android 4.4; X) AppleWebKit/537.36 Version/4.0 Chrome/30.0.0.0 Mobile Safari/537.36",
            "Chrome, Android 4.4",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.5", "curl/8.5"),
        ("x" * 200, "x" * 60),
        ("", ""),
    ],
)
def test_a_device_is_named_as_people_do(agent: str, name: str) -> None:
    assert device_name(agent) == name
