"""What a product gives and what may be typed, before anything is sold: names of buckets, limits, other networks."""

import re
from collections.abc import Awaitable, Callable

import pytest
from tests.access.people import PIN
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.subscriber.msisdn import national
from konter.web.views import Gain
from konter.web.words import Words

Phones = Callable[[], Awaitable[Phone]]


@pytest.mark.requirement("D-106", "D-12")
async def test_every_bucket_of_a_package_is_called_by_its_name(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=D16C30&nomor={national(number)}")
    pages = [p.text]
    await p.submit("/outlet/jual", pin=PIN)
    pages.append(p.text)
    await p.get(f"{p.path}/struk")
    pages.append(p.text)
    for html in pages:
        gained = re.findall(r'<dt>([^<]+)</dt><dd class="gain">\+ (\d+ GB)', html)
        assert gained == [("Kuota internet", "10 GB"), ("Kuota lokal", "4 GB"), ("Kuota malam", "2 GB")]


def test_a_source_without_a_text_is_shown_as_its_code() -> None:
    gain = Gain(asset="BYTES", amount=1 << 30, source="data-of-tomorrow")
    assert Words("id", "Asia/Jakarta").gain_name(gain) == "data-of-tomorrow"
    assert Words("en", "Asia/Jakarta").gain_name(Gain(asset="SECONDS", amount=60, source="voice-roaming")) == (
        "Calls abroad"
    )
