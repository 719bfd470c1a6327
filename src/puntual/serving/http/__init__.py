"""HTTP without a server: routes, requests and responses, problems, bodies, static files, logs."""
