"""A network of airports on many processes or machines, by Dask."""
