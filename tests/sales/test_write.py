"""What a batch decided is written whole: a row that is not there to change takes the batch back, loudly."""

import pytest
from tests.shop import Shop

from konter.ledger.model import Books
from konter.platform.ids import make_id
from konter.sales import queries

NOBODY = make_id(99_999_999, 7)


@pytest.mark.parametrize(
    ("changed", "words"),
    [("lengthened", "0 of 1 active periods and 0 of 0 PIN"), ("pins", "0 of 0 active periods and 0 of 1 PIN")],
)
async def test_a_change_of_what_is_not_there_is_loud(shop: Shop, changed: str, words: str) -> None:
    now = shop.stage.now
    rows = {"lengthened": [(NOBODY, 7, now)], "pins": [(NOBODY, 7, 1, None)]}
    given = {name: [] for name in ("sales", "lengthened", "pins", "checks", "audits", "effects")} | {
        changed: rows[changed]
    }
    changes = Books([], seqs=iter(()), at=now).changes()
    async with shop.stage.pool.acquire() as connection:
        with pytest.raises(AssertionError, match=f"sales wrote {words}"):
            await queries.write_sales(connection, changes, **given)
