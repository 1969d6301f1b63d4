"""What anybody may read before applying: the app, what selling brings, the terms with their date."""

from collections.abc import Awaitable, Callable

import pytest
from tests.web.phone import Phone

from konter import __version__
from konter.platform.i18n import catalogue
from konter.web.public.places import BENEFITS, QUESTIONS

Phones = Callable[[], Awaitable[Phone]]


@pytest.mark.requirement("D-04", "G-D27")
async def test_the_install_page_shows_a_link_and_a_version_and_leads_to_registration(phone: Phones) -> None:
    p = await phone()
    await p.get("/install")
    assert p.page.status_code == 200
    for words in (__version__, "/outlet", "Android 4.4", "Tambahkan ke layar utama", 'href="/apply"'):
        assert words in p.text, words
    assert "toko aplikasi" not in p.text, "no store address is set"


@pytest.mark.requirement("D-105")
async def test_benefits_questions_and_terms_with_their_date_are_readable_without_log_in(phone: Phones) -> None:
    p = await phone()
    await p.get("/produk")
    assert p.text.count("<details") == len(QUESTIONS)
    assert "Versi 1." in p.text
    assert "berlaku" in p.text
    assert 'href="/dokumen/seller-terms"' in p.text
    await p.get("/dokumen/seller-terms")
    assert p.page.status_code == 200


def test_every_benefit_and_question_has_its_texts_and_none_is_left_over() -> None:
    keys = {key.removeprefix("outlet.product.") for key in catalogue() if key.startswith("outlet.product.")}
    wanted = {f"benefit.{name}{end}" for name in BENEFITS for end in ("", "_how")}
    wanted |= {f"{part}.{name}" for name in QUESTIONS for part in ("question", "answer")}
    assert {key for key in keys if "." in key} == wanted


@pytest.mark.requirement("D-105")
async def test_the_same_in_english(phone: Phones) -> None:
    p = await phone()
    p.client.headers["accept-language"] = "en"
    await p.get("/produk")
    assert "Often asked" in p.text
    await p.get("/apply")
    assert "Become a seller" in p.text
