"""`python -m puntual.stress`: one process of a load test; `puntual stress` starts it."""

from puntual.stress.worker import main

main()
