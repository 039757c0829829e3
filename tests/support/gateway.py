"""API Gateway, as the example Lambda sees it: events of both kinds, made from real ones."""

import importlib
import json
import sys
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

EXAMPLE = Path(__file__).parents[2] / "examples" / "lambda"
EVENTS = {
    kind: json.loads((EXAMPLE / "events" / f"{kind}.json").read_text("utf-8")) for kind in ("http-api", "rest-api")
}


def load_handler() -> Any:
    """Import the example as Lambda does; where it is imported first it asks DynamoDB, so a test needs its tables."""
    if str(EXAMPLE) not in sys.path:
        sys.path.insert(0, str(EXAMPLE))
    return importlib.import_module("vishmaker_api.handler").handler


@dataclass
class Answer:
    """What a client gets."""

    status: int
    body: Any
    text: str
    headers: dict[str, str]


class Context:
    """What of Lambda's context the example uses."""

    aws_request_id = "8f5b6c3e-invocation"


class Gateway:
    """Calls the example's handler through events of a kind: `http-api` (payload 2.0) or `rest-api` (1.0)."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.handler = load_handler()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        owner: str | None = "owner-a",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request.

        Args:
            method: of HTTP.
            path: with its query.
            body: what is sent as JSON; text is sent as it is.
            owner: the `sub` that the authoriser has found; `None`: there was none.
            headers: more of them.
        """
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        route, _, query = path.partition("?")
        make = self._http_api if self.kind == "http-api" else self._rest_api
        event = make(method, route, query, {"content-type": "application/json", **(headers or {})})
        event["body"] = text
        authorizer = event["requestContext"]["authorizer"]
        if owner is None:
            del event["requestContext"]["authorizer"]
        else:
            authorizer.get("jwt", authorizer)["claims"]["sub"] = owner
        return self.send(event)

    def send(self, event: dict[str, Any]) -> Answer:
        """Send an event as it is."""
        answer = self.handler(event, Context())
        assert answer["isBase64Encoded"] is False
        flat = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
        text = answer["body"]
        return Answer(answer["statusCode"], json.loads(text) if text else None, text, flat)

    @staticmethod
    def _http_api(method: str, route: str, query: str, headers: dict[str, str]) -> dict[str, Any]:
        event = deepcopy(EVENTS["http-api"])
        event |= {"rawPath": route, "rawQueryString": query}
        event["queryStringParameters"] = {name: ",".join(values) for name, values in parse_qs(query).items()}
        event["headers"] |= headers
        event["requestContext"]["http"] |= {"method": method, "path": route}
        return event

    @staticmethod
    def _rest_api(method: str, route: str, query: str, headers: dict[str, str]) -> dict[str, Any]:
        event = deepcopy(EVENTS["rest-api"])
        event |= {"path": route, "httpMethod": method}
        values = parse_qs(query)
        event["multiValueQueryStringParameters"] = values or None
        event["queryStringParameters"] = {name: several[-1] for name, several in values.items()} or None
        event["headers"] |= headers
        event["multiValueHeaders"] |= {name: [value] for name, value in headers.items()}
        event["requestContext"] |= {"httpMethod": method, "path": f"/prod{route}"}
        return event


def query(**parts: Any) -> str:
    """Return a query with its question mark."""
    return f"?{urlencode(parts)}"
