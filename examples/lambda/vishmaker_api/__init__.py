"""An example of a Lambda function behind API Gateway that stands on the data layer: FastAPI, adapted by Mangum."""
