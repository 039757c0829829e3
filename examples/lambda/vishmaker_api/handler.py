"""The function's entry point: `vishmaker_api.handler.handler`."""

import os

from fastapi import FastAPI
from mangum import Mangum

from dynamodb import warm
from vishmaker_api import observing, problems, projects, requirements, waitlist

app = FastAPI(title="VishMaker", docs_url=None, redoc_url=None)
app.include_router(projects.router)
app.include_router(requirements.router)
app.include_router(waitlist.router)
problems.register(app)

if os.environ.get("LOG_REQUESTS"):
    observing.log_requests()
if os.environ.get("TRACE_REQUESTS"):
    observing.trace_requests()

# While Lambda initialises the function it has a full CPU, and nobody waits yet.
warm()

# A stage's name is part of an HTTP API's paths, unless it is `$default`: API_BASE_PATH=/prod
_mangum = Mangum(app, lifespan="off", api_gateway_base_path=os.environ.get("API_BASE_PATH", "/"))


def handler(event: dict, context: object) -> dict:
    """Answer an event of an HTTP API or a REST API."""
    with observing.invocation(context):
        return _mangum(event, context)
