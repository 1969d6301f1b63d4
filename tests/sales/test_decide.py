"""Selling as a pure decision, without a database: whatever comes in whatever order, the money is right."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.people import SALT, rules
from tests.conftest import NOON

from konter.access.model import TokenClaims
from konter.catalogue.model import Bucket, Catalogue, Category, Price, Product
from konter.channel.model import WALLET
from konter.ledger.model import Account, Books
from konter.platform.ids import AccountId, Msisdn, OutletId, OwnerId, SessionId, SubscriptionId, UserId, make_id
from konter.sales.model import Known, SaleOutcome, Seller, SellRequest, SellState, decide_sales
from konter.subscriber.model import MAIN, Subscription

OUTLET, USER = OutletId(make_id(5_000, 7)), UserId(make_id(5_001, 7))
NUMBERS = [Msisdn(6281200000001 + n) for n in range(3)]
COSTS = {"P10": 10_150, "P50": 49_500, "G1": 4_700}
REFS = [uuid.UUID(int=n) for n in range(6)]
FAR_PAST = NOON.replace(year=2024)


def a_product(code: str, nominal_rp: int | None, buckets: tuple[Bucket, ...] = ()) -> Product:
    return Product(
        code=code, category="c", kind="package" if buckets else "recharge", name_id=code, name_en=code,
        nominal_rp=nominal_rp, amount_min_rp=None, amount_max_rp=None, amount_step_rp=None, validity_days=1,
        open=True, sort=1, buckets=buckets,
    )  # fmt: skip


CATALOGUE = Catalogue(
    [Category(code="c", name_id="c", name_en="c", sort=1)],
    [
        a_product("P10", 10_000),
        a_product("P50", 50_000),
        a_product("G1", None, (Bucket(source="data", asset="BYTES", amount=1_000, validity_days=1),)),
    ],
    [
        Price(product=code, area="", segment="", valid_from=FAR_PAST, cost_rp=cost, cost_bp=0, suggested_rp=cost + 2_000, suggested_bp=0)
        for code, cost in COSTS.items()
    ],
    1,
)  # fmt: skip

wishes = st.lists(
    st.tuples(
        st.sampled_from(REFS), st.sampled_from(sorted(COSTS)), st.sampled_from(NUMBERS), st.booleans(), st.booleans()
    ),
    min_size=1,
    max_size=12,
)


def a_seller() -> Seller:
    return Seller(
        user_id=USER, username="kasir", cell=7, outlet_id=OUTLET, nn_msisdn=NUMBERS[0], locale="id", user_status="active",
        password_initial=False, pin_salt=SALT, pin_hash=b"x", pin_failures=0, pin_locked_at=None,
        outlet_status="active", area="JBJB", segment="retail", zone="Asia/Jakarta", hold_s=0, terms_accepted=True,
    )  # fmt: skip


def a_request(ref: uuid.UUID, product: str, msisdn: Msisdn, *, second: bool) -> SellRequest:
    claims = TokenClaims(kind="outlet", session_id=SessionId(1), user_id=USER, outlet_id=OUTLET, token_hash=b"")
    return SellRequest(claims=claims, client_ref=ref, product=product, msisdn=msisdn, pin="", second=second)


def decide(wished: list, balance_rp: int) -> tuple[list[SaleOutcome], list[SellRequest], SellState]:
    """One batch for one outlet with so much in its wallet. The last word of a wish is whether the PIN is right."""
    seqs = iter(range(10_000, 90_000))
    accounts = [Account(AccountId(make_id(6_000, 7)), 7, OwnerId(OUTLET), WALLET, "", "IDR", None, balance_rp, 0, 0)]
    subscriptions = {}
    for n, msisdn in enumerate(NUMBERS):
        id_, main = SubscriptionId(make_id(7_000 + n, n)), AccountId(make_id(8_000 + n, n))
        subscriptions[msisdn] = Subscription(
            id=id_, cell=n, msisdn=msisdn, brand="nusa", kind="prepaid", locale="id", main_id=main, active_until=NOON
        )
        accounts.append(Account(main, n, OwnerId(id_), MAIN, "", "IDR", None, 0, 0, 0))
    seller = a_seller()
    state = SellState(
        [Known(seller=seller, sale=None, last_same=None, pin_right=right) for *_, right in wished],
        subscriptions,
        Books(accounts, seqs=seqs, at=NOON),
        rules=rules(),
        catalogue=CATALOGUE,
        seqs=seqs,
        now=NOON,
    )
    requests = [a_request(ref, product, msisdn, second=second) for ref, product, msisdn, second, _ in wished]
    return decide_sales(state, requests), requests, state


def wallet_of(state: SellState) -> int:
    account = state.books.find(OUTLET, WALLET, "IDR")
    assert account is not None
    return account.balance


@pytest.mark.requirement("D-107", "G-D33")
@given(wishes, st.integers(0, 150_000))
def test_the_wallet_pays_exactly_for_what_was_sold_and_never_more_than_it_has(wished: list, balance_rp: int) -> None:
    outcomes, _, state = decide(wished, balance_rp)
    new = [outcome.sale for outcome in outcomes if outcome.sale and not outcome.replay]
    assert wallet_of(state) == balance_rp - sum(COSTS[sale.product] for sale in new) >= 0
    running = balance_rp
    for sale in new:
        assert (sale.balance_before_rp, sale.balance_after_rp) == (running, running - sale.cost_rp)
        running = sale.balance_after_rp


@pytest.mark.requirement("D-43")
@given(wishes, st.integers(0, 150_000))
def test_a_ref_is_one_sale_and_a_replay_moves_nothing(wished: list, balance_rp: int) -> None:
    outcomes, requests, state = decide(wished, balance_rp)
    sold = {}
    for request, outcome in zip(requests, outcomes, strict=True):
        if outcome.sale is None:
            if outcome.refusal.code == "REF_REUSED":
                assert sold[request.client_ref].request_hash != request.fingerprint()
            continue
        assert outcome.replay == (request.client_ref in sold)
        assert sold.setdefault(request.client_ref, outcome.sale) is outcome.sale
    entries = state.books.changes().entries
    assert sum(entry[6] for entry in entries if entry[4] == WALLET) == -sum(sale.cost_rp for sale in sold.values())


@given(wishes, st.integers(0, 150_000))
def test_who_comes_first_is_served_first(wished: list, balance_rp: int) -> None:
    """What is decided for a request does not depend on those that come after it."""
    outcomes, _, _ = decide(wished, balance_rp)
    for count in range(len(wished)):
        first, _, _ = decide(wished[:count], balance_rp)
        assert [outcome.code for outcome in first] == [outcome.code for outcome in outcomes[:count]]


@given(wishes)
def test_three_wrong_pins_lock_whatever_stands_between(wished: list) -> None:
    outcomes, _, _ = decide(wished, 10**9)
    wrong = 0
    seen = set()
    for (ref, *_, right), outcome in zip(wished, outcomes, strict=True):
        if ref in seen:
            continue  # a replay, or a ref with another body: neither looks at the PIN
        if wrong >= 3:
            assert outcome.code == "PIN_LOCKED"
        elif not right:
            wrong += 1
            assert outcome.code == ("PIN_LOCKED" if wrong == 3 else "WRONG_PIN")
        else:
            wrong = 0
            assert outcome.code in {"new", "DUPLICATE_SALE"}
        if outcome.sale:
            seen.add(ref)


@given(wishes)
def test_without_second_a_number_gets_a_product_once(wished: list) -> None:
    _, _, state = decide([(ref, product, msisdn, False, True) for ref, product, msisdn, *_ in wished], 10**9)
    pairs = [(sale.product, sale.msisdn) for sale in state.sold.values()]
    assert len(pairs) == len(set(pairs))


@given(wishes, st.integers(0, 150_000))
def test_the_same_state_decides_the_same(wished: list, balance_rp: int) -> None:
    assert decide(wished, balance_rp)[0] == decide(wished, balance_rp)[0]
