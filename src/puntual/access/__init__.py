"""Who may do what: keys, and where they are kept."""
