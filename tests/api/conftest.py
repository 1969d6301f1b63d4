"""Fixtures of the API's tests."""

from tests.api.world import world

__all__ = ["world"]
