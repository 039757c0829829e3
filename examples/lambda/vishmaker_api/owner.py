"""Who is asking: the `sub` of the token that API Gateway's authoriser has checked."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request


def owner_of(request: Request) -> str:
    """Return the owner's id from the authoriser's claims, and from nowhere else: a header could say anything.

    A JWT authoriser of an HTTP API puts them under `jwt`, a Cognito authoriser of a REST API into the context itself.
    """
    authorizer = request.scope.get("aws.event", {}).get("requestContext", {}).get("authorizer") or {}
    claims = (authorizer.get("jwt") or authorizer).get("claims") or {}
    owner = claims.get("sub")
    if not isinstance(owner, str) or not owner:
        raise HTTPException(401, "no owner in the authoriser's claims", {"WWW-Authenticate": "Bearer"})
    return owner


Owner = Annotated[str, Depends(owner_of)]
