"""A botocore session for one DynamoDB client, made in a fraction of the usual time.

A session reads a list of all endpoints of all services (1.2 MB of JSON), looks through the folders of 400 services, and
registers handlers for S3, EC2 and others. A DynamoDB client's endpoint comes from its rule set and the partitions;
the handlers are not asked. The credential providers make clients of a few other services, which must work as ever.
"""

import gzip
from pathlib import Path
from typing import Any

import orjson
from botocore import handlers
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

#: DynamoDB, and what botocore's credential providers may ask.
_SERVICES = ("dynamodb", "sts", "sso", "sso-oidc", "signin")
_ENDPOINTS = "endpoints"


def make_session() -> Session:
    """Return a new session, its settings and credentials from where botocore always takes them."""
    session = Session(include_builtin_handlers=False)
    session.register_component("data_loader", _DynamoDBLoader(session.get_config_variable("data_path")))
    emitter = session.get_component("event_emitter")
    ways = {handlers.REGISTER_FIRST: emitter.register_first, handlers.REGISTER_LAST: emitter.register_last}
    for event, handler, *way in handlers.BUILTIN_HANDLERS:
        if _concerns_us(event):
            ways.get(way[0] if way else None, emitter.register)(event, handler)
    return session


def _concerns_us(event: str) -> bool:
    stage, *rest = event.split(".")
    return stage != "docs" and (not rest or rest[0] in {"*", *_SERVICES})


class _FileLoader(JSONFileLoader):  # type: ignore[misc]
    def load_file(self, file_path: str) -> Any:
        """Read `<file_path>.json` or `.json.gz`; `None` where neither is there, as botocore's loader does."""
        unpacked, packed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        if unpacked.is_file():
            return orjson.loads(unpacked.read_bytes())
        return orjson.loads(gzip.decompress(packed.read_bytes())) if packed.is_file() else None


class _DynamoDBLoader(Loader):  # type: ignore[misc]
    """Reads botocore's JSON files with orjson, and only those that one of the few services needs."""

    def __init__(self, data_path: str | None) -> None:
        paths = [str(Path(path).expanduser()) for path in (data_path or "").split(":") if path]
        super().__init__(extra_search_paths=paths, file_loader=_FileLoader())

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore's signature
        """Name the services that are used; botocore looks through its folders instead."""
        return list(_SERVICES)

    def load_data_with_path(self, name: str) -> Any:
        """Read a file; the list of all endpoints is made from the list of partitions, unless somebody has their own."""
        if name != _ENDPOINTS or self._has_own_endpoints():
            return super().load_data_with_path(name)
        partitions, path = super().load_data_with_path("partitions")
        return {"version": 3, "partitions": [_endpoints(one) for one in partitions["partitions"]]}, path

    def _has_own_endpoints(self) -> bool:
        own = (Path(path, f"{_ENDPOINTS}.json") for path in self.search_paths if path != self.BUILTIN_DATA_PATH)
        return any(path.is_file() for path in own)


def _endpoints(partition: dict[str, Any]) -> dict[str, Any]:
    """Return what a partition's endpoints are without exceptions, as botocore's list has it.

    The rule set of each service has the last word on the host name; this decides the signing region and the version.
    """
    outputs = partition["outputs"]
    return {
        "partition": partition["id"],
        "dnsSuffix": outputs["dnsSuffix"],
        "regionRegex": partition["regionRegex"],
        "regions": partition["regions"],
        "defaults": {
            "hostname": "{service}.{region}.{dnsSuffix}",
            "protocols": ["https"],
            "signatureVersions": ["v4"],
            "variants": [
                {
                    "hostname": "{service}-fips.{region}.{dnsSuffix}",
                    "dnsSuffix": outputs["dnsSuffix"],
                    "tags": ["fips"],
                },
                {
                    "hostname": "{service}.{region}.{dnsSuffix}",
                    "dnsSuffix": outputs["dualStackDnsSuffix"],
                    "tags": ["dualstack"],
                },
                {
                    "hostname": "{service}-fips.{region}.{dnsSuffix}",
                    "dnsSuffix": outputs["dualStackDnsSuffix"],
                    "tags": ["dualstack", "fips"],
                },
            ],
        },
        "services": {},
    }
