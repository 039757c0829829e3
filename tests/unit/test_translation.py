"""No error of botocore or PynamoDB gets out untranslated, and each becomes the class that says what to do."""

import inspect

import botocore.exceptions as botocore_errors
import botocore.session
import pynamodb.exceptions as pynamodb_errors
import pytest

from dynamodb import _translation, errors
from dynamodb._translation import ConditionFailedError, IndexNotFoundError, TransactionCanceledError, translated
from dynamodb.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    ConnectionFailedError,
    DataLayerError,
    InvalidInputError,
    ItemTooLargeError,
    NotFoundError,
    TableNotFoundError,
    ThrottledError,
    UnexpectedResponseError,
)


def classes_of(module):
    found = [one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, Exception)]
    return [one for one in found if one.__module__ == module.__name__ and not issubclass(one, Warning)]


def made(kind):
    """An instance whose constructor did not run: they all want other arguments."""
    if kind is pynamodb_errors.AttributeNullError:
        return kind("name")
    error = kind.__new__(kind)
    Exception.__init__(error, "said so")
    if issubclass(kind, botocore_errors.ClientError):
        error.response = {"Error": {"Code": "Odd", "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return error


def translation_of(error, **where):
    with pytest.raises(DataLayerError) as caught, translated(**where):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def answer(code, message="said so", *, status=400, **more):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return botocore_errors.ClientError(response, "PutItem")


@pytest.mark.parametrize("kind", classes_of(botocore_errors), ids=lambda kind: kind.__name__)
def test_every_botocore_error_is_translated(kind):
    """Those that are none of botocore's own base classes are never raised for a request."""
    if not issubclass(kind, botocore_errors.BotoCoreError | botocore_errors.ClientError):
        assert kind.__name__ in NEVER_FOR_A_REQUEST
    else:
        assert isinstance(translation_of(made(kind)), DataLayerError)


#: They say that botocore's description of a service is broken.
NEVER_FOR_A_REQUEST = {"UndefinedModelAttributeError", "MissingServiceIdError"}


@pytest.mark.parametrize("kind", classes_of(pynamodb_errors), ids=lambda kind: kind.__name__)
def test_every_pynamodb_error_is_translated(kind):
    if issubclass(kind, botocore_errors.ClientError):  # what PynamoDB wraps; it never raises it bare
        assert kind is pynamodb_errors.VerboseClientError
    assert isinstance(translation_of(made(kind)), DataLayerError)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            (
                "NoCredentialsError PartialCredentialsError CredentialRetrievalError TokenRetrievalError SSOError "
                "SSOTokenLoadError UnauthorizedSSOTokenError ProfileNotFound AuthTokenError NoAuthTokenError "
                "InvalidConfigError ConfigNotFound ConfigParseError InfiniteLoopConfigError UnknownCredentialError "
                "MetadataRetrievalError RefreshWithMFAUnsupportedError"
            ),
            AccessDeniedError,
        ),
        (
            (
                "ConnectTimeoutError ReadTimeoutError EndpointConnectionError ConnectionClosedError SSLError "
                "ProxyConnectionError HTTPClientError ConnectionError ResponseStreamingError IncompleteReadError "
                "ChecksumError"
            ),
            ConnectionFailedError,
        ),
        (
            (
                "ParamValidationError NoRegionError InvalidRegionError InvalidHostLabelError UnknownEndpointError "
                "InvalidRetryConfigurationError InvalidProxiesConfigError"
            ),
            InvalidInputError,
        ),
    ],
)
def test_a_botocore_error_becomes_the_class_that_says_what_to_do(names, expected):
    found = {
        name: type(translation_of(made(getattr(botocore_errors, name))))
        for name in names.split()
        if hasattr(botocore_errors, name)
    }
    assert found == dict.fromkeys(found, expected)


CODES = {
    "AccessDeniedException": AccessDeniedError,
    "ExpiredTokenException": AccessDeniedError,
    "IncompleteSignature": AccessDeniedError,
    "IncompleteSignatureException": AccessDeniedError,
    "InvalidSignatureException": AccessDeniedError,
    "MissingAuthenticationTokenException": AccessDeniedError,
    "NotAuthorized": AccessDeniedError,
    "OptInRequired": AccessDeniedError,
    "RequestExpired": AccessDeniedError,
    "UnrecognizedClientException": AccessDeniedError,
    "InternalFailure": ConnectionFailedError,
    "InternalServerError": ConnectionFailedError,
    "RequestAbortedException": ConnectionFailedError,
    "RequestTimeoutException": ConnectionFailedError,
    "ServiceUnavailable": ConnectionFailedError,
    "ItemCollectionSizeLimitExceededException": ItemTooLargeError,
    "LimitExceededException": ThrottledError,
    "ProvisionedThroughputExceededException": ThrottledError,
    "RequestLimitExceeded": ThrottledError,
    "ThrottlingException": ThrottledError,
    "TransactionConflictException": ThrottledError,
    "TransactionInProgressException": ThrottledError,
    "ResourceNotFoundException": TableNotFoundError,
    "ValidationException": InvalidInputError,
    "SerializationException": InvalidInputError,
}


@pytest.mark.parametrize(("code", "expected"), CODES.items())
def test_each_code_of_dynamodb_has_its_class(code, expected):
    error = translation_of(answer(code), table="t", key="k")
    assert type(error) is expected
    assert (error.table, error.key, error.dynamodb_code) == ("t", "k", code)
    assert "t: " in str(error)


def test_every_error_of_the_item_operations_in_the_service_model_is_known():
    """A code that botocore's model adds one day is noticed."""
    model = botocore.session.Session().get_service_model("dynamodb")
    operations = [*_translation_operations(), "DescribeTable", "CreateTable", "DeleteTable", "ListTables"]
    codes = {shape.name for name in operations for shape in model.operation_model(name).error_shapes}
    told_apart = {"ConditionalCheckFailedException", "TransactionCanceledException"}
    # Of replicas and imports, which this layer does not use.
    unused = {"DuplicateItemException", "ReplicatedWriteConflictException"}
    assert codes - set(_translation._CLASS_OF_CODE) - told_apart - unused == set()


def _translation_operations():
    return [
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "BatchWriteItem",
        "TransactWriteItems",
    ]


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [("Odd", 400, UnexpectedResponseError), ("Odd", 500, ConnectionFailedError), ("502", 502, ConnectionFailedError)],
)
def test_an_unknown_code_goes_by_its_status(code, status, expected):
    assert type(translation_of(answer(code, status=status))) is expected


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ValidationException", "The table does not have the specified index: project_id-index"),
        ("ValidationException", "The table does not have the specified index"),
        ("ValidationException", "Cannot read from backfilling global secondary index: project_id-index"),
        ("ResourceNotFoundException", "Invalid index: project_id-index for table: t"),
    ],
)
def test_an_index_that_cannot_be_read_is_told_from_other_bad_requests(code, message):
    """Missing, just being made, or missing in moto: all lead to the way round it."""
    error = translation_of(answer(code, message), table="t")
    assert type(error) is IndexNotFoundError
    assert isinstance(error, TableNotFoundError)


@pytest.mark.parametrize(
    "message",
    ["Item size has exceeded the maximum allowed size", "Item size to update has exceeded the maximum allowed size"],
)
def test_too_large_an_item_is_told_from_other_bad_requests(message):
    error = translation_of(answer("ValidationException", message), table="t")
    assert type(error) is ItemTooLargeError
    assert error.limit == 409_600


def test_a_failed_condition_carries_the_item():
    error = translation_of(answer("ConditionalCheckFailedException", Item={"id": {"S": "x"}}))
    assert type(error) is ConditionFailedError
    assert error.item == {"id": {"S": "x"}}
    assert translation_of(answer("ConditionalCheckFailedException")).item is None


def test_a_cancelled_transaction_carries_its_reasons_in_their_order():
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "m"}]
    error = translation_of(answer("TransactionCanceledException", CancellationReasons=reasons))
    assert type(error) is TransactionCanceledError
    assert error.reasons == reasons
    assert translation_of(answer("TransactionCanceledException")).reasons == []


def test_pynamodb_keeps_what_dynamodb_said():
    cause = answer("ConditionalCheckFailedException", Item={"id": {"S": "x"}})
    verbose = pynamodb_errors.VerboseClientError(cause.response, "PutItem")
    verbose.__cause__ = cause
    error = translation_of(pynamodb_errors.PutError("Failed to put item", cause=verbose))
    assert type(error) is ConditionFailedError
    assert error.item == {"id": {"S": "x"}}


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (answer("ResourceNotFoundException"), TableNotFoundError),
        (botocore_errors.EndpointConnectionError(endpoint_url="http://x"), ConnectionFailedError),
        (botocore_errors.NoCredentialsError(), AccessDeniedError),
        (None, UnexpectedResponseError),
    ],
)
def test_what_pynamodb_wraps_is_unwrapped(cause, expected):
    assert type(translation_of(pynamodb_errors.GetError("Failed", cause=cause))) is expected


def test_pynamodbs_own_refusals_have_their_class():
    assert type(translation_of(pynamodb_errors.DoesNotExist())) is NotFoundError
    assert type(translation_of(pynamodb_errors.TableDoesNotExist("t"))) is TableNotFoundError
    assert type(translation_of(pynamodb_errors.AttributeNullError("name"))) is InvalidInputError


def test_other_errors_pass_unchanged():
    with pytest.raises(KeyError, match="mine"), translated():
        raise KeyError("mine")


def test_an_advice_is_given_where_there_is_one():
    assert "create_all_tables()" in str(translation_of(answer("ResourceNotFoundException")))
    assert "safe" in str(translation_of(botocore_errors.ConnectionClosedError(endpoint_url="http://x")))
    assert "credentials" in str(translation_of(botocore_errors.NoCredentialsError()))


def public_errors():
    return [getattr(errors, name) for name in errors.__all__]


def test_the_drawn_tree_is_the_tree_of_classes():
    """Indentation in the module's docstring against the first base class of each."""
    drawn = {}
    path = []
    for line in errors.__doc__.splitlines():
        name = line.strip("│├└─ ").split(" ")[0]
        if name.endswith("Error"):
            depth = (len(line) - len(line.lstrip(" │├└─"))) // 4
            path = [*path[: depth - 1], name]
            drawn[name] = path[-2] if len(path) > 1 else "Exception"
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in public_errors()}


def test_every_error_has_a_code_and_is_exported():
    classes = {one.__name__ for one in classes_of(errors)}
    assert classes == set(errors.__all__)
    codes = [kind.code for kind in public_errors()]
    assert len(set(codes)) == len(codes)


def test_already_exists_is_not_for_a_table_in_use_by_something_else():
    assert type(translation_of(answer("ResourceInUseException"))) is AlreadyExistsError
