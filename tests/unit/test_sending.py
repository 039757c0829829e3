"""Waiting between tries, and doing things at the same time."""

import contextvars
import itertools
import threading

import pytest

from dynamodb import _sending
from dynamodb._sending import MAX_THREADS, Backoff, at_once, patient, persistently
from dynamodb.errors import ConnectionFailedError, NotFoundError, ThrottledError
from support.clock import Clock


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(_sending, "time", made)
    return made


def test_waiting_ends_at_the_time_limit(clock):
    backoff = Backoff(5.0)
    while backoff.wait():
        pass
    assert clock.now < 5.0
    assert not backoff.wait()


def test_pauses_are_random_under_a_bound_that_doubles(clock, monkeypatch):
    bounds = []
    monkeypatch.setattr(_sending.random, "uniform", lambda low, high: bounds.append((low, high)) or high)
    backoff = Backoff(60.0)
    for _ in range(8):
        assert backoff.wait()
    assert bounds == [(0, bound) for bound in (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0)]
    assert clock.pauses == [high for _, high in bounds]


def test_the_time_limit_is_the_configured_one(clock, monkeypatch):
    monkeypatch.setenv("DYNAMODB_TIME_LIMIT", "3")
    monkeypatch.setattr(_sending.random, "uniform", lambda low, high: high)
    backoff = Backoff()
    while backoff.wait():
        pass
    assert 1 < clock.now < 3


def test_results_come_in_the_order_of_the_calls():
    assert at_once(lambda number=number: number for number in range(100)) == list(range(100))
    assert at_once([]) == []
    assert at_once([lambda: 1]) == [1]


def test_calls_run_at_the_same_time():
    """Each waits for all the others; run one after the other they would wait for ever."""
    barrier = threading.Barrier(8, timeout=20)
    assert sorted(at_once([barrier.wait] * 8)) == list(range(8))


def test_no_more_threads_than_the_client_has_connections():
    names = set(at_once([lambda: threading.current_thread().name] * 500))
    assert len(names) <= MAX_THREADS + 1


def test_calls_in_calls_do_not_wait_for_each_other():
    """More calls that want calls than there are threads: with one pool for all they would lock each other out."""

    def inner():
        return sum(at_once([lambda: 1] * 5))

    assert at_once([inner] * (MAX_THREADS * 3)) == [5] * (MAX_THREADS * 3)


def test_the_first_error_is_raised_when_all_that_began_have_ended():
    ended = []

    def good(number):
        ended.append(number)

    def bad(number):
        raise ValueError(str(number))

    calls = [lambda n=number: bad(n) if n in {3, 5} else good(n) for number in range(8)]
    with pytest.raises(ValueError, match=r"^3$"):
        at_once(calls)
    assert sorted(ended) == [0, 1, 2, 4, 6, 7]


def test_an_error_of_the_callers_own_call_is_raised_after_the_others_have_ended():
    began, go_on = threading.Event(), threading.Event()
    ended = []

    def first():
        began.wait(20)
        threading.Timer(0.05, go_on.set).start()
        raise ValueError("first")

    def second():
        began.set()
        go_on.wait(20)
        ended.append("second")

    with pytest.raises(ValueError, match="first"):
        at_once([first, second])
    assert ended == ["second"]


def test_calls_see_the_callers_context():
    """So that `capacity()` counts what they send; what they set stays their own."""
    variable = contextvars.ContextVar("variable", default="outside")
    variable.set("caller")

    def look():
        seen = variable.get()
        variable.set("changed")
        return seen

    assert at_once([variable.get, *[look] * 20]) == ["caller"] * 21
    assert variable.get() == "caller"


def test_who_waits_for_another_try_does_not_outlive_who_waits_for_the_result():
    """Ctrl-C, or an error of the caller's own call, ends the pauses of the others, however long they may be."""
    waits = threading.Event()

    def first():
        waits.wait(20)
        raise KeyboardInterrupt

    def second():
        backoff = Backoff(3600.0)
        while backoff.wait():
            waits.set()

    with pytest.raises(KeyboardInterrupt):
        at_once([first, second])


def test_what_may_pass_is_called_again_until_the_time_is_over(clock):
    """Throttling and a lost connection may pass; nothing else does."""
    answers = iter([ThrottledError("1"), ConnectionFailedError("2"), "done"])

    def call():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert persistently(call, 60.0) == "done"
    answers = iter([NotFoundError("gone")])
    with pytest.raises(NotFoundError):
        persistently(call, 60.0)
    answers = itertools.repeat(ThrottledError("still"))
    with pytest.raises(ThrottledError):
        persistently(call, 60.0)
    assert clock.now < 61.0


def test_reads_are_sent_again_where_somebody_is_patient_and_writes_are_not(clock, monkeypatch):
    """Whoever sends a write knows what it means that it may have happened."""
    sent = []

    def fail(operation, params, decoder):
        sent.append(operation)
        raise ConnectionFailedError("lost")

    monkeypatch.setattr(_sending, "_send", fail)
    for operation, count in (("Query", 1), ("PutItem", 1)):
        with pytest.raises(ConnectionFailedError):
            _sending.send(operation, {})
        assert sent.count(operation) == count
    sent.clear()
    with patient(30.0):
        for operation in ("Query", "PutItem"):
            with pytest.raises(ConnectionFailedError):
                _sending.send(operation, {})
    assert sent.count("PutItem") == 1
    assert sent.count("Query") > 10
