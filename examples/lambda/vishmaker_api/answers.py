"""Writing answers: rows straight from their schemas, pages with a link to the next one."""

from urllib.parse import urlencode

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from dynamodb.errors import InvalidInputError

#: More than a version ever has.
_MOST_DIGITS = 18


def row(found: BaseModel, status: int = 200) -> Response:
    """Answer with a row or a tree; its version is the ETag, for `If-Match` of a later change."""
    body = found.model_dump_json()
    return Response(body, status, {"ETag": f'"{found.version}"'}, media_type="application/json")


def page(items: list, cursor: str | None, limit: int) -> Response:
    """Answer with a page; `next`, and the Link header, lead to the next one.

    The link is relative (RFC 3986, 5.2: another query of the same path), so that it holds behind any stage or domain.
    """
    following = None if cursor is None else f"?{urlencode({'limit': limit, 'cursor': cursor})}"
    body = {"items": [item.model_dump(mode="json") for item in items], "next": following}
    return JSONResponse(body, headers={"Link": f'<{following}>; rel="next"'} if following else None)


def expected_version(if_match: str | None) -> int | None:
    """Return the version in an `If-Match` header.

    Raises:
        InvalidInputError: if it is no ETag of `row`.
    """
    if if_match is None:
        return None
    version = if_match.strip().strip('"')
    if not (version.isascii() and version.isdigit() and len(version) <= _MOST_DIGITS):
        raise InvalidInputError("If-Match: must be the ETag of an earlier answer")
    return int(version)
