"""Checks of what deploy/ says, as far as is possible without an account: `python -m deploy.checks`."""
