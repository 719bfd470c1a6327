"""The versions of the store's tables, oldest first; a later program adds one and changes none."""
