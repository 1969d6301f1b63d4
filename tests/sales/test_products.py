"""Every product of the catalogue: the inquiry shows what the sale then does, and the sale delivers it."""

import msgspec
import pytest
from tests.shop import Shop, open_shop

from konter.catalogue.model import Product
from konter.platform.refusal import Refusal
from konter.sales.inquire import Inquiry, inquire
from konter.sales.model import Sale
from konter.subscriber.model import VALIDITY_SOURCE


async def ask(shop: Shop, product: str, msisdn: int, amount_rp: int | None = None, **of) -> Inquiry | Refusal:
    async with shop.stage.pool.acquire() as connection:
        rulebook, catalogue = await shop.references.current(connection)
        place = {"area": "JBJB", "segment": "retail", **of}
        return await inquire(
            connection,
            outlet_id=shop.user.outlet_id,
            product=product,
            msisdn=msisdn,
            amount_rp=amount_rp,
            now=shop.stage.now,
            rules=rulebook.at(shop.stage.now),
            catalogue=catalogue,
            **place,
        )


async def every_product(shop: Shop) -> list[tuple[Product, int | None]]:
    async with shop.stage.pool.acquire() as connection:
        _, catalogue = await shop.references.current(connection)
    return [(product, 12_000 if product.free_denomination else None) for product in catalogue.products]


def gains(delivery) -> tuple:
    """What the customer gets, without the balances before and after, which an inquiry does not show."""
    buckets = [(b.source, b.asset, b.amount, b.expires_at) for b in delivery.buckets]
    return delivery.days, delivery.active_before, delivery.active_after, delivery.credit_rp, buckets


@pytest.mark.requirement("D-08", "D-11", "D-61", "D-106", "G-D26")
async def test_every_product_sells_as_its_inquiry_said(shop: Shop) -> None:
    rich = await open_shop(shop.stage, way=shop.way, balance_rp=50_000_000)
    products = await every_product(rich)
    assert len(products) >= 60
    assert {product.category for product, _ in products} >= {
        "recharge",
        "data",
        "voice",
        "sms",
        "digital",
        "roaming",
        "songs",
        "other",
    }
    for product, amount_rp in products:
        said = await ask(rich, product.code, rich.customer, amount_rp)
        assert isinstance(said, Inquiry), said
        before_rp = await rich.balance()
        sale = (await rich.sell(product=product.code, amount_rp=amount_rp, price_rp=said.quote.price_rp)).sale
        assert sale is not None, product.code
        quote = said.quote
        assert (sale.price_rp, sale.cost_rp, sale.margin_rp) == (quote.price_rp, quote.cost_rp, quote.margin_rp)
        assert sale.nominal_rp == quote.nominal_rp
        assert gains(sale.delivery) == gains(said.delivery), product.code
        assert await rich.balance() == before_rp - quote.cost_rp


@pytest.mark.requirement("D-11")
async def test_every_product_delivers_what_its_row_says(shop: Shop) -> None:
    rich = await open_shop(shop.stage, way=shop.way, balance_rp=50_000_000)
    for product, amount_rp in await every_product(rich):
        customer = await rich.stage.number()
        sale: Sale = (await rich.sell(product=product.code, amount_rp=amount_rp, msisdn=customer)).sale
        view = await rich.look(customer)
        wanted = {(b.source, b.asset, b.amount) for b in product.buckets if b.source != VALIDITY_SOURCE}
        assert {(b.source, b.asset, b.balance) for b in view.buckets} == wanted
        assert view.balance_rp == ((amount_rp or product.nominal_rp) if product.kind == "recharge" else 0)
        assert (
            view.active_until
            == sale.delivery.active_after
            >= max([b.expires_at for b in view.buckets], default=sale.at)
        )


@pytest.mark.parametrize(
    ("amount_rp", "reason"),
    [
        (None, "missing"),
        (4_000, "below_min"),
        (1_001_000, "above_max"),
        (12_500, "not_in_step"),
        (-12_000, "below_min"),
    ],
)
async def test_a_free_denomination_keeps_to_its_limits(shop: Shop, amount_rp: int | None, reason: str) -> None:
    outcome = await shop.sell(product="PULSABEBAS", amount_rp=amount_rp)
    assert (outcome.refusal.code, outcome.refusal.data["reason"]) == ("AMOUNT_NOT_ALLOWED", reason)
    assert await shop.balance() == 1_000_000


@pytest.mark.parametrize("amount_rp", [5_000, 1_000_000])
async def test_a_free_denomination_sells_at_both_its_ends(shop: Shop, amount_rp: int) -> None:
    sale = (await shop.sell(product="PULSABEBAS", amount_rp=amount_rp)).sale
    assert sale.delivery.credit_rp == amount_rp
    assert (await shop.look()).balance_rp == amount_rp


async def test_a_fixed_product_takes_no_amount(shop: Shop) -> None:
    assert (await shop.sell(amount_rp=50_000)).refusal.code == "AMOUNT_NOT_ALLOWED"


async def test_an_inquiry_moves_nothing_and_needs_no_balance(shop: Shop) -> None:
    poor = await open_shop(shop.stage, way=shop.way, balance_rp=0)
    said = await ask(poor, "PULSA50", poor.customer)
    assert (said.quote.price_rp, said.delivery.credit_rp, said.earlier) == (51_500, 50_000, None)
    assert (await poor.look()).balance_rp == 0


async def test_an_inquiry_warns_of_a_repeat(shop: Shop) -> None:
    sale = (await shop.sell()).sale
    said = await ask(shop, "PULSA50", shop.customer)
    assert (said.earlier.code, said.earlier.at) == (sale.code, sale.at)
    assert (await ask(shop, "PULSA20", shop.customer)).earlier is None


@pytest.mark.requirement("D-08", "G-D26")
async def test_prices_are_those_of_area_and_segment(shop: Shop) -> None:
    papua = await ask(shop, "PULSA5", shop.customer, area="PMSK")
    pareto = await ask(shop, "PULSA50", shop.customer, segment="pareto")
    assert (papua.quote.cost_rp, papua.quote.price_rp) == (5_250, 8_000)
    assert (pareto.quote.cost_rp, pareto.quote.margin_rp) == (49_400, 2_100)


@pytest.mark.parametrize(
    ("product", "msisdn", "code"),
    [
        ("NOTHING", None, "UNKNOWN_PRODUCT"),
        ("PULSA50", 6285612345678, "NOT_OUR_NUMBER"),
        ("PULSA50", 6281299999998, "UNKNOWN_SUBSCRIBER"),
        ("PULSABEBAS", None, "AMOUNT_NOT_ALLOWED"),
    ],
)
async def test_an_inquiry_says_no_as_the_sale_would(shop: Shop, product: str, msisdn: int | None, code: str) -> None:
    said = await ask(shop, product, msisdn or shop.customer)
    sold = await shop.sell(product=product, msisdn=msisdn or shop.customer)
    assert said.code == sold.refusal.code == code
    assert said == msgspec.structs.replace(sold.refusal)


@pytest.mark.requirement("D-08", "G-D26")
async def test_a_sale_says_why_it_cost_what_it_cost(shop: Shop) -> None:
    """The price row, the tax and the rules: enough to work every figure out again."""
    general, local = (await shop.sell()).sale, (await shop.sell(product="D5G7")).sale
    assert (general.why.price_area, general.why.price_segment) == ("", "")
    assert (local.why.price_area, local.cost_rp) == ("JBJB", 19_100)
    assert general.why.price_valid_from <= general.at
    num, den = general.why.ppn
    assert general.tax_rp == general.price_rp * num // (den + num) > 0
    assert general.rule.startswith("id-2014@")
