from tests.stage import passwords, stage

__all__ = ["passwords", "stage"]
