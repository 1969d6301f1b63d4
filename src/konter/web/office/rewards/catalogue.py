"""The desk of rewards: what is offered, redeemed and left, what is to come, and closing one. [P-21..P-24]

How many codes there are is seen here, never which.
"""

from collections.abc import Mapping, Sequence

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.access.staff.people import note_export, staff_names
from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.catalogue.read import RewardState, reward_state, reward_states
from konter.loyalty.rewards.codes.read import CodeCount, code_counts
from konter.loyalty.rewards.redemption.figures import redeemed_counts
from konter.loyalty.rewards.refusals import REWARD_NOT_FOUND
from konter.platform.db import Connection
from konter.platform.money import thousands
from konter.platform.refusal import Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, list_notice, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.reasons import reason_of
from konter.web.desk.tables import address, csv_answer
from konter.web.desk.views import Action, Badge, BadgeTone, Cell, Choice, Column, Filter, ListView, Table
from konter.web.office.places import CLOSE_REWARDS, IMPORT_REWARDS, MERCHANTS, OFFICE, REWARDS
from konter.web.office.rewards.reward_view import limit_text, reward_past, reward_thing
from konter.web.pages import AnyPage, go

CODE_CHARS_MAX = 30
PAGE = 100
STATES: dict[str, BadgeTone] = {
    "open": "ok",
    "few": "warn",
    "out": "error",
    "coming": "info",
    "over": "plain",
    "closed": "error",
}


@get("/office/hadiah", include_in_schema=False)
async def rewards_page(
    request: AnyRequest,
    keadaan: FromQuery[str] = "",
    dari: FromQuery[str] = "",
    bentuk: FromQuery[str] = "",
    pesan: FromQuery[str] = "",
) -> Response[bytes]:
    """Every reward, those to come too, with how many were redeemed and what is left; 100 a page, all in the file."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REWARDS)
        here = found.here
        states = await reward_states(connection, now=here.now, ahead=True)
        wanted = [each for each in states if keadaan in ("", each.stands(here.now))]
        if bentuk == "csv" and found.may("lists.export"):
            rows = await _rows(connection, found, wanted)
            await note_export(connection, "rewards", len(rows), actor=found.actor, now=here.now, ids=here.app.ids)
            return csv_answer("hadiah", _columns(found), rows)
        begin = next((n + 1 for n, each in enumerate(wanted) if each.offer.reward == dari), 0)
        page = wanted[begin : begin + PAGE]
        rows = await _rows(connection, found, page)
    last = page[-1].offer.reward if len(wanted) > begin + PAGE else ""
    table = _table(found, rows, keadaan, last=last, paged=begin > 0)
    words = found.words
    merchants = Action(title=words.t("office.rewards.merchants"), href=MERCHANTS, tone="plain")
    files = Action(title=words.t("office.rewards.import"), href=f"{REWARDS.href}/impor", tone="plain")
    view = ListView(
        title=words.t("office.rewards.title"),
        note=words.t("office.rewards.note"),
        tables=(table,),
        actions=(merchants, files) if found.may(*IMPORT_REWARDS.rights) else (merchants,),
    )
    return desk_page(request, OFFICE, "desk/list.html", list_notice(found, view, pesan))


async def _rows(connection: Connection, found: Member, states: Sequence[RewardState]) -> tuple[tuple[Cell, ...], ...]:
    rewards = [each.offer.reward for each in states]
    counts = await code_counts(connection, rewards, now=found.here.now)
    redeemed = await redeemed_counts(connection, rules=found.here.rules, rewards=rewards)
    return tuple(_row(found, each, counts, redeemed) for each in states)


def _table(found: Member, rows: tuple[tuple[Cell, ...], ...], state: str, *, last: str, paged: bool) -> Table:
    """A page of the list; `last` is the reward that the next page begins behind, empty on the last one."""
    words = found.words
    choices = [Choice(value=each, name=words.t(f"office.rewards.state.{each}")) for each in STATES]
    every = Choice(value="", name=words.t("desk.all"))
    return Table(
        id="rewards",
        title=words.t("office.rewards.list"),
        columns=_columns(found),
        rows=rows,
        empty=words.t("office.rewards.none"),
        action=REWARDS.href,
        filters=(Filter(name="keadaan", label=words.t("desk.column.state"), value=state, choices=(every, *choices)),),
        next_href=address(REWARDS.href, keadaan=state, dari=last) if last else "",
        first_href=address(REWARDS.href, keadaan=state) if paged else "",
        csv_href=address(REWARDS.href, keadaan=state, bentuk="csv") if found.may("lists.export") else "",
        refresh_href=address(REWARDS.href, keadaan=state),
    )


def state_badge(found: Member, state: RewardState) -> Badge:
    """How a reward stands, as a badge; what is to come says from when."""
    word = state.stands(found.here.now)
    if word == "coming":
        text = found.words.t("office.rewards.begins_on", day=found.words.date(state.offer.valid_from))
    else:
        text = found.words.t(f"office.rewards.state.{word}")
    return Badge(text=text, tone=STATES[word])


def _columns(found: Member) -> tuple[Column, ...]:
    words = found.words
    plain = ("office.points.reward", "desk.column.state")
    numbers = ("office.points.price", "office.rewards.taken", "office.rewards.codes_free", "office.rewards.burnt")
    return (
        *(Column(name=words.t(key)) for key in plain),
        *(Column(name=words.t(key), num=True) for key in numbers),
    )


def _row(
    found: Member, state: RewardState, counts: Mapping[str, CodeCount], redeemed: Mapping[str, int]
) -> tuple[Cell, ...]:
    words, offer, badge = found.words, state.offer, state_badge(found, state)
    codes, kind = counts.get(offer.reward), words.t(f"office.rewards.kind.{offer.kind}")
    taken = state.taken if state.taken is not None else redeemed.get(offer.reward, 0)
    return (
        Cell(text=offer.name(words.locale), href=f"{REWARDS.href}/{offer.reward}", sub=f"{offer.reward} · {kind}"),
        Cell(text=badge.text, badge=badge.tone),
        Cell(text=thousands(offer.points)),
        Cell(text=thousands(taken), sub=limit_text(words, offer)),
        Cell(text=thousands(codes.free) if codes else ""),
        Cell(text=thousands(codes.burnt) if codes else ""),
    )


@get("/office/hadiah/{code:str}", include_in_schema=False)
async def reward_page(request: AnyRequest, code: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One reward: what it gives, its prices, how its codes stand, who closed it when and why."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REWARDS)
        state = await known_reward(connection, found, code)
        counts = await code_counts(connection, [code], now=found.here.now)
        redeemed = await redeemed_counts(connection, rules=found.here.rules, rewards=[code])
        past = await reward_past(connection, code)
        names = await staff_names(connection, past.people)
    view = reward_thing(found, state, state_badge(found, state), counts.get(code), redeemed.get(code, 0), past, names)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


async def known_reward(connection: Connection, found: Member, code: str) -> RewardState:
    """The reward of an address, begun or to come. Raises Refused."""
    state = await reward_state(connection, code, now=found.here.now, ahead=True) if "\0" not in code else None
    if state is None:
        raise Refused(REWARD_NOT_FOUND(reward=code[:CODE_CHARS_MAX]))
    return state


@post("/office/hadiah/{code:str}", include_in_schema=False)
async def switch_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Close a reward in every channel from this moment, or offer it again."""
    form, where = await desk_form(request, OFFICE), f"{REWARDS.href}/{code}"
    reason, is_open = reason_of(form), form.text("buka") == "ya"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CLOSE_REWARDS)
        if reason is None:
            return go(f"{where}?pesan=alasan")
        await known_reward(connection, found, code)
        here = found.here
        outcome = await set_reward_open(
            connection,
            code,
            is_open=is_open,
            clock=here.app.clock,
            actor=found.actor,
            ids=here.app.ids,
            reason=reason,
        )
    return asked_for(request, outcome, where, "hadiah_buka" if is_open else "hadiah_tutup")


REWARD_DESK_ROUTES = [rewards_page, reward_page, switch_post]
