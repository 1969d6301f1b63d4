"""What people see: weight, words, structure and accessibility of every page, drawn from samples."""

import gzip
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from tests.web.apply_samples import APPLY
from tests.web.me_samples import ME
from tests.web.page_samples import PAGES as OUTLET
from tests.web.page_server import CHROMIUM, served
from tests.web.people_samples import PAGES_OF_PEOPLE
from tests.web.poin_samples import POIN

from konter.platform.i18n import catalogue
from konter.web.render import render
from konter.web.statics import ASSETS

PAGES = {**OUTLET, **PAGES_OF_PEOPLE, **APPLY, **ME, **POIN}
FIRST_LOAD_BYTES_MAX = 30 * 1024
PAGE_BYTES_MAX = 12 * 1024
STYLE_BYTES_MAX = 6 * 1024
CACHE_BYTES_MAX = 5 * 1024 * 1024
TARGET_PX_MIN = 48
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}},
}
SIZES = (((320, 480), False), ((360, 640), True), ((1280, 800), True))  # the smallest phone is the one without script


def html_of(name: str, locale: str = "id") -> str:
    template, view = PAGES[name]
    zone = getattr(view, "zone", "Asia/Jakarta")
    return render(template, view, locale=locale, zone=zone, csrf="x" * 32, path="/outlet")  # type: ignore[arg-type]


def packed_bytes(text: str) -> int:
    return len(gzip.compress(text.encode(), 6))


@pytest.mark.requirement("D-15", "D-16")
def test_a_first_load_fits_2g() -> None:
    """The page with style, script and icon, as a phone with an empty cache gets them."""
    files = sum(len(ASSETS[name].packed or ASSETS[name].body) for name in ("outlet.css", "outlet.js", "icon-192.png"))
    heaviest = max(packed_bytes(html_of(name)) for name in PAGES)
    assert heaviest + files + 1500 <= FIRST_LOAD_BYTES_MAX  # 1,500: headers of four answers
    assert sum(len(asset.body) for asset in ASSETS.values()) < CACHE_BYTES_MAX


@pytest.mark.requirement("D-15")
@pytest.mark.parametrize("name", PAGES)
def test_every_further_page_fits_2g(name: str) -> None:
    assert packed_bytes(html_of(name)) <= PAGE_BYTES_MAX


def test_the_style_sheet_stays_small() -> None:
    assert len(ASSETS["outlet.css"].body) <= STYLE_BYTES_MAX


@pytest.mark.requirement("D-18")
@pytest.mark.parametrize("name", PAGES)
def test_no_page_holds_script_or_style_of_its_own(name: str) -> None:
    """The policy of CSP 1.0 forbids them, and a browser would drop them without a word."""
    html = html_of(name)
    assert "<style" not in html
    assert not re.search(r"\s(style|on[a-z]+)=", html)
    assert re.findall(r"<script[^>]*>(.*?)</script>", html) == [""]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_speaks_english_too(name: str) -> None:
    assert '<html lang="en">' in html_of(name, "en")


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    """Keys that are put together at run time are named here, so that a new one is noticed."""
    known = {key.removeprefix("outlet.") for key in catalogue() if key.startswith("outlet.")}
    web = Path(str(resources.files("konter.web")))
    own = [
        file
        for folder in ("outlet", "public", "apply", "me", "poin")
        for ending in ("*.html", "*.py")
        for file in (web / folder).rglob(ending)
    ]
    sources = "\n".join(file.read_text() for file in sorted([*own, *web.glob("*.py")]))
    composed = {
        key
        for key in known
        if key.split(".")[0] in {"status", "state", "gain", "forgot", "health", "deed", "role", "nn_type"}
        or key.startswith(
            (
                "history.",
                "offices.service.",
                "terms.state.",
                "apply.state.",
                "apply.kind_",
                "apply.capacity_",
                "product.",
                "people.blocked",
                *("poin.kind.", "poin.left.", "poin.limit.", "poin.cannot.", "poin.move.", "poin.cause."),
            )
        )
    }
    used = {key for key in known if re.search(rf"""["']{re.escape(key)}["']|outlet\.{re.escape(key)}\b""", sources)}
    assert known - used - composed == set()
    called = set(re.findall(r"\bt\(\s*'([a-zA-Z_.]+)'\s*[,)]", sources)) | set(
        re.findall(r'(?:text_key|title_key|button_key)[=:]\s*"([a-z_.]+)"', sources)
    )
    assert called - known == set()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "static").mkdir()
    for asset in ASSETS.values():
        (folder / "static" / asset.name).write_bytes(asset.body)
    for name in PAGES:
        (folder / f"{name}.html").write_text(html_of(name), encoding="utf-8")
    with served(folder) as address:
        yield address


@pytest.mark.e2e
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser: Browser, site: str, name: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.goto(f"{site}/{name}.html")
    results = Axe().run(page, options=AXE_OPTIONS)
    page.close()
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in results.response["violations"]] == []


@pytest.mark.e2e
@pytest.mark.parametrize(("size", "script"), SIZES, ids=str)
def test_nothing_is_cut_off_and_everything_can_be_touched(
    browser: Browser, site: str, size: tuple[int, int], *, script: bool
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=script)
    page = context.new_page()
    faults = []
    for name in PAGES:
        page.goto(f"{site}/{name}.html")
        if page.locator("html").evaluate("e => e.scrollWidth") > size[0]:
            faults.append((name, "wider than the screen"))
        small = page.locator("a, button, input:not([type=hidden]), select, summary").evaluate_all(
            "(all, min) => all.filter(e => e.offsetWidth && ((/radio|checkbox/.test(e.type) && e.closest('label')) || e)"
            ".getBoundingClientRect().height < min - 0.5)"  # a radio button is touched by its label
            ".map(e => e.outerHTML.slice(0, 80))",
            TARGET_PX_MIN,
        )
        faults += [(name, html) for html in small]
    context.close()
    assert faults == []


@pytest.mark.e2e
def test_twice_the_text_size_still_fits_320_px(browser: Browser, site: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 480})
    wide = []
    for name in PAGES:
        page.goto(f"{site}/{name}.html")
        page.add_style_tag(content="html{font-size:200%}")
        if page.locator("html").evaluate("e => e.scrollWidth") > 320:
            wide.append(name)
    page.close()
    assert wide == []


@pytest.mark.e2e
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_a_redemption_among_the_moves_of_points_looks_like_the_link_that_it_is(
    browser: Browser, site: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 640})
    page.goto(f"{site}/poin_history.html")
    row = page.locator("li", has_text="Ditukar: ").first
    title, day, points = (row.get_by_text(text) for text in ("Ditukar: ", "21 Nov 2026", "-1.300"))
    style = title.evaluate("e => (s => [s.textDecorationLine, s.color])(getComputedStyle(e))")
    assert style == ["underline", "rgb(6, 78, 63)"]
    at = {name: part.bounding_box() for name, part in {"title": title, "day": day, "points": points}.items()}
    assert all(at.values())
    end = at["title"]["y"] + at["title"]["height"]  # type: ignore[index]
    assert at["day"]["y"] - end < 8, "the day stands right under the title"  # type: ignore[index]
    assert at["points"]["x"] > at["title"]["x"] + at["title"]["width"]  # type: ignore[index]
    assert row.locator("a").evaluate("e => e.contains(e.closest('li').querySelector('strong'))"), "the row is the link"
    page.close()


@pytest.mark.e2e
def test_without_script_no_button_shows_that_does_nothing(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name in ("sale", "history", "receipt", "day"):
        page.goto(f"{site}/{name}.html")
        assert page.locator("button[type=button]").count() > 0
        assert page.locator("button[type=button]:visible").count() == 0, name
    context.close()


@pytest.mark.e2e
@pytest.mark.requirement("D-41")
@pytest.mark.parametrize("name", ["sale", "history"])
def test_the_transaction_code_is_copied(browser: Browser, site: str, name: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site}/{name}.html")
    page.locator("[data-copy]").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == "K7Q2-9M4D"
    assert page.locator("[data-copy]").first.inner_text() == "Tersalin"
    context.close()


@pytest.mark.e2e
@pytest.mark.requirement("D-41")
def test_where_the_browser_cannot_copy_the_code_is_selected(browser: Browser, site: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.goto(f"{site}/history.html")
    page.evaluate("() => { document.execCommand = () => { throw new Error('old browser'); }; }")
    page.locator("[data-copy]").first.click()
    assert page.evaluate("document.activeElement.value") == "K7Q2-9M4D"
    assert page.evaluate("getSelection().toString() || document.activeElement.selectionEnd") in ("K7Q2-9M4D", 9)
    page.close()


@pytest.mark.e2e
@pytest.mark.requirement("D-29")
@pytest.mark.parametrize("name", ["apply_where", "otp_trust"])
def test_the_position_is_taken_only_when_the_button_is_pressed(browser: Browser, site: str, name: str) -> None:
    context = browser.new_context(geolocation={"latitude": -6.4025, "longitude": 106.7942})
    context.grant_permissions(["geolocation"])
    page = context.new_page()
    page.goto(f"{site}/{name}.html")
    assert page.locator("[name=posisi]").input_value() == ""
    if name == "otp_trust":
        page.get_by_text("boleh dilewati").click()
    page.locator("[data-position] button").click()
    page.get_by_text("Posisi disertakan").wait_for()
    assert page.locator("[name=posisi]").input_value() == "-6.402500,106.794200"
    context.close()


@pytest.mark.e2e
@pytest.mark.requirement("D-29")
def test_who_refuses_the_position_goes_on_without_it(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/apply_where.html")
    page.evaluate(
        "Object.defineProperty(navigator, 'geolocation', {value: {getCurrentPosition: (found, failed) => failed()}})"
    )
    page.locator("[data-position] button").click()
    page.get_by_text("lanjut tanpa posisi").wait_for()
    assert page.locator("[data-position] button").is_enabled()
    assert page.locator("[name=posisi]").input_value() == ""
    page.close()


@pytest.mark.e2e
def test_without_script_no_position_is_asked_for(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name in ("apply_where", "otp_trust"):
        page.goto(f"{site}/{name}.html")
        assert page.locator("[data-position]:visible").count() == 0
    context.close()
