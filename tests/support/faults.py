"""Faults for the proxy: what DynamoDB, or the network before it, does to a request now and then.

A fault is a name and a function of the exchange: it decides whether the engine sees the request, and what the client
sees of the answer. Each builder says which of the two happens; `applied` is whether the engine has done the work
when the fault strikes. `faults_for` lists the ones that can meet an operation.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from support import batches
from support.wire import BATCHES, JSON, TRANSACTIONS, Answer, Dropped, Exchange, crc32, error, to_answer

SINGLE_WRITES = ("PutItem", "UpdateItem", "DeleteItem")

THROUGHPUT_EXCEEDED = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
CAPACITY_EXCEEDED = (
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table "
    "or index so please try again shortly."
)
# Reason codes of a cancelled transaction with the messages that the API reference gives for them.
REASONS = {
    "ConditionalCheckFailed": "The conditional request failed",
    "TransactionConflict": "Transaction is ongoing for the item",
    "ProvisionedThroughputExceeded": THROUGHPUT_EXCEEDED,
    "ThrottlingError": CAPACITY_EXCEEDED,
    "ValidationError": "One or more parameter values were invalid",
}


@dataclass(frozen=True)
class Fault:
    """Something that happens to one request."""

    name: str
    strike: Callable[[Exchange], Answer | Dropped]

    def __str__(self) -> str:
        return self.name


def _instead(name: str, answer: Answer | Dropped, *, applied: bool) -> Fault:
    """Answer this, whatever the engine says or would have said."""

    def strike(exchange: Exchange) -> Answer | Dropped:
        if applied:
            exchange.forward()
        return answer

    return Fault(name, strike)


def _altered(name: str, change: Callable[[Answer], Answer]) -> Fault:
    """Let the engine answer and send a changed answer."""
    return Fault(name, lambda exchange: change(exchange.forward()))


def drop_before(*, reset: bool = False) -> Fault:
    """The request is lost: nothing is applied, the connection closes (or is reset) without an answer."""
    return _instead(f"drop before{' (reset)' * reset}", Dropped(reset), applied=False)


def drop_after(*, reset: bool = False) -> Fault:
    """The answer is lost: the request is applied, the connection closes (or is reset) without an answer."""
    return _instead(f"drop after{' (reset)' * reset}", Dropped(reset), applied=True)


def server_error(*, applied: bool, status: int = 500) -> Fault:
    """InternalServerError (or ServiceUnavailable for 503); a 500 leaves open whether a write has happened."""
    code = "ServiceUnavailable" if status == 503 else "InternalServerError"
    answer = error(code, "The service could not serve your request.", status=status)
    return _instead(f"{status} {'after' if applied else 'before'}", answer, applied=applied)


def gateway_error(status: int = 502) -> Fault:
    """An error in HTML from something between client and service; nothing is applied."""
    body = f"<html><body><h1>{status} Bad Gateway</h1></body></html>".encode()
    answer = Answer(status, body, {"Content-Type": "text/html"}, checksum="absent")
    return _instead(f"gateway {status}", answer, applied=False)


def throttled(
    code: Literal["ProvisionedThroughputExceededException", "ThrottlingException"] = (
        "ProvisionedThroughputExceededException"
    ),
    *,
    retry_after: float | None = None,
) -> Fault:
    """Throttling by table or partition; `retry_after` seconds go into Retry-After and into x-amz-retry-after (ms)."""
    message = THROUGHPUT_EXCEEDED if code.startswith("Provisioned") else CAPACITY_EXCEEDED
    answer = error(code, message)
    name = f"throttled ({code})"
    if retry_after is not None:
        hints = {"Retry-After": f"{retry_after:g}", "x-amz-retry-after": f"{retry_after * 1000:.0f}"}
        answer = replace(answer, headers=hints)
        name += " with Retry-After"
    return _instead(name, answer, applied=False)


def request_limit_exceeded() -> Fault:
    """Throttling by account."""
    message = "Throughput exceeds the current throughput limit for your account."
    return _instead("RequestLimitExceeded", error("RequestLimitExceeded", message), applied=False)


def expired_credentials() -> Fault:
    """The session token has run out; inject it with `times=None`, since it does not come back by itself."""
    code, message = "ExpiredTokenException", "The security token included in the request is expired"
    answer = error(code, message, namespace="com.amazon.coral.service")
    return _instead("expired credentials", answer, applied=False)


def unprocessed(keep: int | None = None) -> Fault:
    """A batch of which only the first `keep` reads or writes are done; half of them, rounded down, if not told.

    With nothing done the service does not report leftovers but throttling.
    """

    def strike(exchange: Exchange) -> Answer | Dropped:
        operation, body = exchange.request.operation, exchange.request.body
        if operation not in BATCHES:
            raise ValueError(f"only a batch can be done in part, not {operation}")
        number = batches.size(operation, body) // 2 if keep is None else keep
        if number == 0:
            return error("ProvisionedThroughputExceededException", THROUGHPUT_EXCEEDED)
        part, rest = batches.split(operation, body, number)
        answer = exchange.forward(part)
        if answer.status != 200:
            return answer
        return to_answer(batches.add_leftovers(operation, answer.json(), rest))

    return Fault(f"unprocessed ({'half' if keep is None else f'all but {keep}'})", strike)


def cancelled(reasons: Callable[[int], Sequence[str]], name: str = "transaction cancelled") -> Fault:
    """A cancelled transaction; `reasons` gives a code ("None" where there is none) for each of its n actions."""

    def strike(exchange: Exchange) -> Answer | Dropped:
        actions: list[JSON] = exchange.request.body["TransactItems"]
        codes = reasons(len(actions))
        if len(codes) != len(actions):
            raise ValueError(f"{len(codes)} reasons for {len(actions)} actions")
        listed = [{"Code": code, "Message": REASONS[code]} if code != "None" else {"Code": code} for code in codes]
        message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(codes)}]"
        return error("TransactionCanceledException", message, key="Message", CancellationReasons=listed)

    return Fault(name, strike)


def transaction_conflict(*actions: int) -> Fault:
    """Another transaction holds these actions' items (the first action's, if not told).

    A transaction is cancelled with TransactionConflict; a write of a single item gets TransactionConflictException.
    """
    hit = actions or (0,)
    whole = cancelled(lambda n: ["TransactionConflict" if i in hit else "None" for i in range(n)])

    def strike(exchange: Exchange) -> Answer | Dropped:
        if exchange.request.operation in TRANSACTIONS:
            return whole.strike(exchange)
        return error("TransactionConflictException", REASONS["TransactionConflict"])

    return Fault("transaction conflict", strike)


def transaction_throttled() -> Fault:
    """A transaction cancelled because its last action's table or index is throttled."""
    return cancelled(lambda n: [*["None"] * (n - 1), "ThrottlingError"], "transaction throttled")


def transaction_in_progress(*, applied: bool = False) -> Fault:
    """An earlier attempt with the same token is still under way; `applied` lets that attempt succeed meanwhile."""
    message = "The transaction with the given request token is already in progress."
    answer = error("TransactionInProgressException", message, key="Message")
    return _instead(f"transaction in progress{' (applied)' * applied}", answer, applied=applied)


def reset_mid_body() -> Fault:
    """Applied; the connection is reset after half of the body."""
    return _altered("reset in mid-body", lambda answer: replace(answer, sent=len(answer.body) // 2))


def wrong_crc32() -> Fault:
    """Applied; the checksum does not fit the body."""
    return _altered("wrong crc32", lambda answer: replace(answer, checksum=crc32(answer.body) ^ 1))


def truncated_json(checksum: Literal["of what is sent", "of the whole", "absent"] = "of what is sent") -> Fault:
    """Applied; only the first half of the body is sent, with the length of that half."""

    def cut(answer: Answer) -> Answer:
        half = answer.body[: len(answer.body) // 2]
        values: dict[str, int | Literal["absent"]] = {
            "of what is sent": crc32(half),
            "of the whole": crc32(answer.body),
            "absent": "absent",
        }
        return replace(answer, body=half, checksum=values[checksum])

    return _altered(f"truncated JSON (checksum {checksum})", cut)


def slow(seconds: float, *, applied: bool = True) -> Fault:
    """The answer comes late; `applied` says whether the work is done before the wait or after it."""

    def strike(exchange: Exchange) -> Answer | Dropped:
        if applied:
            answer = exchange.forward()
            exchange.wait(seconds)
            return answer
        exchange.wait(seconds)
        return exchange.forward()

    return Fault(f"slow ({seconds:g} s, {'done first' if applied else 'done last'})", strike)


def trickle(seconds: float) -> Fault:
    """Applied; the body arrives piece by piece, so that no single read waits long enough to time out."""
    return _altered(f"trickle ({seconds:g} s)", lambda answer: replace(answer, seconds=seconds))


def run_before(callback: Callable[[], object]) -> Fault:
    """Call something before the engine sees the request: kill the client, change an item behind its back."""

    def strike(exchange: Exchange) -> Answer | Dropped:
        callback()
        return exchange.forward()

    return Fault("run before", strike)


def run_after(callback: Callable[[], object]) -> Fault:
    """Call something when the engine has done the request and the client does not know it yet."""

    def strike(exchange: Exchange) -> Answer | Dropped:
        answer = exchange.forward()
        callback()
        return answer

    return Fault("run after", strike)


def faults_for(operation: str, *, seconds: float = 0.2) -> list[Fault]:
    """Every fault that can meet this operation; the slow ones take `seconds`."""
    return [*_any_operation(seconds), *_own(operation)]


def _any_operation(seconds: float) -> Iterable[Fault]:
    return (
        drop_before(),
        drop_before(reset=True),
        drop_after(),
        drop_after(reset=True),
        server_error(applied=False),
        server_error(applied=True),
        server_error(applied=False, status=503),
        gateway_error(),
        throttled(),
        throttled("ThrottlingException"),
        throttled(retry_after=seconds),
        request_limit_exceeded(),
        reset_mid_body(),
        wrong_crc32(),
        truncated_json("of what is sent"),
        truncated_json("of the whole"),
        truncated_json("absent"),
        slow(seconds),
        slow(seconds, applied=False),
        trickle(seconds),
        expired_credentials(),
    )


def _own(operation: str) -> Iterable[Fault]:
    if operation in BATCHES:
        return (unprocessed(), unprocessed(0))
    if operation == "TransactWriteItems":
        in_progress = (transaction_in_progress(), transaction_in_progress(applied=True))
        return (transaction_conflict(), transaction_throttled(), *in_progress)
    if operation == "TransactGetItems":
        return (transaction_conflict(), transaction_throttled())
    return (transaction_conflict(),) if operation in SINGLE_WRITES else ()
