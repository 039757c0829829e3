"""What Ctrl-C leaves of calls that run at the same time."""

import threading

import pytest

from dynamodb import _sending
from dynamodb._sending import MAX_THREADS, at_once


def test_what_had_not_begun_when_the_wait_was_interrupted_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while waiting for the other threads cancels the calls that no thread has begun."""
    may_end = threading.Event()
    begun: list[int] = []
    real_wait = _sending.wait
    waits = []

    def call(number: int) -> None:
        begun.append(number)
        if number:
            may_end.wait(10)

    def interrupted_once(futures: list[object]) -> object:
        waits.append(len(futures))
        if len(waits) == 1:
            raise KeyboardInterrupt
        may_end.set()
        return real_wait(futures)

    monkeypatch.setattr(_sending, "wait", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        at_once(lambda number=number: call(number) for number in range(4 * MAX_THREADS))

    assert len(waits) == 2
    assert 0 in begun
    assert len(begun) <= 1 + MAX_THREADS
