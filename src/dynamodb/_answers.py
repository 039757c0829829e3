"""The dictionaries that the facade and the entities return: `status`, `message`, and `data` or `code`."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

from dynamodb.errors import DataLayerError, NotFoundError, ParentNotFoundError

P = ParamSpec("P")

#: `status` is `success`, `not_found` or `error`; `message` is for people; `code` is that of the error's class.
Answer = dict[str, Any]


def success(message: str, data: Any = None, **more: Any) -> Answer:
    """Return the answer of something that went well; `data` is left out where there is none."""
    return {"status": "success", "message": message, **({} if data is None else {"data": data}), **more}


def failure(error: DataLayerError) -> Answer:
    """Return the answer for an error."""
    is_absent = isinstance(error, NotFoundError) and not isinstance(error, ParentNotFoundError)
    return {"status": "not_found" if is_absent else "error", "message": str(error), "code": error.code}


def answering(function: Callable[P, Answer]) -> Callable[P, Answer]:
    """Make a function answer with a dictionary where it would raise one of this layer's errors."""

    @functools.wraps(function)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return function(*args, **kwargs)
        except DataLayerError as error:
            return failure(error)

    return answered
