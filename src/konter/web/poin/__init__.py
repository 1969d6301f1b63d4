"""Points and rewards as customers and merchants see them. [P-23..P-25, P-30, P-41, P-42]"""

from konter.web.poin.catalogue import CATALOGUE_ROUTES
from konter.web.poin.merchant import MERCHANT_ROUTES
from konter.web.poin.own import OWN_ROUTES
from konter.web.poin.redeeming import REDEEMING_ROUTES

POIN_ROUTES = [*CATALOGUE_ROUTES, *REDEEMING_ROUTES, *OWN_ROUTES, *MERCHANT_ROUTES]

__all__ = ["POIN_ROUTES"]
