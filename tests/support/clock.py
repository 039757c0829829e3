"""Time that passes only while somebody sleeps."""


class Clock:
    """Stands in for `time.monotonic` and `time.sleep`.

    Attributes:
        now: seconds.
        pauses: how long was slept, each time.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
