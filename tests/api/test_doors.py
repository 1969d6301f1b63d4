"""Who may come in where: every operation without a token, with a forged one, and with the token of the other side."""

from pathlib import Path

import pytest
from litestar.routes import HTTPRoute
from tests.api.world import World, problem, settings_of

from konter.api.operations import OPT, Says
from konter.asgi import create_app

BODIES = {
    "post_password": {"old": "a", "new": "b"},
    "post_acceptance": {"document": "terms-of-use", "version": "1.0"},
    "post_pin": {"pin": "739164"},
    "start_pin_reset": {"password": "a"},
    "set_pin_by_otp": {"code": "123456", "pin": "739164"},
    "inquire_sale": {"product": "PULSA50", "msisdn": "081234567890"},
    "create_sale": {
        "client_ref": "b0a7f3f8-0f52-4c5e-9d57-2f1f3f6f7d10",
        "product": "PULSA50",
        "msisdn": "081234567890",
        "pin": "739164",
    },
    "create_reversal": {"sale": "1", "reason": "salah nomor"},
    "decide": {"approve": True},
    "take_work_item": {},
    "solve_work_item": {"why": "sudah dicek"},
    "create_adjustment": {"sale": "1", "payer": "outlet", "reason": "terbukti terkirim"},
    "decide_on_adjustment": {"approve": True},
    "put_hold": {"seconds": 60, "reason": "sering salah nomor"},
    "put_availability": {"open": False, "reason": "gangguan jaringan"},
    "put_reward_availability": {"open": False, "reason": "barang ditarik"},
    "propose_staff": {"username": "rani", "name": "Rani", "roles": [], "reason": "uji coba"},
    "propose_account": {"roles": [], "reason": "uji coba"},
    "propose_totp_reset": {"reason": "uji coba"},
    "propose_password_reset": {"reason": "uji coba"},
    "post_staff_end": {"reason": "uji coba"},
    "create_client": {"name": "Uji", "scopes": []},
    "create_key": {},
    "post_client_end": {"reason": "uji coba"},
    "create_partner_user": {"username": "rina", "name": "Rina", "role": "SBP_ADMIN", "number": "081234567890"},
    "post_partner_user_status": {"status": "blocked", "reason": "uji coba"},
    "post_partner_end": {"reason": "uji coba"},
    "report_lost_phone": {"number": "081234567890"},
    "lift_lost_phone": {"reason": "uji coba"},
    "post_ruling": {"approve": True},
    "put_who": {"kind": "outlet", "outlet_name": "Sukses", "owner_name": "Sari"},
    "put_where": {"address": "Jl. 1", "district": "32.76.01"},
    "put_numbers": {"reseller": "081234567890", "notification": "081234567890"},
    "add_own_number": {"code": "123456"},
    "put_declaration": {"signatory": "Sari", "capacity": "owner", "declared": True, "version": "1.0"},
    "submit_application": {"client_ref": "b0a7f3f8-0f52-4c5e-9d57-2f1f3f6f7d10"},
    "recommend_application": {"supports": True},
    "decide_application": {"approve": True},
    "put_reseller_number": {"number": "081234567890", "reason": "uji coba"},
    "create_frontliner": {"username": "kasir-uji", "name": "Siti", "number": "081234567890"},
    "put_number_type": {"type": "FAMILY"},
    "put_outlet_status": {"status": "suspended", "reason": "uji coba"},
    "put_notification_number": {"number": "081234567890", "reason": "uji coba"},
    "settle_conflict": {"reason": "uji coba"},
    "search_blacklist": {"kind": "rs", "value": "081234567890"},
    "add_to_blacklist": {"kind": "rs", "value": "081234567890", "reason": "uji coba"},
    "propose_lift": {"reason": "uji coba"},
    "propose_outcome": {"delivered": True, "evidence": "surat 1", "reason": "uji coba"},
    "propose_take_back_outcome": {"taken_back": True, "evidence": "surat 1", "reason": "uji coba"},
    "create_redemption": {"client_ref": "b0a7f3f8-0f52-4c5e-9d57-2f1f3f6f7d10", "reward": "DATA100"},
    "verify_voucher": {"code": "AB12CD34"},
    "burn_voucher": {"client_ref": "b0a7f3f8-0f52-4c5e-9d57-2f1f3f6f7d10", "code": "AB12CD34"},
    "post_bills": {
        "items": [
            {
                "msisdn": "081234567890",
                "number": "INV-1",
                "period_begin": "2026-10-05",
                "period_end": "2026-11-04",
                "total": 123456,
                "tax": 12234,
                "issued_at": "2026-11-05T02:00:00+07:00",
            }
        ]
    },
    "post_bill_payments": {
        "items": [{"msisdn": "081234567890", "number": "INV-1", "paid_at": "2026-11-06T02:00:00+07:00"}]
    },
    "post_bill_cancellations": {"items": [{"msisdn": "081234567890", "number": "INV-1"}]},
}
QUERIES = {"list_moves": "?kind=sale", "list_offices": "?q=x"}
PATHS = {
    "{msisdn}": "081234567890",
    "{day}": "2026-11-21",
    "{sale}": "1",
    "{reversal}": "1",
    "{item}": "1",
    "{adjustment}": "1",
    "{outlet}": "1",
    "{product}": "PULSA50",
    "{session_id}": "1",
    "{staff}": "1",
    "{proposal}": "1",
    "{report}": "1",
    "{application}": "1",
    "{client}": "1",
    "{partner}": "1",
    "{device}": "1",
    "{session}": "1",
    "{key}": "1",
    "{user}": "1",
    "{conflict}": "1",
    "{entry}": "1",
    "{redemption}": "1",
}


def operations() -> list[tuple[str, str, str, str]]:
    """Name, who may call, method and a path that fits, of every operation for people who have logged in."""
    found = []
    app = create_app(settings_of(Path("/nowhere")), "")
    for route in (route for route in app.routes if isinstance(route, HTTPRoute)):
        for handler, _ in route.route_handler_map.values():
            said = handler.opt.get(OPT)
            if isinstance(said, Says) and said.caller not in ("anybody", "network", "client"):
                path = route.path_format.removeprefix("/api/v1").replace("{login_id}", "x")
                for name, value in PATHS.items():
                    path = path.replace(name, value)
                method = next(iter(handler.http_methods))
                name = handler.handler_name
                found.append((name, said.caller, str(method), path + QUERIES.get(name, "")))
    return found


OPERATIONS = operations()


def test_every_described_route_says_who_may_call() -> None:
    app = create_app(settings_of(Path("/nowhere")), "")
    routes = [route for route in app.routes if isinstance(route, HTTPRoute) and route.path.startswith("/api/v1")]
    handlers = [handler for route in routes for handler, _ in route.route_handler_map.values()]
    described = [handler for handler in handlers if handler.resolve_include_in_schema()]
    assert len(described) > 25
    assert not [handler.handler_name for handler in described if not isinstance(handler.opt.get(OPT), Says)]


async def test_without_a_token_nobody_comes_in(world: World) -> None:
    for name, _, method, path in OPERATIONS:
        for token in ("", "x", world.token[:-4] + "AAAA"):
            answer = await world.send(method, path, token, json=BODIES.get(name))
            assert problem(answer) == (401, "SESSION_EXPIRED"), name
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_stranger_is_not_told_what_is_wrong_with_the_body(world: World) -> None:
    for body in (b"{", b"[" * 1_000, b'{"pin": 1}'):
        answer = await world.send("POST", "/sales", content=body, headers={"content-type": "application/json"})
        assert problem(answer) == (401, "SESSION_EXPIRED")


@pytest.mark.requirement("D-103")
async def test_staff_do_not_sell(world: World) -> None:
    for name, _, method, path in (each for each in OPERATIONS if each[1] == "outlet"):
        answer = await world.send(method, path, world.care, json=BODIES.get(name))
        assert problem(answer) == (403, "FORBIDDEN"), name
    assert await world.sales() == 0


async def test_sellers_are_no_staff(world: World) -> None:
    for name, _, method, path in (each for each in OPERATIONS if each[1] == "staff"):
        answer = await world.send(method, path, world.token, json=BODIES.get(name))
        assert problem(answer) == (403, "FORBIDDEN"), name


async def test_staff_without_the_role_see_nobody(world: World) -> None:
    clerk = await world.staff()
    for name, _, method, path in (each for each in OPERATIONS if each[1] == "staff"):
        if name == "list_proposals":
            assert (await world.get(path, clerk)).json() == {"items": []}
            continue
        if name == "post_ruling":
            assert problem(await world.post(path, BODIES[name], clerk)) == (404, "PROPOSAL_NOT_FOUND")
            continue
        assert problem(await world.send(method, path, clerk, json=BODIES.get(name))) == (403, "FORBIDDEN"), name


@pytest.mark.requirement("D-07")
async def test_a_newcomer_does_not_get_past_the_steps(world: World) -> None:
    token = (await world.log_in(await world.stage.newcomer()))["token"]
    for name, _, method, path in (each for each in OPERATIONS if each[1] == "outlet"):
        answer = await world.send(method, path, token, json=BODIES.get(name))
        assert problem(answer) == (403, "PASSWORD_CHANGE_REQUIRED"), name


async def test_a_session_that_was_ended_is_over_everywhere(world: World) -> None:
    assert (await world.post("/logout", token=world.token)).status_code == 204
    for name, _, method, path in (each for each in OPERATIONS if each[1] in ("somebody", "beginner", "outlet")):
        answer = await world.send(method, path, world.token, json=BODIES.get(name))
        assert problem(answer) == (401, "SESSION_EXPIRED"), name
    assert await world.sales() == 0


async def test_a_token_in_a_cookie_or_a_query_is_none(world: World) -> None:
    answer = await world.get(f"/me?token={world.token}", cookie=f"konter_session={world.token}")
    assert problem(answer) == (401, "SESSION_EXPIRED")
