"""The documents as a site that needs no network: pages, an API reference and a CLI reference."""
