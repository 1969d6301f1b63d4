"""Simulated handsets over HTTP: what a script reads and what a person sees."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.simulator.handset_site import CUSTOMER, NOON, SELLER, STRANGER, ground_on, rich_in, site_on

from konter.messaging.handsets import HandsetMessage, deliver
from konter.platform.clock import Clock, FrozenClock
from konter.platform.ids import IdBlocks
from konter.subscriber.open import NewSubscription, open_subscriptions

FACTS = {"points_number": CUSTOMER, "merchant_number": STRANGER}


@pytest.fixture
def ground(own_db, ids):
    return ground_on(own_db, ids, FrozenClock(NOON))


@pytest.fixture
async def http(ground):
    transport = httpx.ASGITransport(app=site_on(ground))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/simulator") as client:
        yield client


@pytest.fixture
def arrive(own_db):
    async def arrive(msisdn, text, *, peer="1818", at=NOON, direction="in"):
        message = HandsetMessage(msisdn=msisdn, direction=direction, peer=peer, text=text, at=at)
        async with own_db.acquire() as connection:
            await deliver(connection, [message], ids=IdBlocks())

    return arrive


async def texts(http, msisdn):
    return [(m["from"], m["text"]) for m in (await http.get(f"/handsets/{msisdn}/messages")).json()["messages"]]


async def test_it_works(http, arrive):
    await arrive(SELLER, "second", at=NOON)
    await arrive(SELLER, "first", at=NOON - timedelta(hours=1))
    answer = await http.get("/handsets/081212345678/messages")
    assert answer.json() == {
        "messages": [
            {"at": "2026-11-21T04:00:00Z", "from": "1818", "text": "first"},
            {"at": "2026-11-21T05:00:00Z", "from": "1818", "text": "second"},
        ]
    }


async def test_a_handset_reads_only_its_own(http, arrive):
    await arrive(CUSTOMER, "not yours")
    assert await texts(http, SELLER) == []


async def test_what_is_no_number_is_refused(http):
    for path in ("/handsets/1818/messages", "/handsets/xyz", "/handsets/'; DROP TABLE x/messages"):
        assert (await http.get(path)).json()["code"] == "BAD_MSISDN"


async def test_a_text_to_a_number_arrives_there(http):
    answer = await http.post(f"/handsets/{SELLER}/sms", json={"to": "0813-9876-5432", "text": "Halo 😀"})
    assert (answer.status_code, answer.json()) == (201, {"to": "081398765432"})
    assert await texts(http, CUSTOMER) == [("081212345678", "Halo 😀")]
    assert await texts(http, SELLER) == []


async def test_a_text_to_a_code_that_nobody_serves_is_answered_by_the_network(http):
    await http.post(f"/handsets/{SELLER}/sms", json={"to": "777", "text": "POIN"})
    assert await texts(http, SELLER) == [
        ("777", "Nomor 777 tidak menerima SMS. Pesan Anda tidak diproses dan pulsa tidak berkurang.")
    ]


@pytest.mark.parametrize(
    ("to", "words", "code"),
    [
        ("abc", "x", "BAD_RECIPIENT"),
        ("", "x", "BAD_RECIPIENT"),
        ("1234567", "x", "BAD_RECIPIENT"),
        ("777", " \u0000\u202e ", "TEXT_EMPTY"),
        ("777", "x" * 460, "TEXT_TOO_LONG"),
        ("777", "ă" * 202, "TEXT_TOO_LONG"),
    ],
)
async def test_a_text_that_cannot_be_sent_is_refused(http, own_db, to, words, code):
    answer = await http.post(f"/handsets/{SELLER}/sms", json={"to": to, "text": words})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await own_db.fetchval("SELECT count(*) FROM handset_message") == 0


async def test_the_longest_text_is_sent(http):
    assert (await http.post(f"/handsets/{SELLER}/sms", json={"to": "777", "text": "x" * 459})).status_code == 201


async def test_an_unknown_field_is_refused(http):
    body = {"to": "777", "text": "x", "from": "1818"}
    assert (await http.post(f"/handsets/{SELLER}/sms", json=body)).status_code == 400


@pytest.mark.parametrize(
    ("advance", "seconds"), [("40d", 3_456_000), ("+3h", 10_800), ("30m", 1800), ("2w", 1_209_600)]
)
async def test_the_clock_moves_in_the_table_and_at_once_here(http, own_db, ground, advance, seconds):
    ground.clock = Clock()
    answer = await http.post("/clock", json={"advance": advance})
    assert (answer.status_code, answer.json()["offset_s"]) == (200, seconds)
    assert await own_db.fetchval("SELECT offset_s FROM clock_offset") == seconds
    assert ground.clock.offset == timedelta(seconds=seconds)


async def test_the_clock_moves_on_from_where_it_is(http):
    await http.post("/clock", json={"advance": "1d"})
    assert (await http.post("/clock", json={"advance": "1d"})).json()["offset_s"] == 172_800


@pytest.mark.parametrize("advance", ["", "-1d", "1y", "1.5d", "٣d", "9999999d"])
async def test_a_malformed_move_is_refused(http, advance):
    assert (await http.post("/clock", json={"advance": advance})).json()["code"] == "BAD_ADVANCE"


async def test_the_clock_stays_within_ten_years(http, own_db):
    assert (await http.post("/clock", json={"advance": "3651d"})).json()["code"] == "CLOCK_TOO_FAR"
    assert await own_db.fetchval("SELECT offset_s FROM clock_offset") == 0


async def subscribe(db, ids, msisdn, *, active_until):
    async with db.acquire() as connection:
        await open_subscriptions(
            connection, [NewSubscription(msisdn=msisdn, brand="nusa", active_until=active_until)], now=NOON, ids=ids
        )


async def test_the_page_shows_balance_active_period_and_texts(http, own_db, ids, arrive):
    await subscribe(own_db, ids, CUSTOMER, active_until=NOON.replace(hour=17))  # 22 November 00:00 in Jakarta
    await arrive(CUSTOMER, "Pulsa Rp50.000 sudah masuk")
    page = (await http.get(f"/handsets/{CUSTOMER}")).text
    for shown in ("0813-9876-5432", "Rp0", "Aktif s.d. 21/11/2026", "1818", "Pulsa Rp50.000 sudah masuk", "Baru"):
        assert shown in page


async def test_the_desk_lays_out_the_numbers_that_the_demo_prints(http, own_db, ids):
    await subscribe(own_db, ids, CUSTOMER, active_until=NOON + timedelta(days=9))
    assert "0813-9876-5432" in (await http.get("/")).text, "no demo: the first subscriber"
    await own_db.execute(
        "INSERT INTO instance (mode, created_at, ready_at, facts) VALUES ('demo', $1, $1, $2)",
        NOON, {"first_number": SELLER, "first_customer": STRANGER},
    )  # fmt: skip
    page = (await http.get("/")).text
    assert page.index("0812-1234-5678") < page.index("0821-5550-0011")
    assert "0813-9876-5432" not in page


async def test_the_page_says_that_the_active_period_is_over(http, own_db, ids):
    await subscribe(own_db, ids, CUSTOMER, active_until=NOON - timedelta(days=1))
    page = (await http.get(f"/handsets/{CUSTOMER}")).text
    assert "Masa tenggang" in page
    assert "Masa aktif habis 20/11/2026" in page


@pytest.fixture
def customer_is(monkeypatch):
    """The handset belongs to a customer who bought what a test says."""

    def customer_is(seen):
        async def look(*_, **__):
            return seen

        monkeypatch.setattr("konter.simulator.handsets.view.subscriber_view", look)

    return customer_is


@pytest.mark.requirement("D-21")
async def test_a_quota_has_its_name_and_its_own_end(http, customer_is):
    customer_is(rich_in("data", "data-local", "data-moon"))
    page = (await http.get(f"/handsets/{CUSTOMER}")).text
    assert "<span>Kuota internet <small>s.d. 21/11/2026</small></span> <b>1 GB</b>" in page
    assert "<span>Kuota lokal <small>s.d. 22/11/2026</small></span> <b>1 GB</b>" in page
    assert "<span>data-moon <small>s.d. 23/11/2026</small></span>" in page, "nobody has named this source: its code"
    assert "<details" not in page


async def test_many_quotas_are_all_there_three_at_once(http, customer_is):
    customer_is(rich_in("data", "data-local", "data-night", "data-games", "data-social"))
    at_once, opened = (await http.get(f"/handsets/{CUSTOMER}")).text.split("<summary>+2 lagi</summary>")
    assert at_once.count("<b>1 GB</b>") == 3
    assert opened.count("<b>1 GB</b>") == 2


async def test_the_page_speaks_english_to_whoever_asks(http):
    page = (await http.get(f"/handsets/{STRANGER}", headers={"accept-language": "en-GB,en;q=0.8"})).text
    assert '<html lang="en">' in page
    assert "This number is not a subscriber yet" in page


async def test_what_a_text_holds_is_shown_as_text(http, arrive):
    await arrive(SELLER, "<script>alert(1)</script>", peer='"><b>x')
    for path in (f"/handsets/{SELLER}", f"/handsets/{SELLER}?with=%22%3E%3Cb%3Ex"):
        page = (await http.get(path)).text
        assert "<script>alert" not in page
        assert "<b>x" not in page
        assert "&lt;script&gt;alert(1)" in page


async def test_a_thread_shows_one_peer_only(http, arrive):
    await arrive(SELLER, "dari operator")
    await arrive(SELLER, "dari teman", peer="081398765432")
    page = (await http.get(f"/handsets/{SELLER}?with=1818")).text
    assert "dari operator" in page
    assert "dari teman" not in page.replace('data-newest="081398765432: dari teman"', "")


async def test_the_newest_thread_stands_first(http, arrive):
    await arrive(SELLER, "lama", peer="777", at=NOON - timedelta(days=1))
    await arrive(SELLER, "baru", peer="1818")
    await arrive(SELLER, "balasan", peer="777", at=NOON + timedelta(seconds=1), direction="out")
    page = (await http.get(f"/handsets/{SELLER}")).text
    assert page.index("Anda: balasan") < page.index("baru")
    assert "lama" not in page


async def test_a_list_reloads_itself_without_script_but_never_what_is_being_typed(http):
    assert '<noscript><meta http-equiv="refresh"' in (await http.get(f"/handsets/{SELLER}")).text
    for peer in ("1818", "new"):
        assert "http-equiv" not in (await http.get(f"/handsets/{SELLER}?with={peer}")).text


async def test_script_and_style_are_files_of_their_own(http):
    page = (await http.get(f"/handsets/{SELLER}")).text
    assert " style=" not in page
    assert page.count("<script") == page.count('<script src="/simulator/handsets.js">') == 1
    kinds = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
    for ending, kind in kinds.items():
        answer = await http.get(f"/handsets.{ending}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


async def test_a_browser_runs_nothing_but_the_pages_own_files(http):
    policy = (await http.get(f"/handsets/{SELLER}")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


async def test_several_handsets_lie_side_by_side(http):
    page = (await http.get("", params={"h": ["081212345678", "081398765432"]})).text
    assert page.count('class="phone"') == 2


async def test_the_desk_begins_with_a_seller_and_a_customer(http, own_db, ids):
    await subscribe(own_db, ids, CUSTOMER, active_until=NOON)
    page = (await http.get("")).text
    assert page.count('class="phone"') == 1
    assert "0813-9876-5432" in page


async def test_an_empty_desk_says_what_to_do(http):
    assert "Belum ada handset" in (await http.get("")).text


async def test_what_does_not_fit_on_the_desk_is_said(http):
    numbers = [f"08121234567{n}" for n in range(5)]
    page = (await http.get("", params={"h": numbers})).text
    assert page.count('class="phone"') == 4
    assert "Paling banyak 4 handset" in page
    assert "Nomor zzz bukan nomor ponsel" in (await http.get("", params={"h": ["081212345678", "zzz"]})).text


async def test_writing_from_the_page_leads_to_the_thread(http):
    here = {"h": [f"{SELLER}~new", str(CUSTOMER)], "i": 0, "alone": 0}
    answer = await http.post("/texts", params=here, data={"to": "081398765432", "text": "Halo"})
    assert answer.status_code == 303
    to = urlsplit(answer.headers["location"])
    assert (to.netloc, to.path) == ("", "/simulator")
    assert parse_qs(to.query)["h"] == [f"{SELLER}~081398765432", str(CUSTOMER)]
    assert await texts(http, CUSTOMER) == [("081212345678", "Halo")]


async def test_a_refused_text_is_not_lost_from_the_form(http):
    answer = await http.post("/texts", params={"h": f"{SELLER}~new", "alone": 1}, data={"to": "abc", "text": "Halo"})
    assert answer.status_code == 422
    assert "Tujuan SMS harus" in answer.text
    assert 'value="abc"' in answer.text
    assert ">Halo</textarea>" in answer.text


async def test_a_handset_that_is_not_on_the_desk_is_refused(http):
    answer = await http.post("/texts", params={"h": str(SELLER), "i": 3}, data={"to": "777", "text": "x"})
    assert answer.json()["code"] == "NOT_FOUND"


async def test_the_clock_moves_from_the_desk(http, own_db):
    answer = await http.post("/clock/page", params={"h": str(SELLER)}, data={"advance": "7d"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/simulator?h={SELLER}")
    assert await own_db.fetchval("SELECT offset_s FROM clock_offset") == 604_800


async def test_the_desk_leads_to_the_pages_of_points_and_to_who_has_some(http, own_db):
    insert = "INSERT INTO instance (mode, created_at, ready_at, facts) VALUES ('demo', $1, $1, $2)"
    await own_db.execute(insert, NOON, FACTS)
    answer = await http.get("", params={"h": str(SELLER)}, follow_redirects=True)
    for address in (
        "/poin",
        "/saya",
        f"/simulator?h={SELLER}&amp;h={CUSTOMER}",
        f"/simulator?h={SELLER}&amp;h={STRANGER}",
    ):
        assert f'href="{address}"' in answer.text, address
    laid = await http.get("", params={"h": [str(SELLER), str(CUSTOMER)]}, follow_redirects=True)
    assert "pelanggan yang punya poin" not in laid.text
    assert "penjual hadiah, 0821-5550-0011" in laid.text
