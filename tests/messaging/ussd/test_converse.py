"""Somebody dials a code and answers menus: any process goes on, repetitions act once, sessions end."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from tests.messaging.customers import CUSTOMER, NOON, STRANGER, shipped, subscribe

from konter.messaging.gsm7 import septets
from konter.messaging.sweep import sweep_dialogue
from konter.messaging.ussd.converse import Input, converse, hang_up
from konter.messaging.ussd.model import Answer, Menu, Option, Screen, read_dialled
from konter.platform.db import open_pool
from konter.platform.ids import IdBlocks

CODE = "*700#"


def told(text: str, *, is_open: bool, step: int) -> Answer:
    return Answer(text, is_open, "s", step)


class Kiosk:
    """A dialogue with a list, a confirmation that acts, and a question. It remembers what it did, by client_ref."""

    def __init__(self):
        self.done = {}
        self.turns = []
        self.rewards = [f"Hadiah {n}" for n in range(12)]

    async def __call__(self, turn):
        self.turns.append(turn)
        match turn.path:
            case ():
                return Screen(text="Poin Anda 48", options=(Option("Tukar", "swap"), Option("Cari", "find")))
            case ("swap",):
                return Screen(text="Pilih:", options=tuple(Option(each, each) for each in self.rewards))
            case ("swap", reward):
                return Screen(text=f"Tukar {reward}?", options=(Option("Ya", "yes"),), notes={"reward": reward})
            case ("swap", reward, "yes"):
                assert turn.notes == {"reward": reward}
                await asyncio.sleep(0.02)
                known = self.done.setdefault(turn.client_ref, reward)
                return Screen(text=f"{known} milik Anda.", end=True)
            case ("find",):
                return Screen(text="Nama hadiah?", asks=True)
            case ("find", words):
                return Screen(text=f"{turn.locale}: {words} tidak ada.", end=True)
        raise AssertionError(turn.path)


@pytest.fixture
def kiosk():
    return Kiosk()


@pytest.fixture
async def say(own_db, ids, kiosk):
    """What the phone shows after an input."""
    await subscribe(own_db, ids)

    async def say(typed, step=0, *, ref="s", msisdn=CUSTOMER, after_s=0, pool=own_db, chars=182, menus=None):
        said = Input(msisdn=msisdn, ref=ref, step=step, typed=typed)
        return await converse(
            pool,
            said,
            menus={CODE: Menu(kiosk, page_chars=chars)} if menus is None else menus,
            now=NOON + timedelta(seconds=after_s),
            ids=IdBlocks(),
            rules=shipped().ussd,
        )

    return say


@pytest.mark.requirement("P-26")
async def test_it_works(own_db, say, kiosk):
    assert await say("*700#") == told("Poin Anda 48\n1 Tukar\n2 Cari", is_open=True, step=1)
    first = await say("1", 1)
    assert first.text.endswith("8 Hadiah 7\n0 Kembali 9 Lanjut")
    second = await say("9", 2)
    assert second.text == "1 Hadiah 8\n2 Hadiah 9\n3 Hadiah 10\n4 Hadiah 11\n0 Kembali"
    assert (await say("2", 3)).text == "Tukar Hadiah 9?\n1 Ya\n0 Kembali"
    assert await say("1", 4) == told("Hadiah 9 milik Anda.", is_open=False, step=5)
    assert list(kiosk.done.values()) == ["Hadiah 9"]
    assert await own_db.fetchval("SELECT state FROM ussd_session") == {}, "what was typed is gone"


async def test_the_whole_way_can_be_dialled_at_once(say, kiosk):
    assert (await say("*700*1*9*2#")).text.startswith("Tukar Hadiah 9?")
    assert (await say("*700*1*9*2*1#", ref="t")).text == "Hadiah 9 milik Anda."
    assert (await say(" *700 * 2 * 55 # ", ref="u")).text == "id: 55 tidak ada."
    assert len(kiosk.done) == 1


async def test_what_is_dialled_beyond_the_end_changes_nothing(say, kiosk):
    assert await say("*700*1*1*1*1*1#") == told("Hadiah 0 milik Anda.", is_open=False, step=1)
    assert len(kiosk.done) == 1


async def test_a_wrong_input_on_the_way_stops_there(say, kiosk):
    assert (await say("*700*1*0*7*1#")).text == "Pilihan salah.\nPoin Anda 48\n1 Tukar\n2 Cari"
    assert not kiosk.done


async def test_zero_goes_back_a_page_then_a_screen(say):
    await say("*700*1*9#")
    assert (await say("0", 1)).text.startswith("Pilih:\n1 Hadiah 0")
    assert (await say("0", 2)).text.startswith("Poin Anda 48")
    assert (await say("0", 3)).text.startswith("Pilihan salah."), "nothing lies before the first screen"


async def test_what_was_chosen_is_what_was_shown(say, kiosk):
    """Between list and answer the catalogue changed: the number means the reward that stood there."""
    await say("*700*1#")
    kiosk.rewards = ["Lain", *kiosk.rewards]
    assert (await say("1", 1)).text.startswith("Tukar Hadiah 0?")


async def test_the_third_wrong_input_in_a_row_ends_the_session(say):
    await say("*700#")
    for step, typed in enumerate(("3", "x"), 1):
        assert await say(typed, step) == told(
            "Pilihan salah.\nPoin Anda 48\n1 Tukar\n2 Cari", is_open=True, step=step + 1
        )
    assert (await say("2", 3)).text == "Nama hadiah?\n0 Kembali", "a right one is heard, and counting begins anew"
    await say("0", 4)
    for step in (5, 6):
        assert (await say("", step)).is_open
    last = await say("9", 7)
    assert last.text.startswith("Pilihan salah beberapa kali")
    assert not last.is_open


async def test_a_confirmation_that_the_network_repeats_acts_once(say, kiosk):
    await say("*700*1*1#")
    first = await say("1", 1)
    assert await say("1", 1) == first
    assert await say("1", 1, after_s=500) == first
    assert len(kiosk.done) == 1
    assert len([turn for turn in kiosk.turns if turn.path[-1:] == ("yes",)]) == 1


async def test_a_dialled_way_that_the_network_repeats_acts_once(say, kiosk):
    assert await say("*700*1*1*1#") == await say("*700*1*1*1#")
    assert len(kiosk.done) == 1


async def test_after_a_crash_the_same_step_has_the_same_ref(own_db, say, kiosk):
    """The dialogue has acted, its answer was never kept; the network asks again."""
    await say("*700*1*1#")
    before = await own_db.fetchrow("SELECT * FROM ussd_session")
    await say("1", 1)
    await own_db.execute(
        "UPDATE ussd_session SET step = 0, state = $1, ended_at = NULL, answer = $2", before["state"], before["answer"]
    )
    assert (await say("1", 1)).text == "Hadiah 0 milik Anda."
    assert len([turn for turn in kiosk.turns if turn.path[-1:] == ("yes",)]) == 2
    assert len(kiosk.done) == 1


async def test_another_session_acts_again(say, kiosk):
    await say("*700*1*1*1#", ref="a")
    await say("*700*1*1*1#", ref="b")
    assert len(kiosk.done) == 2


@pytest.mark.parametrize("twins", range(4))
async def test_two_processes_with_the_same_step_give_one_answer(own_dsn, say, kiosk, twins):
    await say("*700*1*1#")
    async with await open_pool(own_dsn, size=2) as other:
        one, two = await asyncio.gather(say("1", 1), say("1", 1, pool=other))
    assert one == two == told("Hadiah 0 milik Anda.", is_open=False, step=2)
    assert len(kiosk.done) == 1


async def test_two_processes_with_different_inputs_at_one_step_show_the_same(own_dsn, say):
    await say("*700#")
    async with await open_pool(own_dsn, size=2) as other:
        one, two = await asyncio.gather(say("1", 1), say("2", 1, pool=other))
    assert one == two


async def test_another_process_goes_on(own_dsn, say):
    await say("*700*1*9#")
    async with await open_pool(own_dsn, size=2) as other:
        assert (await say("2", 1, pool=other)).text.startswith("Tukar Hadiah 9?")


async def test_a_session_ends_with_its_time(say, kiosk):
    await say("*700*1*1#")
    assert (await say("0", 1, after_s=179)).is_open
    last = await say("1", 2, after_s=180)
    assert last == told("Waktu habis. Hubungi *700# untuk melihat hasilnya atau mulai lagi.", is_open=False, step=3)
    assert not kiosk.done


async def test_a_session_that_has_ended_stays_so(say):
    await say("*700*2*5#")
    assert await say("1", 1) == told("Menu ini sudah selesai. Hubungi *700# untuk mulai lagi.", is_open=False, step=2)


async def test_a_number_that_nobody_uses_is_refused_politely(say, kiosk):
    answer = await say("*700#", msisdn=STRANGER)
    assert answer.text.startswith("Maaf, nomor Anda belum aktif")
    assert not answer.is_open
    assert not kiosk.turns


async def test_a_code_that_nobody_serves_is_refused_and_what_may_be_a_pin_not_kept(own_db, say):
    answer = await say("*999*123456#")
    assert answer == told(
        "Kode *999# tidak dikenal. Periksa lalu hubungi lagi. Pulsa tidak berkurang.", is_open=False, step=1
    )
    row = msgspec.json.encode(dict(await own_db.fetchrow("SELECT service_code, answer, state FROM ussd_session")))
    assert b"123456" not in row
    assert "123456" not in repr(Input(msisdn=CUSTOMER, ref="s", step=0, typed="*999*123456#"))


@pytest.mark.parametrize("typed", ["", "1", "700#", "*700", "*#", "**700#", "*700**1#", "*7a#", f"*700{'*1' * 30}#"])
async def test_what_is_no_code_is_refused(say, typed):
    answer = await say(typed)
    assert answer.text.startswith("Ketik kode seperti *123#")
    assert not answer.is_open


async def test_an_answer_to_a_session_that_nobody_knows_is_refused(say, kiosk):
    assert (await say("*700#", 3)).text.startswith("Ketik kode")
    assert not kiosk.turns


async def test_what_no_row_takes_does_no_harm(say):
    await say("*700*2#")
    assert (await say("ko\x00pi\u202e", 1)).text == "id: kopi tidak ada."


async def test_where_a_menu_has_no_bound_of_its_own_the_rule_has_one(say):
    assert septets((await say("*700*1#", chars=None)).text) <= shipped().ussd.page_chars


async def test_a_menu_that_is_gone_ends_its_sessions(say):
    await say("*700#")
    assert (await say("1", 1, menus={})).text.startswith("Kode *700# tidak dikenal")


async def test_an_english_reader_reads_english(own_db, ids, say):
    await subscribe(own_db, ids, STRANGER, locale="en")
    assert (await say("*700*2#", msisdn=STRANGER)).text == "Nama hadiah?\n0 Back"


def test_the_longest_code_is_meant():
    codes = ("*600#", "*600*600#")
    assert read_dialled("*600*600*1#", codes) == ("*600*600#", ("1",))
    assert read_dialled("*600*1#", codes) == ("*600#", ("1",))


async def test_old_sessions_are_forgotten(own_db, say):
    await say("*700#")
    async with own_db.acquire() as connection:
        await sweep_dialogue(connection, now=NOON + timedelta(days=2))
        assert await connection.fetchval("SELECT count(*) FROM ussd_session") == 1
        await sweep_dialogue(connection, now=NOON + timedelta(days=2, seconds=1))
        assert await connection.fetchval("SELECT count(*) FROM ussd_session") == 0


async def test_a_phone_that_hung_up_is_answered_no_more(say, own_db):
    await say(CODE)
    await say("1", 1)
    async with own_db.acquire() as connection:
        await hang_up(connection, CUSTOMER, ref="s", now=NOON)
        await hang_up(connection, CUSTOMER, ref="of nobody", now=NOON)
    row = await own_db.fetchrow("SELECT answer, state, ended_at FROM ussd_session")
    assert tuple(row) == ("", {}, NOON)
    assert not (await say("1", 2)).is_open
    assert (await say(CODE, ref="t")).is_open


async def test_what_is_done_while_the_phone_hangs_up_is_done_once(say, own_db, kiosk):
    for step, typed in enumerate((CODE, "1", "1")):
        await say(typed, step)
    under_way = asyncio.create_task(say("1", 3))
    await asyncio.sleep(0.01)
    async with own_db.acquire() as connection:
        await hang_up(connection, CUSTOMER, ref="s", now=NOON)
    assert await under_way == told("", is_open=False, step=3)
    assert list(kiosk.done.values()) == ["Hadiah 0"]
