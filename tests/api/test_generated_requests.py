"""Schemathesis, for a short while: no request finds an internal error, or an answer that the description does not have.

`make fuzz` is the long form.
"""

import pytest
from tools.fuzz import throw
from tools.served import demo, outlet_token, staff_token

SECONDS_EACH = 8


@pytest.mark.slow
def test_nothing_is_found() -> None:
    """As an outlet's user, then as staff, against a served demo. What is found stands in the output."""
    with demo(outlets=3, subscribers=50, sales=30) as ready:
        assert throw(ready["base_url"], outlet_token(ready), SECONDS_EACH)
        assert throw(ready["base_url"], staff_token(ready), SECONDS_EACH)
