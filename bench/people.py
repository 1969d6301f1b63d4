"""Who sells and who buys in the benchmark, and the sales they ask for."""

from collections.abc import Collection, Sequence
from random import Random
from uuid import UUID

import msgspec

from bench.queries import PRICE_RP, PRODUCT
from konter.access import tokens
from konter.access.model import TokenClaims
from konter.platform.ids import CELLS, Msisdn, OutletId, cell_of_msisdn, make_id, spread_cell
from konter.platform.secrets import Keys
from konter.sales.model import SellRequest
from konter.simulator.operator.model import synthetic_msisdn
from konter.simulator.operator.people import PIN_OF_ALL

ALL_CELLS = range(CELLS)


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Outlets and customers stand in an unbroken row of numbers, so that pgbench can draw them.

    `first_outlet` is a sequence number, `first_customer` a number of the simulator; `tokens` are one per outlet.
    """

    first_outlet: int
    outlets: int
    first_customer: int
    customers: int
    tokens: list[str]

    def outlet(self, place: int) -> OutletId:
        """The id of an outlet by its place."""
        return OutletId(make_id(self.first_outlet + place, spread_cell(self.first_outlet + place)))

    def msisdns(self, cells: Collection[int] = ALL_CELLS) -> list[Msisdn]:
        """The customers whose numbers stand in these cells."""
        numbers = (synthetic_msisdn(self.first_customer + place) for place in range(self.customers))
        return [msisdn for msisdn in numbers if cell_of_msisdn(msisdn) in cells]

    def tokens_of(self, *, outlets: int | None = None, cells: Collection[int] = ALL_CELLS) -> list[str]:
        """The tokens of the first so many outlets, or of all, that stand in these cells."""
        places = range(outlets or self.outlets)
        return [self.tokens[place] for place in places if self.outlet(place) & 255 in cells]


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """Of whom the sellers and the customers of one run are drawn."""

    tokens: list[str]
    msisdns: list[Msisdn]
    seed: int


def claims_of(keys: Keys, minted: Sequence[str]) -> list[TokenClaims]:
    """What the tokens say, checked as an edge checks them."""
    parsed = [tokens.parse(keys, token) for token in minted]
    assert None not in parsed, "tokens of another pepper"
    return [claims for claims in parsed if claims is not None]


def requests_of(market: Market, keys: Keys, count: int) -> list[SellRequest]:
    """Sales by random sellers to random customers, each under a reference of its own."""
    random = Random(market.seed)
    claims = claims_of(keys, market.tokens)
    return [
        SellRequest(
            claims=random.choice(claims),
            client_ref=UUID(int=random.getrandbits(128), version=4),
            product=PRODUCT,
            msisdn=random.choice(market.msisdns),
            pin=PIN_OF_ALL,
            price_rp=PRICE_RP,
            second=True,
            address="127.0.0.1",
            agent="bench",
        )
        for _ in range(count)
    ]


def bodies_of(market: Market, address: str, count: int) -> list[bytes]:
    """The same sales as whole HTTP requests, ready to be sent."""
    random = Random(market.seed)
    body = (
        '{"client_ref":"%s","product":"' + PRODUCT + '","msisdn":"%d","pin":"' + PIN_OF_ALL + '","price":'
        f'{PRICE_RP},"second":true}}'
    )
    length = len(body % (UUID(int=0), market.msisdns[0]))
    heads = [
        (
            f"POST /api/v1/sales HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\nUser-Agent: bench\r\n\r\n"
        ).encode()
        for token in market.tokens
    ]
    return [
        random.choice(heads)
        + (body % (UUID(int=random.getrandbits(128), version=4), random.choice(market.msisdns))).encode()
        for _ in range(count)
    ]
