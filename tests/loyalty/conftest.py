"""Customers on a database of their own: runs of the programme look at everybody."""

import pytest
from tests.loyalty.people import People

from konter.platform.db import Pool
from konter.platform.ids import IdBlocks


@pytest.fixture
def people(own_db: Pool, ids: IdBlocks) -> People:
    """Customers under the programme of 2014."""
    return People(own_db, ids)
