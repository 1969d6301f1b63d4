"""Whoever switches to English meets no Indonesian word on the way to a sale."""

import re

import pytest
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.visitor import Visitor

from konter.platform.i18n import catalogue
from konter.subscriber.msisdn import national

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
NAMES = {"nusantara", "seluler", "indonesia", "bahasa", "sukses", "cell", "siti", "kasir", "mitra"}  # of people, brands
WORD = re.compile(r"[a-z]{3,}")


def words_of(text: str) -> set[str]:
    return set(WORD.findall(re.sub(r"\{[^}]*\}", " ", text).lower()))


@pytest.fixture(scope="module")
def indonesian() -> set[str]:
    """Words of the Indonesian texts that no English text uses."""
    texts = catalogue().values()
    english = set().union(*(words_of(text["en"]) for text in texts))
    return set().union(*(words_of(text["id"]) for text in texts)) - english - NAMES


async def speaks_english(visitor: Visitor, indonesian: set[str]) -> None:
    page = visitor.page
    assert await page.locator("html").get_attribute("lang") == "en"
    labels = await page.locator("[aria-label], [placeholder]").evaluate_all(
        "all => all.map(e => (e.getAttribute('aria-label') || '') + ' ' + (e.getAttribute('placeholder') || ''))"
    )
    shown = " ".join([await page.title(), await visitor.text(), *labels])
    shown = shown.replace("Bahasa Indonesia", "")
    assert words_of(shown) & indonesian == set(), page.url


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_english_is_complete(operator: Operator, browse: Browse, indonesian: set[str], *, script: bool) -> None:
    assert {"saldo", "riwayat", "jual", "masuk", "pelanggan"} <= indonesian
    visitor = await browse(script=script)
    person, customer = await operator.seller(), await operator.customer()
    handset = await visitor.handset(person.msisdn)
    await visitor.go("/outlet")
    await visitor.tap("English")
    await speaks_english(visitor, indonesian)
    await visitor.fill("User name", person.username)
    await visitor.fill("Password", person.password)
    await visitor.tap("Log in")
    await visitor.at("OTP code")
    await speaks_english(visitor, indonesian)
    await visitor.fill("Code from the SMS", await handset.otp())
    await visitor.tap("Continue")
    await visitor.sees("Latest")
    await visitor.fill("Customer's number", "0812")
    await visitor.tap("Credit")
    await speaks_english(visitor, indonesian)
    await visitor.fill("Customer's number", national(customer))
    await visitor.tap("Credit")
    await visitor.at("Credit")
    await speaks_english(visitor, indonesian)
    await visitor.page.get_by_role("link", name="Credit 50,000").click()
    await visitor.at("Credit 50,000")
    await visitor.fill("Transaction PIN", "000001")
    await visitor.tap("Sell now")
    await speaks_english(visitor, indonesian)
    await visitor.fill("Transaction PIN", person.pin)
    await visitor.tap("Sell now")
    await visitor.at("Done")
    await speaks_english(visitor, indonesian)
    code = visitor.page.url.rpartition("/")[2]
    for path in (
        "/outlet",
        f"/outlet/produk?nomor={national(customer)}&kategori=data",
        f"/outlet/jual?produk=PULSA50&nomor={national(customer)}",
        f"/outlet/transaksi/{code}/struk",
        "/outlet/riwayat",
        "/outlet/tutup-hari",
        "/outlet/akun",
        "/outlet/sandi",
        "/outlet/lupa-pin",
        "/outlet/lupa-sandi",
        "/outlet/tidak-ada",
        "/dokumen",
    ):
        await visitor.go(path)
        await speaks_english(visitor, indonesian)
    await visitor.tap("Bahasa Indonesia")
    await visitor.sees("Syarat & privasi")
