"""The network's page: what a person sees of it, and switches, with script and without; and when it is away."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect
from tests.simulator.handset_site import site_on
from tests.simulator.network_site import TOKEN, Site, network

from konter.server import free_port

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
HOST = "http://network.test"


def ground(url: str) -> SimpleNamespace:
    return SimpleNamespace(settings=SimpleNamespace(network_url=url, network_token=TOKEN))


def http_on(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=site_on(ground(url))), base_url=f"{HOST}/simulator")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with network(tmp_path) as site:
        yield site


@pytest.fixture
async def http(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with http_on(site.base) as http:
        yield http


async def test_it_works(site: Site, http: httpx.AsyncClient) -> None:
    await site.caller.put(7)
    await site.caller.void(8)
    html = (await http.get("/network")).text
    assert "0812-1234-5678" in html
    assert "22/11 01:00:00" in html
    assert "Rp50.000" in html
    assert (await http.get("/network", headers={"accept-language": "en"})).text.count("Delivered") == 2
    assert (await http.get("/network.css")).status_code == 200


async def test_faults_are_switched_by_a_form(site: Site, http: httpx.AsyncClient) -> None:
    answer = await http.post("/network", data={"refuse": "100", "delay_ms": "20", "preset": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/simulator/network")
    assert (await site.caller.put(7))[1]["state"] == "refused"
    assert 'value="100"' in (await http.get("/network")).text


@pytest.mark.parametrize(("preset", "percent"), [("none", 0), ("mixed", 10)])
async def test_a_preset_goes_before_what_is_typed(
    site: Site, http: httpx.AsyncClient, preset: str, percent: int
) -> None:
    await http.post("/network", data={"preset": preset, "refuse": "100", "late_s": "9", "seed": "5"})
    _, faults = await site.caller.call("GET", "faults")
    assert (faults["refuse"], faults["die"], faults["late_s"], faults["seed"]) == (percent, percent, 9, 5)


@pytest.mark.parametrize("typed", ["101", "-1", "", "x", "1.5"])
async def test_what_is_no_chance_is_said_and_changes_nothing(site: Site, http: httpx.AsyncClient, typed: str) -> None:
    form = {"refuse": typed, "die": "100", "preset": ""}
    answer = await http.post("/network", data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'id="die"' in answer.text
    assert (await site.caller.call("GET", "faults"))[1]["die"] == 0


async def test_a_script_reads_and_switches(site: Site, http: httpx.AsyncClient) -> None:
    await site.caller.put(7)
    assert (await http.put("/network/faults", json={"refuse": 100})).json()["refuse"] == 100
    overview = (await http.get("/network/overview")).json()
    assert (overview["tally"]["done"], overview["faults"]["refuse"]) == (1, 100)
    assert overview["last"][0]["transfer_id"] == "7"


async def test_a_network_that_is_away() -> None:
    async with http_on(f"http://127.0.0.1:{free_port('127.0.0.1')}") as http:
        page = await http.get("/network")
        assert page.status_code == 200
        assert "sedang tidak menjawab" in page.text
        assert 'http-equiv="refresh"' in page.text
        assert "sedang tidak menjawab" in (await http.post("/network", data={"preset": "none"})).text
        assert (await http.get("/network/overview")).status_code == 503
        assert (await http.put("/network/faults", json={})).status_code == 503


async def test_without_a_network_the_page_says_who_delivers() -> None:
    async with http_on("") as http:
        page = await http.get("/network")
        assert "Konter sendiri" in page.text
        assert "<form" not in page.text
        assert 'http-equiv="refresh"' not in page.text


@pytest.mark.e2e
@pytest.mark.parametrize("width", [360, 1280])
async def test_a_person_watches_and_switches(site: Site, http: httpx.AsyncClient, width: int) -> None:
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": width, "height": 800}, locale="id-ID")

        async def answer(route):
            asked = route.request
            headers = await asked.all_headers()
            reply = await http.request(asked.method, asked.url, content=asked.post_data_buffer, headers=headers)
            await route.fulfill(status=reply.status_code, headers=dict(reply.headers), body=reply.content)

        await context.route("**/*", answer)
        page = await context.new_page()
        await page.goto(f"{HOST}/simulator/network")
        await page.fill("#refuse", "40")
        await site.caller.put(7)
        await expect(page.locator("#net-last")).to_contain_text("0812-1234-5678")  # by itself
        await expect(page.locator("#refuse")).to_have_value("40")  # what is typed stays
        await page.click("text=Terapkan")
        await expect(page.locator("#refuse")).to_have_value("40")
        assert (await site.caller.call("GET", "faults"))[1]["refuse"] == 40
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        found = await Axe().run(page, options=AXE)
        assert found.violations_count == 0, found.generate_report()
        await browser.close()
