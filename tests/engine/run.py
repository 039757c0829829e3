"""Run a command with DynamoDB Local beside it, its address in DYNAMODB_TEST_ENDPOINT: `run.py pytest -m engine`."""

import os
import subprocess
import sys

from dynamodb.testing.engines import EngineNotInstalledError, EngineStartError, dynamodb_local


def main(command: list[str]) -> int:
    try:
        with dynamodb_local() as endpoint:
            environment = {**os.environ, "DYNAMODB_TEST_ENDPOINT": endpoint}
            return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - the caller's command
    except (EngineNotInstalledError, EngineStartError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
