"""What it costs to know the day of the flight, and how soon it is known."""
