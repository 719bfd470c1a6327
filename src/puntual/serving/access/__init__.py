"""Who is answered: hosts, origins, keys and quotas, checked before a handler sees a request."""
