"""From botocore's and PynamoDB's errors to this layer's: a table from codes to classes, a context manager."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import botocore.exceptions as botocore_errors
import pynamodb.exceptions as pynamodb_errors

from dynamodb import errors
from dynamodb.errors import DataLayerError

_CLASS_OF_CODE: dict[str, type[DataLayerError]] = {
    "AccessDeniedException": errors.AccessDeniedError,
    "ExpiredTokenException": errors.AccessDeniedError,
    "IncompleteSignature": errors.AccessDeniedError,
    "IncompleteSignatureException": errors.AccessDeniedError,
    "InvalidClientTokenId": errors.AccessDeniedError,
    "InvalidSignatureException": errors.AccessDeniedError,
    "MissingAuthenticationTokenException": errors.AccessDeniedError,
    "NotAuthorized": errors.AccessDeniedError,
    "OptInRequired": errors.AccessDeniedError,
    "RequestExpired": errors.AccessDeniedError,
    "UnrecognizedClientException": errors.AccessDeniedError,
    "IdempotentParameterMismatchException": errors.UnexpectedResponseError,
    "InternalFailure": errors.ConnectionFailedError,
    "InternalServerError": errors.ConnectionFailedError,
    "RequestAbortedException": errors.ConnectionFailedError,
    "RequestTimeoutException": errors.ConnectionFailedError,
    "ServiceUnavailable": errors.ConnectionFailedError,
    "ServiceUnavailableException": errors.ConnectionFailedError,
    "ItemCollectionSizeLimitExceededException": errors.ItemTooLargeError,
    "LimitExceededException": errors.ThrottledError,
    "ProvisionedThroughputExceededException": errors.ThrottledError,
    "RequestLimitExceeded": errors.ThrottledError,
    "Throttling": errors.ThrottledError,
    "ThrottlingException": errors.ThrottledError,
    "TransactionConflictException": errors.ThrottledError,
    "TransactionInProgressException": errors.ThrottledError,
    "ResourceInUseException": errors.AlreadyExistsError,
    "ResourceNotFoundException": errors.TableNotFoundError,
    "TableNotFoundException": errors.TableNotFoundError,
    "ValidationException": errors.InvalidInputError,
    "SerializationException": errors.InvalidInputError,
}

_ADVICE: dict[type[DataLayerError], str] = {
    errors.TableNotFoundError: (
        "create it (`vishmaker-dynamodb tables create`, `create_all_tables()` or Terraform), or correct its name or "
        "the region"
    ),
    errors.AccessDeniedError: "check the credentials and what the role may do",
    errors.ThrottledError: "try again later, or look for a hot key",
    errors.ConnectionFailedError: "a write may or may not have happened; the same call again is safe",
}

# An index that cannot be read is told from other errors only by what is said: missing, being made, missing in moto.
_INDEX_TEXTS = ("specified index", "backfilling", "Invalid index")
_INDEX_CODES = frozenset({"ValidationException", "ResourceNotFoundException"})

# From the most specific on: NoCredentialsError and the HTTP errors are all BotoCoreErrors.
_CLASS_OF_BOTOCORE: tuple[tuple[type[Exception], type[DataLayerError]], ...] = (
    (botocore_errors.NoCredentialsError, errors.AccessDeniedError),
    (botocore_errors.PartialCredentialsError, errors.AccessDeniedError),
    (botocore_errors.CredentialRetrievalError, errors.AccessDeniedError),
    (botocore_errors.MetadataRetrievalError, errors.AccessDeniedError),
    (botocore_errors.UnknownCredentialError, errors.AccessDeniedError),
    (botocore_errors.RefreshWithMFAUnsupportedError, errors.AccessDeniedError),
    (botocore_errors.NoAuthTokenError, errors.AccessDeniedError),
    (botocore_errors.TokenRetrievalError, errors.AccessDeniedError),
    (botocore_errors.SSOError, errors.AccessDeniedError),
    (botocore_errors.LoginError, errors.AccessDeniedError),
    # The files and profiles that credentials come from.
    (botocore_errors.ProfileNotFound, errors.AccessDeniedError),
    (botocore_errors.ConfigNotFound, errors.AccessDeniedError),
    (botocore_errors.ConfigParseError, errors.AccessDeniedError),
    (botocore_errors.InvalidConfigError, errors.AccessDeniedError),
    (botocore_errors.ParamValidationError, errors.InvalidInputError),
    # A region, an endpoint or a setting that cannot be one.
    (botocore_errors.ValidationError, errors.InvalidInputError),
    (botocore_errors.BaseEndpointResolverError, errors.InvalidInputError),
    (botocore_errors.EndpointProviderError, errors.InvalidInputError),
    (botocore_errors.InvalidHostLabelError, errors.InvalidInputError),
    (botocore_errors.InvalidProxiesConfigError, errors.InvalidInputError),
    (botocore_errors.InvalidRetryConfigurationError, errors.InvalidInputError),
    (botocore_errors.ChecksumError, errors.ConnectionFailedError),
    (botocore_errors.IncompleteReadError, errors.ConnectionFailedError),
    (botocore_errors.HTTPClientError, errors.ConnectionFailedError),
    (botocore_errors.ConnectionError, errors.ConnectionFailedError),
    (botocore_errors.BotoCoreError, errors.UnexpectedResponseError),
)

_CLASS_OF_PYNAMODB: tuple[tuple[type[Exception], type[DataLayerError]], ...] = (
    (pynamodb_errors.DoesNotExist, errors.NotFoundError),
    (pynamodb_errors.TableDoesNotExist, errors.TableNotFoundError),
    (pynamodb_errors.AttributeNullError, errors.InvalidInputError),
    (pynamodb_errors.AttributeDeserializationError, errors.UnexpectedResponseError),
    (pynamodb_errors.InvalidStateError, errors.UnexpectedResponseError),
    # What is left of PynamoDB's own carries DynamoDB's answer as its cause.
    (pynamodb_errors.PynamoDBException, errors.UnexpectedResponseError),
)


class ConditionFailedError(DataLayerError):
    """A condition of a single write did not hold. Never leaves this package: each caller knows what it means.

    Attributes:
        item: the item as it is, in DynamoDB's JSON; `None` where there is none.
        repeated: botocore had sent the request before, and an unanswered try may have succeeded.
    """

    def __init__(self, message: str, *, item: dict[str, Any] | None, repeated: bool, **where: Any) -> None:
        super().__init__(message, **where)
        self.item = item
        self.repeated = repeated


class TransactionCanceledError(DataLayerError):
    """A transaction was cancelled. Never leaves this package.

    Attributes:
        reasons: for each action, in the order it was sent, DynamoDB's reason: `Code`, `Message`, maybe `Item`.
    """

    def __init__(self, message: str, *, reasons: list[dict[str, Any]], **where: Any) -> None:
        super().__init__(message, **where)
        self.reasons = reasons


class IndexNotFoundError(errors.TableNotFoundError):
    """The table has no such index, or it is just being made. Public callers see a `TableNotFoundError`."""


@contextmanager
def translated(*, table: str | None = None, key: str | None = None) -> Iterator[None]:
    """Raise this layer's errors for botocore's and PynamoDB's.

    Args:
        table: the table's name, for the error.
        key: the row's id, for the error.
    """
    try:
        yield
    except botocore_errors.ClientError as error:
        raise from_client_error(error, table=table, key=key) from error
    except botocore_errors.BotoCoreError as error:
        raise _of_class(error, _CLASS_OF_BOTOCORE, table, key) from error
    except pynamodb_errors.PynamoDBException as error:
        raise _from_pynamodb(error, table, key) from error
    except (pynamodb_errors.AttributeDeserializationError, pynamodb_errors.AttributeNullError) as error:
        raise _of_class(error, _CLASS_OF_PYNAMODB, table, key) from error


def from_client_error(error: Any, *, table: str | None, key: str | None) -> DataLayerError:
    """Return this layer's error for DynamoDB's answer.

    Args:
        error: botocore's `ClientError`; its `response` is what DynamoDB said.
        table: the table's name, for the error.
        key: the row's id, for the error.
    """
    response = error.response
    code = response.get("Error", {}).get("Code", "")
    said = response.get("Error", {}).get("Message") or response.get("message") or "no message"
    where: dict[str, Any] = {"table": table, "key": key, "dynamodb_code": code}
    if code == "ConditionalCheckFailedException":
        return ConditionFailedError(said, item=response.get("Item"), repeated=was_repeated(response), **where)
    if code == "TransactionCanceledException":
        return TransactionCanceledError(said, reasons=response.get("CancellationReasons", []), **where)
    if code in _INDEX_CODES and any(text in said for text in _INDEX_TEXTS):
        return IndexNotFoundError(f"{table}: {said}", **where)
    if code == "ValidationException" and "tem size" in said:
        return errors.ItemTooLargeError(f"{table}: {said}; the limit is 400 KB, attribute names counted", **where)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    fallback = errors.ConnectionFailedError if status >= 500 else errors.UnexpectedResponseError  # noqa: PLR2004
    kind = _CLASS_OF_CODE.get(code, fallback)
    advice = f"; {_ADVICE[kind]}" if kind in _ADVICE else ""
    return kind(f"{table or 'DynamoDB'}: {code or status}: {said}{advice}", **where)


def was_repeated(response: Mapping[str, Any]) -> bool:
    """Say whether botocore had sent a request before it got this answer."""
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))


def _from_pynamodb(error: Any, table: str | None, key: str | None) -> DataLayerError:
    cause = getattr(error, "cause", None) or error.__cause__
    if isinstance(cause, pynamodb_errors.VerboseClientError) and isinstance(
        cause.__cause__, botocore_errors.ClientError
    ):
        cause = cause.__cause__  # PynamoDB keeps only a part of the answer, its cause has all of it
    if isinstance(cause, botocore_errors.ClientError):
        return from_client_error(cause, table=table, key=key)
    if isinstance(cause, botocore_errors.BotoCoreError):
        return _of_class(cause, _CLASS_OF_BOTOCORE, table, key)
    return _of_class(error, _CLASS_OF_PYNAMODB, table, key)


def _of_class(
    error: Exception,
    classes: tuple[tuple[type[Exception], type[DataLayerError]], ...],
    table: str | None,
    key: str | None,
) -> DataLayerError:
    kind = next((ours for theirs, ours in classes if isinstance(error, theirs)), errors.UnexpectedResponseError)
    advice = f"; {_ADVICE[kind]}" if kind in _ADVICE else ""
    return kind(f"{table or 'DynamoDB'}: {error}{advice}", table=table, key=key)
