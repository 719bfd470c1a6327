"""`python -m puntual.loadtest`: one process of a load test; `puntual stress` starts it."""

from puntual.loadtest.worker import main

main()
