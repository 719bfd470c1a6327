"""The API and the page: what answers over HTTP, from one artifact."""
