"""The names of the environment variables, all of them."""

REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
ENDPOINT = ("AWS_ENDPOINT_URL_DYNAMODB", "DYNAMODB_ENDPOINT_URL")
CONNECT_TIMEOUT = "DYNAMODB_CONNECT_TIMEOUT"
READ_TIMEOUT = "DYNAMODB_READ_TIMEOUT"
MAX_ATTEMPTS = "DYNAMODB_MAX_ATTEMPTS"
TIME_LIMIT = "DYNAMODB_TIME_LIMIT"
LAYOUT = "DYNAMODB_LAYOUT"
DUAL_WRITE = "DYNAMODB_DUAL_WRITE"

#: The key of `TABLE_NAMES` to the variable that sets the table's name.
TABLES = {
    "projects": "PROJECTS_TABLE_NAME",
    "user_flows": "USER_FLOWS_TABLE_NAME",
    "high_level_requirements": "HIGH_LEVEL_REQUIREMENTS_TABLE_NAME",
    "low_level_requirements": "LOW_LEVEL_REQUIREMENTS_TABLE_NAME",
    "test_cases": "TEST_CASES_TABLE_NAME",
    "waitlist": "WAITLIST_TABLE_NAME",
}

#: The same for the one table of the single-table layout.
SINGLE_TABLE = {"vishmaker": "VISHMAKER_TABLE_NAME"}
