from tests.shop import own_stage, shop
from tests.stage import passwords, stage

__all__ = ["own_stage", "passwords", "shop", "stage"]
