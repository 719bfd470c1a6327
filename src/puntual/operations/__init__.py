"""The day of the flight: what happens, where it is kept, and what is known of it at a moment."""
