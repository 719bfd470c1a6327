"""What the service can hold: measured in containers, computed for the cloud, simulated as it grows."""
