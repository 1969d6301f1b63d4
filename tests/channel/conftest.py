from tests.shop import own_stage
from tests.stage import passwords, stage

__all__ = ["own_stage", "passwords", "stage"]
