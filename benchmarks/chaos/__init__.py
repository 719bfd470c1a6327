"""A bad day: accidents one after the other while the service is asked and told what happens."""
