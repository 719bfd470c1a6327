"""Writes the tables of codes in `src/puntual/data` from the packages that hold them."""
