"""The service: the API and the page, answered over HTTP from one artifact."""
