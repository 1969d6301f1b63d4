from tests.channel.numbers.desk import desk
from tests.shop import own_stage
from tests.stage import passwords, stage

__all__ = ["desk", "own_stage", "passwords", "stage"]
