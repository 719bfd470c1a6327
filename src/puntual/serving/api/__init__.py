"""What the API takes and gives: schemas, validation, examples, OpenAPI."""
