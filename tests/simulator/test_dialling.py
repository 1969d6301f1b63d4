"""A handset dials codes and writes to numbers that somebody serves."""

import httpx
import pytest
from tests.messaging.customers import subscribe
from tests.simulator.handset_site import CUSTOMER, NOON, STRANGER, ground_on, rules, site_on

from konter.messaging.inbound.answer import inbound_handler
from konter.messaging.providers.handset import HandsetProvider
from konter.messaging.send import sms_handler
from konter.messaging.served import Served
from konter.messaging.ussd.model import Menu, Option, Screen
from konter.platform.clock import FrozenClock
from konter.platform.outbox import work_once


async def echo(text):
    return f"Anda menulis {text.command.keyword}."


async def kiosk(turn):
    if turn.path:
        return Screen(text=f"Anda pilih {turn.path[-1]}. <b>", end=True)
    return Screen(text="Poin Anda 48", options=(Option("Tukar", "tukar"), Option("Riwayat", "riwayat")))


SERVED = Served(services={"777": echo}, menus={"*700#": Menu(kiosk, page_chars=182)})


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
async def http(own_db, ids, clock):
    await subscribe(own_db, ids)
    transport = httpx.ASGITransport(app=site_on(ground_on(own_db, ids, clock, SERVED)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/simulator") as client:
        yield client


@pytest.fixture
def work(own_db, ids, keys, clock):
    async def in_force(moment):
        return await rules(None, moment)

    handlers = {
        "inbound": inbound_handler(own_db, clock=clock, ids=ids, rules=in_force, served=lambda _rules: SERVED),
        "sms": sms_handler(HandsetProvider(own_db, ids), clock=clock, keys=keys, rules=in_force),
    }

    async def work():
        while await work_once(own_db, clock=clock, handlers=handlers):
            pass

    return work


async def say(http, text, *, msisdn=CUSTOMER, **more):
    answer = await http.post(f"/handsets/{msisdn}/ussd", json={"text": text, **more})
    assert answer.status_code == 200
    return answer.json()


async def test_it_works(http):
    first = await say(http, "*700#")
    assert (first["text"], first["open"]) == ("Poin Anda 48\n1 Tukar\n2 Riwayat", True)
    second = await say(http, "2")
    assert (second["text"], second["open"]) == ("Anda pilih riwayat. <b>", False)
    assert second["session"] == first["session"]


async def test_an_answer_can_be_repeated(http):
    first = await say(http, "*700#", session="my-own-name")
    again = await say(http, "*700#", session="my-own-name")
    assert first == again
    answer = {"session": first["session"], "step": first["step"]}
    assert await say(http, "2", **answer) == await say(http, "2", **answer)


async def test_dialling_again_begins_again(http):
    first = await say(http, "*700#")
    assert (await say(http, "*700#"))["session"] != first["session"]


async def test_an_answer_without_a_question_is_refused(http):
    for text in ("1", "*700"):
        answer = await say(http, text)
        assert answer["text"].startswith("Ketik kode seperti")
        assert not answer["open"]


async def test_a_session_that_timed_out_is_not_gone_on_with(http, clock):
    await say(http, "*700#")
    clock.at = NOON.replace(minute=3)
    assert (await say(http, "1"))["text"].startswith("Ketik kode seperti")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "x" * 161},
        {"text": "1", "session": "a\x00"},
        {"text": "1", "step": -1},
        {"text": "1", "to": 1},
    ],
)
async def test_a_malformed_body_is_refused(http, body):
    assert (await http.post(f"/handsets/{CUSTOMER}/ussd", json=body)).status_code == 400


async def test_a_text_to_a_number_that_somebody_serves_is_answered_by_a_worker(http, work):
    sent = await http.post(f"/handsets/{CUSTOMER}/sms", json={"to": "777", "text": "poin saya"})
    assert sent.status_code == 201
    page = (await http.get(f"/handsets/{CUSTOMER}?with=777")).text
    assert "poin saya" in page
    assert "tidak menerima SMS" not in page
    await work()
    messages = (await http.get(f"/handsets/{CUSTOMER}/messages")).json()["messages"]
    assert [(m["from"], m["text"]) for m in messages] == [("777", "Anda menulis POIN.")]


async def on_page(http, text, page="", **more):
    """Fill in the page's form as a browser would, and follow."""
    hidden = {}
    for name in ("session", "step"):
        if f'name="{name}" value="' in page:
            hidden[name] = page.split(f'name="{name}" value="')[1].split('"')[0]
    answer = await http.post(
        "/dial", params={"h": f"{CUSTOMER}~dial", "alone": 1}, data={"text": text, **hidden, **more}
    )
    assert answer.status_code == 303
    return (await http.get(str(answer.headers["location"]).removeprefix("/simulator"))).text


async def test_a_person_dials_on_the_page(http):
    empty = (await http.get(f"/handsets/{CUSTOMER}?with=dial")).text
    menu = await on_page(http, "*700#", empty)
    assert "Poin Anda 48\n1 Tukar\n2 Riwayat" in menu
    assert "Jawaban Anda" in menu
    done = await on_page(http, "1", menu)
    assert "Anda pilih tukar. &lt;b&gt;" in done
    assert "Jawaban Anda" not in done
    assert 'name="text"' in done, "one may dial again"
    assert "Poin Anda 48" in await on_page(http, "*700#", done)


async def test_who_hangs_up_dials_anew(http, own_db):
    menu = await on_page(http, "*700#", (await http.get(f"/handsets/{CUSTOMER}?with=dial")).text)
    session = menu.split('name="session" value="')[1].split('"')[0]
    left = await http.post("/hang-up", params={"h": f"{CUSTOMER}~dial", "alone": 1}, data={"session": session})
    assert (left.status_code, left.headers["location"]) == (303, f"/simulator/handsets/{CUSTOMER}")
    again = (await http.get(f"/handsets/{CUSTOMER}?with=dial")).text
    assert "Kode, misalnya" in again
    assert "Jawaban Anda" not in again
    assert "Poin Anda 48" not in again, "the menu that was left is gone from the screen"
    assert await own_db.fetchval("SELECT count(*) FROM ussd_session WHERE ended_at IS NULL") == 0
    assert "Poin Anda 48" in await on_page(http, "*700#", again)
    for bad in ({}, {"session": "x\x00"}, {"session": "another"}):
        assert (await http.post("/hang-up", params={"h": str(CUSTOMER)}, data=bad)).status_code == 303
    assert (await http.post("/hang-up", params={"h": str(CUSTOMER), "i": 3}, data={})).status_code == 404


async def test_a_double_tap_is_one_input(http):
    menu = await on_page(http, "*700#")
    assert await on_page(http, "1", menu) != menu
    assert "Anda pilih tukar" in await on_page(http, "1", menu)


async def test_a_code_may_be_dialled_from_within_a_menu(http):
    menu = await on_page(http, "*700#")
    again = await on_page(http, "*700#", menu)
    assert "Poin Anda 48" in again
    assert "Pilihan salah" not in again


async def test_the_codes_that_are_served_lie_ready(http):
    empty = (await http.get(f"/handsets/{CUSTOMER}?with=dial")).text
    assert 'name="code" value="*700#"' in empty
    assert "Poin Anda 48" in await on_page(http, "", empty, code="*700#")


async def test_the_last_word_stays_as_long_as_a_session(http, clock):
    await on_page(http, "*700*1#")
    assert "Anda pilih tukar" in (await http.get(f"/handsets/{CUSTOMER}?with=dial")).text
    clock.at = NOON.replace(minute=3)
    assert "Anda pilih tukar" not in (await http.get(f"/handsets/{CUSTOMER}?with=dial")).text


async def test_each_handset_has_its_own_session(http, own_db, ids):
    await subscribe(own_db, ids, STRANGER)
    await say(http, "*700#")
    assert (await say(http, "1", msisdn=STRANGER))["text"].startswith("Ketik kode")


async def test_a_handset_that_is_not_on_the_desk_is_refused(http):
    answer = await http.post("/dial", params={"h": str(CUSTOMER), "i": 3}, data={"text": "*700#"})
    assert answer.json()["code"] == "NOT_FOUND"


async def test_a_dial_page_does_not_reload_while_somebody_types(http):
    assert "http-equiv" not in (await http.get(f"/handsets/{CUSTOMER}?with=dial")).text
