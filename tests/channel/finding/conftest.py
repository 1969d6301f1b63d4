from tests.channel.numbers.desk import desk
from tests.stage import passwords, stage

__all__ = ["desk", "passwords", "stage"]
