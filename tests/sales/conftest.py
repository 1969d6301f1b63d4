from tests.shop import own_stage
from tests.shop import shop_any_way as shop
from tests.stage import passwords, stage
from tests.ways import way

__all__ = ["own_stage", "passwords", "shop", "stage", "way"]
