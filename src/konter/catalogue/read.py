"""Reading the catalogue into memory."""

from konter.catalogue import queries
from konter.catalogue.model import Catalogue
from konter.platform.db import Connection


async def read_catalogue(conn: Connection) -> Catalogue:
    """Everything, with the version that says so.

    The version is read first, so that a change in between makes the next look at it load again; what rows point to is
    read after them, so that nothing points nowhere until then.
    """
    version = await queries.read_version(conn)
    prices = await queries.read_prices(conn)
    products = await queries.read_products(conn)
    return Catalogue(await queries.read_categories(conn), products, prices, version)
