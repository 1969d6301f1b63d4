"""A circuit breaker: after failures in a row nothing is called for a while, then one call tries."""

import time
from collections.abc import Callable
from typing import NewType

import structlog

from konter.platform.metrics import NETWORK_CIRCUIT

FAILURES_MAX = 5
REST_S = 5.0
Permit = NewType("Permit", int)
_CLOSED, _TRYING, _OPEN = 0, 1, 2
log = structlog.get_logger()


class Breaker:
    """Closed: calls go. Open: none goes until the rest is over. Trying: one goes, and its end closes or opens again.

    A call that began before the last change says nothing about the network as it is now, and counts no more. Hence the
    permit that a call gets, and shows when it ends.
    """

    def __init__(
        self,
        *,
        failures_max: int = FAILURES_MAX,
        rest_s: float = REST_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures_max = failures_max
        self._rest_s = rest_s
        self._clock = clock
        self._failures = 0
        self._opened_at = 0.0
        self._turn = 0
        self._state = _CLOSED
        NETWORK_CIRCUIT.set(_CLOSED)

    @property
    def is_open(self) -> bool:
        """Whether a call now would not go."""
        return self._state == _TRYING or (self._state == _OPEN and self._clock() < self._opened_at + self._rest_s)

    def permit(self) -> Permit | None:
        """Leave to call, or none. Whoever gets it owes `succeeded`, `failed` or `gave_up`."""
        if self.is_open:
            return None
        if self._state == _OPEN:
            self._become(_TRYING)
        return Permit(self._turn)

    def succeeded(self, permit: Permit) -> None:
        """The network answered."""
        if permit == self._turn:
            self._failures = 0
            if self._state == _TRYING:
                self._become(_CLOSED)

    def failed(self, permit: Permit) -> None:
        """The network did not answer, or could not."""
        if permit == self._turn:
            self._failures += 1
            if self._state == _TRYING or self._failures >= self._failures_max:
                self._opened_at = self._clock()
                self._become(_OPEN)

    def gave_up(self, permit: Permit) -> None:
        """The caller left before the end; if it was the one that tried, the next one tries."""
        if permit == self._turn and self._state == _TRYING:
            self._become(_OPEN)

    def _become(self, state: int) -> None:
        if state == _OPEN and self._state == _CLOSED:
            log.warning("network does not answer, calls rest", failures=self._failures, rest_s=self._rest_s)
        elif state == _CLOSED:
            log.warning("network answers again")
        self._state = state
        self._turn += 1
        if state == _CLOSED:
            self._failures = 0
        NETWORK_CIRCUIT.set(state)
