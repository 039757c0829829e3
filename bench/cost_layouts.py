"""What this layer's operations on a tree cost in either layout. Runs in this layer's environment.

It measures what `docs/layouts.md` has, with the documentation's own meter, which puts right what DynamoDB Local reports
of transactions in either layout.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.contenders.base import REGION

sys.path.insert(0, str(Path(__file__).parents[1] / "tools" / "docs"))

import layouts
from charges import Meter

import dynamodb
from dynamodb import _connection
from dynamodb._config import LAYOUTS


def main() -> None:
    """Measure the sizes given, and print a line of JSON for each size and layout."""
    endpoint, *sizes = sys.argv[1:]
    # All on one client, which the meter listens to; a big tree takes an engine on this machine a while.
    settings: dict[str, Any] = {
        "region": REGION,
        "endpoint": endpoint,
        "table_prefix": "layouts-",
        "read_timeout": 120,
        "time_limit": 600,
    }
    dynamodb.configure(**settings)
    meter = Meter(_connection.client())
    for layout in LAYOUTS:
        dynamodb.configure(**settings, layout=layout)
        dynamodb.create_all_tables()
    for size in map(int, sizes):
        for layout in LAYOUTS:
            dynamodb.configure(**settings, layout=layout)
            costs = {what: {**asdict(charge), "made_of": None} for what, charge in layouts.growing(meter, size)}
            sys.stdout.write(json.dumps({"size": size, "way": layout, "costs": costs}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
