"""Rates of late flights: of groups, of pairs of groups, of days; as counted and with all else equal."""
