"""The day of the flight in a worker: the store written and followed, the live state, its past, its boards."""
