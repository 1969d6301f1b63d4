import pytest

from konter.loyalty.whole_base.engine import Limits, engine


@pytest.fixture(scope="session")
def backend(tmp_path_factory):
    """One DuckDB for all tests."""
    with engine(Limits(spill=tmp_path_factory.mktemp("spill"), memory_mb=512)) as made:
        yield made
