"""Outlets by what people have in hand: a code, a number, the beginning of a name."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.people import Stage
from tests.channel.numbers.desk import Desk

from konter.channel.directory.find import Results, search_outlets
from konter.channel.directory.model import wanted_of
from konter.channel.scope import EVERYWHERE, Scope
from konter.subscriber.msisdn import national, pretty

_names = itertools.count(1)


async def find(desk: Desk, typed: str, *, scope: Scope = EVERYWHERE, **given) -> Results:
    async with desk.counted(3) as connection:
        return await search_outlets(connection, typed, scope=scope, **given)


@pytest.mark.requirement("D-58")
async def test_it_works(desk: Desk, stage: Stage) -> None:
    number = await stage.number()
    new = await stage.new_outlet(name="Berkah Cell", reseller_msisdn=number)
    (outlet,) = await stage.open_outlets(new)
    user = await stage.user(outlet.id)
    for typed, way in (
        (new.code.lower(), "code"),
        (national(number), "number"),
        (pretty(user.nn_msisdn), "number"),
        (f"+{user.nn_msisdn}", "number"),
    ):
        (found,) = (await find(desk, f" {typed} ")).outlets
        assert (found.id, found.way, found.rs_msisdn, found.partner_name) == (outlet.id, way, number, "Mitra Jaya")
    assert outlet.id in [found.id for found in (await find(desk, "BERKAH c")).outlets]


async def test_names_come_by_the_alphabet_page_by_page(desk: Desk, stage: Stage) -> None:
    start = f"Abadi{next(_names)}x"
    names = [f"{start} {letter}" for letter in ("b", "C", "a", "É", "d")]
    for name in names:
        await desk.opened(name=name)
    seen, after = [], None
    while True:
        page = await find(desk, start.upper(), limit=2, after=after)
        seen += [found.name.removeprefix(f"{start} ") for found in page.outlets]
        if (after := page.after) is None:
            break
    assert seen == ["a", "b", "C", "d", "É"]


async def test_only_what_is_in_scope(desk: Desk, stage: Stage) -> None:
    new = await stage.new_outlet(name=f"Rahasia{next(_names)} Cell")
    await stage.open_outlets(new)
    assert new.reseller_msisdn is not None
    for typed in (new.code, national(new.reseller_msisdn), new.name):
        for scope in (Scope(partner_id=await stage.other_partner()), Scope(areas=("ATLANTIS",))):
            assert (await find(desk, typed, scope=scope)).outlets == ()
        for scope in (Scope(partner_id=stage.partner_id), Scope(areas=("JBJB",))):
            assert [found.code for found in (await find(desk, typed, scope=scope)).outlets] == [new.code]


async def test_an_exact_hit_stands_first_and_once(desk: Desk, stage: Stage) -> None:
    n = next(_names)
    code = f"TOKO-{n}X"
    await stage.open_outlets(await stage.new_outlet(code=code, name=f"toko-{n}x satu"))
    await desk.opened(name=f"Toko-{n}X dua")
    found = (await find(desk, code)).outlets
    assert [(each.way, each.name) for each in found] == [("code", f"toko-{n}x satu"), ("name", f"Toko-{n}X dua")]


@pytest.mark.parametrize("typed", ["%", "a", "\x00", "\ud800abc", "%%", "_a", "'; DROP TABLE outlet; --"])
async def test_what_finds_nothing(desk: Desk, typed: str) -> None:
    assert (await find(desk, typed)).outlets == ()


@given(st.text(max_size=120))
def test_whatever_is_typed_means_something_or_nothing(typed: str) -> None:
    wanted = wanted_of(typed)
    assert all(each is None or each.isprintable() for each in (wanted.code, wanted.prefix))
