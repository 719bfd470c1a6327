"""How the service gets to Google Cloud, and how what is written here for that is checked."""
