"""`python -m dynamodb`: without arguments the state of connection and tables, with arguments the command line."""

import os
import sys

from dynamodb._answers import Answer
from dynamodb._config import TABLE_NAMES
from dynamodb._facade import check_all_tables_exist, get_table_info, test_connection

#: For somebody who tries the command for the first time and has no DynamoDB yet.
_HINT = "`vishmaker-dynamodb --help` lists the commands; `vishmaker-dynamodb local` runs an engine on this machine"


def main() -> int:
    """Run the command line, or where no argument is given the verification.

    Returns:
        The exit status.
    """
    if len(sys.argv) == 1 and not os.environ.get("_VISHMAKER_DYNAMODB_COMPLETE"):  # a shell that asks for completions
        return verify()
    try:
        from dynamodb.cli import run  # noqa: PLC0415 - typer and rich are an extra, and nothing for a Lambda
    except ModuleNotFoundError as error:
        print(f"the command line needs {error.name}: pip install 'vishmaker-dynamodb[cli]'", file=sys.stderr)  # noqa: T201
        return 2
    return run()


def verify() -> int:
    """Print whether DynamoDB answers, which tables are there, and each one's status and item count.

    Returns:
        0 where all is there, else 1.
    """
    connection = test_connection()
    _say(connection)
    if connection["status"] != "success":
        print(_HINT, file=sys.stderr)  # noqa: T201
        return 1
    tables = check_all_tables_exist()
    if "existing_tables" not in tables:
        _say(tables)
        return 1
    for name in TABLE_NAMES.values():
        _say_table(name, is_there=name in tables["existing_tables"])
    _say(tables)
    return 0 if tables["status"] == "success" else 1


def _say_table(name: str, *, is_there: bool) -> None:
    info: Answer = get_table_info(name) if is_there else {"status": "not_found", "message": "missing"}
    if info["status"] == "success":
        print(f"     {name}: {info['data']['table_status']}, about {info['data']['item_count']} items")  # noqa: T201
    else:
        print(f"     {name}: {info['message']}")  # noqa: T201


def _say(answer: Answer) -> None:
    print(f"{'ok  ' if answer['status'] == 'success' else 'FAIL'} {answer['message']}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
