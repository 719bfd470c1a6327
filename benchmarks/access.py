"""What the gate takes: keys, by itself and on the way of a prediction over HTTP.

    python -m benchmarks.access                            microseconds a request, without a server
    python -m benchmarks.access --model MODEL [--rounds 5] answers with everything on for each with all off

The second runs two servers in turns under the same load (`wrk`, on 127.0.0.1); every request has the headers
that are checked.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import statistics
import subprocess
import sys
import tempfile
import timeit
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes import cpu_s
from benchmarks.serving.flights import draw_flights
from deploy.service import Service, start_process, when_ready
from puntual.access.key_file import KeyFile
from puntual.access.keys import create_key
from puntual.inference.artifact import read_artifact
from puntual.serving.access.gate import Gate
from puntual.serving.ops.token_buckets import TokenBuckets
from puntual.serving.routes import ROUTES
from puntual.serving.settings import read_settings

KEYS = 1_000
PREDICT = next(route for route in ROUTES if route.name == "predict")

PARTS: dict[str, dict[str, str]] = {
    f"a key, of {KEYS:,} in turns": {},
    "the host": {"hosts": "127.0.0.1"},
    "a quota of requests": {"requests_per_address": "1000000000"},
    "a look at a quota of flights": {"flights_per_address": "1000000000"},
}
"""Settings of the gate, each by itself; none: the keys."""

EVERYTHING = {
    "PUNTUAL_HOSTS": "127.0.0.1",
    "PUNTUAL_REQUESTS_PER_KEY": "1000000000",
    "PUNTUAL_FLIGHTS_PER_ADDRESS": "1000000000",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.access")
    parser.add_argument("--model", type=Path, help="from `puntual train`")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys.json"
        tokens = make_keys(keys)
        if options.model is None:
            for what, values in PARTS.items():
                given = {"hosts": "*"} | (values or {"keys": str(keys)})
                print(f"{what}: {time_gate(given, tokens):.2f} microseconds a request")
        else:
            compare(options, Path(folder), keys, tokens[0])


def make_keys(path: Path) -> list[str]:
    made = [create_key(f"key {number}", ["predict"], dt.datetime.now(dt.UTC)) for number in range(KEYS)]
    KeyFile(path).write([key for key, _ in made])
    return [token for _, token in made]


def time_gate(given: dict[str, str], tokens: list[str]) -> float:
    """Microseconds a request with some settings, less those of a gate at which nothing is set."""
    heads = [{"authorization": f"Bearer {token}", "host": "127.0.0.1:8000"} for token in tokens]

    def seconds(gate: Gate) -> float:
        def run() -> None:
            for head in heads:
                gate.admit(PREDICT, head, "127.0.0.1:5000", [])

        run()
        return min(timeit.repeat(run, number=20, repeat=20)) / 20 / len(heads)

    return 1e6 * (
        seconds(Gate(read_settings(given, {}), TokenBuckets()))
        - seconds(Gate(read_settings({"hosts": "*"}, {}), TokenBuckets()))
    )


def compare(options: argparse.Namespace, folder: Path, keys: Path, token: str) -> None:
    script = folder / "predict.lua"
    body = json.dumps({"flights": draw_flights(read_artifact(options.model))[:1]})
    script.write_text(
        f'wrk.method, wrk.body = "POST", {json.dumps(body)}\n'
        f'wrk.headers = {{["content-type"]="application/json", ["authorization"]="Bearer {token}"}}\n'
    )
    with ExitStack() as stack:
        off, on = (
            stack.enter_context(when_ready(start_process(options.model, **settings)))
            for settings in ({"PUNTUAL_HOSTS": "*"}, EVERYTHING | {"PUNTUAL_KEYS": str(keys)})
        )

        def rate(server: Service, seconds: int) -> float:
            """Answers in a second of processor time, on which other programs have less influence."""
            before = cpu_s(server.pid)
            command = [
                "wrk",
                "-t1",
                "-c64",
                f"-d{seconds}s",
                "-s",
                str(script),
                f"{server.url}/v1/predictions",
            ]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            if "Non-2xx" in said:
                sys.exit(f"benchmarks.access: {said}")
            found = re.search(r"(\d+) requests in", said)
            return int(found[1]) / (cpu_s(server.pid) - before) if found else 0.0

        for server in (off, on):
            rate(server, 1)
        ratios = []
        for _ in range(options.rounds):
            without, with_all = rate(off, options.seconds), rate(on, options.seconds)
            ratios.append(with_all / without)
            print(
                f"{without:8,.0f} a second of CPU without, {with_all:8,.0f} with: {ratios[-1]:.3f}",
                flush=True,
            )
        print(f"median {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
