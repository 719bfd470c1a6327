"""The smallest deployable thing: an artifact, and a flight -> its answer."""
