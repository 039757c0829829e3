"""The contenders: one module each, each run in a process and a virtual environment of its own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A contender: what the tables call it, which module does its work, which environment it needs."""

    label: str
    module: str
    environment: str
    #: Whether its writes are measured: the floor has none, and one pydynox writes as the other does.
    writes: bool = True


CONTENDERS: dict[str, Entry] = {
    "ours": Entry("this layer", "ours", "ours"),
    "floor": Entry("floor (http.client + orjson)", "floor", "floor", writes=False),
    "pydynox": Entry("pydynox models", "pydynox_models", "pydynox"),
    "pydynox_dict": Entry("pydynox as_dict", "pydynox_dicts", "pydynox"),
    "pydynox_pydantic": Entry("pydynox → Pydantic", "pydynox_pydantic", "pydynox", writes=False),
    "boto3_resource": Entry("boto3 resource", "boto3_resource", "boto3"),
    "boto3_client": Entry("boto3 client", "boto3_client", "boto3"),
    "pynamodb": Entry("PynamoDB models", "pynamodb_models", "pynamodb"),
    "pynamodb_pydantic": Entry("PynamoDB → Pydantic", "pynamodb_pydantic", "pynamodb"),
    "aiodynamo": Entry("aiodynamo", "aiodynamo_client", "aiodynamo"),
}
