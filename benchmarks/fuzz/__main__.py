"""Wrong requests of every kind: of the API's own description, and of raw bytes, with keys and events.

    python -m benchmarks.fuzz --model MODEL                        half a million, a fifth of them raw bytes
    python -m benchmarks.fuzz --model MODEL --requests 10000 --seed 7

Asks 127.0.0.1 only. Ends with 1 if an answer was of 5xx or outside the description, a worker ended or wrote
a traceback. Memory is that of all processes, after a tenth of the requests and at the end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks import processes
from benchmarks.fuzz.clients import ask, join
from deploy.service import Service, serving, unwind_on_sigterm
from puntual.access.key_file import KeyFile
from puntual.access.keys import SCOPES, create_key

REQUESTS, CLIENTS, SHOWN = 500_000, 2, 5
EVERY_SCOPE = 20
"""Times that the key which allows all is among the keys; of the others, each once."""
WARM_UP = 0.1
"""Of the requests, before memory is measured for the first time."""


def fuzz(model: Path, requests: int, seed: int, clients: int = CLIENTS) -> int:
    """Ask a server of its own, and print what came of it.

    Returns
    -------
    exit status: 1 if something was wrong
    """
    with tempfile.TemporaryDirectory(prefix="puntual-fuzz-") as folder:
        keys = Path(folder, "keys.json")
        every, *others = (_create_key(keys, scopes) for scopes in ([*SCOPES], *([one] for one in SCOPES)))
        tokens = [*[every] * EVERY_SCOPE, *others, "puntual_wrong_token"]
        settings = {
            "PUNTUAL_KEYS": str(keys),
            "PUNTUAL_STORE": f"sqlite:///{folder}/events.db",
            "PUNTUAL_WORKERS": "2",
        }
        with serving(model, **settings) as service:
            return _fuzz(service, tokens, requests, seed, clients)


def _create_key(keys: Path, scopes: list[str]) -> str:
    key, token = create_key(scopes[0], scopes, dt.datetime.now(dt.UTC).replace(microsecond=0))
    KeyFile(keys).add(key)
    return token


def _fuzz(service: Service, tokens: list[str], requests: int, seed: int, clients: int) -> int:
    address = urllib.request.Request(f"{service.url}/openapi.json")
    address.add_header("authorization", f"Bearer {tokens[0]}")
    with urllib.request.urlopen(address) as response:
        description = response.read().decode()
    workers, began = processes.children(service.pid), time.monotonic()
    memory, outcomes = [], []
    with multiprocessing.get_context("spawn").Pool(clients) as pool:
        for part, share in enumerate((WARM_UP, 1 - WARM_UP)):
            each = max(1, round(share * requests / clients))
            seeds = [seed + 100 * part + place for place in range(clients)]
            told = [(service.port, description, tokens, each, one) for one in seeds]
            outcomes += pool.starmap(ask, told)
            memory.append(processes.memory_mib(service.pid))
    seconds = time.monotonic() - began
    outcome = join(outcomes)
    alive = processes.children(service.pid) == workers and service.status("/readyz") == 200
    tracebacks = service.log().count("Traceback (most recent call last)")
    asked = sum(outcome.statuses.values())
    print(f"{asked:,} requests in {seconds:,.0f} s, seed {seed}")
    print(
        "answers: "
        + ", ".join(f"{status or 'none'} {count:,}" for status, count in sorted(outcome.statuses.items()))
    )
    early, late = memory
    print(f"memory: {early:.1f} MiB after a tenth, {late:.1f} MiB at the end ({late - early:+.1f})")
    print(f"workers: {'the same to the end' if alive else 'ended or failed'}; tracebacks: {tracebacks}")
    wrong = sum(count for count, _ in outcome.faults.values())
    print(f"wrong answers: {wrong:,}")
    for fault, (count, raw) in sorted(outcome.faults.items(), key=lambda one: -one[1][0])[:SHOWN]:
        print(f"  {count:,} times: {fault}, such as to {raw[:600]!r}")
    return int(bool(wrong or tracebacks or not alive))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.fuzz")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    unwind_on_sigterm()
    sys.exit(fuzz(options.model, options.requests, options.seed, options.clients))


if __name__ == "__main__":
    main()
