from tests.channel.numbers.desk import desk
from tests.shop import shop_any_way as shop
from tests.stage import passwords, stage
from tests.ways import way

__all__ = ["desk", "passwords", "shop", "stage", "way"]
