"""How fast is written: at most so many write units a second, less while DynamoDB throttles."""

import time
from collections.abc import Callable

#: What a batch, or a group of them, may cost where no rate is set.
_UNLIMITED_GROUP = 4000.0
_SLOWEST = 5.0
_FASTER = 1.1


class Pace:
    """Write units over time.

    Args:
        limit: units a second that are never passed; `None`: as fast as DynamoDB takes them.
        clock: seconds.
        sleep: takes seconds.
    """

    def __init__(
        self,
        limit: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limit = limit
        self._rate = limit
        self._clock, self._sleep = clock, sleep
        self._free = clock()
        self._began = self._free
        self._units = 0.0

    @property
    def group(self) -> float:
        """Units that may be sent at once: those of a second."""
        return _UNLIMITED_GROUP if self._rate is None else min(self._rate, _UNLIMITED_GROUP)

    @property
    def rate(self) -> float | None:
        """Units a second at this moment; `None`: no limit."""
        return self._rate

    def take(self, units: float) -> None:
        """Wait until these units may be sent. A single item that costs more than a second's is paid for afterwards."""
        now = self._clock()
        if self._free > now:
            self._sleep(self._free - now)
        self.add(units)

    def add(self, units: float) -> None:
        """Count units that were used beyond those that were taken (or fewer: negative)."""
        self._units += units
        if self._rate is not None:
            self._free = max(self._free, self._clock()) + units / self._rate

    def slower(self) -> None:
        """Halve the rate: DynamoDB throttles."""
        elapsed = max(self._clock() - self._began, 1.0)
        self._rate = max(_SLOWEST, (self._rate or self._units / elapsed) / 2)
        self._free = self._clock() + 1.0

    def faster(self) -> None:
        """Raise a rate that was lowered, not above the limit: DynamoDB took everything."""
        if self._rate is not None and self._rate != self._limit:
            self._rate = self._rate * _FASTER
            if self._limit is not None:
                self._rate = min(self._rate, self._limit)
