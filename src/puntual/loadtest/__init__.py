"""The load test: it asks as many travellers would, checks every answer, and reports. It knows HTTP only."""
