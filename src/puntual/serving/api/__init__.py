"""The API: schemas of requests and responses, validation, examples, OpenAPI."""
