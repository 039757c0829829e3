"""From the data layer's errors to HTTP: a status, and a body with `code` and `message`."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from dynamodb import errors

log = logging.getLogger("vishmaker_api")

# The first that fits: ParentNotFoundError is a NotFoundError, InvalidCursorError an InvalidInputError.
_STATUS = (
    (errors.NotFoundError, 404),
    (errors.AlreadyExistsError, 409),
    (errors.VersionConflictError, 409),
    (errors.InvalidInputError, 422),
    (errors.ThrottledError, 503),
    (errors.ConnectionFailedError, 503),
    (errors.PartialWriteError, 503),
)
_RETRY_AFTER = {"Retry-After": "1"}


def register(app: FastAPI) -> None:
    """Have all errors answered here."""
    app.add_exception_handler(errors.DataLayerError, _data_layer)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _request)


def _data_layer(_: Request, error: errors.DataLayerError) -> JSONResponse:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    body: dict[str, object] = {"code": error.code, "message": str(error)}
    if status >= 500:  # noqa: PLR2004 - not the caller's doing, and not the caller's to read
        log.error("%s: %s", error.code, error)
        body["message"] = "try again" if status == 503 else "something is wrong on our side"  # noqa: PLR2004
    if isinstance(error, errors.VersionConflictError):
        body["current"] = error.current.model_dump(mode="json")
    return JSONResponse(body, status, _RETRY_AFTER if status == 503 else None)  # noqa: PLR2004


def _http(_: Request, error: HTTPException) -> JSONResponse:
    code = {401: "unauthorized", 404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "error")
    return JSONResponse({"code": code, "message": error.detail}, error.status_code, error.headers)


def _request(_: Request, error: RequestValidationError) -> JSONResponse:
    said = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    # The name of a field can be anything that JSON can escape, half a surrogate pair as well.
    message = said.encode("utf-8", "backslashreplace").decode()
    return JSONResponse({"code": errors.InvalidInputError.code, "message": message}, 422)
