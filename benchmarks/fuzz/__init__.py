"""Half a million wrong requests, and what the service makes of them."""
